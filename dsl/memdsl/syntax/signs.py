"""The patterns by which `statements.py` reads a text. Each takes time in proportion to what it passes over."""

from __future__ import annotations

import re

_NAME = r"[A-Za-z_][A-Za-z_0-9]*"
SIGNS = re.compile(
    r"""(?P<prose>\"\"\")
      | (?P<string>"[^"\n]*")
      | (?P<comment>\#[^\n]*)
      | (?P<line>\n(?:[ \t]*(?:\#[^\n]*)?\n)*[ \t]*)
      | (?P<open>[({\[])
      | (?P<close>[)}\]])
      | (?P<semicolon>;)
      | (?P<open_string>"[^\n]*)
      | (?P<slashes>//[^\n]*|/\*)
      | (?P<apostrophe>'[^'\n]*'|')
      | (?P<alien>&+|!(?!=)|[^A-Za-z0-9_+\-*/^=!<>.,:;|()\[\]{}"\#%$±~µμ·°Ω \t\n&']+)
    """,
    re.VERBOSE,
)
# A word of these at the first column opens a declaration, whatever is still open. `require` and `each … in` say
# nothing: bodies hold them too.
DECLARATION = re.compile(
    rf"""(?:param|option|fn|layer|block|network|hardware|rows|model|schedule|scenario)[ \t]+[A-Za-z_]
       | use[ \t]+["A-Za-z_]
       | claim[ \t]+[A-Za-z_(0-9-]
       | fit[ \t]+[A-Za-z_]
       | table[ \t]+{_NAME}[ \t]*(?:\{{|for\b|from\b|")
       | each[ \t]+{_NAME}[ \t]*\{{
       | report[ \t]*\{{""",
    re.VERBOSE,
)
DECLARATION_LINE = re.compile(rf"^(?:{DECLARATION.pattern})", re.VERBOSE | re.MULTILINE)
# A line that begins so, at or left of the column of the statement before it, begins a statement, whatever brackets are
# still open.
STATEMENT = re.compile(
    rf"""(?:(?:override|param|option)[ \t]+)?{_NAME}[ \t]*=(?!=)
       | (?:require|each)[ \t]+[A-Za-z_(]
       | {_NAME}[ \t]+{_NAME}[ \t]*\{{""",
    re.VERBOSE,
)
# A statement that begins so has no body.
FORMULA = re.compile(
    rf"[ \t]*(?:(?:(?:override|param|option|network|hardware|model)[ \t]+)?{_NAME}[ \t]*=(?!=)|(?:claim|require)[ \t])"
)
# Inside a body, a `{` belongs to `each … in …` or to `memory dram`: at least two words.
BODY_INSIDE = re.compile(rf"[ \t]*{_NAME}[ \t]+[^\s|][^|]*\Z")
PROSE_BEGINS = re.compile(r"\btext[ \t]*\Z")
SAME_LINE = re.compile(r"[^}\n]*\}")
# A line that begins so continues the statement before it (with a `-`: unless it is a row of a table).
CONTINUES = re.compile(
    r"""->|-(?![^|\n]*\|)|[+*^,.<>~±{=]|/(?![/*])|!=
      | (?:then|else|and|or|in|where|within|disputed|from|to|whole|multiple|one|at)\b(?![ \t]*[=|])""",
    re.VERBOSE,
)
OPERATOR_CHARACTERS = frozenset("+-*/^=<>~±,:")
OPERATOR_WORD = re.compile(r"(?<![\w.])(?:if|then|else|and|or|not|in|where)\Z")
CLOSING = {"(": ")", "[": "]", "{": "}"}
BLANKS = re.compile(r"[ \t]*")
ALIEN_HINTS = {
    **dict.fromkeys("“”„\u2018\u2019«»", 'write plain quotes: "…"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "write `-`"),
    "&": "write `and`", "!": "write `not`", "\u00d7": "write `*`", "÷": "write `/`", "→": "write `->`",
    "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`", "…": "write `..` for a range", "²": "write `^2`",
    "³": "write `^3`", "√": "write `sqrt(…)`", "∞": "write `unlimited`", "≈": "write `= … within 1%`",
    "?": "a choice is `if c then a else b`",
    "@": "a claim names its inputs after `at`", "\\": "a line may end after an operator; no `\\` is needed",
    "`": 'text stands in double quotes: "…"',
}  # fmt: skip
