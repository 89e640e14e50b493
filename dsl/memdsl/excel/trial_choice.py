"""Which trials a book makes: its scenarios, each input a tenth less and more, curves and a grid over inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..sheet.formula import UNLIMITED, CellRef
from ..sheet.report import ChartItem, SensitivityItem
from ..sheet.sheet import Cell, Quantity
from ..symbolic import ClosedForm
from .book import Book
from .inputs import FROM, STEP, TO, InputPlace
from .trials import Crossed, Listed, Setting, Trial

MAXIMUM_RESULTS, MAXIMUM_INPUTS = 4, 8
MAXIMUM_ROWS = 1_200
"""Rows of all models together, beyond which trials of the whole book would make every change slow, and LibreOffice
leaves cells of the rows as they were in a trial."""
CURVE, MOST_STEPS = 12, 14
BELOW = 1 - 1e-9
"""What is just below a step, as a share of where the step is."""
ROUNDING = 1e-9
"""A smaller share of a result is no effect of an input."""
ACROSS = ((1, 4), (1, 2), (1, 1), (2, 1), (4, 1))
DOWN = ((1, 2), (1, 1), (2, 1))
Ratio = tuple[int, int]
"""A factor as a fraction: a tenth has no exact number, and a step would be missed by its last bit."""
USUAL = ("dram_bytes", "time", "energy")


@dataclass
class TrialPlan:
    """What is tried, and where among the trials it stands (positions counted from 0)."""

    results: list[Cell]
    trials: list[Trial] = field(default_factory=list)
    scenarios: list[int] = field(default_factory=list)
    swings: list[tuple[InputPlace, int, int]] = field(default_factory=list)
    curve: tuple[InputPlace, list[int]] | None = None
    exact: bool = False
    """The points of the curve are the steps of the results: one just below, one on each."""
    grid: tuple[InputPlace, InputPlace, list[list[int]]] | None = None

    @property
    def tables(self) -> list[Listed | Crossed]:
        """The what-if tables that these trials are."""
        found: list[Listed | Crossed] = []
        if self.scenarios:
            found.append(Listed("Scenarios", None, self.scenarios))
        found += [Listed(f"{p.path}, a tenth less and more", p, pair) for p, *pair in self.swings]
        if self.curve is not None:
            found.append(Listed(f"{self.curve[0].path} over its range", *self.curve))
        if self.grid is not None:
            over, other, lines = self.grid
            title = f"{self.results[0].id} over {over.path} (across) and {other.path} (down)"
            found.append(Crossed(title, over, other, lines))
        return found

    def add(self, trial: Trial) -> int:
        self.trials.append(trial)
        return len(self.trials) - 1


def plan_trials(book: Book, places: dict[str, InputPlace]) -> TrialPlan | None:
    """The trials of a book; None where it has no result to try, or is too large to be tried often."""
    results = [cell for cell in wanted_results(book) if cell.id in book.places.cells]
    if not results:
        return None
    found = TrialPlan(results)
    if book.scenarios is not None:
        names = ["as delivered", *book.scenarios.names]
        found.scenarios = [found.add(Trial(f"scenario {n}", (), i)) for i, n in enumerate(names)]
    inputs = _inputs(book, places, results)
    for place in inputs:
        less, more = _tenth(place)
        low = found.add(Trial(f"{place.path} a tenth less", (less,)))
        high = found.add(Trial(f"{place.path} a tenth more", (more,)))
        found.swings.append((place, low, high))
    over = _over(book, places)
    if over is not None:
        settings = _on_steps(book, over, results) or [_point(over, k) for k in range(CURVE)]
        points = [found.add(Trial(f"{over.path}, point {k + 1}", (s,))) for k, s in enumerate(settings)]
        found.curve, found.exact = (over, points), not settings[0].text
        other = next((p for p in inputs if p.path != over.path and p.item.role == "param"), None)
        if other is not None:
            found.grid = (
                over,
                other,
                [[found.add(_pair(over, a, other, b)) for a in ACROSS] for b in DOWN],
            )
    return found if found.trials else None


def wanted_results(book: Book) -> list[Cell]:
    """What the spec asks to follow; else the usual totals of the models that its charts show."""
    sheet = book.sheet
    if sum(len(t.rows) for t in sheet.tables.values() if t.role == "model") > MAXIMUM_ROWS:
        return []
    asked: dict[str, None] = {}
    models: dict[str, None] = {}
    for item in sheet.report or ():
        if isinstance(item, SensitivityItem) or (isinstance(item, ChartItem) and item.over is not None):
            for shown in item.cells:
                if isinstance(shown.formula, CellRef):
                    asked[shown.formula.cell] = None
        if isinstance(item, ChartItem) and item.model is not None:
            models[item.model] = None
    models |= dict.fromkeys(i.name for i in sheet.instances.values() if i.kind == "model")
    for model in list(models)[:1]:
        asked |= dict.fromkeys(f"{model}.{name}" for name in USUAL if f"{model}.{name}" in sheet.cells)
    own = [c.id for c in sheet.cells.values() if c.role == "cell" and not c.owner and c.id not in sheet.inputs]
    asked |= dict.fromkeys(own if not asked else ())
    cells = [sheet.cells[name] for name in asked]
    good = [c for c in cells if isinstance(book.kind(c), Quantity) and c.id not in sheet.inputs]
    good = [c for c in good if not book.rests_on_found(c.id)]
    return [c for c in good if math.isfinite(float(book.declared.cell(c.id)))][:MAXIMUM_RESULTS]


def _inputs(book: Book, places: dict[str, InputPlace], results: Sequence[Cell]) -> list[InputPlace]:
    """Numbers that a tenth more or less makes sense for: those that the spec asks for, then the strongest."""
    asked = [i for item in book.sheet.report or () if isinstance(item, SensitivityItem) for i in item.inputs]
    by_key = {place.key: place for place in places.values()}
    listed = {key: by_key[key] for key in asked if key in by_key and _suits(book, by_key[key])}
    others = [p for p in places.values() if p.item.role in ("param", "component") and p.key not in listed]
    return [*listed.values(), *strongest(book, others, results)][:MAXIMUM_INPUTS]


def _suits(book: Book, place: InputPlace) -> bool:
    """Whether a tenth more or less makes sense for an input."""
    value = book.declared.input(place.key)
    if isinstance(value, (bool, str)) or place.limit.choices or not 0 < value < UNLIMITED / 10:
        return False
    return not (place.limit.step is None and place.written is None and value == int(value))


def strongest(book: Book, places: Sequence[InputPlace], results: Sequence[Cell]) -> list[InputPlace]:
    """Numbers of which a tenth less or more moves some results, the one that moves them most first.

    Of a large spec each try takes long: there none is made.
    """
    sheet = book.sheet
    if not results or sum(len(t.rows) for t in sheet.tables.values() if t.role == "model") > MAXIMUM_ROWS:
        return []
    read = book.point.reads.inputs_of(*(cell.formula for cell in results))
    tried = [place for place in places if place.key in read and _suits(book, place)]
    effects = {place.path: _effect(book, place, results) for place in tried}
    return sorted((p for p in tried if effects[p.path]), key=lambda place: -effects[place.path])


def _effect(book: Book, place: InputPlace, results: Sequence[Cell]) -> float:
    """The largest change of a result, as a share of it, with a tenth less or more of an input."""
    cells = [cell.id for cell in results]
    scale = float(place.unit.scale) if place.unit is not None else 1.0
    now = float(book.declared.input(place.key)) / scale
    found = [0.0]
    for setting in _tenth(place):
        for cell, value in zip(cells, book.machine.cells(cells, {place.key: setting.value(now) * scale}), strict=True):
            before = float(book.declared.cell(cell))
            change = abs(float(value) / before - 1) if before else 0.0
            found.append(change if change > ROUNDING else 0.0)
    return max(found)


def _tenth(place: InputPlace) -> tuple[Setting, Setting]:
    """A tenth less and a tenth more of an input."""
    return _scaled(place, (9, 10), -1), _scaled(place, (11, 10), 1)


def _over(book: Book, places: dict[str, InputPlace]) -> InputPlace | None:
    """The input of the curve: what the spec's first curve runs over, else a parameter with a range of bytes."""
    by_key = {place.key: place for place in places.values()}
    for item in book.sheet.report or ():
        if isinstance(item, ChartItem) and item.over in by_key:
            place = by_key[item.over]
            return place if place.limit.high is not None and place.limit.sort == "number" else None
    return None


def _pair(over: InputPlace, a: Ratio, other: InputPlace, b: Ratio) -> Trial:
    name = f"{over.path} x {a[0] / a[1]:g}, {other.path} x {b[0] / b[1]:g}"
    return Trial(name, (_scaled(over, a, 0), _scaled(other, b, 0)))


def _scaled(place: InputPlace, ratio: Ratio, towards: int) -> Setting:
    """A share of the input, within its range, on its step: rounded away from its value, or (0) to the nearest."""
    limit = place.limit
    text, step, low, high = f"{{0}}*{ratio[0]}/{ratio[1]}", limit.step, limit.low, limit.high
    if step is not None:
        on = place.beside(STEP)
        text = {
            -1: f"INT({text}/{on})*{on}",
            1: f"-INT(-({text}/{on}))*{on}",
            0: f"ROUND({text}/{on},0)*{on}",
        }[towards]
    if low is not None:
        text = f"MAX({place.beside(FROM)},{text})"
    if high is not None:
        text = f"MIN({place.beside(TO)},{text})"

    def value(now: float) -> float:
        found = now * ratio[0] / ratio[1]
        if step is not None:
            found /= step
            found = math.floor(found) if towards < 0 else math.ceil(found) if towards > 0 else math.floor(found + 0.5)
            found *= step
        if low is not None:
            found = max(low, found)
        return min(high, found) if high is not None else found

    return Setting(place, text, value)


def _on_steps(book: Book, place: InputPlace, results: Sequence[Cell]) -> list[Setting]:
    """The points on both sides of the largest steps that the closed forms of the results have over an input."""
    low, high = place.limit.low, place.limit.high
    scale = float(place.unit.scale) if place.unit is not None else 1.0
    steps: dict[float, float] = {}
    for cell in results:
        form = book.point.closed(book.point.reference(cell.id), (place.path,), cell.id)
        if isinstance(form, ClosedForm):
            for found in form.breakpoints:
                if found.kind == "step" and (low is None or low < found.at / scale) and found.at / scale <= (high or 0):
                    size = abs(found.above - found.below) / (abs(found.above) or 1.0)
                    steps[found.at] = max(steps.get(found.at, 0.0), size)
    kept = sorted(sorted(steps, key=lambda at: -steps[at])[:MOST_STEPS])
    if not kept:
        return []
    points = [low] if low else []
    for at in kept:
        on = at / scale
        if on * scale < at:
            on = math.nextafter(on, math.inf)
        points += [on - place.limit.step if place.limit.step is not None else on * BELOW, on]
    points = sorted({p for p in [*points, high or points[-1]] if low is None or p >= low})
    return [Setting(place, "", _Fixed(point)) for point in points]


@dataclass(frozen=True)
class _Fixed:
    """A value that is tried whatever the input is."""

    value: float

    def __call__(self, now: float) -> float:
        return self.value


def _point(place: InputPlace, number: int) -> Setting:
    """A point of the curve: the end of the range, halved again and again, downwards from it."""
    high, low, step = place.limit.high, place.limit.low, place.limit.step
    assert high is not None
    power = CURVE - 1 - number
    text = f"{place.beside(TO)}/{2**power}"
    if step is not None:
        text = f"INT({text}/{place.beside(STEP)})*{place.beside(STEP)}"
    if low is not None:
        text = f"MAX({place.beside(FROM)},{text})"

    def value(now: float) -> float:
        found: float = high / 2**power
        if step is not None:
            found = math.floor(found / step) * step
        return max(low, found) if low is not None else found

    return Setting(place, text, value)
