"""Repetition by a symbol keeps one copy of the rows: here it is proved that one copy speaks for all.

The repetition is laid out in three copies: a first, one between others, a last. One copy speaks for all when every
formula of a row says there what it says in the sheet: it reaches the same rows, or has the same normal form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..diagnostics import Note
from ..records import record
from ..sheet.formula import Field, Formula, Found, Reduce, Rows, Var, walk
from ..sheet.sheet import Cell, Check, Table
from .networks import NetworkDraft, Seam
from .polynomials import Normal, NotOpened
from .reach import Reach, Step, looks_away
from .unrolled import Layout, Unrolled
from .workshop import Workshop

COPIES = 3


@record
class Difference:
    """Why copies differ. `last`: it is the last one that does."""

    why: str
    last: bool = False


def prove_seams(
    shop: Workshop,
    draft: NetworkDraft,
    tables: Mapping[str, Table],
    cells: Mapping[str, Cell],
    beside: Sequence[Formula],
) -> None:
    """Reports each repetition of a network whose copies may differ. `beside` is what the spec says beside its sheet."""
    if not draft.seams or shop.problems.failed:  # what could not be read may be what makes the copies alike
        return
    normal = Normal(tables, cells)
    for seam in draft.seams:
        found = _other_shape(normal, draft, seam)
        if found is None:
            found = _Proof(draft, seam, tables, cells, normal).difference(shop.checks, beside)
        if found is not None:
            _report(shop, draft, seam, found)


def _other_shape(normal: Normal, draft: NetworkDraft, seam: Seam) -> Difference | None:
    """The next copy takes what a block gives, which must have the shape of what the first one took."""
    given, out = draft.plans[seam.given].axes, draft.plans[seam.out].axes
    for axis in given:
        if axis not in out or not _equal(normal, draft.id, axis, seam):
            return Difference(f"its output has another `{axis}` than its input")
    if given != out:
        return Difference(f"its output has the axes [{', '.join(out)}], and its input [{', '.join(given)}]")
    return None


def _equal(normal: Normal, table: str, column: str, seam: Seam) -> bool:
    try:
        return bool(normal.entry(table, column, seam.given) == normal.entry(table, column, seam.out))
    except NotOpened:
        return False


@record
class Site:
    """A formula of a row in the sheet, and what stands for it in a row of the copies. `var` stands for that row."""

    name: str
    table: str
    formula: Formula
    copied: Formula
    row: int
    var: str = ""


class _Proof:
    """The comparison of one repetition with its copies."""

    def __init__(
        self, draft: NetworkDraft, seam: Seam, tables: Mapping[str, Table], cells: Mapping[str, Cell], normal: Normal
    ) -> None:
        self.tables = tables
        self.cells = cells
        self.layout = Layout(seam, COPIES)
        self.copies = Unrolled(draft, self.layout, tables)
        self.own = self.copies.own
        self.in_sheet = Reach(tables, self.own, Layout(seam, 1))
        self.in_copies = Reach(self.copies.tables, self.own, self.layout)
        self.normal = normal
        self.normal_of_copies = Normal(self.copies.tables, cells)

    def difference(self, checks: Sequence[Check], beside: Sequence[Formula]) -> Difference | None:
        for site in (*self._of_columns(), *self._of_checks(checks), *self._under_aggregates(checks, beside)):
            found = self._compared(site)
            if found is not None:
                return found
        return None

    # ---- where formulas of rows stand -------------------------------------------------------------------------------

    def _of_columns(self) -> Iterator[Site]:
        for name in sorted(self.own):
            for column in self.tables[name].columns.values():
                if column.role != "structure":
                    copied = self.copies.tables[name].columns[column.name].formulas
                    for row, (base, _) in enumerate(self.copies.places):
                        formula, other = column.formulas[base], copied[row]
                        if formula is not None and other is not None and looks_away(formula):
                            yield Site(f"`{column.name}`", name, formula, other, row)

    def _of_checks(self, checks: Sequence[Check]) -> Iterator[Site]:
        for check in checks:
            if check.table in self.own and looks_away(check.condition):
                copied = self.copies.formula(check.condition)
                for row in self.layout.rows(check.rows):
                    yield Site("a requirement", check.table, check.condition, copied, row)

    def _under_aggregates(self, checks: Sequence[Check], beside: Sequence[Formula]) -> Iterator[Site]:
        """What is aggregated over all rows, wherever that is: for each of them it must be the same in every copy."""
        named = [(f"`{cell.id}`", cell.formula) for cell in self.cells.values()]
        named += [
            (f"`{column.name}`", formula)
            for table in self.tables.values()
            for column in table.columns.values()
            for formula, _ in column.groups
        ]
        named += [("a requirement", check.condition) for check in checks]
        named += [("what the spec asks for", formula) for formula in beside]
        seen: set[int] = set()
        for name, whole in named:
            for part in walk(whole):
                if isinstance(part, Reduce) and isinstance(part.rows, Rows) and part.rows.table in self.own:
                    for formula in (part.body, part.where):
                        if formula is not None and id(formula) not in seen and _beyond_the_row(formula, part.var):
                            seen.add(id(formula))
                            copied = self.copies.formula(formula)
                            for row in self.layout.rows(part.rows.indices):
                                yield Site(name, part.rows.table, formula, copied, row, part.var.name)

    # ---- comparison -------------------------------------------------------------------------------------------------

    def _compared(self, site: Site) -> Difference | None:
        base = self.layout.base(site.row)
        steps = self.in_sheet.of(site.formula, site.table, base, {site.var: (base,)})
        others = self.in_copies.of(site.copied, site.table, site.row, {site.var: (site.row,)})
        pairs = [(one, other) for one, other in zip(steps, others, strict=True) if one[0] != other[0]]
        if all(self._same_read(one, other) for one, other in pairs) or self._same_form(site, base):
            return None
        return _why(site.name, [one[0] for one, _ in pairs])

    def _same_read(self, one: Step, other: Step) -> bool:
        """Whether other rows are read, which have the same values one by one."""
        (kind, *what), rows = one
        others = other[1]
        if kind == "related":  # the values are those of the columns that are read of these rows
            return rows == others
        if kind != "field" or len(rows) != len(others) or one[0][4] != other[0][4]:
            return False
        table, column = str(what[0]), str(what[1])
        try:
            return all(
                self.normal.entry(table, column, a) == self.normal_of_copies.entry(table, column, b)
                for a, b in zip(rows, others, strict=True)
            )
        except NotOpened:
            return False

    def _same_form(self, site: Site, base: int) -> bool:
        if site.var and any(isinstance(p, Field) and not isinstance(p.row, Var) for p in walk(site.formula)):
            return False  # it speaks of a second row, which is not known here
        try:
            one = self.normal.form(site.formula, (site.table, base), {site.var: base})
            other = self.normal_of_copies.form(site.copied, (site.table, site.row), {site.var: site.row})
        except NotOpened:
            return False
        return bool(one == other)


def _beyond_the_row(formula: Formula, var: Var) -> bool:
    """Whether a formula over a row of an aggregate speaks of other rows, or of where the row stands."""
    return any(
        isinstance(part, (Reduce, Found)) or (isinstance(part, Field) and (part.row != var or part.column == "index"))
        for part in walk(formula)
    )


_RELATIONS = {
    "fresh": "depends on which copy reads its input first",
    "live": "counts what is live, which is not the same in every copy",
    "consumers": "depends on what reads its output",
}


def _why(name: str, steps: Sequence[tuple[object, ...]]) -> Difference:
    """What differs, as the author would say it."""
    for kind, what, *_ in steps:
        if kind == "related" and what in _RELATIONS:
            return Difference(f"{name} {_RELATIONS[str(what)]}", what == "consumers")
    for kind, *more in steps:
        if kind == "field" and more[1] == "index":
            return Difference(f"{name} depends on where its row stands")
        if kind == "field":
            return Difference(f"{name} reads `{more[1]}` of its input, which differs from that of its output")
        if kind == "found":
            return Difference(f"{name} is chosen for the rows of one copy")
    return Difference(f"{name} reads rows that are not the same in every copy")


def _report(shop: Workshop, draft: NetworkDraft, seam: Seam, found: Difference) -> None:
    count = draft.plans[seam.first].copies
    name = count.span.source.text[count.span.start : count.span.end] if count is not None else "n"
    hint = (
        f"take the last copy out: `x -> ({name} - 1) * b(…) -> b(…)`"
        if found.last
        else f"take the first copy out: `x -> b(…) -> ({name} - 1) * b(…)`"
    )
    if not name.isidentifier():  # one was taken out already, or the count is no plain name
        hint = "repeat it by an `option` instead of a `param`: every copy then has rows of its own"
    shop.problems.error(
        "copies-differ",
        f"the copies of this block are not alike: {found.why}",
        seam.span,
        hint,
        (Note("a number that is known only as a symbol keeps one copy of the rows, which must speak for all"),),
    )
