"""What the books of one file have in common: results and inputs that can stand side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..evaluate import Values
from ..sheet.input_keys import Entry, InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Quantity, Type
from ..units import Dimension, Unit, readable
from .book import Book
from .cover import CoverSheet
from .inputs import InputSheet
from .places import CellPlace
from .trial_choice import USUAL, wanted_results


@dataclass(frozen=True)
class Side:
    """One book of the file, with the sheets that the sheets of all refer to."""

    book: Book
    inputs: InputSheet
    cover: CoverSheet
    contents: Sequence[tuple[str, str]]

    @property
    def models(self) -> list[str]:
        """The names of its models, the one that its charts and analyses follow first."""
        names = [i.name for i in self.book.sheet.instances.values() if i.kind == "model"]
        followed = [cell.owner for cell in wanted_results(self.book) if cell.owner in names]
        return list(dict.fromkeys([*followed, *names]))

    def totals(self, model: str) -> dict[str, Cell]:
        cells = self.book.sheet.cells.values()
        return {c.id.removeprefix(model + "."): c for c in cells if c.owner == model and c.role == "cell"}

    def own(self) -> dict[str, Cell]:
        """What the spec itself computes."""
        sheet = self.book.sheet
        cells = (c for c in sheet.cells.values() if c.role == "cell" and c.owner not in sheet.instances)
        return {c.id: c for c in cells if c.id not in sheet.inputs}


@dataclass(frozen=True)
class Shown:
    """A value of one book: its place, what it is, and what it comes to at a point of the book."""

    book: Book
    place: CellPlace
    kind: Type
    key: InputKey
    is_input: bool = False

    def __call__(self, values: Values) -> Value:
        return values.input(self.key) if self.is_input else values.cell(str(self.key))


@dataclass(frozen=True)
class Line:
    """One row of a comparison; `shown` has None for a book without it."""

    name: str
    label: str
    unit: Unit | None
    shown: Sequence[Shown | None]

    @property
    def is_number(self) -> bool:
        return any(isinstance(s.kind, Quantity) for s in self.shown if s is not None)


@dataclass(frozen=True)
class Group:
    title: str
    lines: Sequence[Line]


def groups(sides: Sequence[Side]) -> Iterator[Group]:
    """Totals of the models that books share by name, results of the specs, inputs that books share."""
    shared = [m for m in dict.fromkeys(m for s in sides for m in s.models) if sum(m in s.models for s in sides) > 1]
    for model in shared:
        found = [side.totals(model) if model in side.models else {} for side in sides]
        yield from _group(f"Model {model}", sides, found)
    firsts = [next(iter(side.models), None) for side in sides]
    if not shared and sum(first is not None for first in firsts) > 1:
        said = ", ".join(f"{s.book.name}: {m}" for s, m in zip(sides, firsts, strict=True) if m is not None)
        totals = [s.totals(m) if m is not None else {} for s, m in zip(sides, firsts, strict=True)]
        yield from _group(f"The first model of each ({said})", sides, totals)
    yield from _group("Results of the specs", sides, [side.own() for side in sides])
    lines = list(_inputs(sides))
    if lines:
        yield Group("Inputs of the same name", lines)


def key_lines(found: Sequence[Group], most: int) -> list[Line]:
    """The lines for a cover: bytes, time and energy of the first model, else the first results."""
    numbers = [line for group in found[:1] for line in group.lines if line.is_number]
    usual = [line for name in USUAL for line in numbers if line.name.rpartition(".")[2] == name]
    return (usual or numbers)[:most]


def _group(title: str, sides: Sequence[Side], found: Sequence[dict[str, Cell]]) -> Iterator[Group]:
    lines = []
    for name in dict.fromkeys(name for cells in found for name in cells):
        shown = [_cell(side, cells.get(name)) for side, cells in zip(sides, found, strict=True)]
        if any(shown):
            cell = next(cells[name] for cells in found if name in cells)
            label = next((cells[name].label for cells in found if name in cells and cells[name].label), "")
            lines.append(_line(name, label or name.replace("_", " "), cell.shown, shown))
    if lines:
        yield Group(title, lines)


def _cell(side: Side, cell: Cell | None) -> Shown | None:
    """A number of a book; rows by their position, and texts, cannot be compared."""
    if cell is None or not isinstance(side.book.kind(cell), Quantity):
        return None
    return Shown(side.book, side.book.places.cells[cell.id], side.book.kind(cell), cell.id)


def _inputs(sides: Sequence[Side]) -> Iterator[Line]:
    for path in dict.fromkeys(path for side in sides for path in side.inputs.places):
        places = [side.inputs.places.get(path) for side in sides]
        found = [None if p is None else _input(s, p.key) for s, p in zip(sides, places, strict=True)]
        if sum(one is not None for one in found) > 1:
            side, place = next((s, p) for s, p in zip(sides, places, strict=True) if p is not None)
            yield _line(path, side.inputs.words(place.item), place.unit, found)


def _input(side: Side, key: InputKey) -> Shown:
    book = side.book
    if isinstance(key, Entry):
        return Shown(book, book.places.entries[key], book.typed.column_types[key.table, key.column], key, True)
    return Shown(book, book.places.cells[key], book.typed.cell_types[key], key, True)


def _line(name: str, label: str, unit: Unit | None, shown: Sequence[Shown | None]) -> Line:
    """A line in one unit; what is of another dimension than the first is left out."""
    first = next(one for one in shown if one is not None)
    kept = [one if one is not None and _dimension(one.kind) == _dimension(first.kind) else None for one in shown]
    values = [one(one.book.values) for one in kept if one is not None]
    sizes = [abs(v) for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    dimension = _dimension(first.kind)
    if unit is None and sizes and dimension is not None:
        unit = readable(min(size for size in sizes if size >= max(sizes) / 1e4), dimension)
    return Line(name, label, unit, kept)


def _dimension(kind: Type) -> Dimension | None:
    return kind.dimension if isinstance(kind, Quantity) else None
