"""Messages of the protocol: one that is not what it should be is answered, and nothing else depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method


class Protocol(LanguageServerProtocol):
    """The protocol of pygls, which logs a message that it cannot read and leaves who sent it waiting."""

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Iterator[Any]:
        """The server applies edits itself: pygls counts a form feed and a few more as ends of lines."""
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    # What a message is made of is known to the library alone: hence Any.

    def structure_message(self, data: dict[str, Any]) -> Any:
        try:
            return super().structure_message(data)
        except JsonRpcException as wrong:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=wrong.to_response_error())
            return None

    def handle_message(self, message: Any) -> None:
        # An id of another sort would be the end of the loop that reads: it is kept by that id.
        if hasattr(message, "jsonrpc") and isinstance(getattr(message, "id", 0), (int, str)):
            super().handle_message(message)
