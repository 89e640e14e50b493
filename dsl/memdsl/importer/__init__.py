"""A network's own file, read as data, and written as the `.mem` text that a person would have written.

`read` recognises a file by its content or its name and gives the text of a spec; each kind of file has a `Reader`.
"""

from __future__ import annotations

from .faults import ImportFault
from .reading import READERS, Reader, is_network_file, read
from .result import Expected, Imported, Options

__all__ = ["READERS", "Expected", "ImportFault", "Imported", "Options", "Reader", "is_network_file", "read"]
