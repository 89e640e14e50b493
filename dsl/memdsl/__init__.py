"""memdsl: a spreadsheet-style modelling language for networks and the memories of inference hardware.

`memdsl.load("specs/yolov3.mem")` gives a `Spec`: its values, tables, claims, closed forms and renderings.
`memdsl.book` puts several into one workbook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .version import VERSION

if TYPE_CHECKING:
    from .spec import Spec, SpecError, book, load

__version__ = VERSION
__all__ = ["Spec", "SpecError", "__version__", "book", "load"]


def __getattr__(name: str) -> object:
    """The face for Python is imported when it is used, so that the command line starts fast."""
    if name in ("Spec", "SpecError", "book", "load"):
        from . import spec

        return getattr(spec, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
