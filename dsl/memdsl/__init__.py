"""memdsl: a spreadsheet-style modelling language for networks and the memories of inference hardware.

`memdsl.load("specs/yolov3.mem")` gives a `Spec`: its values, tables, claims, closed forms and renderings.
`memdsl.book` puts several into one workbook, `memdsl.read_network("resnet50.onnx")` imports a network's own file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .version import VERSION

if TYPE_CHECKING:
    from .network_file import ImportFault
    from .spec import Spec, SpecError, book, load, read_network

__version__ = VERSION
__all__ = ["ImportFault", "Spec", "SpecError", "__version__", "book", "load", "read_network"]


def __getattr__(name: str) -> object:
    """The face for Python is imported when it is used, so that the command line starts fast."""
    if name == "ImportFault":
        from .network_file import ImportFault

        return ImportFault
    if name in ("Spec", "SpecError", "book", "load", "read_network"):
        from . import spec

        return getattr(spec, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
