"""`memdsl pull`: inputs changed in a workbook, back into its spec, shown as a diff."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeGuard

from .. import pull as room
from ..diagnostics import Diagnostic
from ..render import heading
from .common import Outside, coloured, say
from .report import rewritten
from .terminal import raw


def run(book: Path, spec: Path | None, dry_run: bool) -> int:
    """Every spec of the file, or the one named: written when nothing is wrong with any of them."""
    try:
        specs = [spec] if spec is not None else room.find_specs(book)
        found = [(one, room.pull(book, one)) for one in specs]
    except room.Unreadable as why:
        raise Outside(f"{book} cannot be read: {why}") from None
    except OSError as error:
        raise Outside(f"{book} cannot be read: {error.strerror or error}") from None
    except room.Refused as refused:
        _tell(book, [refused.fault])
        print("nothing was written", file=sys.stderr)
        return 1
    sound = [(one, pulled) for one, pulled in found if _is_sound(pulled, book)]
    if len(sound) < len(found):
        print("nothing was written", file=sys.stderr)
        return 1
    for one, pulled in sound:
        _write(book, one, pulled, dry_run)
    return 0


def _is_sound(found: room.Pulled | Diagnostic, book: Path) -> TypeGuard[room.Pulled]:
    """Whether a spec can be written; what is in the way is told."""
    if isinstance(found, Diagnostic):
        say([found])
        return False
    if found.diagnostics:
        say(found.diagnostics)
        print("the spec would have these errors", file=sys.stderr)
    _tell(book, found.faults)
    return not found.diagnostics and not found.faults


def _write(book: Path, spec: Path, found: room.Pulled, dry_run: bool) -> None:
    if not found.changes:
        print(f"{book}: no input and no scenario differs from {spec}")
        return
    sys.stdout.write(found.diff)
    count = f"{found.changes} change{'s' if found.changes > 1 else ''}"
    if found.failing:
        print(f"claims that do not hold with these values: {found.failing} (memdsl check {spec})", file=sys.stderr)
    if dry_run:
        print(f"{count}, nothing written", file=sys.stderr)
        return
    rewritten(spec, found.content)
    print(f"{spec}: {count} written", file=sys.stderr)


def _tell(book: Path, faults: list[room.BookFault]) -> None:
    """Faults of a book in the manner of those of a spec."""
    for fault in faults:
        place = f", {fault.place}" if fault.place else ""
        print(heading(fault.code, fault.message, "error", coloured()), file=raw(sys.stderr))
        print(f"  --> {book}{place}", file=sys.stderr)
        if fault.hint:
            print(f"  = help: {fault.hint}", file=sys.stderr)
