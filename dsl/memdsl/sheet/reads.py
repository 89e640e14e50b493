"""Which inputs a formula rests on, through everything that it reads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from .formula import CellRef, Field, Formula, walk
from .input_keys import Entry, InputKey
from .sheet import Sheet


class Reads:
    """Answers for one sheet. A column is read whole: the inputs of all its rows count."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.keys = frozenset(item.key for item in sheet.inputs.values())
        self.entries: dict[tuple[str, str], list[Entry]] = {}
        for key in self.keys:
            if isinstance(key, Entry):
                self.entries.setdefault((key.table, key.column), []).append(key)

    @cached_property
    def used(self) -> frozenset[InputKey]:
        """The inputs that a computed cell, a table of the spec or a claim rests on."""
        sheet = self.sheet
        formulas = [cell.formula for cell in sheet.cells.values() if cell.role == "cell" and cell.id not in self.keys]
        formulas += [claim.left for claim in sheet.claims]
        for table in sheet.tables.values():
            if table.role in ("literal", "crossed"):
                formulas += [f for column in table.columns.values() for f in column.formulas if f is not None]
        return self.inputs_of(*formulas)

    def inputs_of(self, *formulas: Formula) -> frozenset[InputKey]:
        found: set[InputKey] = set()
        seen: set[object] = set()
        todo = list(formulas)
        while todo:
            for part in walk(todo.pop()):
                for node, read, keys in self._read(part):
                    if node not in seen:
                        seen.add(node)
                        found.update(keys)
                        todo += read
        return frozenset(found)

    def _read(self, part: Formula) -> Iterator[tuple[object, list[Formula], list[InputKey]]]:
        if isinstance(part, CellRef):
            keys: list[InputKey] = [part.cell] if part.cell in self.keys else []
            yield part.cell, [self.sheet.cells[part.cell].formula], keys
        elif isinstance(part, Field):
            node = (part.table, part.column)
            column = self.sheet.tables[part.table].columns[part.column]
            read = list({id(f): f for f in column.formulas if f is not None}.values())
            yield node, read, [*self.entries.get(node, ())]
