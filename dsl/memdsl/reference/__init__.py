"""The reference of the standard library, made from its `.mem` files."""

from __future__ import annotations

from .entries import Declaration, Module
from .markdown import to_markdown
from .pages import index_page, module_page
from .read import Library, read_file, read_library
from .search import Found, find
from .text import overview, to_json, to_text

__all__ = [
    "Declaration",
    "Found",
    "Library",
    "Module",
    "find",
    "index_page",
    "module_page",
    "overview",
    "read_file",
    "read_library",
    "to_json",
    "to_markdown",
    "to_text",
]
