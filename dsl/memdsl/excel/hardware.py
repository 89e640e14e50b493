"""The sheet `Hardware`: the figures and the components of each instance, one block below the other.

A model without a network stands there too: it adds columns to components.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..sheet.input_keys import Entry
from ..sheet.sheet import Instance
from .blocks import CellBlock
from .book import Book
from .page import Page
from .places import CellPlace
from .style import Look
from .tables import Shown, TableBlock


@dataclass
class HardwareSheet:
    book: Book
    page: Page
    instances: list[Instance]
    blocks: list[tuple[int, Instance, CellBlock, list[TableBlock]]] = field(default_factory=list)
    named: list[CellPlace] = field(default_factory=list)

    def take_places(self) -> None:
        row = 4
        for instance in self.instances:
            top = row
            cells = [cell for cell in self.book.sheet.cells.values() if cell.owner == instance.name]
            figures = CellBlock(self.book, self.page, "Figures", cells, top + 1)
            figures.take_places()
            row = (figures.end if cells else top + 1) + 1
            tables = []
            for table_id in instance.tables:
                table = self.book.sheet.tables[table_id]
                parent = self.book.sheet.tables[table.parent] if table.parent is not None else None
                names = [Shown(parent.id, "name", link=True)] if parent is not None and "name" in parent.columns else []
                shown = [*names, *(Shown(table_id, column) for column in table.columns)]
                block = TableBlock(self.book, self.page, table, shown, top=row + 1)
                block.take_places()
                self._name_entries(block)
                tables.append(block)
                row = block.end + 1
            self.blocks.append((top, instance, figures, tables))
            row += 1

    def _name_entries(self, block: TableBlock) -> None:
        """Every figure of a component has a name: `chip_dram_energy`; a constant has its own on the sheet `Inputs`."""
        table = block.table
        for shown, at in block.positions.items():
            if shown.table != table.id:  # the name of a component that a model speaks of
                continue
            column = table.columns[shown.column]
            if column.role == "structure":
                continue
            for index, row in enumerate(table.rows):
                entry = Entry(table.id, shown.column, index)
                if column.formulas[index] is None or entry in self.book.places.entries:
                    continue
                name = self.book.names.name(f"{table.owner}.{row.name}.{shown.column}")
                place = CellPlace(self.page.title, block.first + index, at, name)
                self.book.places.entries[entry] = place
                self.named.append(place)

    def write(self) -> None:
        page = self.page
        page.title_rows("Hardware", "")
        for top, instance, figures, tables in self.blocks:
            template = f" ({instance.template})" if instance.template != instance.name else ""
            page.text(top, 1, f"{instance.name}{template}: {instance.label}".rstrip(": "), Look("block"))
            if figures.cells:
                figures.write()
                page.text(figures.top, 1, "Figures", Look("group"))
            for block in tables:
                for at in range(1, 1 + len(block.shown)):
                    page.text(block.top - 1, at, "", Look("group"))
                page.text(block.top - 1, 1, block.table.label or block.table.id, Look("group"))
                block.write()
        for place in self.named:
            self.book.define(place)
        for at in range(2, 12):
            page.width(at, 19)
        page.width(1, 24)
        page.freeze(4, 2)
        page.set_up_print()
