"""The script of a page and its data: what the page needs to compute and to draw again whatever follows an input."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType

from .. import units
from ..analysis import tables, words
from ..analysis.reported import points_as_tables, uncertainty_as_tables
from ..analysis.uncertainty import normal_distribution
from ..evaluate import spread
from ..excel.file_properties import fingerprint
from ..js import analyses, program, runtime, translate
from ..js.program import Json
from ..presentation import Probe, colours
from ..presentation.words import LABEL, cut, spec_name
from ..version import VERSION
from .comparison import comparison
from .inputs import panel
from .live import FUNCTIONS, MODULES
from .portable import curves, drawing, listing, page_sheet, tornado
from .subject import Subject
from .templates import Script, folder

_OF_UNITS = ("UNLIMITED", "_ALMOST_ONE", "_LARGEST_EXACT", "format_number", "_trimmed", "fitting")


_IN_WORDS: Mapping[ModuleType, Sequence[str]] = {
    tables: ("AnalysisTable", "Column", "solution_table", "sensitivity_table", "_ends", "_plain"),
    words: (
        "say_solution", "say_parts", "say_value", "say_input", "say_side", "_domain", "_interval", "_run", "_method",
        "cell_unit", "say_elasticity", "say_next", "_ended", "_place", "_step", "sensitivity_notes", "_EXACT", "_ROUGH",
    ),
    import_module("memdsl.analysis.sensitivity"): (
        "CHANGE", "Slopes", "Next", "Effect", "Sensitivity", "by_swing", "elasticities", "ends_of", "_admissible",
    ),
    import_module("memdsl.analysis.solution"): ("Interval", "Run", "Side", "Ended", "Solution", "beyond"),
    spread: ("TAIL", "Spread", "spread_of"),
    uncertainty_as_tables: ("TITLE", "uncertainty_tables", "_row", "_shares", "_index"),
    normal_distribution: ("_MIDDLE", "_BESIDE", "_FAR", "quantile", "share_below", "_quotient"),
    import_module("memdsl.analysis.uncertainty.monte_carlo"): ("SEED",),
}  # fmt: skip
"""What says in words what an analysis found: the names that the page needs of each module."""

_OF_ANALYSES = (
    "AnalysisTable", "Points", "point_tables", "measured", "front_note", "draw_curves", "draw_front", "draw_tornado",
    "listing", "remarks", "data_lines", "Slopes", "Next", "Effect", "Sensitivity", "by_swing", "elasticities",
    "ends_of", "sensitivity_table", "Interval", "Run", "Side", "Ended", "Solution", "beyond", "solution_table", "Typed",
    "Now",
    "spread_of", "uncertainty_tables", "draw_shares", "quantile", "share_below", "to_even",
)  # fmt: skip


@cache
def drawing_script() -> str:
    """The portable code as JavaScript, the functions that views apply, and what puts analyses in words."""
    in_words = [(module, names) for module, names in _IN_WORDS.items()]
    whole = [(module, None) for module in (drawing, *MODULES, points_as_tables, curves, listing, tornado, page_sheet)]
    plain = translate([(units, _OF_UNITS), (colours, None), *in_words, *whole])
    given = f"{{ FUNCTIONS: {{ {', '.join(FUNCTIONS)} }}, WORDS: {{ {', '.join(_OF_ANALYSES)} }}, Measure, Curves }}"
    return f"const {{ FUNCTIONS, WORDS, Measure, Curves }} = (() => {{\n{plain}\nreturn {given};\n}})();\n"


@cache
def script() -> str:
    """Everything that runs in a page; it is the same for every spec."""
    page = "".join((folder() / name).read_text(encoding="utf-8") for name in ("analyses.js", "compare.js", "page.js"))
    return runtime() + drawing_script() + analyses() + page


def origin(subject: Subject) -> dict[str, Json]:
    """What says which spec the changes of a page belong to."""
    return {
        "memdsl": VERSION,
        "spec": spec_name(cut(subject.sheet.source.name, LABEL)),
        "sha256": fingerprint(subject.sheet.source.text),
    }


def live(subject: Subject) -> Script:
    """What makes the page of a report live."""
    return Script(script(), data(subject))


def data(subject: Subject) -> str:
    """What the script works on, as JSON that may stand inside HTML."""
    checks: list[Json] = []
    for check in subject.sheet.checks:
        probe = Probe(check.condition, "", check.rows if check.table is not None else None, check.table or "")
        message = f"{check.owner}: {check.message}" if check.owner else check.message
        checks.append({"probe": subject.views.number(probe), "message": cut(message or "a requirement fails", LABEL)})
    compared: list[Json] = comparison(subject)
    made: dict[str, Json] = {
        "program": program(subject.sheet, subject.views.probes).data,
        "views": subject.views.data(),
        "analyses": subject.views.analyses,
        "comparison": compared,
        "inputs": panel(subject),
        "origin": origin(subject),
        "checks": checks,
    }
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
