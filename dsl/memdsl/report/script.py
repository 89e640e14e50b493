"""The script of a page and its data: what the page needs to compute and to draw again whatever follows an input."""

from __future__ import annotations

import json
from functools import cache

from .. import units
from ..js import Probe, program, runtime, translate
from ..js.program import Json
from .inputs import panel
from .live import FUNCTIONS, MODULES
from .plain import drawing
from .subject import Subject
from .templates import Script, folder
from .words import LABEL, cut

_OF_UNITS = ("UNLIMITED", "_ALMOST_ONE", "_LARGEST_EXACT", "format_number", "_trimmed", "fitting")


@cache
def drawing_script() -> str:
    """The plain code as JavaScript, and the functions that views apply."""
    plain = translate([(units, _OF_UNITS), (drawing, None), *((module, None) for module in MODULES)])
    given = f"{{ FUNCTIONS: {{ {', '.join(FUNCTIONS)} }}, Measure, Curves }}"
    return f"const {{ FUNCTIONS, Measure, Curves }} = (() => {{\n{plain}\nreturn {given};\n}})();\n"


@cache
def script() -> str:
    """Everything that runs in a page; it is the same for every spec."""
    return runtime() + drawing_script() + (folder() / "page.js").read_text(encoding="utf-8")


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
    made: dict[str, Json] = {
        "program": program(subject.sheet, subject.views.probes).data,
        "views": subject.views.data(),
        "inputs": panel(subject),
        "checks": checks,
    }
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
