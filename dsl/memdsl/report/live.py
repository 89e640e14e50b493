"""What a page shows again when an input changes: functions of portable code, and the formulas whose values they take.

The report applies each function once, to the values of its point; the page applies the translation of the same
function to the values that its machine computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from ..js.program import Json
from ..presentation import Probe
from .document import View
from .portable import agreement, bars, roofline, scatter, staircase, timeline, writing

MODULES = (writing, bars, roofline, staircase, timeline, scatter, agreement)
"""The plain modules that the page needs, beside `drawing`."""

FUNCTIONS: Mapping[str, Callable[..., object]] = {
    function.__name__: function
    for function in (
        writing.say,
        writing.say_shared,
        writing.key_figure,
        writing.key_cells,
        writing.compare_cells,
        writing.rank_cells,
        writing.shared_figure,
        writing.column_texts,
        writing.close_texts,
        writing.totalled_texts,
        writing.row_cells,
        writing.claim_cells,
        writing.shape_texts,
        bars.draw_bars,
        bars.draw_histogram,
        roofline.draw_roofline,
        roofline.draw_measured,
        staircase.draw_staircase,
        timeline.draw_timeline,
        scatter.draw_pareto,
        agreement.draw_agreement,
    )
}
"""What a view may apply, by the name that a page calls it by. All take what is asked for, and values."""


@dataclass(frozen=True)
class Shows:
    """One view: a function, what it is asked for, its probes by number, and the input of its axis, if it has one."""

    function: str
    ask: object
    probes: tuple[int, ...]
    over: str = ""


class Views:
    """The views of a report, and the formulas that they need."""

    def __init__(self) -> None:
        self.shows: list[Shows] = []
        self.probes: list[Probe] = []
        self.analyses: list[Json] = []
        self._numbers: dict[tuple[int, str, tuple[int, ...] | None, str], int] = {}

    def add(self, function: Callable[..., object], ask: object, probes: Sequence[Probe], over: str = "") -> View:
        name = function.__name__
        assert FUNCTIONS.get(name) is function, f"{name} is not among FUNCTIONS"
        self.shows.append(Shows(name, ask, tuple(self.number(probe) for probe in probes), over))
        return View(len(self.shows) - 1)

    def analysis(self, kind: str, ask: Json) -> View:
        """An analysis that the page carries out again; `kind` is its name in `analyses.js`."""
        self.analyses.append([kind, ask])
        return View(len(self.analyses) - 1)

    def number(self, probe: Probe) -> int:
        """The number of a probe; the same for all uses of one formula."""
        key = (id(probe.formula), probe.variable, probe.rows, probe.table)
        if key not in self._numbers:
            self._numbers[key] = len(self.probes)
            self.probes.append(probe)
        return self._numbers[key]

    def data(self) -> list[Json]:
        """The views as JSON; what is asked for more than once stands once."""
        asks: list[Json] = []
        known: dict[object, int] = {}
        made: list[Json] = []
        for shows in self.shows:
            if shows.ask not in known:
                known[shows.ask] = len(asks)
                asks.append(plain_json(shows.ask))
            made.append([shows.function, known[shows.ask], list(shows.probes), shows.over])
        return [asks, made]


def plain_json(value: object) -> Json:
    """A plain record as JSON: an object with its fields; a unit, which has a method, is marked by `up`."""
    if is_dataclass(value):
        assert isinstance(value, writing.Measure) or not hasattr(value, "up"), "the field `up` marks a unit"
        return {f.name: plain_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain_json(part) for part in value]
    assert value is None or isinstance(value, (bool, int, float, str)), value
    return value
