"""The texts of specs and of the library."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..diagnostics import Source, Span
from ..files import read_regular
from .faults import Fault, close_name

LIBRARY = Path(__file__).parent.parent / "library"
MAX_BYTES = 4_000_000


def library_names() -> list[str]:
    """The modules of the standard library (`layers`, `traffic`, …)."""
    return sorted(path.stem for path in LIBRARY.glob("*.mem"))


def read_text(path: Path, shown: str, named: bool = False) -> Source:
    """The text of a file; one that a person `named` may be a pipe.

    Raises Fault at line 1 for anything that is not a readable text of bounded size.
    """
    empty = Source(shown, "")
    start = Span(empty, 0, 0)
    try:
        if path.is_dir():
            hint = f"name a `{path.suffix or '.mem'}` file in it"
            raise Fault("is-directory", f"`{shown}` is a directory", start, hint)
        if named and path.is_fifo():
            with path.open("rb") as pipe:
                content = pipe.read(MAX_BYTES + 1)
        else:
            content = read_regular(path, MAX_BYTES + 1)
    except FileNotFoundError:
        beside = {p.stem: p.name for p in path.parent.glob(f"*{path.suffix}")} if path.parent.is_dir() else {}
        close = beside.get(close_name(path.stem, beside))
        hint = f"did you mean `{PurePosixPath(shown).with_name(close)}`?" if close else ""
        raise Fault("missing-file", f"there is no file `{shown}`", start, hint) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise Fault("unreadable-file", f"`{shown}` cannot be read: {why}", start) from None
    if len(content) > MAX_BYTES:
        raise Fault("too-large", f"`{shown}` is larger than {MAX_BYTES // 1_000_000} MB, the limit for a file", start)
    return decode(content, shown)


def decode(content: bytes, shown: str) -> Source:
    """Bytes as a source; raises Fault where they are not UTF-8."""
    try:
        return Source(shown, content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        source = Source(shown, before + "\ufffd")
        raise Fault(
            "not-utf8",
            f"`{shown}` is not UTF-8 text (byte {error.start:,})",
            Span(source, len(before), len(before) + 1),
            "save it as UTF-8",
        ) from None
