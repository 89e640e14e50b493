"""The language server, for editors: `memdsl lsp` speaks the protocol on standard streams.

Needs the extra `lsp` (pygls); nothing else of the package imports this.
"""

from __future__ import annotations
