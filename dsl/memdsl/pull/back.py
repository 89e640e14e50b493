"""From a workbook and the spec that it was made from to the spec's new text."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from .. import driver
from ..diagnostics import Diagnostic, Source
from ..excel.file_properties import VERSION_OF_BOOK, Origin, fingerprint, is_book_name, origins
from ..sheet.operations import Value
from ..version import VERSION
from .archive import open_archive
from .compare import Change, Compared, compare, made_again
from .edits import edits_of
from .faults import BookFault, Refused
from .page_changes import SUFFIX, read_changes
from .page_changes import compared as of_page
from .reader import BookCells, read_cells
from .text import edited, in_original

_NO_BOOK = "it was not made by memdsl, or was saved by a program that drops the properties of documents"


@dataclass(frozen=True)
class Pulled:
    """What a pull comes to. `content` is the spec's new file, equal to the old one when nothing changed.

    With `faults`, or `diagnostics` of the text that would be, nothing is to be written.
    """

    content: bytes
    diff: str
    changes: int
    failing: int
    faults: list[BookFault]
    diagnostics: list[Diagnostic]


def find_specs(book: Path) -> list[Path]:
    """The specs that a file names, each once: beside it or in the folder of the work.

    Raises Unreadable, OSError, Refused.
    """
    listed = [read_changes(book).origin] if book.suffix == SUFFIX else _origins(read_cells(open_archive(book)))
    names = [Path(origin.spec).name for origin in listed]
    return [_find(name, book.parent) for name in dict.fromkeys(names)]


def _find(name: str, beside: Path) -> Path:
    for folder in (beside, Path(), Path("specs")):
        if (folder / name).is_file():
            return folder / name
    raise Refused(BookFault("no-spec", f"its spec {name} is not beside it", "", "name it: --into SPEC"))


def pull(book: Path, spec: Path) -> Pulled | Diagnostic:
    """Reads a file and the spec of one of its books; a Diagnostic when the spec cannot be read.

    Raises Unreadable, OSError, Refused.
    """
    page = read_changes(book) if book.suffix == SUFFIX else None
    cells = read_cells(open_archive(book)) if page is None else BookCells({}, {})
    listed = [page.origin] if page is not None else _origins(cells)
    source = driver.read(spec)
    if isinstance(source, Diagnostic):
        return source
    content = spec.read_bytes()
    made_by = page.made_by if page is not None else cells.properties.get(VERSION_OF_BOOK, "")
    mine = _made_from(made_by, listed, source, spec)
    checked = driver.build(source, spec.parent, spec)
    model = checked.sound
    if model is None:
        return Pulled(content, "", 0, 0, [], checked.diagnostics)
    if page is not None:
        compared = of_page(page, made_again(model, ""))
    else:
        compared = _joined([compare(cells, made_again(model, origin.name), origin) for origin in mine])
    if compared.faults:
        return Pulled(content, "", len(compared.changes), 0, compared.faults, [])
    edits, faults = edits_of(model, compared.changes)
    if faults or not edits:
        return Pulled(content, "", len(compared.changes), 0, faults, [])
    text = edited(source.text, edits)
    checked = driver.build(Source(source.name, text), spec.parent, spec)
    after = checked.sound
    if after is None:
        return Pulled(content, "", len(compared.changes), 0, [], checked.diagnostics)
    faults = _not_as_asked(model, after, compared.changes)
    failing = sum(result.status == "fails" for result in after.claims)
    diff = "".join(
        difflib.unified_diff(
            source.text.splitlines(keepends=True), text.splitlines(keepends=True), str(spec), f"{spec} (from {book})"
        )
    )
    return Pulled(in_original(content, edits), diff, len(compared.changes), failing, faults, [])


def _origins(cells: BookCells) -> list[Origin]:
    found = origins(cells.properties)
    if not found:
        raise Refused(BookFault("no-book", "this is no workbook of a spec", "", _NO_BOOK))
    if not all(is_book_name(origin.name) for origin in found):
        raise Refused(BookFault("no-book", "a book of this file has a name that no sheet can have", "", _NO_BOOK))
    return found


def _made_from(made_by: str, listed: list[Origin], source: Source, spec: Path) -> list[Origin]:
    """The books of a file that were made from a spec as it stands: several where it is under several scenarios."""
    hint = f"make the book again (memdsl report {spec}) and type the inputs there"
    if made_by != VERSION:
        message = f"the book was made by memdsl {made_by or '(unknown)'}, and this is {VERSION}"
        raise Refused(BookFault("other-version", message, "", hint))
    found = [origin for origin in listed if origin.sha256 == fingerprint(source.text)]
    if found:
        return found
    names = list(dict.fromkeys(origin.spec for origin in listed))
    if spec.name not in names:
        message = f"the book was made from {' and '.join(names)}, not from {spec}"
        hint = "name that spec" if len(names) == 1 else "name one of these specs"
        raise Refused(BookFault("other-spec", message, "", hint))
    raise Refused(BookFault("older-spec", f"{spec} has changed since the book was made from it", "", hint))


def _joined(found: list[Compared]) -> Compared:
    """What was changed in all books of one spec: an input has one value, wherever it was typed."""
    changes: dict[tuple[str, str], Change] = {}
    faults = [fault for compared in found for fault in compared.faults]
    for change in (change for compared in found for change in compared.changes):
        known = changes.setdefault((change.scenario, change.place.path), change)
        if known.value != change.value:
            message = f"`{change.place.path}` has another value here than in {known.cell}"
            faults.append(BookFault("two-values", message, change.cell, "type the same value, or clear one of them"))
    return Compared(list(changes.values()), faults)


def _not_as_asked(before: driver.Model, after: driver.Model, changes: list[Change]) -> list[BookFault]:
    """Whether the new text says what the book says, and nothing else: every input, every scenario."""
    wanted = _inputs(before)
    for change in changes:
        key = (change.scenario, change.place.path)
        if change.value is None:
            wanted.pop(key, None)
        else:
            wanted[key] = change.value
    found = _inputs(after)
    faults = []
    for scenario, path in sorted(wanted.keys() | found.keys()):
        if wanted.get((scenario, path)) != found.get((scenario, path)):
            where = f" of the scenario `{scenario}`" if scenario else ""
            message = f"`{path}`{where} cannot be written without changing something else"
            hint = "change it in the text, or give what shares it the same value in the book"
            faults.append(BookFault("not-as-asked", message, "", hint))
    return faults


def _inputs(model: driver.Model) -> dict[tuple[str, str], Value]:
    sheet, declared = model.sheet, model.declared
    found = {("", item.path): declared.input(item.key) for item in sheet.inputs.values()}
    paths = {item.key: item.path for item in sheet.inputs.values()}
    for name, scenario in sheet.scenarios.items():
        found.update({(name, paths[key]): declared.formula(formula) for key, formula in scenario.settings})
    return found
