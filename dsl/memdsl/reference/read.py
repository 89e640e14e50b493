"""A library read into what the reference says of it: every declaration, nothing listed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..diagnostics import Diagnostic, Problems, Source
from ..driver import read
from ..records import record
from ..resolve.texts import LIBRARY, library_names
from ..syntax import parse, tree
from .entries import Argument, Condition, Declaration, Entry, Module, Part
from .labels import Labels
from .maths import shape, source_line
from .probe import ROW, Units, units_of


@record
class Library:
    """The modules, and what is wrong with them (nothing, in the one that ships)."""

    modules: tuple[Module, ...]
    faults: tuple[Diagnostic, ...]


def read_library() -> Library:
    """The standard library, module by module."""
    sources = _library()
    nodes = [parse(source, Problems()) for source in sources]
    units = units_of([source.name for source in sources], nodes, LIBRARY)
    known = Labels(list(zip(sources, nodes, strict=True)))
    modules = tuple(_Reader(s, n, units, known).module(s.name) for s, n in zip(sources, nodes, strict=True))
    return Library(modules, units.faults)


def read_file(path: Path) -> Library:
    """A file of one's own, as a module that a spec beside it may use."""
    source = read(path)
    if isinstance(source, Diagnostic):
        return Library((), (source,))
    problems = Problems()
    node = parse(source, problems)
    if problems.failed:
        return Library((), tuple(problems))
    library = [(text, parse(text, Problems())) for text in _library()]
    uses = [f'"{path.name}"', *(f"std.{name}" for name in library_names())]
    units = units_of(uses, [node, *(n for _, n in library)], path.parent)
    return Library((_Reader(source, node, units, Labels([(source, node), *library])).module(path.name),), units.faults)


def _library() -> list[Source]:
    found = []
    for name in library_names():
        source = read(LIBRARY / f"{name}.mem")
        assert isinstance(source, Source), source
        found.append(Source(f"std.{name}", source.text))
    return found


class _Reader:
    def __init__(self, source: Source, node: tree.Module, units: Units, known: Labels) -> None:
        self.text = source.text
        self.source = source
        self.node = node
        self.units = units
        self.known = known

    def module(self, name: str) -> Module:
        uses = tuple(s.path for s in self.node.statements if isinstance(s, tree.Use))
        made = (self._declaration(s) for s in self.node.statements)
        return Module(name, self.node.title, uses, tuple(d for d in made if d is not None))

    def _declaration(self, node: tree.Statement) -> Declaration | None:
        match node:
            case tree.Defaults():
                part = self._part("Columns", node.body, ROW, {})
                return self._declared(node, "each", node.target, "Columns that every row has", (), "", (part,))
            case tree.LayerKind():
                parts = (self._part("Columns", node.body, ROW, self.known.rows),)
                arguments = tuple(self._arguments(node.name, node.formals, ROW, node))
                return self._declared(node, "layer", node.name, node.label, arguments, "", parts)
            case tree.Model():
                return self._template(node, "model", tuple(self._model_parts(node)))
            case tree.Hardware():
                return self._template(node, "hardware", tuple(self._hardware_parts(node)))
            case tree.ComponentTable():
                part = self._part("Columns and their defaults", node.body, node.component, {})
                return self._declared(node, "rows", node.name, node.label, (), "", (part,))
            case tree.Function():
                entry = self._entry(node.name, node.value, node.clauses, "", {})
                arguments = tuple(self._arguments(node.name, node.formals, ""))
                part = Part("Value", (entry,))
                return self._declared(node, "fn", node.name, node.clauses.label, arguments, "", (part,))
            case tree.Cell():
                entry = self._entry(node.name, node.value, node.clauses, "", {})
                return self._declared(
                    node, node.keyword, node.name, node.clauses.label, (), "", (Part("Value", (entry,)),)
                )
            case tree.Block() | tree.Network():
                word = "block" if isinstance(node, tree.Block) else "network"
                part = self._part("Cells", node.body, "", {})
                return self._declared(
                    node, word, node.name, node.label, tuple(self._arguments(node.name, node.formals, "")), "", (part,)
                )
            case tree.Use() | tree.Require() | tree.Claim() | tree.Fit() | tree.Report() | tree.Scenario():
                return None
            case tree.Declaration():
                label = node.clauses.label if isinstance(node, tree.Instance) else node.label
                return self._declared(node, type(node).__name__.lower(), node.name, label, (), "", ())

    def _declared(
        self,
        node: tree.Node,
        kind: str,
        name: str,
        label: str,
        arguments: tuple[Argument, ...],
        extends: str,
        parts: tuple[Part, ...],
    ) -> Declaration:
        line = self.source.position(node.span[0])[0]
        shown = tuple(part for part in parts if part.entries or part.conditions)
        return Declaration(kind, name, label, self._note(line), self._heading(node), arguments, extends, shown, line)

    def _heading(self, node: tree.Node) -> str:
        """The declaration as it stands in the library, up to its label or body."""
        text, start = self.text[slice(*node.span)], node.span[0]
        formals: Sequence[tree.Formal] = getattr(node, "formals", None) or ()
        for formal in reversed(formals):  # what an argument is stands with the arguments
            if formal.clauses.label:
                place = text.rindex(f'"{formal.clauses.label}"', 0, formal.span[1] - start)
                text = text[:place].rstrip() + text[place + len(formal.clauses.label) + 2 :]
        if isinstance(node, tree.Function):
            text = text[: node.value.span[0] - node.span[0]].rstrip().removesuffix("=")
        head = text if isinstance(node, tree.Cell) else re.split(r'\s*"|\s*\{', text, maxsplit=1)[0]
        return re.sub(r"(?<=\() | (?=\))", "", " ".join(head.split()))

    def _note(self, line: int) -> str:
        """The comment right above a declaration."""
        found: list[str] = []
        while line > 1 and (above := self.source.line(line - 1).strip()).startswith("#"):
            found.insert(0, above.lstrip("# "))
            line -= 1
        return " ".join(found)

    def _template(self, node: tree.Model | tree.Hardware, word: str, parts: tuple[Part, ...]) -> Declaration:
        arguments: dict[str, Argument] = {}
        for base in self.known.descent(node):
            text = self.known.text_of(base)
            for argument in self._arguments(node.name, base.formals or (), node.name, text=text):
                arguments.setdefault(argument.name, argument)
        extends = node.extends if isinstance(node.extends, tuple) else (node.extends,)
        named = ", ".join(source_line(base, self.text) for base in extends if base is not None)
        return self._declared(node, word, node.name, node.label, tuple(arguments.values()), named, parts)

    def _model_parts(self, node: tree.Model) -> Iterator[Part]:
        labels, columns = self.known.of_template(node)
        for each in node.body:
            if isinstance(each, tree.Each):
                where = f" where {source_line(each.where, self.text)}" if each.where is not None else ""
                title = f"Columns of each {each.target} in {source_line(each.within, self.text)}{where}"
                yield self._part(title, each.body, node.name, columns)
        yield self._part("Totals", [s for s in node.body if not isinstance(s, tree.Each)], node.name, labels)

    def _hardware_parts(self, node: tree.Hardware) -> Iterator[Part]:
        labels, columns = self.known.of_template(node)
        for part in node.body:
            if isinstance(part, tree.Component):
                said = {**self.known.components.get(part.component, {}), **columns}
                title = f"{part.component} {part.name}" + (f": {part.label}" if part.label else "")
                yield self._part(title, part.body, part.component, said, assumed=True)
        cells = [s for s in node.body if not isinstance(s, tree.Component)]
        yield self._part("Figures", cells, node.name, labels, assumed=True)

    def _part(
        self,
        title: str,
        body: Iterable[tree.Statement | tree.Each | tree.Component],
        owner: str,
        labels: dict[str, str],
        assumed: bool = False,
    ) -> Part:
        entries, conditions = [], []
        for statement in body:
            if isinstance(statement, tree.Cell):
                entry = self._entry(statement.name, statement.value, statement.clauses, owner, labels)
                constant = assumed and not entry.source and _constant(statement.value)
                overrides = statement.keyword == "override"
                entries.append(replace(entry, role="override" if overrides else "assumed" if constant else ""))
            elif isinstance(statement, tree.Require):
                formula = source_line(statement.condition, self.text)
                conditions.append(Condition(formula, shape(statement.condition, self.text), statement.message))
        return Part(title, tuple(entries), tuple(conditions))

    def _entry(
        self, name: str, value: tree.Expression, clauses: tree.Clauses, owner: str, labels: dict[str, str]
    ) -> Entry:
        unit = clauses.shown.text if clauses.shown is not None else self.units.of(owner, name)
        typeset = None if _makes_rows(value) else shape(value, self.text)
        said = (clauses.label or labels.get(name, ""), _allowed(clauses, self.text))
        label = "; ".join(part for part in said if part)
        return Entry(name, source_line(value, self.text), typeset, unit, label, clauses.source)

    def _arguments(
        self,
        template: str,
        formals: Sequence[tree.Formal],
        owner: str,
        kind: tree.LayerKind | None = None,
        text: str = "",
    ) -> Iterator[Argument]:
        """What is said of arguments; `text` is that of the module they stand in, where it is another."""
        text = text or self.text
        for formal in formals:
            what = self.units.parts.get((template, formal.name), "")
            if kind is not None and kind.spread_over(formal):
                what = "a number by the name of each axis" if formal.variadic else "a number, or one for each axis"
            elif formal.axes is not None:
                what = f"tensor [{', '.join(formal.axes)}]"
            elif formal.variadic:
                what = "tensors"
            elif not owner:
                what = what or "value"  # of any unit that the formula admits
            default = source_line(formal.default, text) if formal.default is not None else ""
            unit = "" if what else self.units.of(owner, formal.name)
            yield Argument(formal.name, what, default, unit, _allowed(formal.clauses, text), formal.clauses.label)


def _allowed(clauses: tree.Clauses, text: str) -> str:
    """The clauses that say what a value may be, as the library writes them."""
    written = text[slice(*clauses.domain_span)] if clauses.domain_span is not None else ""
    return " ".join(re.sub(r'(from\s*)?"[^"]*"', "", written).split())


def _constant(value: tree.Expression) -> bool:
    return isinstance(value, tree.Number)


def _makes_rows(value: tree.Expression) -> bool:
    """A cell of a network or block: what it makes are rows, not a number."""
    return isinstance(value, (tree.Pipe, tree.ListOf))
