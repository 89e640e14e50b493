"""`memdsl watch`: checks a spec at each save and tells what changed, until Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .. import driver
from ..cancellation import Cancelled, cancellable
from ..compare import Change, changes, summary
from ..diagnostics import Diagnostic
from ..files import inside
from ..resolve.loader import MAX_MODULES
from .check import tally
from .common import Chosen, Outside, Usage, files_used, load, say
from .report import LOOKS, command_line, formats_named, look_of, write_files

if TYPE_CHECKING:
    from ..report import Look

SECONDS = 0.25
_MOST = 16

Stamp = tuple[int, int, int]
"""What changes when a file is saved."""


def run(spec: str, chosen: Chosen, folder: Path, form: str, template: Path | None = None) -> int:
    if spec == "-" or not Path(spec).is_file():
        raise Usage(f"watch needs a file, and {'standard input' if spec == '-' else spec} is none")
    watcher = _Watcher(spec, chosen, folder, formats_named(form) if form else [], look_of(template))
    files = Files(Path(spec), template)
    with suppress(KeyboardInterrupt):
        state = files.state()
        first = True
        while True:
            with suppress(Cancelled), cancellable(_Later(files, state)):
                watcher.look(first)
            first = False
            while files.state() == state:
                time.sleep(SECONDS)
            # An editor may write in steps: what stands still for a moment is whole.
            time.sleep(SECONDS / 5)
            state = files.state()
    print("\nstopped", flush=True)
    return 0


class _Later:
    """Whether a file was saved since: then what is made of the files is of no use. Looked at a few times a second."""

    def __init__(self, files: Files, state: Mapping[Path, Stamp | None]) -> None:
        self.files, self.state = files, state
        self.due = time.monotonic() + SECONDS

    def __call__(self) -> bool:
        if time.monotonic() < self.due:
            return False
        self.due = time.monotonic() + SECONDS
        return self.files.state() != self.state


class _Watcher:
    def __init__(self, spec: str, chosen: Chosen, folder: Path, formats: Sequence[str], look: Look) -> None:
        self.spec = spec
        self.chosen = chosen
        self.folder = folder
        self.formats = formats
        self.templates = look
        self.last: driver.Model | None = None

    def look(self, first: bool) -> None:
        """Reads the spec once more and says what is different; a broken one is told and waited for."""
        if not first:
            print(time.strftime("%H:%M:%S"), flush=True)
        try:
            checked = load(self.spec, self.chosen)
        except (OSError, RecursionError) as error:
            print(f"  {self.spec} cannot be read: {error}", flush=True)
            return
        if isinstance(checked, Diagnostic):
            say([checked])
            return
        results = checked.claims
        say(checked.problems)
        model = checked if isinstance(checked, driver.Model) and results else checked.sound
        if model is None:
            return
        before, self.last = self.last, model
        for line in self._changed(before, model):
            print(f"  {line}")
        print(f"  {tally(results, checked.problems)}", flush=True)
        if self.formats:
            self._render(model)

    def _changed(self, before: driver.Model | None, after: driver.Model) -> Iterator[str]:
        if before is None:
            yield f"watching {self.spec}; Ctrl-C ends"
            return
        found = changes(before, after)
        told: list[Change] = [*found.inputs, *found.results]
        yield from summary(told[:_MOST])
        if len(told) > _MOST:
            yield f"… and {len(told) - _MOST:,} more"
        if found.structure:
            yield f"{len(found.structure)} changes of structure: {', '.join(s.name for s in found.structure[:6])}"
        yield from summary(found.claims)
        if found.none:
            yield "no difference"

    def _render(self, model: driver.Model) -> None:
        try:
            command = command_line(self.spec, self.chosen, self.templates)
            write_files(model, self.folder, Path(self.spec).stem, self.formats, self.chosen, command, self.templates)
        except (Outside, Usage) as failed:
            print(f"  {failed}", flush=True)


class Files:
    """A spec, the files that it uses, and those of a template; a spec is read again only when it changed."""

    def __init__(self, spec: Path, template: Path | None = None) -> None:
        self.spec = spec
        self.template = [template / name for name in LOOKS] if template is not None else []
        self.used: dict[tuple[Path, Stamp], list[str]] = {}

    def state(self) -> dict[Path, Stamp | None]:
        found: dict[Path, Stamp | None] = {}
        used: dict[tuple[Path, Stamp], list[str]] = {}
        waiting, folder = [self.spec], self.spec.parent
        while waiting and len(found) <= MAX_MODULES:
            path = waiting.pop()
            if path in found:
                continue
            found[path] = stamp = _stamp(path)
            if stamp is not None and path.suffix == ".mem":
                names = self.used.get((path, stamp))
                used[path, stamp] = names if names is not None else _used(path)
                waiting += [file for name in used[path, stamp] if (file := inside(folder, path.parent / name))]
        self.used = used
        return found | {path: _stamp(path) for path in self.template}


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _used(path: Path) -> list[str]:
    """The files that a spec names; none for one that cannot be read."""
    source = driver.read(path)
    return [] if isinstance(source, Diagnostic) else files_used(source)
