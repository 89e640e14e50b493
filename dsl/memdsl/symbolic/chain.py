"""The chain of formulas from a cell down to the inputs, as the spec writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Span
from ..evaluate import Values
from ..evaluate.show import unit_written
from ..sheet.formula import At, Called, CellRef, Field, Formula, Literal, children, walk
from ..sheet.input_keys import Entry
from ..sheet.sheet import Column, Type, TypedSheet
from ..units import Unit

Value = float | bool | str | None

_MOST_FORMULAS = 4
"""Formulas of one column that are listed one by one: a number for each row is not."""


@dataclass(frozen=True, eq=False)
class Link:
    """A cell, an entry, a column or a `fn` on the way down; `depth` is 0 for what was asked.

    A column and a `fn` have no one value. `unit` is the one that its author wrote, when there is one.
    """

    name: str
    formula: str
    value: Value
    type: Type
    span: Span
    depth: int
    source: str
    unit: Unit | None = None


_Target = str | Entry | tuple[str, str] | Called
"""A cell, one row of a column, a whole column, or a function."""


def chain(typed: TypedSheet, values: Values, formula: Formula) -> tuple[Link, ...]:
    """What a formula rests on, each once, a formula before those that it uses."""
    return tuple(_Chain(typed, values).below(formula))


class _Chain:
    def __init__(self, typed: TypedSheet, values: Values) -> None:
        self.typed = typed
        self.values = values
        self.tables = typed.sheet.tables
        self.calls = typed.sheet.calls
        self.functions: dict[tuple[str, int], Called] = {}

    def below(self, formula: Formula) -> Iterator[Link]:
        seen: set[_Target] = set()
        depth = 0
        if not isinstance(formula, CellRef):
            yield self._asked(formula)
            depth = 1
        work = [(target, depth) for target in reversed(self._targets(formula))]
        while work:
            target, depth = work.pop()
            if target in seen:
                continue
            seen.add(target)
            used: dict[_Target, None] = {}
            for link, below in self._links(target, depth):
                yield link
                used.update(dict.fromkeys(below))
            work.extend((target, depth + 1) for target in reversed(used) if target not in seen)

    def _asked(self, formula: Formula) -> Link:
        try:
            value: Value = self.values.formula(formula)
        except (ArithmeticError, TypeError):
            value = None
        text = _source(formula.span)
        return Link(text, text, value, self.typed.type_of(formula), formula.span, 0, "")

    def _targets(self, formula: Formula) -> list[_Target]:
        """What a formula names: cells, fixed rows of columns, and whole columns; not the names and kinds of rows."""
        found: dict[_Target, None] = {}
        for part in walk(formula):
            called = self.calls.get(id(part))
            if called is not None:
                found[self.functions.setdefault((called.body.source.name, called.body.start), called)] = None
            if isinstance(part, CellRef):
                found[part.cell] = None
            elif isinstance(part, Field) and self.tables[part.table].columns[part.column].role != "structure":
                if isinstance(part.row, At):
                    found[Entry(part.table, part.column, part.row.index)] = None
                else:
                    found[part.table, part.column] = None
        return list(found)

    def _links(self, target: _Target, depth: int) -> Iterator[tuple[Link, list[_Target]]]:
        if isinstance(target, str):
            cell = self.typed.sheet.cells[target]
            kind, value = self.typed.cell_types[target], self.values.cell(target)
            text = self._text(cell.formula)
            link = Link(cell.id, text, value, kind, cell.span, depth, cell.source, _unit(cell.shown, cell.formula))
            yield link, self._targets(cell.formula)
        elif isinstance(target, Called):
            kind = self.typed.type_of(target.formula)
            yield Link(f"fn {target.signature}", _source(target.body), None, kind, target.body, depth, ""), []
        elif isinstance(target, Entry):
            yield from self._entry(target, depth)
        else:
            yield from self._column(self.tables[target[0]].columns[target[1]], depth)

    def _entry(self, entry: Entry, depth: int) -> Iterator[tuple[Link, list[_Target]]]:
        table = self.tables[entry.table]
        column = table.columns[entry.column]
        formula = column.formulas[entry.row]
        if formula is None:
            return
        row = self.tables[table.parent or entry.table].rows[entry.row].name
        owner = f"{table.owner}.{row}" if table.role == "components" else f'{self._rows(entry.table)}["{row}"]'
        value = self.values.column(entry.table, entry.column)[entry.row]
        kind = self.typed.column_types[entry.table, entry.column]
        source = column.sources[entry.row] if column.sources else ""
        name, text = f"{owner}.{entry.column}", self._text(formula)
        unit = _unit(column.shown, formula)
        yield Link(name, text, value, kind, formula.span, depth, source, unit), self._targets(formula)

    def _column(self, column: Column, depth: int) -> Iterator[tuple[Link, list[_Target]]]:
        """One link for each formula of a column; formulas that serve the same kinds of row stand together."""
        table = self.tables[column.table]
        name = f"{self._rows(column.table)}.{column.name}"
        kind = self.typed.column_types[column.table, column.name]
        formulas: dict[str, Formula] = {}
        kinds: dict[str, dict[str, None]] = {}
        for row, formula in zip(self.tables[table.parent or column.table].rows, column.formulas, strict=True):
            if formula is not None:
                text = self._text(formula)
                formulas.setdefault(text, formula)
                kinds.setdefault(text, {})[row.kind] = None
        serving: dict[str, list[str]] = {}
        for text, served in kinds.items():
            serving.setdefault(", ".join(served), []).append(text)
        if len(serving) > _MOST_FORMULAS:
            serving = {"": list(formulas)}
        for served_kinds, texts in serving.items():
            shown = " | ".join([*texts[:_MOST_FORMULAS], *["…"][: len(texts) > _MOST_FORMULAS]])
            used = dict.fromkeys(target for text in texts for target in self._targets(formulas[text]))
            span = formulas[texts[0]].span if len(texts) == 1 else column.span
            title = f"{name} ({served_kinds})" if len(serving) > 1 else name
            yield Link(title, shown, None, kind, span, depth, ""), list(used)

    def _rows(self, table: str) -> str:
        return f"{table}.layers" if self.tables[table].role == "model" else table

    # ---- text -------------------------------------------------------------------------------------------------------

    def _text(self, formula: Formula) -> str:
        """The formula as the spec writes it; one that a template made, and no one wrote, is written out."""
        called = self.calls.get(id(formula))
        if called is not None:
            return _source(called.call)
        written = _source(formula.span)
        match formula:
            case Literal():
                return formula.text
            case CellRef():
                return written if _ends_with(written, formula.cell) else formula.cell
            case Field():
                return written if _ends_with(written, formula.column) else self._field(formula)
        inner = children(formula)
        if any(child.span == formula.span for child in inner):
            op = getattr(formula, "op", "")
            parts = [self._text(child) for child in inner]
            return f" {op} ".join(parts) if op in ("+", "-", "*", "/") else f"{op}({', '.join(parts)})"
        return written

    def _field(self, formula: Field) -> str:
        if isinstance(formula.row, At):
            table = self.tables[formula.table]
            return f"{self.tables[table.parent or formula.table].rows[formula.row.index].name}.{formula.column}"
        return f"{self._rows(formula.table)}.{formula.column}"


def _unit(shown: Unit | None, formula: Formula) -> Unit | None:
    return shown or unit_written(formula)


def _ends_with(text: str, path: str) -> bool:
    """Whether a text is a name for a path: its last part is the path's."""
    return text.rpartition(".")[2] == path.rpartition(".")[2]


def _source(span: Span) -> str:
    return " ".join(span.source.text[span.start : span.end].split())
