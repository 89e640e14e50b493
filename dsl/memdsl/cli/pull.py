"""`memdsl pull`: inputs changed in a workbook, back into its spec, shown as a diff."""

from __future__ import annotations

import sys
from pathlib import Path

from .. import pull as room
from ..diagnostics import Diagnostic
from ..render import escaped
from .common import Outside, coloured, say
from .report import whole


def run(book: Path, spec: Path | None, dry_run: bool) -> int:
    try:
        spec = spec or room.find_spec(book)
        found = room.pull(book, spec)
    except room.Unreadable as why:
        raise Outside(f"{book} cannot be read: {why}") from None
    except OSError as error:
        raise Outside(f"{book} cannot be read: {error.strerror or error}") from None
    except room.Refused as refused:
        _tell(book, [refused.fault])
        return 1
    if isinstance(found, Diagnostic):
        say([found])
        return 1
    if found.diagnostics:
        say(found.diagnostics)
        print("nothing was written: the spec would have these errors", file=sys.stderr)
        return 1
    if found.faults:
        _tell(book, found.faults)
        return 1
    if not found.changes:
        print(f"{book}: no input and no scenario differs from {spec}")
        return 0
    _show(found.diff)
    count = f"{found.changes} change{'s' if found.changes > 1 else ''}"
    if found.failing:
        print(f"claims that do not hold with these values: {found.failing} (memdsl check {spec})", file=sys.stderr)
    if dry_run:
        print(f"{count}, nothing written", file=sys.stderr)
        return 0
    content = found.content

    def write(draft: Path) -> None:
        draft.write_bytes(content)

    whole(spec.resolve() if spec.is_symlink() else spec, write)
    print(f"{spec}: {count} written", file=sys.stderr)
    return 0


def _show(diff: str) -> None:
    sys.stdout.write(diff)


def _tell(book: Path, faults: list[room.BookFault]) -> None:
    """Faults of a book in the manner of those of a spec, and that nothing was written."""
    red, bold, plain = ("\x1b[31;1m", "\x1b[1m", "\x1b[0m") if coloured() else ("", "", "")
    for fault in faults:
        place = f", {fault.place}" if fault.place else ""
        print(f"{red}error[{fault.code}]{plain}{bold}: {escaped(fault.message)}{plain}", file=sys.stderr)
        print(f"  --> {book}{place}", file=sys.stderr)
        if fault.hint:
            print(f"  = help: {fault.hint}", file=sys.stderr)
    print("nothing was written", file=sys.stderr)
