"""`memdsl report`: the files of each spec, written whole or not at all."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .. import driver
from ..files import fill, rewrite_whole, write_whole
from ..version import VERSION
from .beside import beside
from .common import Chosen, Outside, Usage, paths, say, single

if TYPE_CHECKING:
    from ..excel import Part
    from ..report import Chart, Look, Report

FORMATS = ("xlsx", "pdf", "html", "csv", "svg", "png")
OF_CHARTS = ("csv", "svg", "png")
"""These are written once a chart."""
USUAL = "xlsx,pdf,html"
_MOST_BOXES = 12
T = TypeVar("T")
LOOKS = ("report.html", "blocks.html", "report.css", "extra.css", "logo.svg", "logo.png")


def run(specs: Sequence[str], folder: Path, form: str | None, chosen: Chosen, look: Look) -> int:
    wanted = formats_named(USUAL if form is None else form)
    code = 0
    names: dict[str, str] = {}
    for spec in paths(specs):
        stem = "stdin" if spec == "-" else Path(spec).stem
        if stem in names:
            raise Usage(f"{names[stem]} and {spec} would write the same files; report them into two folders")
        names[stem] = spec
    for stem, spec in names.items():
        model = single(spec, chosen)
        if model is None:
            code = 1
            continue
        before = len(model.problems.found)
        _ = model.claims  # judged here, so that a failing one is told
        if len(model.problems.found) > before:
            say(model.problems.found[before:])
            code = 1
        write_files(model, folder, stem, wanted, chosen, command_line(spec, chosen, look), look)
    return code


def look_of(template: Path | None, paper: str = "a4") -> Look:
    """How reports are set. Raises Usage for a folder that holds nothing of a template."""
    from ..report import Look

    if template is not None and not any((template / name).is_file() for name in LOOKS):
        raise Usage(f"--template takes a folder with some of {', '.join(LOOKS)}, and {template} has none")
    return Look(template, "Letter" if paper == "letter" else "A4")


def command_line(spec: str, chosen: Chosen, look: Look | None = None) -> str:
    """The command that makes these files again."""
    parts = ["memdsl", "report", spec, *options(chosen)]
    if look is not None and look.folder is not None:
        parts += ["--template", str(look.folder)]
    if look is not None and look.paper != "A4":
        parts += ["--paper", look.paper.lower()]
    return shlex.join(parts)


def options(chosen: Chosen) -> list[str]:
    """The options by which inputs were set."""
    parts = [part for name, value in chosen.settings for part in ("--set", f"{name}={value}")]
    return parts if chosen.scenario is None else [*parts, "--scenario", chosen.scenario]


def formats_named(form: str) -> list[str]:
    """The formats of a list by comma. Raises Usage for one that is not there."""
    wanted = [name.strip() for name in form.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise Usage(f"--format takes {', '.join(FORMATS)}, not {', '.join(unknown) or 'nothing'}")
    return wanted


def write_files(
    model: driver.Model,
    folder: Path,
    stem: str,
    wanted: Sequence[str],
    chosen: Chosen,
    command: str,
    look: Look | None = None,
) -> None:
    from ..report import TemplateFault

    made: list[Report] = []

    def report() -> Report:
        """Composed once for all that needs it."""
        if not made:
            from ..report import Report

            made.append(Report(model, command=command, version=VERSION, look=look))
        return made[0]

    writers: dict[str, Callable[[Path], None]] = {
        "xlsx": lambda target: _workbook(model, target, chosen.scenario, command),
        "pdf": lambda target: _pdf(report(), target),
        "html": lambda target: fill(target, report().page()),
    }

    def write(name: str) -> None:
        try:
            if name in OF_CHARTS:
                _charts(report(), folder, stem, name)
            else:
                write_file(folder / f"{stem}.{name}", writers[name])
        except TemplateFault as fault:
            raise Usage(str(fault)) from None

    # The workbook is written while pages are laid out, after what has computed the analyses that all of them show.
    both = {"xlsx", "pdf"} <= set(wanted)
    for name in (name for name in wanted if not both or name not in ("xlsx", "pdf")):
        write(name)
    if both:
        target = folder / f"{stem}.xlsx"
        with beside(lambda: whole(target, writers["xlsx"])) as wait:
            try:
                write("pdf")
            finally:
                wait()
                tell(target)


def _charts(report: Report, folder: Path, stem: str, form: str) -> None:
    """A file a chart: its data, or its drawing."""
    from ..report import svg_file

    charts = report.charts()
    if not charts:
        print(f"{stem} has no chart to write as {form}", file=sys.stderr)
    tables = report.tables() if form == "csv" else {}
    for name, chart in charts.items():
        target = folder / f"{stem}-{name}.{form}"
        if form == "csv":
            write_file(target, filled(tables[name]))
        elif form == "svg":
            write_file(target, filled(svg_file(chart)))
        else:
            write_file(target, _as_png(chart))


def _as_png(chart: Chart) -> Callable[[Path], None]:
    from ..report import write_png

    return lambda draft: _needing(lambda: write_png(chart, draft))


def write_file(target: Path, write: Callable[[Path], None]) -> None:
    """Writes a file whole or not at all, and tells it."""
    whole(target, write)
    tell(target)


def tell(target: Path) -> None:
    print(f"{target}  {size_text(target.stat().st_size)}")


def _workbook(model: driver.Model, target: Path, scenario: str | None, command: str) -> None:
    from ..excel import Part

    workbook([Part(model, command, scenario)], target)


def workbook(parts: Sequence[Part], target: Path) -> None:
    from ..excel import TooLong, write_workbook

    try:
        write_workbook(parts, target)
    except TooLong as too_long:
        raise Outside(f"the workbook cannot hold this: {too_long}") from None


def _needing(work: Callable[[], T]) -> T:
    """What needs a library that may be absent. Raises Outside, which says what to install."""
    from ..report import MissingLibrary

    try:
        return work()
    except MissingLibrary as missing:
        raise Outside(str(missing)) from None


def _pdf(report: Report, target: Path) -> None:
    boxes = _needing(lambda: report.write_pdf(target))
    if boxes:
        some = " ".join(boxes[:_MOST_BOXES]) + (" …" if len(boxes) > _MOST_BOXES else "")
        print(
            f"warning: no font on this machine has {some}: the PDF shows a box for each; install one that has them "
            "(on Debian, Ubuntu: fonts-noto-core, fonts-noto-cjk)",
            file=sys.stderr,
        )


def filled(text: str) -> Callable[[Path], None]:
    """Writes a text as it is."""
    return lambda draft: fill(draft, text)


def whole(target: Path, write: Callable[[Path], None]) -> None:
    """Writes a file whole or not at all. Raises Outside, which says why it cannot be written."""

    def work() -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, write)

    _outside(target, work)


def rewritten(path: Path, content: bytes) -> None:
    """A person's own file with other content, whole or not at all. Raises Outside."""
    _outside(path, lambda: rewrite_whole(path, content))


def _outside(target: Path, work: Callable[[], None]) -> None:
    try:
        work()
    except OSError as error:
        raise Outside(f"{target} cannot be written: {error.strerror or error}") from None


def size_text(count: int) -> str:
    return f"{count / 1000:,.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"
