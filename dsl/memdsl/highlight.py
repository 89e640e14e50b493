"""A Pygments lexer for `.mem` texts: documentation, GitLab and notebooks colour the language with it.

Pygments finds it by its entry point; nothing else imports this.
"""

from __future__ import annotations

import re
from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
)

from .sheet.operations import AGGREGATES, FUNCTIONS

_NAME = r"[A-Za-z_]\w*"
_UNIT = (
    r"(?:1/)?(?:%|[A-Za-zµμΩ°$][A-Za-z0-9]*)(?:\^-?[0-9])?"
    r"(?:[*/·][A-Za-zµμΩ°$][A-Za-z0-9]*(?:\^-?[0-9])?(?![\w(]|\.(?!\.)))*"
)
_CLAUSES = "from|to|whole|multiple|one|of|within|at|disputed|by|over|as|extends|for|times|step"
_NO_UNIT = rf"(?!(?:if|then|else|and|or|not|in|where|{_CLAUSES})\b)"


class MemLexer(RegexLexer):  # type: ignore[misc]
    """The `.mem` language."""

    name = "memdsl"
    url = "https://pypi.org/project/memdsl/"
    aliases: ClassVar = ["mem", "memdsl"]
    filenames: ClassVar = ["*.mem"]
    mimetypes: ClassVar = ["text/x-mem"]
    version_added = ""
    flags = re.MULTILINE

    tokens: ClassVar = {
        "root": [
            (r"#.*$", Comment.Single),
            (r'"""', String.Doc, "prose"),
            (r"^(\s*)(use)(\s+)([\w.]+)?(?=[\s:\"])",
             bygroups(Whitespace, Keyword.Namespace, Whitespace, Name.Namespace)),
            (rf"^(\s*)(param|option|override)(\s+)({_NAME})(?=\s*=(?!=))",
             bygroups(Whitespace, Keyword.Declaration, Whitespace, Name.Variable)),
            (rf"^(\s*)(fn)(\s+)({_NAME})(?=\s*\()",
             bygroups(Whitespace, Keyword.Declaration, Whitespace, Name.Function)),
            (rf"^(\s*)(layer|block|network|hardware|model|table|schedule|scenario|rows|each)(\s+)({_NAME})(?!\s*=\s*=)",
             bygroups(Whitespace, Keyword.Declaration, Whitespace, Name.Class)),
            (r"^(\s*)(claim|fit|require|report|text|chart|equation|claims|sensitivity|grid)\b(?!\s*[=.|])",
             bygroups(Whitespace, Keyword)),
            (rf"^(\s+)({_NAME})(\s+)({_NAME})(?=\s*(?:\"[^\"]*\"\s*)?\{{)",
             bygroups(Whitespace, Keyword.Type, Whitespace, Name.Variable)),
            (rf"(?<![\w)])({_NAME})(?=\s*=(?!=))", Name.Attribute),
            (r'"[^"\n]*"?', String.Double),
            (rf"([0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)([ \t]*){_NO_UNIT}({_UNIT})",
             bygroups(Number, Whitespace, Keyword.Type)),
            (r"[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", Number),
            (r"\b(if|then|else|where|and|or|not|in)\b", Keyword),
            (r"\b(true|false|unlimited)\b", Keyword.Constant),
            (r"\b(base|self)(?=\.)", Name.Builtin.Pseudo),
            (rf"(?<=\s)({_CLAUSES})(?=\s+[\"\w(\[-])", Keyword),
            (r"(?<=\s)whole(?=\s|[,)]|$)", Keyword),
            (words([*FUNCTIONS, *AGGREGATES], prefix=r"\b", suffix=r"(?=\s*\()"), Name.Builtin),
            (rf"(\.)({_NAME})", bygroups(Punctuation, Name.Attribute)),
            (rf"{_NAME}(?=\()", Name.Function),
            (_NAME, Name),
            (r"->|==|!=|<=|>=|\+/-|\.\.\.?|[-+*/^=<>±~]", Operator),
            (r"[%µμΩ°$·]", Keyword.Type),
            (r"[(){}\[\],;:|.]", Punctuation),
            (r"\s+", Whitespace),
        ],
        "prose": [
            (r'"""', String.Doc, "#pop"),
            (r"\{\{|\}\}", String.Escape),
            (r"(\{)([^{}\"]*)(\})", bygroups(String.Interpol, String.Interpol, String.Interpol)),
            (r'[^"{}]+|["{}]', String.Doc),
        ],
    }  # fmt: skip
