"""The common slips: each function looks at the place where parsing stopped and tells what was meant, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .place import DECLARATIONS, RESERVED, Place, Slip, declaration_meant, nearest, shortened

_REPORT_WORDS: Final = (
    "text", "chart", "equation", "sensitivity", "uncertainty", "grid", "pareto", "solve", "claims",
)  # fmt: skip
_FOREIGN: Final = {
    "let": "x = 1", "var": "x = 1", "const": "x = 1", "set": "x = 1", "def": "fn f(x) = x", "function": "fn f(x) = x",
    "func": "fn f(x) = x", "import": "use std.layers", "include": 'use "other.mem"', "from": "use std.layers",
    "assert": "require x > 0", "parameter": "param x = 1", "input": "param x = 1",
}  # fmt: skip
_CLAUSE_WORDS: Final = (
    "within",
    "from",
    "to",
    "whole",
    "at",
    "disputed",
    "multiple",
    "one",
    "where",
    "over",
    "extends",
)


def _reserved_name(place: Place) -> Slip | None:
    word = re.search(r"\b(not|if)$", place.before)
    if place.found == "=" and place.wants_value and word:
        start = place.start - len(place.gap) - len(word[1])
        return _reserved(word[1])._replace(span=(start, start + len(word[1])))
    if place.found not in RESERVED or "NAME" not in place.expected:
        return None
    defines = re.match(r"[ \t]*=(?!=)", place.after) is not None
    if place.wants_value and not defines:
        return None
    return _reserved(place.found)


def _reserved(word: str) -> Slip:
    message = f"`{word}` is a reserved word and cannot be a name"
    return Slip(message, f"choose another name, such as `{word}_`", "reserved-word")


def _wrong_place(place: Place) -> Slip | None:
    """A word that opens a statement, where no such statement can stand; or a word that opens none."""
    if place.rule == "shown" or not place.is_word:
        return None
    word, span = place.found, (place.start, place.end)
    if not place.at_start:
        only = re.fullmatch(r"\s*([A-Za-z_][A-Za-z_0-9]*)\s*", place.before)
        if only is None or not place.expected & {"EQUAL", "LBRACE"}:
            return None
        word, span = only[1], (place.first, place.first + len(only[1]))
    slip = _in_declaration(word) if place.rule == "declaration" else _in_body(word, place.rule)
    return slip._replace(span=span) if slip is not None else None


def _in_declaration(word: str) -> Slip | None:
    if word in DECLARATIONS:
        return None
    if word in _REPORT_WORDS:
        return Slip(f"`{word}` stands inside a report", "put it into `report { … }`")
    if word == "override":
        return Slip("`override` stands in the body of a model", "a top-level cell is `name = formula`")
    if word in _FOREIGN:
        return Slip(f"`{word}` opens no declaration", f"write `{_FOREIGN[word]}`")
    meant = declaration_meant(word)
    hint = f"did you mean `{meant}`?" if meant else "a cell is `name = formula`"
    return Slip(f"`{shortened(word)}` opens no declaration", hint)


def _in_body(word: str, rule: str) -> Slip | None:
    if word == "each":
        return Slip("`each` stands directly in the body of a model", "columns of a network's rows are made by a model")
    if rule == "report_statement":
        meant = nearest(word, (*_REPORT_WORDS, "table"), 0.6)
        hint = f"did you mean `{meant}`?" if meant else "a report holds text, table, chart, equation and claims"
        return Slip(f"`{shortened(word)}` is nothing that a report can show", hint)
    if word in DECLARATIONS and word != "require":
        hint = "a scenario holds `input = value` only" if rule == "assign" else "close the `{` of the body first"
        return Slip(f"`{word}` cannot stand in a body", hint)
    if word == "return":
        return Slip("`return` is no word of this language", "the result of a block is its cell `out`: `out = …`")
    if word in _FOREIGN:
        return Slip(f"`{word}` is no word of this language", "a cell is `name = formula`")
    return None


def _assignment(place: Place) -> Slip | None:
    before, found = place.before, place.found
    if found == "==" and "EQUAL" in place.expected:
        return Slip("a name is defined with `=`; `==` compares", "write `=`")
    if found == ":" and "EQUAL" in place.expected:
        return Slip("a name is defined with `=`", "write `=`")
    if found in ("~", "is", "equals") and re.match(r"\s*claim\b", before):
        return Slip("a claim compares with `=`, `<`, `<=`, `>`, `>=` or `in`", "write `= … within 1%`")
    if "EQUAL" in place.expected and found in ("+", "-", "*", "/", "^") and place.after.startswith(("=", found)):
        return Slip("every name is defined once, with `=`", "write `name = formula`; there is no assignment")
    dashed = re.match(r"[ \t]*(\w+)[ \t]*=(?!=)", place.after)
    if found == "-" and "EQUAL" in place.expected and dashed:
        return Slip("names are letters, digits and `_`", f"write `{before.split()[-1]}_{dashed[1]}`")
    if found != "=":
        return None
    if place.after.startswith((">", "<")):
        return Slip(f"`={place.after[0]}` is no comparison", f"write `{place.after[0]}=`")
    if "COMPARE" in place.expected and not re.search(r"[0-9.][ \t]+[A-Za-z]\w*$", before):
        return Slip("`=` defines a name; a comparison is written `==`", "write `==`")
    return None


def _operator(place: Place) -> Slip | None:
    before, found = place.before, place.found
    if found == "*" and before.endswith("*"):
        return Slip("a power is written `^`", "write `^`")
    if found == "|" and (before.endswith("|") or place.after.startswith("|")):
        return Slip("`||` has no meaning here", "write `or`")
    if found == "*" and "->" in before and "_ARROW" in place.expected:
        return Slip("how often a block is applied stands before it", "write `-> n * block(…)`")
    if found == "%" or (before.endswith("%") and place.is_number):
        return Slip("`%` is a unit, not an operator", "the remainder is `a - floor(a / b) * b`")
    if found == ">" and before.endswith("<"):
        return Slip("`<>` is no comparison", "write `!=`")
    if found == "..":
        return Slip("a range `a..b` is no value", "it stands after `in` in a claim, and after `=` in a grid")
    if found == "->":
        without = re.search(r"->[ \t]*([A-Za-z]\w*)$", before)
        if without:
            return Slip(f"`{without[1]}` after `->` is no call", f"write `-> {without[1]}(…)`")
        return Slip("nothing stands before `->`", "write `x -> kind(…)`")
    piped = re.search(r"->[ \t]*([\w.]+)$", before)
    if piped and place.expected & {"LPAR", "STAR"}:
        word = piped[1]
        if found == "x" and re.match(r"[ \t]*\w+[ \t]*\(", place.after):
            return Slip("`x` is no operator", f"a block is repeated with `*`: `-> {word} * block(…)`")
        message = f"`{word}` after `->` is no call"
        return Slip(message, "write `-> 2 * block(…)`" if word[0].isdigit() else f"write `-> {word}(…)`")
    comparison = re.search(r"(==|!=|<=|>=|<|>)", before)
    if found in ("==", "!=", "<=", ">=", "<", ">") and comparison and "AND" in place.expected:
        return Slip("comparisons do not chain", f"write `a {comparison[1]} b and b {found} c`")
    if found == "/" and re.search(r"\bin[ \t]+[A-Za-z]\w*$", before):
        return Slip("a unit has no blanks inside", f"write `{before.split()[-1]}/{place.after.strip().split(' ')[0]}`")
    return None


def _tolerance(place: Place) -> Slip | None:
    """`claim x = 41.6 MB ± 1%`."""
    if place.found not in ("±", "+/-") or not re.match(r"\s*claim\b", place.before):
        return None
    return _within(place.after)


def _within(after: str) -> Slip:
    width = re.match(r"[ \t]*([0-9.]+[ \t]*[A-Za-z%]*)", after)
    return Slip(
        "the tolerance of a claim stands behind `within`", f"write `within {width[1].strip() if width else '1%'}`"
    )


def _decimal_comma(place: Place) -> Slip | None:
    """`1,5` where no comma can stand."""
    whole = re.search(r"(?<![\w.])([0-9]+)$", place.before)
    digits = re.match(r"[0-9]+", place.after)
    if place.found != "," or place.gap or whole is None or digits is None:
        return None
    number = f"{whole[1]}.{digits[0]}"
    if len(digits[0]) == 3:
        return Slip(
            "no comma stands in a number",
            f"write `{whole[1]}_{digits[0]}` for thousands, `{number}` for a fraction",
            "bad-number",
        )
    return Slip(
        "a decimal point is a dot, not a comma",
        f"write `{number}`",
        "bad-number",
        (place.start - len(whole[1]), place.end + len(digits[0])),
    )


def _conditional(place: Place) -> Slip | None:
    if place.found in ("if", "else") and place.after_value and "_ELSE" not in place.expected:
        return Slip("a choice begins with `if`", "write `if c then a else b`")
    if "_ELSE" in place.expected and not place.wants_value and (not place.found or place.found in (")", ",", "}")):
        return Slip("an `if` needs an `else`: each cell has a value", "write `if c then a else b`")
    if "_THEN" in place.expected and not place.wants_value:
        return Slip(f"expected `then`, found {place.shown()}", "write `if c then a else b`")
    return None


def _missing_value(place: Place) -> Slip | None:
    if place.found and place.found not in (")", "]", "}", ",", "|"):
        return None
    if place.wants_value:
        name = re.search(r"([A-Za-z_][\w.]*)[ \t]*=$", place.before)
        if name:
            return Slip(f"`{name[1]}` has no value", f"write `{name[1]} = 1` or a formula", "missing-value")
        last = re.search(r"([A-Za-z_]\w*|\S)$", place.before)
        after = f" after `{last[1]}`" if last else ""
        return Slip(f"a value is missing{after}", "", "missing-value")
    name = re.match(r"\s*(?:param|option|fn|override)\b.*?([A-Za-z_]\w*)$", place.before)
    if "EQUAL" in place.expected and name and not place.found:
        return Slip(f"`{name[1]}` has no value", f"write `{name[1]} = 1` or a formula", "missing-value")
    return None


def _missing_comma(place: Place) -> Slip | None:
    read_as_unit = re.search(r"[0-9.][ \t]+([A-Za-z]\w*)$", place.before)
    if read_as_unit and place.found == "=":
        return Slip("a comma is missing between two arguments", f"write `, {read_as_unit[1]} = …`")
    if read_as_unit and place.found == "(":
        word = read_as_unit[1]
        return Slip(f"an operator is missing before `{word}(…)`", f"write `* {word}(…)` or `-> {word}(…)`")
    starts_value = place.is_word or place.is_number or place.found[:1] in ('"', "(", "[")
    if not starts_value or not place.after_value or place.found in RESERVED:
        return None
    if "_COMMA" in place.expected and "RPAR" in place.expected:
        return Slip(f"a comma or an operator is missing before {place.shown()}", f"write `, {shortened(place.found)}`")
    if place.is_word and re.match(r"[ \t]*\(", place.after):
        return Slip(f"an operator or `->` is missing before `{place.found}(…)`", f"write `-> {place.found}(…)`")
    return None


def _misspelt_clause(place: Place) -> Slip | None:
    """A word after a formula that is almost a clause; after a number it was read as a unit."""
    as_unit = re.search(r"[0-9.][ \t]+([A-Za-z]\w*)$", place.before)
    word, start = (place.found, place.start) if place.is_word else ("", 0)
    if as_unit and (place.is_number or place.found[:1] == '"'):
        word, start = as_unit[1], place.start - len(place.gap) - len(as_unit[1])
    if not word or place.wants_value or not place.may_end:
        return None
    meant = nearest(word, _CLAUSE_WORDS, 0.7)
    if not meant:
        return None
    return Slip(f"`{word}` is no clause", f"did you mean `{meant}`?", span=(start, start + len(word)))


def _missing_line(place: Place) -> Slip | None:
    if not place.may_end:
        return None
    if place.is_word and re.match(r"[ \t]*=(?!=)", place.after):
        return Slip(f"a new line or `;` is missing before `{place.found}`", "one statement stands on a line")
    if place.found == "{":
        hint = "write the `{ … }` of a declaration after its name"
        return Slip("`{` does not fit here: this statement has no body", hint)
    return None


def _declaration_shape(place: Place) -> Slip | None:
    if place.at_start and place.found[:1] == '"':
        hint = "the title is the first line of a file; a label stands behind its formula"
        return Slip("a text alone says nothing here", hint, "stray-text")
    if place.found == "{" and "LPAR" in place.expected and not place.wants_value:
        word, _, name = place.before.strip().partition(" ")
        if word in ("network", "layer", "block", "fn"):
            return Slip(f"`{name.strip()}` has no arguments", f"write `{word} {name.strip()}(x)`")
    if place.found == "{" and "EQUAL" in place.expected and re.match(r"\s*fn\b", place.before):
        return Slip("a function is one formula", "write `fn f(x) = formula`")
    if place.found == "in" and re.match(r"\s*each\b", place.before):
        return Slip("`each … in` stands in the body of a model", "write `model m(net) { each layer in net { … } }`")
    if re.match(r"\s*(?:param|option)\b", place.before) and (place.found == "range" or ".." in place.found):
        return Slip("a range stands between `from` and `to`", "write `from 1 to 10`")
    return None


SLIPS: Final[tuple[Callable[[Place], Slip | None], ...]] = (
    _reserved_name,
    _wrong_place,
    _assignment,
    _decimal_comma,
    _tolerance,
    _operator,
    _conditional,
    _missing_value,
    _missing_comma,
    _declaration_shape,
    _misspelt_clause,
    _missing_line,
)
