"""`memdsl lsp`: the language server on standard streams."""

from __future__ import annotations

from .common import Outside


def run() -> int:
    try:
        import pygls.lsp.server  # noqa: F401
    except ImportError:
        raise Outside("the language server needs pygls: pip install 'memdsl[lsp]'") from None
    from ..lsp.requests import serve

    serve()
    return 0
