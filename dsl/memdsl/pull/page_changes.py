"""The changes that a page saves: a small JSON file, which `pull` takes as it takes a workbook."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..excel import FilePlaces
from ..excel.file_properties import Origin
from ..excel.scales import in_unit
from ..sheet.operations import Value
from .compare import Change, Compared, read_value
from .faults import BookFault, Refused

SUFFIX = ".json"
MAXIMUM_BYTES = 4_000_000


@dataclass(frozen=True)
class PageChanges:
    """Values by path, in base units; `made_by` is the version of the page's program."""

    origin: Origin
    made_by: str
    values: Mapping[str, Value]


def read_changes(path: Path) -> PageChanges:
    """Raises OSError, Refused."""
    if path.stat().st_size > MAXIMUM_BYTES:
        raise _no_changes("it is larger than any such file")
    try:
        found = json.loads(path.read_bytes())
        spec, sha256, made_by, values = (found[name] for name in ("spec", "sha256", "memdsl", "changes"))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _no_changes("it is not what the button “Download my changes” of a page saves") from None
    texts = all(isinstance(text, str) for text in (spec, sha256, made_by))
    if not texts or not isinstance(values, dict):
        raise _no_changes("it is not what the button “Download my changes” of a page saves")
    plain = {path: float(v) if type(v) is int else v for path, v in values.items() if isinstance(v, (int, float, str))}
    if len(plain) < len(values) or any(isinstance(v, float) and not math.isfinite(v) for v in plain.values()):
        raise _no_changes("a value in it is neither a number, a text nor true or false")
    return PageChanges(Origin("", spec, sha256), made_by, plain)


def _no_changes(why: str) -> Refused:
    return Refused(BookFault("no-book", "this file has no changes of a page", "", why))


def compared(given: PageChanges, layout: FilePlaces) -> Compared:
    """The changes as those of a workbook, each checked against what its input may be."""
    changes: list[Change] = []
    faults: list[BookFault] = []
    declared = layout.book.declared
    for path, base in given.values.items():
        place = layout.inputs.get(path)
        if place is None:
            faults.append(BookFault("no-input", f"`{path[:80]}` is no input of the spec", "", "make the page again"))
            continue
        typed = in_unit(base, place.unit) if isinstance(base, float) else base
        value = read_value(typed, place, path, faults)
        if value is not None and value != declared.input(place.key):
            changes.append(Change(place, "", value, path))
    return Compared(changes, faults)
