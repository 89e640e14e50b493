"""The cover: what is modelled, under which assumptions, the key results, and where everything is."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial

from openpyxl.chart import BarChart, ScatterChart

from ..evaluate import Values
from ..presentation.defaults import defaults
from ..presentation.traffic import footing
from ..sheet.operations import Value
from ..sheet.sheet import Cell, Instance, Quantity, RowOf, Truth
from ..units import Unit
from ..version import VERSION
from .answer import UNIT, AnswerBlock
from .blocks import CellSource, write_row_name
from .book import Book, heading
from .checks import check_holds
from .claims import ELSEWHERE, ClaimSheet
from .costs import write_costs
from .footing import MOST_ACROSS, FootingBlock
from .inputs import InputPlace
from .names import letter, sheet_prefix
from .page import Page, Source
from .places import CellPlace
from .scenarios import DELIVERED
from .style import RESULT_TEXT, Look
from .tables import value_look
from .trial_choice import USUAL

FIRST_RESULT = 3
MOST_TOTALS = 6
"""Totals of a model that stand in a row, where models stand one below the other."""
MOST_ON_PAPER = 75
"""Rows of a cover that is printed on one page."""
CHART_COLUMNS, CHART_WIDTH, CHART_ROWS = ("A", "E"), 21, 19
"""Two charts beside each other, in cm as wide as the cover together, and the rows that they take."""
NOT_COMPARABLE = "not comparable: inputs have changed"
_STATES = (("holds", "hold"), ("disputed", "disputed"), ("fails", "fail"))


@dataclass
class CoverSheet:
    """`pages` gives the sheet of each instance and table; `states` where it says how these stand."""

    book: Book
    page: Page
    pages: dict[str, str]
    contents: Sequence[tuple[str, str]]
    checks: str
    claims: ClaimSheet | None
    places: dict[str, InputPlace]
    charts: Sequence[BarChart | ScatterChart] = ()
    made: str = field(default="", init=False)
    states: dict[str, tuple[CellPlace, Source]] = field(default_factory=dict, init=False)

    def write(self) -> None:
        page = self.page
        page.width(1, 46)
        page.width(2, 11)
        for at in range(FIRST_RESULT, FIRST_RESULT + 8):
            page.width(at, 17)
        page.text(1, 1, self.book.title, Look("title"))
        page.height(1, 30)
        today = datetime.datetime.now().astimezone().date().isoformat()
        self.made = f"A live model of {self.book.file}, made by memdsl {VERSION} on {today}. \
Every number is a formula that leads back to the sheet {self.book.titled('Inputs')}."
        row = self._charts(AnswerBlock(self.book, page, self.places).write(4) + 1)
        row = self._state(row + 1)
        found = footing(self.book.point, defaults(self.book.point).lead)
        if found is not None:
            row = FootingBlock(self.book, page, self.pages).write(found, row + 1)
        row = self._results(row + 1)
        last = self._modelled(row + 1) - 1
        row = self._use(last + 2)
        self._contents(row + 1)
        page.set_up_print(one_page=last <= MOST_ON_PAPER)
        models = sum(i.kind == "model" for i in self.book.sheet.instances.values())
        across = FIRST_RESULT + (models if models <= MOST_ACROSS else MOST_TOTALS) - 1
        page.worksheet.print_area = f"A1:{letter(max(UNIT, across))}{last}"
        page.worksheet.sheet_view.zoomScale = 110

    def _charts(self, row: int) -> int:
        """The first charts of the sheet Charts, beside each other."""
        for chart, column in zip(self.charts, CHART_COLUMNS, strict=False):
            small = deepcopy(chart)
            small.width = CHART_WIDTH
            self.page.worksheet.add_chart(small, f"{column}{row}")
        return row + CHART_ROWS if self.charts else row

    # ---- state ------------------------------------------------------------------------------------------------------

    def _state(self, row: int) -> int:
        """Whether the inputs are those of the spec, and whether the figures can be trusted."""
        book = self.book
        state = State(book)
        count, inputs = len(book.sheet.checks), len(book.sheet.inputs)
        name = book.changed
        changed = f'IF({name}=0,"as delivered",{name}&" of {inputs} differ from what was delivered")'
        lines: list[tuple[str, str, Source]] = [("Inputs", changed, state.inputs)]
        if book.scenarios is not None:
            chosen = book.scenario or DELIVERED
            lines.append(("Scenario", book.scenarios.chooser, lambda values: chosen))
        if self.checks:
            text = f'IF({self.checks},"all {count} hold","SOME FAIL: see the sheet {book.titled("Checks")}")'
            lines.append(("Requirements", text, state.checks))
        if self.claims:
            area = f"{sheet_prefix(self.claims.page.title)}{self.claims.area}"
            counts = [f'COUNTIF({area},"{word}")&" {said}"' for word, said in _STATES]
            apart, total = f'COUNTIF({area},"{ELSEWHERE}")', len(book.claims)
            text = '&", "&'.join(counts) + f'&IF({apart}=0,"",", "&{apart}&" of {total} {NOT_COMPARABLE}")'
            lines.append(("Claims", text, partial(state.claims, self.claims)))
        for name, text, source in lines:
            self.page.text(row, 1, name, Look("name"))
            self.page.formula(row, 2, text, source, Look("plain"))
            self.states[name] = (CellPlace(self.page.title, row, 2), source)
            row += 1
        self.page.text(row, 1, "What it is", Look("name"))
        self.page.text(row, 2, self.made, Look("plain"))
        row += 1
        self.page.text(row, 1, "Made by", Look("name"))
        self.page.text(row, 2, book.command or f"memdsl {VERSION}", Look("plain"))
        row += 1
        self.page.text(row, 1, "Sent by (yours to fill)", Look("name"))
        self.page.text(row, 2, "", Look("input"))
        return row + 1

    # ---- results ----------------------------------------------------------------------------------------------------

    def _results(self, row: int) -> int:
        """Totals of all models side by side, one row a total, in one unit."""
        book, page = self.book, self.page
        models = [i for i in book.sheet.instances.values() if i.kind == "model"]
        totals = self._totals(models)
        if totals and len(models) > MOST_ACROSS:
            row = self._down(row, models, totals)
        elif totals:
            page.text(row, 1, "Key results", Look("block"))
            page.text(row + 1, 1, "Total", Look("heading"))
            page.text(row + 1, 2, "Unit", Look("heading"))
            for at, model in enumerate(models, FIRST_RESULT):
                page.text(row + 1, at, self.pages.get(model.name, model.name), Look("heading number"))
                page.width(at, 17)
            if any(model.title for model in models):
                row += 1
                for at, text in enumerate(("", "", *(model.title for model in models)), 1):
                    page.text(row + 1, at, text, Look("label number"))
            row += 2
            for name, by_model in totals.items():
                self._total(row, name, by_model, models)
                row += 1
        own = [c for c in book.sheet.cells.values() if c.role == "cell" and self._is_own(c)]
        if own:
            page.text(row + 1, 1, "Results of the spec", Look("block"))
            row += 2
            for cell in own:
                self._own(row, cell)
                row += 1
        return write_costs(book, page, row)

    def _down(self, row: int, models: Sequence[Instance], totals: dict[str, dict[str, Cell]]) -> int:
        """Many models, one a row, with the totals that are asked for first; all others stand on their sheets."""
        book, page = self.book, self.page
        numbers = [n for n, cells in totals.items() if isinstance(book.kind(next(iter(cells.values()))), Quantity)]
        chosen = [*(n for n in USUAL if n in numbers), *(n for n in numbers if n not in USUAL)][:MOST_TOTALS]
        page.text(row, 1, "Key results", Look("block"))
        page.text(row + 1, 1, "Model", Look("heading"))
        page.text(row + 1, 2, "", Look("heading"))
        units = [self._unit(list(totals[name].values())) for name in chosen]
        for at, (name, unit) in enumerate(zip(chosen, units, strict=True), FIRST_RESULT):
            label = next((c.label for c in totals[name].values() if c.label), "") or name.replace("_", " ")
            page.text(row + 1, at, heading(label, unit.text if unit is not None else ""), Look("heading number"))
            page.width(at, 17)
        for line, model in enumerate(models, row + 2):
            page.link(
                line, 1, model.title or model.name, self.pages.get(model.name, page.title), look=Look("link name")
            )
            page.text(line, 2, "", Look())
            for at, (name, unit) in enumerate(zip(chosen, units, strict=True), FIRST_RESULT):
                cell = totals[name].get(model.name)
                if cell is not None:
                    self._value(line, at, cell, unit)
        return row + 2 + len(models)

    def _is_own(self, cell: Cell) -> bool:
        return cell.owner not in self.book.sheet.instances and cell.id not in self.book.sheet.inputs

    def _totals(self, models: Sequence[Instance]) -> dict[str, dict[str, Cell]]:
        found: dict[str, dict[str, Cell]] = {}
        owners = {model.name for model in models}
        for cell in self.book.sheet.cells.values():
            if cell.role == "cell" and cell.owner in owners and not isinstance(self.book.kind(cell), Truth):
                found.setdefault(cell.id.removeprefix(cell.owner + "."), {})[cell.owner] = cell
        return found

    def _total(self, row: int, name: str, by_model: dict[str, Cell], models: Sequence[Instance]) -> None:
        book, page = self.book, self.page
        cells = list(by_model.values())
        label = next((c.label for c in cells if c.label), "") or name.replace("_", " ")
        unit = self._unit(cells)
        page.text(row, 1, label, Look("name"))
        page.text(row, 2, unit.text if unit is not None else "", Look("unit"))
        scale = float(unit.scale) if unit is not None else 1.0
        values = [book.declared.cell(c.id) for c in cells]
        shown = [v / scale if isinstance(v, float) else v for v in values]
        for at, model in enumerate(models, FIRST_RESULT):
            cell = by_model.get(model.name)
            if cell is not None:
                self._value(row, at, cell, unit, shown)
            else:
                page.text(row, at, "", Look("body"))

    def _unit(self, cells: Sequence[Cell]) -> Unit | None:
        """The unit in which all of the cells read well: the smallest one has a digit before the point."""
        book = self.book
        values = [book.declared.cell(c.id) for c in cells]
        kind = book.kind(cells[0])
        chosen = next((c.shown for c in cells if c.shown is not None), None)
        sizes = [abs(v) for v in values if isinstance(v, float) and v == v]
        if not sizes:
            return None
        near = [size for size in sizes if size >= max(sizes) / 1e4]
        return book.shown_unit(min(near), kind, chosen)

    def _value(self, row: int, at: int, cell: Cell, unit: Unit | None, beside: Sequence[Value] = ()) -> None:
        book, page, kind = self.book, self.page, self.book.kind(cell)
        place = book.places.cells[cell.id]
        if isinstance(kind, RowOf):
            write_row_name(book, page, row, at, kind, place.name, cell, RESULT_TEXT)
            return
        scale = float(unit.scale) if unit is not None else 1.0
        value = book.declared.cell(cell.id)
        shown = value / scale if isinstance(value, float) else value
        look = value_look(kind, beside or [shown], "result")
        page.formula(row, at, book.scales.over(place.name, unit), CellSource(book, cell, scale), look)

    def _own(self, row: int, cell: Cell) -> None:
        unit = self._unit([cell])
        self.page.text(row, 1, cell.label or cell.id, Look("name"))
        self.page.text(row, 2, unit.text if unit is not None else "", Look("unit"))
        self._value(row, FIRST_RESULT, cell, unit)

    # ---- words ------------------------------------------------------------------------------------------------------

    def _modelled(self, row: int) -> int:
        book, page = self.book, self.page
        page.text(row, 1, "What is modelled, and the dataflow assumed", Look("block"))
        row += 1
        for instance in book.sheet.instances.values():
            where = self.pages.get(instance.name)
            if where is not None:
                page.link(row, 1, instance.name, where)
            else:
                page.text(row, 1, instance.name, Look("name"))
            page.text(row, 2, instance.kind, Look("plain"))
            page.text(row, FIRST_RESULT, self._words(instance), Look("plain"))
            row += 1
        for alias, name in book.sheet.aliases.items():
            page.text(row, 1, alias, Look("name"))
            page.text(row, FIRST_RESULT, f"the same as {name}", Look("plain"))
            row += 1
        return row

    def _words(self, instance: Instance) -> str:
        """What an instance is, in words: for a model the dataflow that it assumes."""
        said = [instance.title] if instance.title else []
        if instance.kind == "network" and instance.table is not None:
            layers = sum(row.role == "layer" for row in self.book.sheet.tables[instance.table].rows)
            said += [instance.label or instance.template, f"{layers} layers" if layers != 1 else "1 layer"]
        elif instance.kind == "model":
            over = f" over {instance.network}" if instance.network else ""
            said.append(
                f"{instance.template}{over}: {instance.label}" if instance.label else f"{instance.template}{over}"
            )
        else:
            said.append(instance.label or instance.template)
        return ". ".join(said)

    def _use(self, row: int) -> int:
        lines = (
            f"Type a value under Yours on the sheet {self.book.titled('Inputs')}: every other sheet follows, shapes of \
the layers included.",
            "Clear the cell to go back. A scenario chosen on that sheet sets several inputs; what is typed still wins.",
            "Each model has a sheet with one row a layer, in base units: 470.840 M under [B] stands for 470,840,416.",
            "A note on a heading shows the formula as the spec writes it; the cell shows it as Excel does.",
            "Checks says whether the figures can be trusted; Claims compares them with published ones.",
            "Printed are the cover, inputs, charts and claims. For another sheet: Print, Settings, Ignore Print Area; \
in LibreOffice, Format, Print Ranges, Clear.",
        )
        self.page.text(row, 1, "How to use this book", Look("block"))
        for i, line in enumerate(lines, 1):
            self.page.text(row + i, 1, line, Look("plain"))
        return row + len(lines) + 1

    def _contents(self, row: int) -> int:
        self.page.text(row, 1, "Contents", Look("block"))
        for i, (title, words) in enumerate(self.contents, 1):
            self.page.link(row + i, 1, title, title)
            self.page.text(row + i, FIRST_RESULT, words, Look("plain"))
        return row + len(self.contents) + 1


@dataclass(frozen=True)
class State:
    """What the summary says about inputs, requirements and claims, at a point."""

    book: Book

    def _changed(self, values: Values) -> int:
        declared = self.book.declared
        return sum(values.input(i.key) != declared.input(i.key) for i in self.book.sheet.inputs.values())

    def inputs(self, values: Values) -> Value:
        changed, count = self._changed(values), len(self.book.sheet.inputs)
        return f"{changed} of {count} differ from what was delivered" if changed else "as delivered"

    def checks(self, values: Values) -> Value:
        checks = self.book.sheet.checks
        good = all(check_holds(check, values) for check in checks)
        return f"all {len(checks)} hold" if good else f"SOME FAIL: see the sheet {self.book.titled('Checks')}"

    def claims(self, sheet: ClaimSheet, values: Values) -> Value:
        found = [sheet.status_at(result, values) for result in self.book.claims]
        words = ", ".join(f"{found.count(word)} {said}" for word, said in _STATES)
        apart = found.count(ELSEWHERE)
        return words + (f", {apart} of {len(found)} {NOT_COMPARABLE}" if apart else "")
