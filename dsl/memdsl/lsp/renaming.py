"""Renaming a symbol: every place that means it, and a proof that the new text means the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Span
from ..files import leading
from ..syntax import tree
from ..syntax.place import RESERVED
from .references import references, unexpanded
from .snapshot import Snapshot
from .symbols import Symbol, symbol_at, symbol_of_use
from .text import Offsets

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
_USE = re.compile(r'^use[ \t]+"([^"\n]*)"', re.MULTILINE)


class Refused(Exception):
    """Why a symbol cannot be renamed so."""


@dataclass(frozen=True)
class Renaming:
    """`places` are the characters to replace, by the resolved path of their file."""

    symbol: Symbol
    places: Mapping[Path, Sequence[Offsets]]


def renameable(snapshot: Snapshot, offset: int) -> Symbol:
    """The symbol at an offset, when its name is the author's to choose."""
    symbol = symbol_at(snapshot, offset)
    if symbol is None or not symbol.definitions:
        raise Refused("there is no name here that can be changed")
    written = snapshot.source.text[slice(*symbol.span)]
    if not _NAME.match(written):
        raise Refused("a row is named after its cell: rename the cell")
    files = _files(snapshot)
    for span in symbol.definitions:
        if id(span.source) not in files:
            raise Refused(f"`{symbol.name}` is defined in {span.source.name}")
        if span.source.text[span.start : span.end] != symbol.name:
            raise Refused(f"`{symbol.name}` is another name for something: rename that")
    if len({id(span.source) for span in symbol.definitions}) > 1:
        raise Refused(f"`{symbol.name}` is defined in several files")
    if written != symbol.name:
        raise Refused(f"`{written}` is another name for `{symbol.name}`: rename it where it is defined")
    return symbol


def rename(snapshot: Snapshot, offset: int, name: str, texts: Mapping[Path, str]) -> Renaming:
    """The places to change, in every file that uses the one with the definition.

    `texts` are the files that may use it, by their resolved paths. Refused where a new text would not mean the same.
    """
    symbol = renameable(snapshot, offset)
    if not _NAME.match(name) or name in RESERVED:
        raise Refused(f"`{name}` is not a name: names are made of a-z, A-Z, 0-9 and _, and are no reserved word")
    if name == symbol.name:
        return Renaming(symbol, {})
    files = _files(snapshot)
    own = files[id(snapshot.source)]
    home = files[id(symbol.definitions[0].source)]
    read = [module.source for module in snapshot.trace.modules.values() if id(module.source) in files]
    known = {**texts, **{files[id(source)]: source.text for source in read}}
    users = {own: snapshot}
    for path in _users(home, known):
        if path not in users:
            users[path] = Snapshot.of(known[path], path, known)
    places: dict[Path, set[Offsets]] = {}
    for path, user in users.items():
        for span in _places(user, path, home, symbol):
            file = _files(user).get(id(span.source))
            if file is None:
                raise Refused(f"`{symbol.name}` is used in {span.source.name}")
            places.setdefault(file, set()).add((span.start, span.end))
    found = {path: sorted(spans) for path, spans in places.items()}
    _prove(users, known, symbol, found, name)
    return Renaming(symbol, found)


def _files(snapshot: Snapshot) -> dict[int, Path]:
    """The file of each source that was read, by its `id`; the library stands in none that is the author's."""
    modules = snapshot.trace.modules.items()
    return {id(module.source): Path(key) for key, module in modules if not key.startswith("std.")}


def _users(home: Path, texts: Mapping[Path, str]) -> list[Path]:
    """The files that use a file, or one that uses it, and that file itself."""
    uses = {path: {leading(path.parent / used) for used in _USE.findall(text)} for path, text in texts.items()}
    found = {home}
    while more := {path for path, used in uses.items() if path not in found and not found.isdisjoint(used)}:
        found |= more
    return sorted(found)


def _places(user: Snapshot, path: Path, home: Path, symbol: Symbol) -> list[Span]:
    """Where a file and those that it uses name a symbol of the file `home`."""
    source = user.trace.modules[str(home)].source if str(home) in user.trace.modules else None
    if source is None:
        raise Refused(f"{path.name} cannot be read as a spec: mend its errors first")
    definitions = [Span(source, span.start, span.end) for span in symbol.definitions]
    if any(fault.span.source is user.source for fault in user.problems if id(fault) in user.syntax):
        raise Refused(f"{path.name} has a statement that cannot be read: mend it first")
    for node, _ in unexpanded(user):
        if isinstance(node, tree.Member) and node.name == symbol.name:
            line, _ = user.source.position(node.name_span[0])
            where = f"in line {line} of {path.name}"
            raise Refused(f"`.{symbol.name}` {where} stands where nothing is computed: its meaning is not known")
    return references(user, Symbol(symbol.name, symbol.span, definitions))


def changed(text: str, places: Sequence[Offsets], name: str) -> str:
    parts, position = [], 0
    for start, end in places:
        parts += [text[position:start], name]
        position = end
    return "".join([*parts, text[position:]])


def _prove(
    users: Mapping[Path, Snapshot],
    texts: Mapping[Path, str],
    symbol: Symbol,
    places: Mapping[Path, Sequence[Offsets]],
    name: str,
) -> None:
    """Every name of the new texts means what it meant before, and the specs have the same faults."""
    new_texts = {**texts, **{path: changed(texts[path], spans, name) for path, spans in places.items()}}
    by = len(name) - len(symbol.name)

    def moved(path: Path | None, offset: int) -> int:
        return offset + by * sum(start < offset for start, _ in places.get(path, ())) if path is not None else offset

    for path, user in users.items():
        new = Snapshot.of(new_texts[path], path, new_texts)
        if sorted(d.code for d in new.problems) != sorted(d.code for d in user.problems):
            found = {d.message for d in user.problems}
            others = f"{path.name} would have other faults"
            first = next((d.message for d in new.problems if d.message not in found), others)
            raise Refused(f"`{name}` cannot take the place of `{symbol.name}`: {first}")
        if _meaning(user, moved) != _meaning(new, lambda _, offset: offset):
            raise Refused(f"`{name}` already means something where `{symbol.name}` stands: the formulas would change")


def _meaning(
    snapshot: Snapshot, moved: Callable[[Path | None, int], int]
) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """Each name of the text by its place, with the places of what it means."""
    files = _files(snapshot)
    own = files.get(id(snapshot.source))

    def at(span: Span) -> tuple[str, int]:
        return span.source.name, moved(files.get(id(span.source)), span.start)

    found = []
    for use in snapshot.uses:
        definitions = symbol_of_use(snapshot, use).definitions
        found.append((moved(own, use.span[0]), tuple(sorted(at(span) for span in definitions))))
    return found
