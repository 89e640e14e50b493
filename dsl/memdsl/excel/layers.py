"""Sheets with a row a layer: one for each network, one for each model of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..evaluate import Values
from ..presentation.copies import COPIES
from ..sheet.formula import Apply, Field, Formula, Here, Literal, Reduce, walk
from ..sheet.operations import Value
from ..sheet.sheet import Check, Instance, Quantity, Table, Text
from ..units import DATA
from .blocks import CellBlock
from .book import Book
from .names import letter
from .page import BandColumn, Page
from .relations import Relation, relations
from .stages import StageBlock, fold, stage_of, stages_of
from .style import BAR, HEAT, PALETTE, TRUTH, Look
from .tables import Shown, TableBlock, row_text

TOP = 4
FOLDING = "Rows fold by stage at the left edge. Excel does so after Review, Unprotect Sheet: there is no password."


@dataclass
class LayerSheet:
    """`instance` is a network or a model. Layers stand in the same rows on every sheet of one network."""

    book: Book
    page: Page
    instance: Instance
    block: TableBlock = field(init=False)
    stages: StageBlock | None = None
    below: list[TableBlock] = field(default_factory=list)
    cell_blocks: list[CellBlock] = field(default_factory=list)
    check_columns: dict[int, tuple[int, Check]] = field(default_factory=dict)
    _stages: dict[str, list[int]] = field(default_factory=dict)
    _summed: Sequence[str] = ()

    def take_places(self) -> None:
        book, instance = self.book, self.instance
        assert instance.table is not None
        table = book.sheet.tables[instance.table]
        network = book.sheet.tables[table.parent] if table.parent is not None else table
        self._stages = stages_of(network)
        self._summed = [name for name in table.columns if (table.id, name) in book.point.summed]
        shown, texts = list(self._columns(table)), list(self._texts(table, network))
        self.block = TableBlock(book, self.page, table, shown, texts, self._relations(table), TOP)
        self.block.take_places()
        row = self.block.end + 1
        if self._summed and len(table.rows) > 1:
            self.stages = StageBlock(self.block, self._stages, self._summed, row)
            row = self.stages.end + 1
        for sub in self._tables_below():
            block = TableBlock(book, self.page, sub, self._sub_columns(sub), top=row + 1)
            block.take_places()
            self.below.append(block)
            row = block.end + 1
        cells = [cell for cell in book.sheet.cells.values() if cell.owner == instance.name]
        arguments = [cell for cell in cells if cell.role == "argument"]
        self.totals_row = row
        for title, listed in (("Arguments", arguments), ("Totals", [c for c in cells if c.role != "argument"])):
            if listed:
                cell_block = CellBlock(book, self.page, title, listed, row)
                cell_block.take_places()
                self.cell_blocks.append(cell_block)
                row = cell_block.end + 1
        self._place_checks()

    # ---- which columns ----------------------------------------------------------------------------------------------

    def _columns(self, table: Table) -> Iterator[Shown]:
        """A network: structure, arguments, axes, the rest. A model: what it takes from the network, then its own."""
        network = self.book.sheet.tables[table.parent] if table.parent is not None else table
        if network is table:
            order = ("structure", "argument", "axis", "column")
            listed = sorted(table.columns.values(), key=lambda column: order.index(column.role))
            first = ("name", "kind")
            yield from (Shown(table.id, name) for name in first if name in table.columns)
            yield from (Shown(table.id, column.name) for column in listed if column.name not in first)
            return
        yield from (Shown(network.id, name, link=True) for name in ("name", "kind") if name in network.columns)
        used = self._used_of(network)
        for column in network.columns.values():
            if column.name in ("name", "kind"):
                continue
            computed = column.role == "column" and any(isinstance(f, (Apply, Reduce)) for f in column.formulas)
            if column.role == "axis" or computed or column.name in (*used, COPIES):
                yield Shown(network.id, column.name, link=True)
        yield from (Shown(table.id, name) for name in table.columns)

    def _used_of(self, network: Table) -> set[str]:
        """Columns of the network that the model's formulas read in their own row."""
        used: set[str] = set()
        for table_id in self.instance.tables:
            for column in self.book.sheet.tables[table_id].columns.values():
                for formula in {id(f): f for f in column.formulas if f is not None}.values():
                    for part in walk(formula):
                        if isinstance(part, Field) and part.table == network.id and isinstance(part.row, Here):
                            used.add(part.column)
        return used

    def _relations(self, table: Table) -> list[Relation]:
        tables = self.book.sheet.tables
        network = tables[table.parent] if table.parent is not None else table
        if network is not table:
            return relations(self.book.sheet, network, [table])
        above = [t for t in tables.values() if t.id == table.id or t.parent == table.id]
        return relations(self.book.sheet, network, above)

    def _texts(self, table: Table, network: Table) -> Iterator[tuple[str, str, list[str]]]:
        if self._stages:
            yield "part of", "Part of the network", [stage_of(row.name) for row in network.rows]
        inputs = table.relations.get("inputs")
        if inputs is not None:
            names = [row.name for row in table.rows]
            yield "reads from", "Rows that feed this one", [", ".join(names[i] for i in rows) for rows in inputs]

    def _tables_below(self) -> Iterator[Table]:
        tables = [self.book.sheet.tables[t] for t in self.instance.tables if t != self.instance.table]
        parents = {table.parent for table in tables}
        yield from (table for table in tables if table.role != "groups" or table.id not in parents)
        owned = [t for t in self.book.sheet.tables.values() if t.owner == self.instance.name]
        ids = {table.id for table in tables} | {self.instance.table}
        yield from (t for t in owned if t.id not in ids and (t.role != "groups" or t.id not in parents))

    def _sub_columns(self, table: Table) -> list[Shown]:
        parent = self.book.sheet.tables[table.parent] if table.parent is not None else None
        found = []
        if parent is not None:
            own = parent.role == "groups" and (parent.id, "name") not in self.book.places.owners
            names = parent.columns if own else ("name",)
            found = [Shown(parent.id, name, link=not own) for name in names if name in parent.columns]
        return [*found, *(Shown(table.id, name) for name in table.columns)]

    # ---- requirements -----------------------------------------------------------------------------------------------

    def _place_checks(self) -> None:
        """A requirement for rows is a column of TRUE and FALSE at the right of them."""
        for number, check in enumerate(self.book.sheet.checks):
            for block in (self.block, *self.below):
                if check.table == block.table.id:
                    self.check_columns[number] = (block.place.take(), check)

    def block_of(self, check: Check) -> TableBlock:
        return next(block for block in (self.block, *self.below) if block.table.id == check.table)

    def _write_check(self, at: int, check: Check) -> None:
        book, block = self.book, self.block_of(check)
        table, condition = block.table.id, check.condition
        rows = set(check.rows)
        texts = [
            row_text(book, condition, self.page, table, i, block.first + i) if i in rows else None
            for i in range(len(block.table.rows))
        ]

        def source(values: Values) -> list[Value | None]:
            return [holds(values, condition, table, i) if i in rows else None for i in range(len(texts))]

        block.head(at, "check", check.message or "requirement")
        self.page.width(at, 16)
        block.band.columns.append(BandColumn(at, texts, source, Look("status", TRUTH)))

    # ---- content ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        page, instance = self.page, self.instance
        over = f" over {instance.network}" if instance.network else ""
        template = f" {instance.template}" if instance.template != instance.name else ""
        layers = sum(row.role == "layer" for row in self.block.table.rows)
        label = instance.label or (f"{layers} layers" if instance.kind == "network" else "")
        words = f"{instance.kind.capitalize()}{template}{over}: {label}".rstrip(": ")
        if instance.title:
            words = f"{instance.title}. {words}"
        page.title_rows(instance.name, words)
        page.link(3, 2, "Cover", self.book.titled("Cover"))
        if self.cell_blocks:
            page.link(3, 3, "Totals", page.title, f"A{self.totals_row}")
        if self.stages is not None:
            page.link(3, 4, "By stage" if self._stages else "Sums", page.title, f"A{self.stages.top}")
        if self._stages:
            page.text(3, 6, FOLDING, Look("quiet"))
        self.block.write()
        fold(self.block)
        if self.stages is not None:
            self.stages.write()
        for block in self.below:
            page.text(block.top - 1, 1, block.table.id.removeprefix(instance.name + "."), Look("block"))
            block.write()
        for at, check in self.check_columns.values():
            self._write_check(at, check)
        for cell_block in self.cell_blocks:
            cell_block.write()
        if self.cell_blocks:
            page.width(2, 20)
        page.freeze(self.block.first, 3)
        self._colour()
        page.set_up_print(f"{TOP}:{TOP + 1}", columns="A:A")

    def finish(self) -> None:
        """What needs to know the last column, helpers included."""
        if self.block.table.rows:
            last = letter(max(column.at for column in self.block.band.columns))
            worksheet = self.page.worksheet
            worksheet.auto_filter.ref = f"A{TOP + 1}:{last}{self.block.end - 1}"
            shown = max([*self.block.positions.values(), *self.block.text_positions])
            bottom = max([self.block.end - 1, *(b.end - 1 for b in self.below), *(b.end for b in self.cell_blocks)])
            worksheet.print_area = f"A1:{letter(shown)}{bottom}"
            self.page.fit_paper(shown)

    def _colour(self) -> None:
        """Bars behind the columns that a total sums up, other bytes the darker the more they are; a colour for each
        outcome of a column of text, such as what bounds a layer."""
        block, book = self.block, self.book
        for shown, at in block.positions.items():
            kind = block.kind(shown)
            column = book.sheet.tables[shown.table].columns[shown.column]
            area = f"{letter(at)}{block.first}:{letter(at)}{block.end - 1}"
            if shown.link or column.role == "structure":
                continue
            if isinstance(kind, Text):
                for colour, text in zip(PALETTE, self._outcomes(column.formulas), strict=False):
                    self.page.colour(area, f'{letter(at)}{block.first}="{text}"', colour)
            elif isinstance(kind, Quantity) and self.instance.kind == "model":
                if shown.column in self._summed:
                    self.page.bars(area, BAR)
                elif kind.dimension == DATA and len(set(book.declared.column(shown.table, shown.column))) > 2:
                    self.page.scale(area, HEAT)

    def _outcomes(self, formulas: tuple[Formula | None, ...]) -> list[str]:
        """The texts that a formula chooses among."""
        found: dict[str, None] = {}
        for formula in {id(f): f for f in formulas if f is not None}.values():
            if isinstance(formula, Apply) and formula.op == "if":
                for branch in formula.args[1:]:
                    if isinstance(branch, Literal) and isinstance(branch.value, str) and '"' not in branch.value:
                        found[branch.value] = None
        return list(found)


def holds(values: Values, condition: Formula, table: str, index: int) -> Value | None:
    """Whether a requirement holds; None where it has no value."""
    try:
        return bool(values.formula(condition, table, index))
    except (ArithmeticError, TypeError, ValueError):
        return None
