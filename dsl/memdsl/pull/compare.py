"""What differs between a workbook and the one that its spec makes: yellow cells may, formulas and figures may not."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .. import driver
from ..excel import FilePlaces, Part, build_book
from ..excel.file_properties import Origin
from ..excel.inputs import InputPlace
from ..excel.limits import Limit
from ..excel.names import letter
from ..excel.scenarios import FIRST
from ..sheet.formula import UNLIMITED
from ..sheet.operations import Value
from .faults import BookFault
from .reader import BookCells, CellValue, ErrorValue, Formula, read_cells

MAXIMUM_TOLD = 20
_ON_INPUTS = "type under Yours on the sheet Inputs instead"
_SAME = 1e-12
_TEXTS = ("Inputs", "Scenarios", "Units")
"""Sheets whose texts say what a number means; texts elsewhere are a person's to annotate."""


@dataclass(frozen=True)
class Change:
    """An input, of the spec itself (`scenario` empty) or of a scenario; `value` is in base units, None when cleared."""

    place: InputPlace
    scenario: str
    value: Value | None
    cell: str


@dataclass(frozen=True)
class Compared:
    changes: list[Change]
    faults: list[BookFault]


def made_again(model: driver.Model, name: str) -> FilePlaces:
    """The book that the spec makes today, at its own values, named as it is in its file."""
    return build_book([Part(model.at({}), name=name)])


def compare(book: BookCells, layout: FilePlaces, origin: Origin) -> Compared:
    """Changes of inputs and scenarios of one book of a file, and whatever else of it was changed."""
    content = io.BytesIO()
    layout.save(content)
    wanted = read_cells(content)
    yellow = _yellow(layout)
    differing: list[BookFault] = []
    for title, cells in wanted.sheets.items():
        found = book.sheets.get(title)
        if found is None:
            differing.append(BookFault("sheet-missing", f"the sheet {title} is missing"))
        elif title == "Units" and origin.name:
            differing += _units(cells, found)
        else:
            sort = title.removeprefix(f"{origin.name} ") if origin.name else title
            differing += _differing(title, sort, cells, found, yellow.get(title, set()))
    changes, faults = _changes(book, layout, origin)
    if len(differing) > MAXIMUM_TOLD:
        rest = len(differing) - MAXIMUM_TOLD
        hint = "where rows or columns were added, make the book again and type the inputs there"
        differing = [*differing[:MAXIMUM_TOLD], BookFault("many-changes", f"and {rest:,} more", "", hint)]
    return Compared(changes, [*faults, *differing])


def _yellow(layout: FilePlaces) -> dict[str, set[str]]:
    """The cells that a person may fill, and those that what-if tables fill."""
    book = layout.book
    found = {book.titled("Inputs"): {"B4"}.union(*((place.value, place.shared) for place in layout.inputs.values()))}
    for title, page in book.pages.items():
        found.setdefault(title, set()).update(page.tried)
    names = book.sheet.scenarios
    found.setdefault(book.titled("Scenarios"), set()).update(
        f"{letter(FIRST + 1 + i)}{place.row}" for i in range(len(names)) for place in layout.inputs.values()
    )
    return found


def _units(wanted: dict[str, CellValue], found: dict[str, CellValue]) -> Iterator[BookFault]:
    """The units of one book stand among those of all, in other rows."""
    rows = {unit: at[1:] for at, unit in found.items() if at[0] == "A"}
    for at, scale in wanted.items():
        if at[0] == "B" and isinstance(scale, float):
            unit = wanted.get(f"A{at[1:]}")
            place = f"B{rows.get(unit, '')}"
            if not _same(scale, found.get(place)):
                message = f"the scale of {unit} was changed: {_said(found.get(place))} instead of {_said(scale)}"
                yield BookFault("figure-changed", message, f"Units!{place}", _ON_INPUTS)


def _differing(
    title: str, sort: str, wanted: dict[str, CellValue], found: dict[str, CellValue], yellow: set[str]
) -> Iterator[BookFault]:
    """Differences of one sheet; `sort` is its title without the name of its book."""
    if sort == "Inputs":
        yours = {re.sub(r"\d", "", at) for at in yellow} - {"B"}
        for at in found.keys() - wanted.keys() - yellow:
            if re.sub(r"\d", "", at) in yours:
                message = f"{_said(found[at])} stands beside no input that may be changed here"
                hint = "what decides the structure is changed in the spec; then make the book again"
                yield BookFault("no-input", message, f"{title}!{at}", hint)
    for coordinate, value in wanted.items():
        if coordinate in yellow:
            continue
        got, place = found.get(coordinate), f"{title}!{coordinate}"
        if isinstance(value, Formula):
            if not value.text:
                continue
            if not isinstance(got, Formula):
                message = f"the formula was overwritten with {_said(got)}"
                yield BookFault("formula-changed", message, place, _ON_INPUTS)
            elif plain(got.text) != plain(value.text):
                message = f"the formula was changed: ={_short(got.text)} instead of ={_short(value.text)}"
                yield BookFault("formula-changed", message, place, "a formula is changed in the spec")
        elif (isinstance(value, (bool, float)) or sort in _TEXTS) and sort != "Cover" and not _same(value, got):
            message = f"a figure that is not an input was changed: {_said(got)} instead of {_said(value)}"
            yield BookFault("figure-changed", message, place, _ON_INPUTS)


def plain(text: str) -> str:
    """A formula as every spreadsheet program writes it: without spaces and needless quotes, in capitals."""
    parts = text.split('"')
    for i in range(0, len(parts), 2):
        part = re.sub(r"[\s'$]", "", parts[i]).upper()
        part = re.sub(r"\b(TRUE|FALSE)\(\)", r"\1", part)
        parts[i] = re.sub(r"(?<![A-Z_.0-9])\d+\.?\d*(E[+-]?\d+)?", _number, part)
    return '"'.join(parts)


def _number(match: re.Match[str]) -> str:
    return repr(float(match[0]))


def _same(a: CellValue, b: CellValue) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_SAME)
    return a == b


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


def _said(value: CellValue) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, Formula):
        return f"the formula ={_short(value.text)}"
    return value.text if isinstance(value, ErrorValue) else f'"{_short(value)}"'


# ---- what was typed -------------------------------------------------------------------------------------------------


def _changes(book: BookCells, layout: FilePlaces, origin: Origin) -> tuple[list[Change], list[BookFault]]:
    changes: list[Change] = []
    faults: list[BookFault] = []
    declared, spec = layout.book.declared, layout.book.sheet
    on_inputs, on_scenarios = layout.book.titled("Inputs"), layout.book.titled("Scenarios")
    inputs, scenarios = book.sheets.get(on_inputs, {}), book.sheets.get(on_scenarios, {})
    settings = layout.book.scenarios.settings() if layout.book.scenarios is not None else {}
    for place in layout.inputs.values():
        yours = place.value if place.value in inputs or not place.shared else place.shared
        typed = inputs.get(yours)
        cell = f"{on_inputs}!{yours}"
        if typed is not None and not _was_set(origin.given.get(place.path), typed):
            value = read_value(typed, place, cell, faults)
            if value is not None and value != declared.input(place.key):
                changes.append(Change(place, "", value, cell))
        for at, name in enumerate(spec.scenarios, FIRST + 1):
            coordinate = f"{letter(at)}{place.row}"
            cell = f"{on_scenarios}!{coordinate}"
            before, typed = settings[name].get(place.key), scenarios.get(coordinate)
            value = None if typed is None else read_value(typed, place, cell, faults)
            if value != before and (typed is None or value is not None):
                changes.append(Change(place, name, value, cell))
    return changes, faults


def _was_set(given: str | None, typed: CellValue) -> bool:
    """Whether a yellow cell holds what it held when the book was made (`--set`)."""
    if given is None or not isinstance(typed, float):
        return str(typed) == given
    try:
        return math.isclose(typed, float(given), rel_tol=_SAME)
    except ValueError:  # another hand was at the property
        return False


def read_value(typed: CellValue, place: InputPlace, cell: str, faults: list[BookFault]) -> Value | None:
    """The value in base units that a yellow cell holds; None after reporting why it cannot be one."""
    limit, name = place.limit, place.path
    unit = f" {place.unit.text}" if place.unit is not None else ""
    if isinstance(typed, Formula):
        fault = BookFault("wrong-kind", f"`{name}` is given by a formula", cell, "type the value that it comes to")
    elif not _is_sort(typed, limit):
        number = f"a number of{unit}" if unit else "a number"
        words = {"number": number, "truth": "TRUE or FALSE", "text": "a text"}[limit.sort]
        fault = BookFault("wrong-kind", f"`{name}` is {_said(typed)}, and needs {words}", cell, _allowed(limit))
    elif isinstance(typed, (str, bool)):
        if limit.admits(typed):
            return typed
        fault = BookFault("out-of-range", f"`{name}` = {_said(typed)} is not allowed", cell, _allowed(limit))
    else:
        assert isinstance(typed, float)
        base = place.unit.to_base(typed) if place.unit is not None and math.isfinite(typed) else typed
        if abs(base) >= UNLIMITED / 10:
            base, typed = math.copysign(UNLIMITED, base), math.inf
        if math.isfinite(base) and limit.admits(typed):
            return base
        fault = BookFault("out-of-range", f"`{name}` = {_said(typed)}{unit} is not allowed", cell, _allowed(limit))
    faults.append(fault)
    return None


def _is_sort(typed: CellValue, limit: Limit) -> bool:
    if isinstance(typed, bool):
        return limit.sort == "truth"
    return isinstance(typed, {"number": float, "truth": bool, "text": str}[limit.sort])


def _allowed(limit: Limit) -> str:
    return f"allowed: {limit.words}"
