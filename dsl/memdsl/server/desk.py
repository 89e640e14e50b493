"""The spec that is worked on: the file as it was last saved, or a draft that nobody has saved yet."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .. import driver
from ..cancellation import Cancelled, cancellable, checkpoint
from ..diagnostics import Diagnostic, Source, Span
from ..files import rewrite_whole
from ..render import to_json
from ..report import Look, Report, TemplateFault
from ..sheet.sheet import Sheet
from ..version import VERSION
from .questions import Questions


@dataclass(frozen=True)
class State:
    """What the page is told. `number` counts the changes; `page` counts those that made another report.

    `places` are the lines of the text at which the names of the report are declared.
    """

    number: int
    text: str
    draft: bool
    diagnostics: tuple[dict[str, object], ...]
    page: int
    places: dict[str, int]


class Desk:
    """Reads, checks and renders one spec. Safe for several threads: one of them works at a time."""

    def __init__(
        self,
        path: Path,
        settings: Sequence[tuple[str, str]],
        scenario: str | None,
        command: str,
        look: Look | None = None,
    ) -> None:
        self.path = path
        self._templates = look
        self._settings, self._scenario, self._command = settings, scenario, command
        self._working = threading.Lock()
        self._asked = 0
        self._changed = threading.Condition()
        self._state = State(0, "", False, (), 0, {})
        self._page = ""
        self.questions = Questions(path)
        self.reread()

    @property
    def state(self) -> State:
        with self._changed:
            return self._state

    @property
    def page(self) -> str:
        """The last report that could be made; empty when none could."""
        with self._changed:
            return self._page

    def wait(self, number: int, seconds: float) -> State:
        """The state when it is no longer `number`, or after a while."""
        with self._changed:
            self._changed.wait_for(lambda: self._state.number != number, seconds)
            return self._state

    def reread(self) -> None:
        """Takes the file as it was saved; a draft is given up."""
        self._look(driver.read(self.path), "", draft=False)

    def draft(self, text: str) -> None:
        """Takes a text that is not in the file."""
        self._look(driver.read_bytes(text.encode("utf-8"), str(self.path)), text, draft=True)

    def save(self, text: str) -> None:
        """Writes a text to the file, whole or not at all. Raises OSError."""
        rewrite_whole(self.path, text.encode("utf-8"))
        self.reread()

    def _look(self, source: Source | Diagnostic, text: str, *, draft: bool) -> None:
        """Takes a text; `text` is what is shown of one that cannot be read."""
        with self._changed:
            self._asked += 1
            turn = self._asked
        # A later text ends the work on an earlier one, and is looked at instead.
        with self._working, suppress(Cancelled), cancellable(lambda: turn != self._asked):
            checkpoint()
            if isinstance(source, Diagnostic):
                self._tell(text, draft, [source], None)
            else:
                self.questions.rests(source.text)
                self._tell(source.text, draft, *self._looked(source))

    def _looked(self, source: Source) -> tuple[list[Diagnostic], str | None, dict[str, int] | None]:
        """What is wrong with a text, its report, and where its names are; None when there is nothing to show."""
        model = driver.build(source, self.path.parent, self.path, settings=self._settings, scenario=self._scenario)
        _ = model.claims  # judged here, so that a failing one is told
        found = list(model.problems)
        page = None
        # A claim that fails is told, and the report shows it; any other error leaves nothing to show.
        shown = ("claim-fails", "disputed-holds")
        if isinstance(model, driver.Model) and all(d.severity != "error" or d.code in shown for d in found):
            try:
                page = self._report(model).page()
            except TemplateFault as fault:
                found.append(Diagnostic("template", str(fault), Span(source, 0, 0)))
        return found, page, places(model.sheet, source) if page is not None else None

    def _report(self, model: driver.Model) -> Report:
        return Report(model, command=self._command, version=VERSION, look=self._templates)

    def _tell(
        self, text: str, draft: bool, found: Sequence[Diagnostic], page: str | None,
        lines: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        with self._changed:
            before = self._state
            another = page is not None and page != self._page
            if page is not None:
                self._page = page
            told = tuple({**to_json(one), "here": one.span.source.name == str(self.path)} for one in found)
            known = before.places if lines is None else lines
            self._state = State(before.number + 1, text, draft, told, before.page + another, known)
            self._changed.notify_all()


def places(sheet: Sheet, source: Source) -> dict[str, int]:
    """The line at which each name that a report shows is declared in a text.

    What a template made stands at the line that asked for it.
    """

    def line(span: Span, owner: str = "") -> int | None:
        if span.source is source or span.source.name == source.name:
            return source.position(span.start)[0]
        made = sheet.instances.get(owner)
        return line(made.span) if made is not None else None

    found: dict[str, int | None] = {}
    for instance in sheet.instances.values():
        found[instance.name] = line(instance.span)
    for table in sheet.tables.values():
        found[table.id] = line(table.span, table.owner)
    for cell in sheet.cells.values():
        found[cell.id] = line(cell.span, cell.owner)
    for item in sheet.inputs.values():
        found[item.path] = line(item.span, item.path.partition(".")[0])
    return {name: at for name, at in found.items() if at is not None}
