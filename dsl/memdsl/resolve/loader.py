"""Reads modules and declares what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..diagnostics import Note, Problems, Source, Span
from ..files import inside, resolved
from ..syntax import parse, tree
from .components import ComponentKind
from .distinct import check_distinct
from .distributions import refuse_uncertainty
from .expressions import elaborate
from .faults import Fault, nearest
from .functions import FunctionValue
from .hardware import HardwareTemplate
from .kinds import BlockTemplate, LayerKind
from .misplaced import refuse_misplaced
from .model_drafts import ScheduleValue
from .models import ModelTemplate
from .modules import Later, Module, ModuleValue, broken
from .network_templates import NetworkTemplate
from .tables import build_table
from .taken_names import check_taken
from .templates import add_check
from .texts import LIBRARY, library_names, read_text
from .unknown import unknown_part
from .values import CellValue
from .workshop import Actual, Scope, Value, Workshop

MAX_MODULES = 200


class Loader:
    """Reads modules and declares what is in them. Each text is read once."""

    def __init__(self, shop: Workshop, problems: Problems, texts: Mapping[Path, str]) -> None:
        self.shop = shop
        self.texts = texts
        self.problems = problems
        self.modules: dict[str, Module] = {}
        self.prefixes: set[str] = set()
        self.loading: list[str] = []
        self.folder = Path()

    def load(self, source: Source, folder: Path, prefix: str, key: str) -> Module:
        known = len(self.problems.found)
        node = parse(source, self.problems)
        if len(self.problems.found) > known:
            self.shop.torn.append(source)
        module = Module(source, node, prefix, folder)
        self.modules[key] = module
        self.prefixes.add(prefix)
        self.loading.append(key)
        for statement in node.statements:
            if isinstance(statement, tree.Use):
                self._guarded(lambda s=statement: self._use(module, s))  # type: ignore[misc]
        self.loading.pop()
        for statement in node.statements:
            self._guarded(lambda s=statement: self._declare(module, s))  # type: ignore[misc]
        if not module.prefix.startswith("std."):
            refuse_misplaced(self.shop, module)
        return module

    def _guarded(self, work: Callable[[], None]) -> None:
        self.shop.guarded(work)

    def library(self) -> dict[str, str]:
        """Every name of the library and the module that declares it, for the hint beside an unknown one."""
        found: dict[str, str] = {}
        for stem in library_names():
            node = parse(read_text(LIBRARY / f"{stem}.mem", stem), Problems())
            for statement in node.statements:
                if isinstance(statement, (tree.Declaration, tree.Cell)) and not isinstance(
                    statement, tree.ComponentTable
                ):
                    found.setdefault(statement.name, f"std.{stem}")
        return found

    # ---- use --------------------------------------------------------------------------------------------------------

    def _use(self, module: Module, node: tree.Use) -> None:
        span = _path_span(module, node)
        used, shown = self._file(module, node, span) if node.is_file else self._library(node, span)
        self.shop.uses.setdefault(module.source.name, set()).add(used.source.name)
        alias = node.alias or ("" if node.names else None)
        if node.alias and not node.names:
            module.imported.setdefault(node.alias, []).append((ModuleValue(used), shown))
            return
        if len(node.names) > 1 and alias:
            raise Fault(
                "wrong-alias",
                f"`as {alias}` renames one name, and {len(node.names)} stand here",
                module.scope.span((node.names[0].span[0], node.span[1])),
                "give each its own line",
            )
        for wanted in node.names:
            value = used.declared.get(wanted.name)
            if value is None:
                self._guarded(lambda w=wanted: self._no_such_name(module, used, shown, w))  # type: ignore[misc]
                value = broken(wanted.name, span)
            module.imported.setdefault(alias or wanted.name, []).append((value, shown))
        if node.names:
            return
        for name, value in used.declared.items():
            module.imported.setdefault(name, []).append((value, shown))

    def _no_such_name(self, module: Module, used: Module, shown: str, wanted: tree.Name) -> None:
        known = [name for name in used.declared if " " not in name]
        span = module.scope.span(wanted.span)
        raise unknown_part(self.shop, f"`{shown}` has no `{wanted.name}`", wanted.name, known, span)

    def _library(self, node: tree.Use, span: Span) -> tuple[Module, str]:
        parts = node.path.split(".")
        names = library_names()
        if len(parts) != 2 or parts[0] != "std" or parts[1] not in names:
            known = [f"std.{name}" for name in names]
            hint = nearest(node.path, known) or f"the library has {', '.join(known)}"
            raise Fault("unknown-module", f"there is no module `{node.path}`", span, hint)
        key = node.path
        if key not in self.modules:
            path = LIBRARY / f"{parts[1]}.mem"
            self.load(read_text(path, key), LIBRARY, f"{key}.", key)
        elif key in self.loading:
            raise Fault("circular", f"`{node.path}` uses itself", span)
        return self.modules[key], node.path

    def _file(self, module: Module, node: tree.Use, span: Span) -> tuple[Module, str]:
        path = self._inside(module, node.path, span)
        key = str(path)
        if key in self.loading:
            raise Fault("circular", self._circle(key, node.path), span)
        if key not in self.modules:
            if len(self.modules) > MAX_MODULES:
                raise Fault("too-many-modules", f"more than {MAX_MODULES} files are used", span)
            self.load(self._text(module, node.path, span), path.parent, self._prefix(path.stem), key)
        return self.modules[key], node.path

    def _inside(self, module: Module, name: str, span: Span) -> Path:
        """A file that a module names, which lies in the folder of the spec or below it."""
        path = module.folder / name
        if resolved(path) is None:
            raise Fault("unreadable-file", f"`{name}` leads to no file", span, "name a file beside the spec")
        found = inside(self.folder, path)
        if found is None:
            message = f"`{name}` lies outside the folder of the spec"
            raise Fault("outside-folder", message, span, "a spec reads only files beside it; copy the file there")
        return found

    def _text(self, module: Module, name: str, span: Span) -> Source:
        path = self._inside(module, name, span)
        shown = path.relative_to(self.folder.resolve()).as_posix()
        try:
            return Source(shown, self.texts[path]) if path in self.texts else read_text(path, shown)
        except Fault as fault:
            raise Fault(fault.code, fault.message, span, fault.hint) from None

    def _circle(self, key: str, path: str) -> str:
        names = [self.modules[k].source.name for k in self.loading[self.loading.index(key) :]]
        if len(names) == 1:
            return f"`{path}` uses itself"
        return "these files use each other: " + " → ".join(f"`{name}`" for name in [*names, names[0]])

    def _prefix(self, stem: str) -> str:
        """What stands before the names of a used file's cells: no other file's, and no name of the spec."""
        taken = {getattr(statement, "name", "") for statement in self.modules[self.loading[0]].node.statements}
        prefix, number = stem, 2
        while f"{prefix}." in self.prefixes or prefix in taken:
            prefix, number = f"{stem}_{number}", number + 1
        return f"{prefix}."

    def root(self, source: Source, folder: Path, path: Path | None) -> Module:
        """The spec itself."""
        self.folder = folder
        self.shop.spec = source
        return self.load(source, folder, "", str(path.resolve()) if path is not None else "<spec>")

    # ---- declarations -----------------------------------------------------------------------------------------------

    def _declare(self, module: Module, node: tree.Statement) -> None:
        shop, scope = self.shop, module.scope
        match node:
            case tree.Cell():
                declare_cell(shop, module, node)
            case tree.Defaults():
                if node.target != "layer":
                    raise Fault(
                        "wrong-each",
                        "at the top level only `each layer { }` has a meaning",
                        scope.span(node.span),
                        "`each … in net { }` stands inside a model",
                    )
                refuse_uncertainty(shop, node, scope)
                for cell in node.body:
                    if isinstance(cell, tree.Cell):
                        self._guarded(lambda c=cell: self._default(c, scope))  # type: ignore[misc]
            case tree.ComponentTable():
                check_distinct(shop, node, scope)
                check_taken(shop, node, scope)
                kind = ComponentKind(node, scope)
                module.declared[f"component {node.component}"] = kind
                shop.component_words.append(node.component)
                shop.component_tables.append(node.name)
            case tree.Scenario():
                check_distinct(shop, node, scope)
                known = module.places.get(f"scenario {node.name}")
                module.places.setdefault(f"scenario {node.name}", scope.span(node.name_span))
                if known is not None:
                    notes = (Note("defined here first", known),)
                    message, hint = f"there are two scenarios `{node.name}`", "give one of them another name"
                    raise Fault("duplicate-name", message, scope.span(node.name_span), hint, notes)
            case tree.Require():
                if not module.prefix:
                    add_check(shop, node, scope, "")
            case tree.Declaration():
                check_distinct(shop, node, scope)
                check_taken(shop, node, scope)
                refuse_uncertainty(shop, node, scope)
                try:
                    value = self._declaration(module, node)
                except Fault as fault:
                    shop.report(fault)
                    value = broken(node.name, scope.span(node.name_span))
                if value is not None:
                    _name(module, node.name, node.name_span, value)
            case _:
                return

    def _default(self, cell: tree.Cell, scope: Scope) -> None:
        known = next((place.span(c.name_span) for c, place in self.shop.defaults if c.name == cell.name), None)
        if known is not None:
            notes = (Note("defined here first", known),)
            message = f"every layer has a default for `{cell.name}` already"
            raise Fault("duplicate-name", message, scope.span(cell.name_span), "give it in a layer kind", notes)
        self.shop.defaults.append((cell, scope))

    def _declaration(self, module: Module, node: tree.Declaration) -> Value | Later | None:
        scope = module.scope
        name = module.prefix + node.name
        match node:
            case tree.Function():
                return FunctionValue(node, scope)
            case tree.LayerKind():
                _check_kind(node, scope)
                return LayerKind(node, scope, self.shop)
            case tree.Block():
                return BlockTemplate(node, scope)
            case tree.Network():
                return NetworkTemplate(node, scope)
            case tree.Hardware():
                return HardwareTemplate(node, scope, name)
            case tree.Model():
                return ModelTemplate(node, scope, name)
            case tree.Instance():
                return self._lazy(module, node, lambda: self._instance(module, node))
            case tree.Table():
                return self._lazy(
                    module, node, lambda: build_table(self.shop, node, scope, name, partial(self._text, module))
                )
            case tree.Schedule():
                return _schedule(node, scope)
        return None

    def _lazy(self, module: Module, node: tree.Declaration, make: Callable[[], Value]) -> Later:
        return Later(make, node.name, module.scope.span(node.name_span))

    def _instance(self, module: Module, node: tree.Instance) -> Value:
        scope = module.scope
        span = scope.span(node.value.span)
        value = node.value
        name = module.prefix + node.name
        if isinstance(value, tree.Call):
            callee = elaborate(self.shop, value.of, scope)
            made = callee.call(self.shop, [Actual(a, scope) for a in value.arguments], span, name)
        else:
            made = elaborate(self.shop, value, scope)
        if isinstance(made, (NetworkTemplate, HardwareTemplate, ModelTemplate)):
            made = made.call(self.shop, (), span, name)
        if made.what != f"a {node.keyword}":
            raise Fault(
                "wrong-instance", f"`{node.keyword} {node.name}` needs a {node.keyword}, and this is {made.what}", span
            )
        made_name = getattr(made, "name", name)
        if made_name != name:
            self.shop.aliases[name] = made_name
        elif node.clauses.label and name in self.shop.instances:
            self.shop.instances[name] = replace(self.shop.instances[name], title=node.clauses.label)
        return made


def declare_cell(shop: Workshop, module: Module, node: tree.Cell) -> None:
    """A cell at the top level of a text."""
    scope = module.scope
    if node.keyword == "override":
        message = "`override` stands in a model that extends another"
        raise Fault("nothing-to-override", message, scope.span(node.span))
    cell_id = module.prefix + node.name
    _name(module, node.name, node.name_span, CellValue(cell_id))
    role = node.keyword
    shop.declare_cell(
        cell_id,
        module.prefix.rstrip("."),
        role,  # type: ignore[arg-type]
        scope,
        scope.span(node.name_span),
        node.value,
        node.clauses,
    )


def _name(module: Module, name: str, at: tree.Offsets, value: Value | Later) -> None:
    span = module.scope.span(at)
    if name in module.declared:
        notes = (Note("defined here first", module.places[name]),)
        raise Fault("duplicate-name", f"`{name}` is defined twice", span, "give one of them another name", notes)
    module.declared[name] = value
    module.places[name] = span


def _path_span(module: Module, node: tree.Use) -> Span:
    """The place of the path in a `use`, quotes included."""
    text = f'"{node.path}"' if node.is_file else node.path
    start = module.source.text.find(text, *node.span)
    return module.scope.span((start, start + len(text)) if start >= 0 else node.span)


def _check_kind(node: tree.LayerKind, scope: Scope) -> None:
    names = [formal.name for formal in node.formals]
    if node.like and node.like not in names:
        arrow = re.compile(rf"->\s*({node.like})\b").search(scope.source.text, node.formals[-1].span[1] if names else 0)
        place = arrow.span(1) if arrow is not None else node.name_span
        message = f"`-> {node.like}` names no argument of `{node.name}`"
        hint = nearest(node.like, names) or (f"its arguments are {', '.join(names)}" if names else "it has none")
        raise Fault("unknown-name", message, scope.span(place), hint)


def _schedule(node: tree.Schedule, scope: Scope) -> ScheduleValue:
    groups: dict[str, tuple[tuple[str, Span], ...]] = {}
    spans: dict[str, Span] = {}
    for cell in node.body:
        if isinstance(cell, tree.Cell):
            items = cell.value.items if isinstance(cell.value, tree.ListOf) else (cell.value,)
            wrong = next((item for item in items if not isinstance(item, tree.String)), None)
            if wrong is not None or not isinstance(cell.value, tree.ListOf):
                place = scope.span((wrong or cell.value).span)
                hint = f'write `{cell.name} = ["stem", "s1.conv"]`'
                raise Fault("wrong-group", "a group is a list of row names in quotes", place, hint)
            groups[cell.name] = tuple((i.value, scope.span(i.span)) for i in items if isinstance(i, tree.String))
            spans[cell.name] = scope.span(cell.name_span)
    return ScheduleValue(node.name, groups, spans)
