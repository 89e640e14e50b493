"""JavaScript: the typed sheet as data, and a small fixed runtime that evaluates it in a browser.

Nothing is generated as code from a spec: a page carries data, and the same runtime whatever the spec says.
"""

from __future__ import annotations

from .program import Program, program
from .source import analyses, runtime
from .translate import NotPlain, translate

__all__ = ["NotPlain", "Program", "analyses", "program", "runtime", "translate"]
