"""memdsl: a spreadsheet-style modelling language for networks and the memories of inference hardware.

`memdsl.load("specs/yolov3.mem")` gives a `Spec`: its values, tables, claims, closed forms and renderings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .version import VERSION

if TYPE_CHECKING:
    from .spec import Spec, SpecError, load

__version__ = VERSION
__all__ = ["Spec", "SpecError", "__version__", "load"]


def __getattr__(name: str) -> object:
    """The face for Python is imported when it is used, so that the command line starts fast."""
    if name in ("Spec", "SpecError", "load"):
        from . import spec

        return getattr(spec, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
