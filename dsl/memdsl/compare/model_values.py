"""One of two models: its inputs and results by name, and its values as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..evaluate import Model
from ..evaluate.show import show, shown_unit, unit_written
from ..sheet.formula import CellRef, Formula
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Input, Quantity, Row, RowOf, Table, Type
from ..units import Unit, base_unit, readable


@dataclass(frozen=True)
class Shown:
    """A value: as text with its unit, in base units (None where there is no such name), and the base unit."""

    text: str
    value: Value | None
    unit: str


_FAR = 1000


class Side:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.sheet = model.sheet

    @cached_property
    def _inputs(self) -> Mapping[str, Input | Cell]:
        found: dict[str, Input | Cell] = {c.id: c for c in self.sheet.cells.values() if c.role == "option"}
        found.update(self.sheet.inputs)
        return found

    def inputs(self) -> Mapping[str, Input | Cell]:
        """Everything that a person may change, options included, by its path."""
        return self._inputs

    @cached_property
    def _results(self) -> Mapping[str, Cell]:
        keys = {item.key for item in self.sheet.inputs.values()}
        return {c.id: c for c in self.sheet.cells.values() if c.role == "cell" and c.id not in keys}

    def results(self) -> Mapping[str, Cell]:
        """The computed cells of the spec and of its models and hardware."""
        return self._results

    def tables(self) -> Sequence[Table]:
        return [t for t in self.sheet.tables.values() if t.role in ("model", "literal", "crossed")]

    def rows(self, table: Table) -> Sequence[Row]:
        return self.sheet.tables[table.parent].rows if table.parent is not None else table.rows

    # ---- values -----------------------------------------------------------------------------------------------------

    def value(self, name: str) -> Value | None:
        """The value of an input or result; a row by its name."""
        item = self._inputs.get(name)
        values = self.model.values
        return self._named(values.input(item.key) if isinstance(item, Input) else values.cell(name), self.kind(name))

    def column(self, key: tuple[str, str]) -> Sequence[Value | None]:
        kind = self.model.typed.column_types[key]
        return [self._named(value, kind) for value in self.model.values.column(*key)]

    def _named(self, value: Value | None, kind: Type) -> Value | None:
        if isinstance(kind, RowOf) and isinstance(value, (int, float)):
            return self.sheet.tables[kind.table].rows[int(value)].name
        return value

    def kind(self, name: str) -> Type:
        item = self._inputs.get(name)
        if isinstance(item, Input) and not isinstance(item.key, str):
            return self.model.typed.column_types[item.key.table, item.key.column]
        return self.model.typed.cell_types[item.key if isinstance(item, Input) else name]  # type: ignore[index]

    def label(self, name: str) -> str:
        item = self._inputs.get(name) or self.sheet.cells[name]
        return item.label

    def unit(self, name: str) -> Unit | None:
        """The unit that the author of a name chose for it."""
        item = self._inputs.get(name)
        if item is not None:
            return unit_written(item.formula) or item.shown
        cell = self.sheet.cells[name]
        return shown_unit(self.model.typed, CellRef(cell.span, cell.id))

    def column_unit(self, key: tuple[str, str]) -> Unit | None:
        return self.sheet.tables[key[0]].columns[key[1]].shown

    def column_kind(self, key: tuple[str, str]) -> Type:
        return self.model.typed.column_types[key]

    def show(self, value: Value | None, kind: Type, unit: Unit | None) -> Shown:
        dimension = kind.dimension if isinstance(kind, Quantity) else None
        fits = unit is not None and dimension == unit.dimension
        text = show(self.model.typed, value, kind, unit if fits else None)
        if isinstance(value, str):
            text = value
        return Shown(text, value, base_unit(dimension) if dimension is not None else "")


def one_unit(kind: Type, values: Sequence[Value | None]) -> Unit | None:
    """The unit in which two values stand beside each other; None where they are too far apart for one."""
    dimension = kind.dimension if isinstance(kind, Quantity) else None
    sizes = sorted(abs(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool))
    if dimension is None or not sizes or (sizes[0] and sizes[-1] / sizes[0] >= _FAR):
        return None
    return readable(sizes[-1], dimension)


def text_of(formula: Formula) -> str:
    """The formula as its author wrote it, on one line."""
    return " ".join(formula.span.source.text[formula.span.start : formula.span.end].split())
