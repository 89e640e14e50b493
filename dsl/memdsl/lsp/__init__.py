"""The language server, for editors: `memdsl lsp` speaks the protocol on standard streams.

Needs the extra `lsp` (pygls). The desk of `memdsl serve` asks the same functions where it is there.
"""

from __future__ import annotations
