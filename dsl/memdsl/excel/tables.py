"""A table on a page: headings with units, labels, and a band of rows whose every number is a formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..diagnostics import Span
from ..evaluate import Values
from ..sheet.formula import Formula, Literal
from ..sheet.input_keys import Entry
from ..sheet.operations import Value
from ..sheet.sheet import Quantity, RowOf, Table, Text, Truth, Type
from ..units import NONE, Unit
from .book import Book, base, formula_text, heading, is_input_entry
from .names import letter, sheet_prefix
from .page import Band, BandColumn, Page
from .pieces import ROW
from .places import TablePlace
from .relations import Relation
from .style import PERCENT, POSITION, TRUTH, Look, base_format, number_format

MAXIMUM_NOTES = 14
LINES_OF_LABEL, MAXIMUM_LABEL = 4.2, 20
"""Lines that a label should do with, and the width up to which its column is made for it."""
LONGEST = len("-999.999 M")
"""The longest number in base units, with its prefix."""


@dataclass(frozen=True)
class Shown:
    """A column of the block: a column of a table, its own or (`link`) one that stands elsewhere."""

    table: str
    column: str
    link: bool = False


@dataclass
class TableBlock:
    """`texts` are columns of plain text that the block adds (which rows feed a row), `relations` facts as numbers."""

    book: Book
    page: Page
    table: Table
    shown: Sequence[Shown]
    texts: Sequence[tuple[str, str, Sequence[str]]] = ()
    relations: Sequence[Relation] = ()
    top: int = 4
    place: TablePlace = field(init=False)

    @property
    def first(self) -> int:
        return self.top + 2

    @property
    def end(self) -> int:
        """The first row below the block."""
        return self.first + len(self.table.rows)

    # ---- places -----------------------------------------------------------------------------------------------------

    def take_places(self) -> None:
        place = TablePlace(self.page.title, self.first, len(self.table.rows))
        at = 1
        self.positions: dict[Shown, int] = {}
        self.text_positions: list[int] = []
        self.relation_positions: dict[tuple[str, str], int] = {}
        for number, shown in enumerate(self.shown):
            if number == min(2, len(self.shown)):
                at = self._place_texts(at, place)
            self.positions[shown] = at
            if shown.link:
                place.columns[shown.table, shown.column] = at
            else:
                self.book.places.add_column(place, shown.table, shown.column, at)
            at += 2 if isinstance(self.kind(shown), RowOf) and not shown.link else 1
        if len(self.shown) <= 2:
            at = self._place_texts(at, place)
        place.free = at
        self.place = place
        self.book.places.add_table(self.table.id, place)
        self.book.places.margins.setdefault(self.page.title, place)
        for shown in self.shown:
            if not shown.link and shown.table not in self.book.places.tables:
                self.book.places.add_table(shown.table, place)

    def _place_texts(self, at: int, place: TablePlace) -> int:
        self.text_positions = list(range(at, at + len(self.texts)))
        at += len(self.texts)
        network = self.table.parent or self.table.id
        for relation in self.relations:
            key = (network, relation.key)
            self.relation_positions[key] = at
            if key in self.book.places.owners:
                place.columns[key] = at
            else:
                self.book.places.add_column(place, *key, at)
            at += 1
        return at

    def kind(self, shown: Shown) -> Type:
        return self.book.typed.column_types[shown.table, shown.column]

    # ---- content ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        self.band = Band(self.first, len(self.table.rows))
        self.page.bands.append(self.band)
        for (title, label, texts), at in zip(self.texts, self.text_positions, strict=True):
            self.head(at, title, label)
            self.band.columns.append(BandColumn(at, texts, None, Look("quiet")))
            self.page.width(at, min(max(10, 2 + max(map(len, texts), default=0)), 22))
        for relation, (key, at) in zip(self.relations, self.relation_positions.items(), strict=True):
            self._write_relation(relation, key, at)
        for shown in self.shown:
            self._write_column(shown)

    def _write_relation(self, relation: Relation, key: tuple[str, str], at: int) -> None:
        """Numbers on the network's own sheet; elsewhere links to them."""
        self.head(at, relation.name, relation.label, "", "number")
        self.page.width(at, 8)
        look = Look("quiet", POSITION)
        own = self.book.places.owners[key]
        if own is self.place:
            self.band.columns.append(BandColumn(at, [str(n) for n in relation.numbers], None, look, is_number=True))
            return
        start = sheet_prefix(own.page) + letter(own.columns[key])
        numbers = [float(n) for n in relation.numbers]
        texts = [f"{start}{own.first + i}" for i in range(len(numbers))]
        self.band.columns.append(BandColumn(at, texts, lambda values: numbers, look))

    def head(self, at: int, title: str, label: str, note: str = "", side: str = "") -> None:
        """Heading and label of a column."""
        self.page.text(self.top, at, title, Look(f"heading {side}".strip()))
        self.page.text(self.top + 1, at, label, Look(f"label {side}".strip()))
        self.page.width(at, min(len(label) / LINES_OF_LABEL, MAXIMUM_LABEL))
        if note:
            self.page.note(self.top, at, note)

    def _write_column(self, shown: Shown) -> None:
        book, at = self.book, self.positions[shown]
        column = book.sheet.tables[shown.table].columns[shown.column]
        kind = self.kind(shown)
        values = book.declared.column(shown.table, shown.column)
        title = heading(column.name, base(kind))
        note = "" if shown.link else self._note(shown)
        self.page.width(at, _width(column.name, kind, values))
        if self._is_plain(shown):
            texts = [str(f.value) if isinstance(f, Literal) else None for f in column.formulas]
            self.head(at, column.name, column.label, note, "" if at == 1 else "text")
            look = Look("name" if at == 1 else "text")
            self.band.columns.append(BandColumn(at, texts, None, look))
            return
        label = column.label or ("position of the row" if isinstance(kind, RowOf) else "")
        self.head(at, title, label, note, "number" if isinstance(kind, (Quantity, RowOf)) else "text")
        look = base_look(kind, values, column.shown)
        source = self._source(shown, kind)
        texts = self._links(shown) if shown.link else self._formulas(shown)
        self.band.columns.append(BandColumn(at, texts, source, look))
        if isinstance(kind, RowOf) and not shown.link:
            self._write_row_names(shown, kind, at, texts)

    def _is_plain(self, shown: Shown) -> bool:
        """Whether a column is text that the spec fixes: names, kinds."""
        if not isinstance(self.kind(shown), Text):
            return False
        column = self.book.sheet.tables[shown.table].columns[shown.column]
        return all(f is None or isinstance(f, Literal) for f in column.formulas)

    def _source(self, shown: Shown, kind: Type) -> Callable[[Values], Sequence[Value | None]]:
        table, column = shown.table, shown.column
        if isinstance(kind, RowOf):
            number = self.book.number
            return lambda values: [number(value, kind) for value in values.column(table, column)]
        return lambda values: values.column(table, column)

    def _links(self, shown: Shown) -> list[str | None]:
        own = self.book.places.owners[shown.table, shown.column]
        start = sheet_prefix(own.page) + letter(own.columns[shown.table, shown.column])
        formulas = self.book.sheet.tables[shown.table].columns[shown.column].formulas
        return [f"{start}{own.first + i}" if f is not None else None for i, f in enumerate(formulas)]

    def _formulas(self, shown: Shown) -> list[str | None]:
        formulas = self.book.sheet.tables[shown.table].columns[shown.column].formulas
        alike: dict[int, str | None] = {}
        texts: list[str | None] = []
        for i, formula in enumerate(formulas):
            if formula is None:
                texts.append(None)
                continue
            if self.table.role in ("network", "model") and id(formula) not in alike:
                alike[id(formula)] = self.book.translator.same_text(formula, self.page.title, self.table.id)
            text = alike.get(id(formula))
            texts.append(text.replace(ROW, str(self.first + i)) if text else self.formula_text(shown, formula, i))
        return texts

    def formula_text(self, shown: Shown, formula: Formula, index: int) -> str:
        book = self.book
        entry = Entry(shown.table, shown.column, index)
        if is_input_entry(book, entry):
            return book.places.entries[entry].reference(self.page.title)
        if type(formula) is Literal and isinstance(formula.value, float):
            unit = book.sheet.tables[shown.table].columns[shown.column].shown if self.table.role == "literal" else None
            return book.scales.literal(formula, unit).text
        return row_text(book, formula, self.page, self.table.id, index, self.first + index)

    def _write_row_names(self, shown: Shown, kind: RowOf, at: int, texts: Sequence[str | None]) -> None:
        """Beside the position of a row, its name."""
        book = self.book
        position = letter(at)
        names = [row.name for row in book.sheet.tables[kind.table].rows]
        where = name_range(book, kind.table, self.page.title)
        found = [None if t is None else f"INDEX({where},{position}{self.first + i})" for i, t in enumerate(texts)]

        def source(values: Values) -> list[Value | None]:
            return [None if v is None else names[int(v)] for v in values.column(shown.table, shown.column)]

        self.head(at + 1, f"{shown.column}: name", f"Name of the row of {kind.table}", "", "text")
        self.page.width(at + 1, 14)
        self.band.columns.append(BandColumn(at + 1, found, source, Look("text")))

    def _note(self, shown: Shown) -> str:
        """What the spec writes for the column: one formula, or one for each kind of row."""
        column = self.book.sheet.tables[shown.table].columns[shown.column]
        if column.role in ("structure", "argument"):
            return ""
        unspoken = {(s.source, s.start, s.end) for s in self._places_of_instances()}
        by_text: dict[str, list[str]] = {}
        kinds_of = {(id(f), row.kind): f for row, f in zip(self.table.rows, column.formulas, strict=True)}
        for (_, kind), formula in kinds_of.items():
            if formula is not None and (formula.span.source, formula.span.start, formula.span.end) not in unspoken:
                kinds = by_text.setdefault(formula_text(formula), [])
                if kind not in kinds:
                    kinds.append(kind)
        if not by_text or len(by_text) > MAXIMUM_NOTES:
            return ""
        if len(by_text) == 1:
            lines = list(by_text)
        else:
            lines = [f"{', '.join(kinds)}: {text}" for text, kinds in by_text.items()]
        sources = [source for source in dict.fromkeys(column.sources) if source]
        return "\n".join(["As the spec writes it:", *lines, *(f"Source: {s}" for s in sources)])

    def _places_of_instances(self) -> list[Span]:
        spans = [instance.span for instance in self.book.sheet.instances.values()]
        return [*spans, *(table.span for table in self.book.sheet.tables.values()), *(r.span for r in self.table.rows)]


def value_look(kind: Type, values: Sequence[Value | None], name: str = "body") -> Look:
    """How values of a kind are shown."""
    if isinstance(kind, Quantity):
        return Look(name, number_format(values))
    if isinstance(kind, Truth):
        return Look("truth" if name == "body" else name, TRUTH)
    if isinstance(kind, Text):
        return Look({"body": "text", "result": "result text"}.get(name, name))
    return Look(name)


def base_look(kind: Type, values: Sequence[Value | None], unit: Unit | None = None, name: str = "body") -> Look:
    """How values in base units are shown, whose author would have them in `unit`."""
    if isinstance(kind, Quantity) and unit is not None and unit.text == "%":
        return Look(name, PERCENT)
    if isinstance(kind, Quantity) and kind.dimension not in (None, NONE):
        return Look(name, base_format(values))
    return value_look(kind, values, name)


def row_text(book: Book, formula: Formula, page: Page, table: str, index: int, row: int) -> str:
    """The text of a formula of a row."""
    return book.translator.row(formula, page.title, table, index, row)


def name_range(book: Book, table: str, page: str) -> str:
    """The range with the names of a table's rows."""
    owner = book.sheet.tables[table]
    key = (table, "name") if "name" in owner.columns else (owner.parent or table, "name")
    place = book.places.owners[key]
    column = letter(place.columns[key])
    prefix = "" if place.page == page else sheet_prefix(place.page)
    return f"{prefix}${column}${place.first}:${column}${place.first + place.count - 1}"


def _width(name: str, kind: Type, values: Sequence[Value | None]) -> float:
    if isinstance(kind, (Text, RowOf)):
        longest = max((len(str(v)) for v in values if v is not None), default=0)
        return min(max(longest + 2, len(name) + 3, 9), 38)
    if isinstance(kind, Truth):
        return max(len(name) + 3, 9)
    sizes = [abs(float(v)) for v in values if v is not None and abs(float(v)) < 1e18]
    counts = not isinstance(kind, Quantity) or kind.dimension in (None, NONE)
    digits = len(f"{max(sizes, default=0):,.0f}") if counts else LONGEST
    return min(max(digits + 3, 0.75 * len(heading(name, base(kind))) + 3, 9), 22)
