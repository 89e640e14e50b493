"""Tables whose rows stand in a file beside the spec: comma-separated text, headings first, a row a line."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from functools import partial

from ..diagnostics import Note, Source, Span
from ..records import record
from ..sheet.formula import UNLIMITED, Literal
from ..sheet.sheet import Row
from ..syntax import tree
from ..units import NONE
from .faults import Fault, nearest
from .plain_tables import PlainTable
from .values import OwnColumn
from .workshop import Actual, ColumnInfo, Scope, Value, Workshop

MAX_COLUMNS = 200
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?%?")


class FileTable(PlainTable):
    """Every heading of the file is a column; the formulas of the body read it as `column("ops per byte")`."""

    def __init__(self, shop: Workshop, node: tree.Table, scope: Scope, table_id: str, source: Source) -> None:
        super().__init__(shop, node, scope, table_id)
        self.file = source.name
        self.by_heading: dict[str, str] = {}
        self.mixed: dict[str, Span] = {}
        self.commas: dict[str, tuple[str, Span]] = {}

    def known(self) -> dict[str, Value]:
        return {**super().known(), "column": FileColumns(self)}


@record
class FileColumns(Value):
    """`column`, inside the body of a table from a file."""

    table: FileTable
    what = "the columns of the file"

    def call(self, shop: Workshop, actuals: Sequence[Actual], span: Span, name: str = "") -> Value:
        heading = actuals[0].argument.value if len(actuals) == 1 else None
        if not isinstance(heading, tree.String):
            hint = f'write `column("{next(iter(self.table.by_heading), "ops per byte")}")`'
            raise Fault("wrong-argument", "`column` takes the heading of a column in quotes", span, hint)
        place = actuals[0].span
        found = self.table.by_heading.get(heading.value)
        if found is None:
            known = list(self.table.by_heading)
            hint = nearest(heading.value, known) or f"its headings are {', '.join(known)}"
            raise Fault("unknown-column", f"`{self.table.file}` has no column `{heading.value}`", place, hint)
        if found in self.table.commas:
            text, line = self.table.commas[found]
            message = f"the column `{heading.value}` has numbers with a decimal comma"
            hint = f"write `{text.replace(',', '.')}` in the file"
            raise Fault("mixed-column", message, place, hint, (Note("here first", line),))
        if found in self.table.mixed:
            note = Note("this is no number", self.table.mixed[found])
            message = f"the column `{heading.value}` has numbers and text"
            raise Fault("mixed-column", message, place, "leave an entry empty where there is no number", (note,))
        return OwnColumn(self.table.id, found)


def read_file_table(shop: Workshop, node: tree.Table, scope: Scope, table_id: str, source: Source) -> FileTable:
    """The rows and columns of a file; raises Fault for one that is no table."""
    draft = FileTable(shop, node, scope, table_id, source)
    lines = _lines(source)
    headings, place = next(lines, ([], Span(source, 0, 0)))
    if len(headings) < 2:
        hint = "its first line names the columns, the first of which holds the names of the rows"
        raise Fault("empty-table", f"`{source.name}` has no headings", place, hint)
    if len(headings) > MAX_COLUMNS:
        message = f"`{source.name}` has {len(headings):,} columns, and a table has at most {MAX_COLUMNS}"
        raise Fault("too-large", message, place)
    _add_columns(draft, node, headings, place)
    taken: dict[str, Span] = {}
    entries: dict[str, list[tuple[int, str, Span]]] = {}

    def add_row(texts: list[str], span: Span) -> None:
        if len(texts) > len(headings):
            message = f"this row has {len(texts)} entries, and there are {len(headings)} headings"
            has_comma = re.search(r"[0-9],[0-9]", source.text[span.start : span.end])
            hint = "a number has a decimal dot; text with a comma in it stands in quotes" if has_comma else ""
            raise Fault("wrong-row", message, span, hint)
        name = texts[0]
        if not name or '"' in name:
            raise Fault("wrong-row", "a row begins with its name, which has no quotes in it", span)
        if name in taken:
            notes = (Note("the first one", taken[name]),)
            raise Fault("duplicate-name", f"there are two rows `{name}`", span, notes=notes)
        taken[name] = span
        index = shop.add_row(draft, Row(name, node.name, "row", span))
        for heading, text in zip(headings[1:], texts[1:], strict=False):
            if text:
                entries.setdefault(draft.by_heading[heading], []).append((index, text, span))

    shop.all_of([partial(add_row, *line) for line in lines])
    for column, found in entries.items():
        _fill(draft, column, found)
    return draft


def _lines(source: Source) -> Iterator[tuple[list[str], Span]]:
    """The rows of the file, each with its place; empty lines are left out."""
    starts = [0, *(match.end() for match in re.finditer("\n", source.text)), len(source.text) + 1]
    first = source.text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(source.text), delimiter=delimiter, strict=True, skipinitialspace=True)
    before = 0
    while True:
        try:
            texts = [text.strip() for text in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            span = Span(source, starts[before], max(starts[before + 1] - 1, starts[before]))
            raise Fault("bad-file", f"this line cannot be read: {error}", span) from None
        span = Span(source, starts[before], max(starts[reader.line_num] - 1, starts[before]))
        before = reader.line_num
        if any(texts):
            yield texts, span


def _add_columns(draft: FileTable, node: tree.Table, headings: Sequence[str], place: Span) -> None:
    own = {cell.name for cell in node.body if isinstance(cell, tree.Cell)}
    for number, heading in enumerate(headings[1:], 2):
        if not heading:
            raise Fault("empty-table", f"column {number} of `{draft.file}` has no heading", place)
        if heading in draft.by_heading:
            raise Fault("duplicate-name", f"column `{heading}` stands twice", place, "give one of them another name")
        name = re.sub(r"[^A-Za-z0-9_]+", "_", heading.lower()).strip("_") or f"column_{number}"
        name = f"column_{name}" if name[0].isdigit() else name
        while name in draft.columns or name in own:
            name += "_in_file"
        draft.by_heading[heading] = name
        draft.columns[name] = ColumnInfo(place, None, heading if heading != name else "", "argument")


def _fill(draft: FileTable, column: str, entries: Sequence[tuple[int, str, Span]]) -> None:
    """A column is of numbers when every entry is one, and of text otherwise."""
    numbers = [_number(text) for _, text, _ in entries]
    is_text = any(number is None for number in numbers)
    if is_text and any(number is not None for number in numbers):
        draft.mixed[column] = next(span for (*_, span), n in zip(entries, numbers, strict=True) if n is None)
    with_commas = [_DECIMAL_COMMA.fullmatch(text) is not None for _, text, _ in entries]
    if is_text and all(c or n is not None for c, n in zip(with_commas, numbers, strict=True)):
        _, text, span = entries[with_commas.index(True)]
        draft.commas[column] = text, span
    for (index, text, span), number in zip(entries, numbers, strict=True):
        value = text.replace('"', "'") if is_text or number is None else number
        draft.entries[column, index] = Literal(span, value, None if isinstance(value, str) else NONE, text)


def _number(text: str) -> float | None:
    share = text.endswith("%")
    try:
        number = float(text.removesuffix("%")) / (100 if share else 1)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < UNLIMITED and "_" not in text else None
