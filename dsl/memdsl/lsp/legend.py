"""The kinds of semantic tokens, in the order of their numbers."""

from __future__ import annotations

from typing import Final

TOKEN_TYPES: Final = (
    "keyword", "comment", "string", "number", "type", "function", "class", "namespace", "variable", "parameter",
    "property", "operator",
)  # fmt: skip
TOKEN_MODIFIERS: Final = ("declaration", "defaultLibrary")
