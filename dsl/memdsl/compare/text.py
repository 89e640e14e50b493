"""Differences: as records, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .model_values import Shown
from .structure import StructureChange

_MOST = 40
_MOST_ROWS = 16
_TENFOLD = 9
_LONGEST = 60


@dataclass(frozen=True)
class Change:
    """One name: its value on each side as a person reads it, empty where it is not there.

    `relative` is the change of the number, None where there is no number, the first is 0, or the units differ.
    """

    name: str
    label: str
    before: Shown
    after: Shown
    relative: float | None


@dataclass(frozen=True)
class ColumnChange:
    """A column of rows that both sides have: how many differ, and the row that changed most."""

    name: str
    label: str
    rows: int
    differ: int
    most: Change


@dataclass(frozen=True)
class Changes:
    """Everything that differs, by kind; printed as `memdsl diff` prints it. Values are in base units."""

    inputs: tuple[Change, ...]
    structure: tuple[StructureChange, ...]
    results: tuple[Change, ...]
    columns: tuple[ColumnChange, ...]
    claims: tuple[Change, ...]

    @property
    def none(self) -> bool:
        return not (self.inputs or self.structure or self.results or self.columns or self.claims)

    def __str__(self) -> str:
        return "\n".join(lines(self))


def lines(found: Changes) -> Iterator[str]:
    """The differences under their headings; long lists are cut, and say so."""
    if found.none:
        yield "no difference"
        return
    yield from _changes("Inputs", found.inputs)
    if found.structure:
        yield "Structure"
        for part in found.structure[:_MOST]:
            sign = {"added": "+", "removed": "-", "changed": "~"}[part.change]
            yield f"  {sign} {part.what} {part.name}" + (
                f": {_cut(part.before)} -> {_cut(part.after)}"
                if part.change == "changed"
                else f": {_cut(part.before or part.after)}"
                if part.before or part.after
                else ""
            )
        yield from _more(len(found.structure))
    yield from _changes("Results", found.results)
    if found.columns:
        yield "Rows"
        for column in found.columns[:_MOST_ROWS]:
            yield f"  {column.name}: {column.differ} of {column.rows}, most at {_one_line(column.most)}"
        yield from _more(len(found.columns), _MOST_ROWS)
    yield from _changes("Claims", found.claims)


def summary(changes: Sequence[Change]) -> Iterator[str]:
    """A line a change, in columns."""
    wide = max((len(c.name) for c in changes), default=0)
    values = [_values(c) for c in changes]
    room = max((len(v) for v in values), default=0)
    for change, value in zip(changes, values, strict=True):
        yield f"{change.name:<{wide}}  {value:<{room}}  {change_of(change)}".rstrip()


def change_of(change: Change) -> str:
    """`-85.5 %`, `×46`, `+39.5 points` between two percentages; empty where nothing can be said."""
    before, after = change.before, change.after
    if before.text.endswith(" %") and after.text.endswith(" %"):
        assert isinstance(before.value, (int, float))
        assert isinstance(after.value, (int, float))
        return f"{(after.value - before.value) * 100:+.3g} points"
    if change.relative is None:
        return ""
    return f"×{change.relative + 1:.3g}" if change.relative >= _TENFOLD else f"{change.relative * 100:+.3g} %"


def _changes(heading: str, found: Sequence[Change]) -> Iterator[str]:
    if not found:
        return
    yield heading
    for line in summary(found[:_MOST]):
        yield f"  {line}"
    yield from _more(len(found))


def _more(count: int, most: int = _MOST) -> Iterator[str]:
    if count > most:
        yield f"  … and {count - most:,} more (--format json has them all)"


def _values(change: Change) -> str:
    return f"{change.before.text or '(not there)'} -> {change.after.text or '(not there)'}"


def _one_line(change: Change) -> str:
    return " ".join(part for part in (change.name, _values(change), change_of(change)) if part)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


# ---- for programs ---------------------------------------------------------------------------------------------------


def to_json(found: Changes) -> dict[str, object]:
    """The same as one object; values in base units, null where a name is not there."""
    return {
        "inputs": [_change(c) for c in found.inputs],
        "structure": [
            {"change": s.change, "what": s.what, "name": s.name, "before": s.before, "after": s.after}
            for s in found.structure
        ],
        "results": [_change(c) for c in found.results],
        "rows": [_column(c) for c in found.columns],
        "claims": [_change(c) for c in found.claims],
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "name": change.name,
        "label": change.label,
        "before": change.before.value,
        "after": change.after.value,
        "unit": change.after.unit or change.before.unit,
        "change": change.relative,
        "text": [change.before.text, change.after.text],
    }


def _column(column: ColumnChange) -> dict[str, object]:
    return {
        "name": column.name,
        "label": column.label,
        "rows": column.rows,
        "differ": column.differ,
        "most": _change(column.most),
    }
