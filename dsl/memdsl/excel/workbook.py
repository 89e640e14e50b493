"""The order in which a book is made: places first, then formulas, helpers, and the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..evaluate import Model, Values
from ..presentation.charts import bridge_bars, every_chart
from ..presentation.defaults import defaults
from ..sheet.operations import Value
from .analyses import AnalysisSheet, analysis_tables
from .book import Book
from .cached import save
from .charts import ChartSheet, drawable
from .checks import CheckSheet
from .claims import ClaimSheet
from .comparison import Side
from .contents import UNITS, contents
from .cover import CoverSheet
from .drawings import draw_charts
from .file_properties import origin_of, sign
from .formula_list import FormulaSheet
from .found import with_what_was_found
from .hardware import HardwareSheet
from .helper_columns import write_helpers
from .inputs import InputPlace, InputSheet
from .layers import LayerSheet
from .overview import OverviewSheets
from .page import Page
from .results import ResultSheet, TableSheet
from .scenarios import ScenarioSheet
from .sensitivity import SensitivitySheet
from .style import ACCENT, MODEL_TAB, QUIET_TAB, YELLOW_TAB, Look
from .tables import TableBlock
from .trial_charts import draw_trials
from .trial_choice import TrialPlan, plan_trials, wanted_results
from .trials import TrialTables
from .unit_list import UnitSheet
from .volume import Points, SharedPage, Volume

PRINTED = ("Cover", "Inputs", "Charts", "Claims")
"""Sheets of a book that are printed with it; the others are printed on demand."""


@dataclass(frozen=True)
class Part:
    """What a book is made of: a model. `scenario` is the one that its point belongs to, chosen on opening.

    `name` is one of `book_names`, empty where the file has no other book.
    """

    model: Model
    command: str = ""
    scenario: str | None = None
    name: str = ""


@dataclass(frozen=True)
class FilePlaces:
    """What stands where in a finished file: for tests, and for finding an input again.

    `bound` are its books with their inputs by path; `book` and `inputs` are those of the first, in most files the only.
    """

    volume: Volume
    bound: Sequence[tuple[Book, dict[str, InputPlace]]]

    @property
    def book(self) -> Book:
        return self.bound[0][0]

    @property
    def inputs(self) -> dict[str, InputPlace]:
        return self.bound[0][1]

    def pages(self, points: Points) -> Iterator[tuple[Page, Values]]:
        """Every sheet, with the point that its formulas are computed at."""
        for (book, _), values in zip(self.bound, points, strict=True):
            yield from ((page, values) for page in book.pages.values())
        yield from ((shared.at(points), points[0]) for shared in self.volume.shared)

    def expected(self, *points: Values) -> Iterator[tuple[str, str, Value | None]]:
        """Sheet, coordinate and value of every formula of the file, at a point of each book."""
        for page, values in self.pages(points):
            for coordinate, value in page.expected(values):
                yield page.title, coordinate, value

    def save(self, target: Path | BinaryIO) -> None:
        save(self.volume.workbook, list(self.pages([book.values for book, _ in self.bound])), target)


def write_workbook(parts: Sequence[Part], target: Path | BinaryIO) -> None:
    """Writes the workbook of one spec or of several, whole or not at all. Raises OSError, or TooLong."""
    build_book(parts).save(target)


def build_book(parts: Sequence[Part]) -> FilePlaces:
    """The books of one file: of one spec, or of several with the sheets that compare them in front."""
    volume = Volume()
    together = OverviewSheets(volume) if len(parts) > 1 else None
    makers = [_Maker(_book(part, volume)) for part in parts]
    units = volume.add_shared("Units")
    for maker in makers:
        maker.make()
    books = [maker.book for maker in makers]
    found = [origin_of(maker.book, maker.inputs.places.values()) for maker in makers]
    if together is not None:
        together.write([maker.side() for maker in makers], found)
    UnitSheet(volume, units.page).write()
    for shared in volume.shared:
        _banner(shared, makers)
        shared.page.worksheet.sheet_properties.tabColor = QUIET_TAB if shared is units else ACCENT
        if shared is units:
            shared.page.leave_out_of_print()
        shared.page.fit_heights()
    title = " and ".join(book.title for book in books)
    sign(volume, title, f"Live model of {', '.join(book.file for book in books)}", found)
    return FilePlaces(volume, [(maker.book, maker.inputs.places) for maker in makers])


def _book(part: Part, volume: Volume) -> Book:
    model = with_what_was_found(part.model)
    return Book(
        model.typed, model.machine, model.values, model.declared, part.model.claims,
        part.command, part.scenario, part.name, volume, asked=part.model,
    )  # fmt: skip


def _banner(shared: SharedPage, makers: Sequence[_Maker]) -> None:
    """A sheet of the whole file says when an input of any book is out of range."""
    text = makers[-1].book.warning
    for maker in makers[-2::-1]:
        name = maker.book.warning
        text = f'IF({name}<>"",{name},{text})'

    def warning(points: Points) -> Value:
        said = (maker.inputs.warning(values) for maker, values in zip(makers, points, strict=True))
        return next((words for words in said if words), "")

    shared.formula(3, 1, text, warning, Look("alarm"))


class _Maker:
    """Sheets stand in the order in which a reader asks for them; the machinery is last."""

    def __init__(self, book: Book) -> None:
        self.book = book
        sheet = book.sheet
        self._cover_page = book.add_page("Cover", fixed=True)
        # LibreOffice fills a what-if table right only before the sheets that show what is in it.
        self.inputs = InputSheet(book, book.add_page("Inputs", fixed=True))
        falls = bridge_bars(book.point, defaults(book.point))
        items = drawable([*([falls] if falls is not None else []), *every_chart(book.point)])
        self._tried = wanted_results(book)
        charts = book.add_page("Charts", fixed=True) if items or self._tried else None
        self._claim_page = book.add_page("Claims", fixed=True) if book.claims else None
        own = [
            cell
            for cell in sheet.cells.values()
            if cell.owner not in sheet.instances and cell.role in ("cell", "argument") and cell.id not in sheet.inputs
        ]
        self.results = ResultSheet(book, book.add_page("Results", fixed=True), own) if own else None
        self._scenarios: ScenarioSheet | None = None
        if sheet.scenarios:
            self._scenarios = book.scenarios = ScenarioSheet(book, book.add_page("Scenarios", fixed=True))
        if self._tried:
            self._sensitivity_page = book.add_page("Sensitivity", fixed=True)
        answers = analysis_tables(book)
        self.analyses = AnalysisSheet(book, book.add_page("Analyses", fixed=True), answers) if answers else None
        self.tables = [
            TableSheet(book, book.add_page(t.id), t) for t in sheet.tables.values() if t.role in ("literal", "crossed")
        ]
        instances = list(sheet.instances.values())
        self.layers = [
            LayerSheet(book, book.add_page(i.name), i)
            for kind in ("network", "model")
            for i in instances
            if i.kind == kind and i.table is not None
        ]
        hardware = [i for i in instances if i.kind == "hardware"]
        hardware += [i for i in instances if i.kind == "model" and i.table is None]
        self.hardware = HardwareSheet(book, book.add_page("Hardware", fixed=True), hardware) if hardware else None
        self.claims: ClaimSheet | None = None
        self.checks: CheckSheet | None = None
        self._check_page = book.add_page("Checks", fixed=True) if sheet.checks else None
        data = book.add_page("Chart data", fixed=True) if charts is not None else None
        self.charts = ChartSheet(book, charts, data, items) if charts is not None and data is not None else None
        self.formulas = FormulaSheet(book, book.add_page("Formulas", fixed=True))

    def make(self) -> None:
        book = self.book
        self.inputs.take_places()
        for placed in (self._scenarios, self.hardware, *self.layers, *self.tables, self.results):
            if placed is not None:
                placed.take_places()
        plan = self._analysis()
        by_check = {number: layer for layer in self.layers for number in layer.check_columns}
        if self._claim_page is not None:
            self.claims = ClaimSheet(book, self._claim_page, self.inputs)
            self.claims.take_places()
        if self._check_page is not None:
            self.checks = CheckSheet(book, self._check_page, by_check)
            self.checks.take_places()
        for page in book.pages.values():
            book.margin(page)
        calculations = (self.hardware, *self.layers, *self.tables, self.results)
        for part in (self.inputs, *calculations, self.claims, self.checks, self.analyses):
            if part is not None:
                part.write()
        if self.charts is not None:
            draw_charts(self.charts)
        trials = None
        if plan is not None:
            trials = TrialTables(book, self.inputs.page, plan.results, plan.trials, plan.tables, self.inputs.end + 3)
            trials.write()
        if self._scenarios is not None:
            self._scenarios.write(self.inputs, trials, plan)
        if trials is not None and plan is not None:
            sensitivity = SensitivitySheet(book, self._sensitivity_page, trials, plan)
            sensitivity.write()
            if self.charts is not None:
                draw_trials(book, self.charts, sensitivity, self._scenarios)
        if self.charts is not None:
            self.charts.set_up_print()
        self.cover = self._cover()
        self.cover.write()
        write_helpers(book, self._blocks())
        for layer in self.layers:
            layer.finish()
        self.formulas.write()
        for page in book.pages.values():
            self.inputs.banner(page)
            page.fit_heights()
            title = page.title.removeprefix(f"{book.name} ")
            page.worksheet.sheet_properties.tabColor = self._tab(title)
            if title not in PRINTED:
                page.leave_out_of_print()

    def _tab(self, title: str) -> str:
        """Tabs for every reader, for who changes inputs, of the models, and of the machinery."""
        if title in ("Cover", "Charts", "Claims", "Results", "Sensitivity", "Analyses"):
            return ACCENT
        if title in ("Inputs", "Scenarios"):
            return YELLOW_TAB
        return QUIET_TAB if title in ("Chart data", "Formulas", "Units", "Checks") else MODEL_TAB

    def side(self) -> Side:
        """What the sheets in front of several books show of this one."""
        return Side(self.book, self.inputs, self.cover, self._contents())

    def _contents(self) -> list[tuple[str, str]]:
        return contents(self.book, self.layers, self.tables)

    def _analysis(self) -> TrialPlan | None:
        """What the book tries; without anything to try, the sheet for it is left out."""
        book = self.book
        if not self._tried:
            return None
        plan = plan_trials(book, self.inputs.places)
        if plan is None:
            book.workbook.remove(self._sensitivity_page.worksheet)
            del book.pages[self._sensitivity_page.title]
        return plan

    def _blocks(self) -> list[TableBlock]:
        blocks = [block for layer in self.layers for block in (layer.block, *layer.below)]
        blocks += [table.block for table in self.tables]
        if self.hardware is not None:
            blocks += [block for *_, tables in self.hardware.blocks for block in tables]
        return blocks

    def _cover(self) -> CoverSheet:
        pages = {layer.instance.name: layer.page.title for layer in self.layers}
        if self.hardware is not None:
            pages.update({i.name: self.hardware.page.title for i in self.hardware.instances})
        checks = self.checks.name if self.checks is not None else ""
        charts = self.charts.made if self.charts is not None else ()
        listed = [*self._contents(), UNITS]
        places = self.inputs.places
        return CoverSheet(self.book, self._cover_page, pages, listed, checks, self.claims, places, charts)
