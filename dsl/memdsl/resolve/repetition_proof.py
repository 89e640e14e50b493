"""Repetition by a symbol keeps one copy of the rows: here it is proved that one copy speaks for all.

The rows of a block read their input. In the first copy that is the row before the block, in every other copy the
block's own output. One copy speaks for all when whatever is read there is the same for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..diagnostics import Note
from ..sheet.formula import At, Field, Formula, Reduce, Related, Slot, children, walk
from ..sheet.rows import possible_row_set, possible_rows
from ..sheet.sheet import Cell, Table
from .networks import NetworkDraft, Seam
from .polynomials import Normal, NotOpened
from .workshop import Workshop


def prove_seams(shop: Workshop, draft: NetworkDraft, tables: Mapping[str, Table], cells: Mapping[str, Cell]) -> None:
    """Reports each repetition of a network whose copies may differ."""
    if not draft.seams or shop.torn:  # rows that could not be read may be what makes the copies alike
        return
    over = [table for table in tables.values() if table.id == draft.id or table.parent == draft.id]
    normal = Normal(tables, cells)
    for seam in draft.seams:
        for axis in draft.plans[seam.given].axes:
            if axis not in draft.plans[seam.out].axes or not _equal(normal, draft.id, axis, seam):
                _report(shop, draft, seam, f"its output has another `{axis}` than its input")
                break
        else:
            for table in over:
                _prove_table(shop, draft, seam, table, tables, normal, cells)


def _prove_table(
    shop: Workshop,
    draft: NetworkDraft,
    seam: Seam,
    table: Table,
    tables: Mapping[str, Table],
    normal: Normal,
    cells: Mapping[str, Cell],
) -> None:
    read: dict[tuple[str, str], str] = {}
    for column in table.columns.values():
        for row in range(seam.first, seam.last + 1):
            formula = column.formulas[row]
            if formula is not None:
                for owner, name in _reads(formula, (table.id, row), seam.given, tables, {}):
                    own = owner in (draft.id, table.id)
                    if own and tables[owner].columns[name].role != "structure":
                        read.setdefault((owner, name), column.name)
    for (owner, name), reader in read.items():
        if not _equal(normal, owner, name, seam):
            _report(shop, draft, seam, f"`{reader}` reads `{name}` of its input, which differs from that of its output")
            return
    _prove_consumers(shop, draft, seam, table, tables, cells)


def _prove_consumers(
    shop: Workshop,
    draft: NetworkDraft,
    seam: Seam,
    table: Table,
    tables: Mapping[str, Table],
    cells: Mapping[str, Cell],
) -> None:
    """What the output's row says of its readers must not depend on whether they are the next copy or what follows."""
    relations = draft.relations()
    after = relations["consumers"][seam.out]
    inside = tuple(i for i in relations["consumers"][seam.given] if seam.first <= i <= seam.last)
    late = any(seam.given in live for live in relations["live"][seam.last + 1 :])
    first_read = relations["consumers"][seam.given][:1] == inside[:1]
    read_within = any(i <= seam.last for i in after)
    for column in table.columns.values():
        if first_read == read_within and any("fresh" in _relations(column.formulas[i]) for i in inside):
            _report(shop, draft, seam, f"`{column.name}` depends on which copy reads its input first")
            return
        formula = column.formulas[seam.out]
        used = _relations(formula)
        if "live" in used and late:
            _report(
                shop, draft, seam, f"`{column.name}` counts its input as live, which is read after the last copy too"
            )
            return
        if "consumers" not in used or formula is None:
            continue
        try:
            forms = [
                Normal(tables, cells, {("consumers", seam.out): rows}).form(formula, (table.id, seam.out), {})
                for rows in (after, inside)
            ]
            same = forms[0] == forms[1]
        except NotOpened:
            same = False
        if not same:
            _report(shop, draft, seam, f"`{column.name}` depends on what reads its output", last=True)
            return


def _relations(formula: Formula | None) -> set[str]:
    """The relations that a formula's aggregates run over."""
    parts = walk(formula) if formula is not None else ()
    return {part.rows.relation for part in parts if isinstance(part, Reduce) and isinstance(part.rows, Related)}


def _equal(normal: Normal, table: str, column: str, seam: Seam) -> bool:
    try:
        return bool(normal.entry(table, column, seam.given) == normal.entry(table, column, seam.out))
    except NotOpened:
        return False


def _reads(
    formula: Formula,
    here: tuple[str, int],
    given: int,
    tables: Mapping[str, Table],
    bound: Mapping[str, tuple[int, ...]],
) -> Iterator[tuple[str, str]]:
    """The columns of the row `given` that a formula reads."""
    if isinstance(formula, Field):
        rows = possible_rows(tables, formula.row, formula.table, here, bound)
        if given in rows and (isinstance(formula.row, (Slot, At)) or len(rows) < len(tables[formula.table].rows)):
            yield formula.table, formula.column
    if isinstance(formula, Reduce):
        bound = {**bound, formula.var.name: possible_row_set(tables, formula.rows, here, bound)}
    for child in children(formula):
        yield from _reads(child, here, given, tables, bound)


def _report(shop: Workshop, draft: NetworkDraft, seam: Seam, why: str, last: bool = False) -> None:
    count = draft.plans[seam.first].copies
    name = count.span.source.text[count.span.start : count.span.end] if count is not None else "n"
    hint = (
        f"take the last copy out: `x -> ({name} - 1) * b(…) -> b(…)`"
        if last
        else f"take the first copy out: `x -> b(…) -> ({name} - 1) * b(…)`"
    )
    if not name.isidentifier():  # one was taken out already, or the count is no plain name
        hint = "repeat it by an `option` instead of a `param`: every copy then has rows of its own"
    shop.problems.error(
        "copies-differ",
        f"the copies of this block are not alike: {why}",
        seam.span,
        hint,
        (Note("a number that is known only as a symbol keeps one copy of the rows, which must speak for all"),),
    )
