"""Why there is no closed form: a record that the callers turn into a diagnostic."""

from __future__ import annotations


class SymbolicError(Exception):
    """A stable `code`, what is wrong in the user's terms, and what to do instead."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
