"""From a workbook and the spec that it was made from to the spec's new text."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from .. import driver
from ..diagnostics import Diagnostic, Source
from ..excel.origin import SHA256, SPEC, VERSION_OF_BOOK, fingerprint
from ..sheet.operations import Value
from ..version import VERSION
from .archive import open_archive
from .compare import Change, compare, made_again
from .edits import edits_of
from .faults import BookFault, Refused
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


def find_spec(book: Path) -> Path:
    """The spec that a book names, beside the book or in the folder of the work. Raises Unreadable, OSError, Refused."""
    name = Path(_properties(read_cells(open_archive(book)))[SPEC]).name
    for folder in (book.parent, Path(), Path("specs")):
        if (folder / name).is_file():
            return folder / name
    raise Refused(BookFault("no-spec", f"its spec {name} is not beside it", "", "name it: --into SPEC"))


def pull(book: Path, spec: Path) -> Pulled | Diagnostic:
    """Reads a book and a spec; a Diagnostic when the spec cannot be read. Raises Unreadable, OSError, Refused."""
    cells = read_cells(open_archive(book))
    properties = _properties(cells)
    source = driver.read(spec)
    if isinstance(source, Diagnostic):
        return source
    content = spec.read_bytes()
    _check_origin(properties, source, spec)
    model = driver.build(source, spec.parent, spec)
    if not model.sound:
        return Pulled(content, "", 0, 0, [], model.diagnostics)
    compared = compare(cells, made_again(model))
    if compared.faults:
        return Pulled(content, "", len(compared.changes), 0, compared.faults, [])
    edits, faults = edits_of(model, compared.changes)
    if faults or not edits:
        return Pulled(content, "", len(compared.changes), 0, faults, [])
    text = edited(source.text, edits)
    after = driver.build(Source(source.name, text), spec.parent, spec)
    if not after.sound:
        return Pulled(content, "", len(compared.changes), 0, [], after.diagnostics)
    faults = _not_as_asked(model, after, compared.changes)
    failing = sum(result.status == "fails" for result in after.claims)
    diff = "".join(
        difflib.unified_diff(
            source.text.splitlines(keepends=True), text.splitlines(keepends=True), str(spec), f"{spec} (from {book})"
        )
    )
    return Pulled(in_original(content, edits), diff, len(compared.changes), failing, faults, [])


def _properties(cells: BookCells) -> dict[str, str]:
    found = cells.properties
    if SPEC not in found or SHA256 not in found:
        raise Refused(BookFault("no-book", "this is no workbook of a spec", "", _NO_BOOK))
    return found


def _check_origin(properties: dict[str, str], source: Source, spec: Path) -> None:
    name, made_by = properties[SPEC], properties.get(VERSION_OF_BOOK, "")
    hint = f"make the book again (memdsl report {spec}) and type the inputs there"
    if made_by != VERSION:
        message = f"the book was made by memdsl {made_by or '(unknown)'}, and this is {VERSION}"
        raise Refused(BookFault("other-version", message, "", hint))
    if properties[SHA256] == fingerprint(source.text):
        return
    if name != spec.name:
        raise Refused(BookFault("other-spec", f"the book was made from {name}, not from {spec}", "", "name that spec"))
    raise Refused(BookFault("older-spec", f"{spec} has changed since the book was made from it", "", hint))


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
