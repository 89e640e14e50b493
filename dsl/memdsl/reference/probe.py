"""Units of a library: one spec that uses everything in it, checked as any spec is, says what each name measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from ..diagnostics import Diagnostic, Source
from ..driver import typed
from ..sheet.sheet import Quantity, RowOf, Text, Truth, Type, TypedSheet
from ..syntax import tree
from ..units import Unit, base_unit

ROW = "row"
"""The owner of columns that rows of a network have by themselves."""


@dataclass(frozen=True)
class Units:
    """The unit of each name, by its owner: a model or hardware, a word for components (`memory`), or `ROW`.

    `parts` gives the arguments that are no numbers, by their template: `network`, `hardware`, `schedule`, `table`,
    `tensor`.
    `faults` is what is wrong with the library; names behind a fault have no unit.
    """

    found: Mapping[tuple[str, str], str]
    parts: Mapping[tuple[str, str], str]
    faults: tuple[Diagnostic, ...]

    def of(self, owner: str, name: str) -> str:
        return self.found.get((owner, name), "")


def units_of(uses: Sequence[str], modules: Sequence[tree.Module], folder: Path) -> Units:
    """The units of everything that the modules declare; `uses` is how a spec in `folder` calls each of them."""
    probe = _Probe([s for module in modules for s in module.statements])
    text = "\n".join([*(f"use {use}" for use in uses), *probe.lines()])
    spec = typed(Source("<probe>", text + "\n"), folder)
    found: dict[tuple[str, str], str] = {}
    for owner, name, unit in _units(spec.typed):
        if unit or (owner, name) not in found:
            found[owner, name] = unit
    faults = [d for d in spec.problems if d.severity == "error"]
    return Units(found, probe.parts, tuple(faults))


def _units(typed: TypedSheet) -> Iterator[tuple[str, str, str]]:
    sheet = typed.sheet
    for instance in sheet.instances.values():
        owner = ROW if instance.kind == "network" else instance.template
        for cell in sheet.cells.values():
            if cell.owner == instance.name and cell.id in typed.cell_types:
                yield owner, cell.id.rpartition(".")[2], _unit(typed.cell_types[cell.id], cell.shown)
        for name in (*instance.tables, *([instance.table] if instance.table else [])):
            table = sheet.tables.get(name)
            if table is None:
                continue
            words = {row.kind for row in table.rows} if table.role == "components" else {owner}
            for column in table.columns.values():
                kind = typed.column_types.get((table.id, column.name))
                if kind is not None:
                    yield from ((word, column.name, _unit(kind, column.shown)) for word in words)


def _unit(kind: Type, shown: Unit | None) -> str:
    match kind:
        case Quantity():
            return shown.text if shown is not None else base_unit(kind.dimension) if kind.dimension is not None else ""
        case Truth():
            return "yes/no"
        case Text():
            return "text"
        case RowOf():
            return "row"


# ---- a spec that uses everything ------------------------------------------------------------------------------------


class _Probe:
    def __init__(self, statements: Sequence[tree.Statement]) -> None:
        self.kinds = [s for s in statements if isinstance(s, tree.LayerKind)]
        self.hardware = {s.name: s for s in statements if isinstance(s, tree.Hardware)}
        self.models = {s.name: s for s in statements if isinstance(s, tree.Model)}
        self.tables = {s.component: s.name for s in statements if isinstance(s, tree.ComponentTable)}
        self.sources: dict[tuple[str, ...], str] = {}
        self.parts: dict[tuple[str, str], str] = {}

    def lines(self) -> Iterator[str]:
        rows = [f"  row_{kind.name} = {kind.name}({', '.join(self._row(kind))})" for kind in self.kinds]
        sources = [f"{name}[{', '.join(axes)}]" for axes, name in self.sources.items()]
        sizes = ", ".join(f"[{', '.join('8' for _ in axes)}]" for axes in self.sources)
        if rows:
            yield f"network probe_net({', '.join(sources)}) {{"
            yield from rows
            yield "}"
            yield f"network probe_rows = probe_net({sizes})"
            yield f'schedule probe_plan for probe_rows {{ front = ["row_{self.kinds[0].name}"] }}'
        for name, node in self.hardware.items():
            given = [f"{f.name} = unlimited" for f in node.formals or () if f.default is None]
            yield f"hardware probe_{name} = {name}({', '.join(given)})"
        for name, columns in self._tables():
            yield f"table {name} {{ name | {' | '.join(columns)}"
            yield f'  "a row" | {" | ".join(columns.values())}'
            yield "}"
        for name in self.models:
            yield f"model probe_{name} = {name}({', '.join(self._given(name))})"

    def _row(self, kind: tree.LayerKind) -> Iterator[str]:
        """The arguments that a row of a kind needs."""
        members, bare = _names(kind)
        for formal in kind.formals:
            if kind.spread_over(formal):
                yield from self._along(kind, formal)
                continue
            tensor = formal.axes is not None or formal.variadic or formal.name == kind.like or formal.name in members
            if tensor or (formal.default is None and formal.name not in bare):
                self.parts[kind.name, formal.name] = "tensor"
                source = self._source(formal.axes or ("h", "w", "c"))
                yield source if formal.variadic else f"{formal.name} = {source}"
            elif formal.default is None:
                yield f"{formal.name} = 8"

    def _along(self, kind: tree.LayerKind, formal: tree.Formal) -> Iterator[str]:
        """An argument along axes that must be given; by the names of axes where the call makes these."""
        made = not any(f"{kind.spread_over(formal)}{tree.FAMILY}" in (f.axes or ()) for f in kind.formals)
        if formal.variadic and made:
            yield "h = 8, w = 8, c = 8"
        elif formal.default is None and not formal.variadic:
            yield f"{formal.name} = 8"

    def _source(self, axes: tuple[str, ...]) -> str:
        several = ("h", "w") if len(axes) > 1 else ("h", "w", "c")
        axes = tuple(dict.fromkeys(a for axis in axes for a in (several if axis.endswith(tree.FAMILY) else (axis,))))
        return self.sources.setdefault(axes, f"source_{'_'.join(axes)}")

    def _tables(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The tables that the probe gives to models, each with the columns that its model reads and a row of them."""
        for name, model in self.models.items():
            texts = _texts(model)
            for formal, columns in _tables(model).items():
                wanted = sorted(columns - {"name"})
                yield f"probe_{name}_{formal}", {column: texts.get(column, "1") for column in wanted}

    def _given(self, name: str) -> Iterator[str]:
        chain = list(descent(self.models[name], self.models))
        needed: dict[str, tree.Formal] = {}
        for model in reversed(chain):
            needed.update({formal.name: formal for formal in model.formals or ()})
        members: dict[str, set[str]] = {}
        bare: set[str] = set()
        networks: set[str] = set()
        hardware: set[str] = set()
        for model in chain:
            for owner, names in _names(model)[0].items():
                members.setdefault(owner, set()).update(names)
            bare |= _names(model)[1]
            for each in model.body:
                if isinstance(each, tree.Each) and isinstance(each.within, tree.Name):
                    (hardware if each.target in self.tables else networks).add(each.within.name)
        for formal in needed.values():
            if formal.default is not None:
                continue
            what = ""
            if formal.name in networks:
                what, value = "network", "probe_rows"
            elif formal.name in members or formal.name in hardware:
                what, value = "hardware", f"probe_{self._fitting(members.get(formal.name, set()))}"
            elif owner := next((m.name for m in chain if formal.name in _tables(m)), ""):
                what, value = "table", f"probe_{owner}_{formal.name}"
            elif formal.name not in bare:
                what, value = "schedule", "probe_plan"
            else:
                value = "unlimited"  # which fits every unit
            self.parts[name, formal.name] = what
            yield f"{formal.name} = {value}"

    def _fitting(self, wanted: set[str]) -> str:
        """The hardware that has most of the parts that a model asks for."""

        def has(name: str) -> int:
            parts: set[str] = set()
            while name in self.hardware:
                node = self.hardware[name]
                for part in node.body:
                    if isinstance(part, (tree.Cell, tree.Component)):
                        parts.add(part.name)
                    if isinstance(part, tree.Component):
                        parts.add(self.tables.get(part.component, ""))
                parts.update(f.name for f in node.formals or ())
                name = next(iter(bases(node)), "")
            return len(parts & wanted)

        return max(self.hardware, key=has, default="hardware")


_Template = TypeVar("_Template", tree.Model, tree.Hardware)


def descent(node: _Template, known: Mapping[str, _Template]) -> Iterator[_Template]:
    """A template and what it extends, the most derived first."""
    seen: list[_Template] = []
    waiting: list[_Template | None] = [node]
    while waiting:
        following = waiting.pop(0)
        if following is not None and following not in seen:
            seen.append(following)
            yield following
            waiting += [known.get(name) for name in bases(following)]


def bases(node: tree.Model | tree.Hardware) -> list[str]:
    """The names of the templates that a template extends."""
    extends = node.extends if isinstance(node.extends, tuple) else (node.extends,)
    called = [part.of if isinstance(part, tree.Call) else part for part in extends]
    return [part.name for part in called if isinstance(part, (tree.Name, tree.Member))]


def _names(node: tree.Node) -> tuple[dict[str, set[str]], set[str]]:
    """Names with a part (`x.h`: `x` has `h`), and names that stand alone."""
    members: dict[str, set[str]] = {}
    bare: set[str] = set()
    for part in _parts(node):
        if isinstance(part, tree.Member) and isinstance(part.of, tree.Name):
            members.setdefault(part.of.name, set()).add(part.name)
        elif isinstance(part, tree.Name):
            bare.add(part.name)
    return members, bare


def _tables(model: tree.Model) -> dict[str, set[str]]:
    """The arguments of a model that are tables (`sum(p in plan where …)`), each with the columns read of it."""
    formals = {formal.name for formal in model.formals or ()}
    found: dict[str, set[str]] = {}
    for part in _parts(model):
        if isinstance(part, tree.Call):
            for argument in part.arguments:
                if argument.binder and isinstance(argument.value, tree.Name) and argument.value.name in formals:
                    columns = found.setdefault(argument.value.name, set())
                    columns |= _names(part)[0].get(argument.binder, set())
    return found


def _texts(model: tree.Model) -> dict[str, str]:
    """The columns that a model compares with a text, each with such a text."""
    found: dict[str, str] = {}
    for part in _parts(model):
        if isinstance(part, tree.Operation):
            texts = [one.value for one in part.operands if isinstance(one, tree.String)]
            found |= {one.name: f'"{texts[0]}"' for one in part.operands if isinstance(one, tree.Member) and texts}
    return found


def _parts(node: tree.Node) -> Iterator[tree.Node]:
    """The parts of a declaration that name something: not the table of an `each`, nor what has a part itself."""
    stack: list[object] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, tuple):
            stack.extend(part)
            continue
        if isinstance(part, tree.Node):
            yield part
        if isinstance(part, tree.Member) and isinstance(part.of, tree.Name):
            continue
        if isinstance(part, tree.Each):
            stack.extend((part.where, part.body))
        elif isinstance(part, (tree.Node, tree.Clauses)):
            stack.extend(getattr(part, f.name) for f in fields(part))
