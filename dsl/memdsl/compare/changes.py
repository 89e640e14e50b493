"""Two models side by side, each name of one against the same name of the other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from ..evaluate import ClaimResult, Model
from ..evaluate.show import show_claim_value
from ..sheet.operations import Value
from ..sheet.sheet import Quantity, Table, Type
from .model_values import Shown, Side, one_unit
from .structure import structure
from .text import Change, Changes, ColumnChange

SAME = 1e-12
"""Values this close, relative to the larger, are the same: the rounding of another order of the same sum."""


ABSENT = Shown("", None, "")


def changes(before: Model, after: Model) -> Changes:
    """What differs between two sound models, at the inputs that each was built for."""
    a, b = Side(before), Side(after)
    return Changes(
        tuple(_cells(a, b, a.inputs(), b.inputs())),
        tuple(structure(before, after)),
        tuple(_cells(a, b, a.results(), b.results())),
        tuple(_columns(a, b)),
        tuple(_claims(before, after)),
    )


def same(a: Value | None, b: Value | None) -> bool:
    """Whether two values are one, but for rounding."""
    if isinstance(a, bool) or isinstance(b, bool) or not (isinstance(a, (int, float)) and isinstance(b, (int, float))):
        return a == b
    return a == b or math.isclose(a, b, rel_tol=SAME, abs_tol=0) or (math.isnan(a) and math.isnan(b))


def _cells(a: Side, b: Side, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        old = a.value(name) if name in before else None
        new = b.value(name) if name in after else None
        kinds = [side.kind(name) for side, known in ((a, before), (b, after)) if name in known]
        if name in before and name in after and same(old, new) and _alike(*kinds):
            continue
        label = b.label(name) if name in after else a.label(name)
        units = [side.unit(name) for side, known in ((a, before), (b, after)) if name in known]
        if not any(units):
            units = [one_unit(kinds[-1], (old, new))]
        yield Change(
            name,
            label,
            a.show(old, kinds[0], units[0]) if name in before else ABSENT,
            b.show(new, kinds[-1], units[-1]) if name in after else ABSENT,
            relative(old, new) if _alike(kinds[0], kinds[-1]) else None,
        )


def _alike(a: Type, b: Type) -> bool:
    """Whether two values may be compared: both of one dimension, both texts, both rows."""
    return a == b if isinstance(a, Quantity) else type(a) is type(b)


def relative(old: Value | None, new: Value | None) -> float | None:
    numbers = [v for v in (old, new) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(numbers) < 2 or numbers[0] == 0 or not all(abs(n) < 1e299 for n in numbers):
        return None
    return (numbers[1] - numbers[0]) / abs(numbers[0])


# ---- columns --------------------------------------------------------------------------------------------------------


def _columns(a: Side, b: Side) -> Iterator[ColumnChange]:
    """Columns of models and tables, over the rows that have one name on both sides."""
    for table in b.tables():
        other = a.model.sheet.tables.get(table.id)
        if other is None:
            continue
        places = {row.name: index for index, row in enumerate(a.rows(other))}
        pairs = [(places[row.name], index) for index, row in enumerate(b.rows(table)) if row.name in places]
        for column in table.columns.values():
            if column.role != "column" or column.name not in other.columns:
                continue
            change = _column(a, b, (other, table), column.name, pairs)
            if change is not None:
                yield change


def _column(
    a: Side, b: Side, tables: tuple[Table, Table], column: str, pairs: Sequence[tuple[int, int]]
) -> ColumnChange | None:
    before, after = (side.column((t.id, column)) for side, t in zip((a, b), tables, strict=True))
    kinds = [side.column_kind((t.id, column)) for side, t in zip((a, b), tables, strict=True)]
    differ = [(old, new) for old, new in pairs if not same(before[old], after[new])]
    if not differ:
        return None
    old, new = max(differ, key=lambda pair: _distance(before[pair[0]], after[pair[1]]))
    key = (tables[1].id, column)
    unit = b.column_unit(key) or one_unit(kinds[1], (before[old], after[new]))
    most = Change(
        b.rows(tables[1])[new].name,
        "",
        a.show(before[old], kinds[0], unit),
        b.show(after[new], kinds[1], unit),
        relative(before[old], after[new]) if _alike(*kinds) else None,
    )
    name = f"{tables[1].id}.rows.{column}" if tables[1].role == "model" else f"{tables[1].id}.{column}"
    return ColumnChange(name, tables[1].columns[column].label, len(pairs), len(differ), most)


def _distance(a: Value | None, b: Value | None) -> float:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(float(a) - float(b))
    return 0.0


# ---- claims ---------------------------------------------------------------------------------------------------------


def _claims(before: Model, after: Model) -> Iterator[Change]:
    """Claims whose verdict or modelled value changed; a claim is known by its cell, its figure and its place."""
    old, new = ({_claim(model, r): r for r in model.claims} for model in (before, after))
    for name in dict.fromkeys((*old, *new)):
        a, b = old.get(name), new.get(name)
        if a is not None and b is not None and a.status == b.status and same(a.modelled, b.modelled):
            continue
        sides = [
            Shown(_verdict(model, r), r.modelled, "") if r is not None else ABSENT
            for model, r in ((before, a), (after, b))
        ]
        moved = relative(a.modelled, b.modelled) if a is not None and b is not None else None
        source = next(r.claim.source for r in (b, a) if r is not None)
        yield Change(name, source, sides[0], sides[1], moved)


def _claim(model: Model, result: ClaimResult) -> str:
    claim = result.claim
    op = "=" if claim.op == "==" else claim.op
    text = f"{claim.text} {op} {show_claim_value(model.typed, claim, result.published)}"
    return f"{text} at {claim.at_text}" if claim.at_text else text


def _verdict(model: Model, result: ClaimResult) -> str:
    word = "FAILS" if result.status == "fails" else result.status
    return f"{word} ({show_claim_value(model.typed, result.claim, result.modelled)})"
