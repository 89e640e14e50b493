"""What stops an import: one sentence for the person who asked, naming the file's own node where there is one."""

from __future__ import annotations


class ImportFault(Exception):
    """A network file that cannot be imported; the message names the node or the part of the file."""
