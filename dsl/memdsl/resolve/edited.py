"""The sheet of a text whose cells and claims were edited, on what stands of its other statements.

An editor asks at every key. What is made here is made by the functions that make a whole sheet; where other statements
may mean something else after the edit, there is no answer, and the whole is resolved again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..diagnostics import Problems, Source
from ..records import record
from ..sheet.sheet import Check, Circuit, Claim, Sheet, Step
from ..syntax import tree
from .constant import is_constant
from .graph import Graph, Node, uses_of
from .loader import declare_cell
from .misplaced import keyword_of
from .modules import Module
from .networks import NetworkDraft
from .statements import cell_of, claim_of, input_of
from .unused import warn_of_unused
from .work import Work
from .workshop import MAX_CALLS, Workshop

if TYPE_CHECKING:
    from ..syntax.edits import Edit


@record
class Edited:
    """`changed` are the cells that are new or read otherwise, `steps` what rests on them in the order of evaluation.

    `claims` are those that are new, `doubtful` the `id` of each claim whose result may differ from before, `checks` the
    requirements that may.
    """

    sheet: Sheet
    changed: frozenset[str]
    steps: list[int]
    claims: list[Claim]
    doubtful: set[int]
    checks: list[Check]


def resolve_edited(work: Work, edit: Edit, source: Source, problems: Problems) -> Edited | None:
    """The sheet after an edit; None where the whole must be resolved again."""
    if not all(isinstance(node, (tree.Cell, tree.Claim)) for node in (*edit.old, *edit.new)):
        return None
    old = {node.name: node for node in edit.old if isinstance(node, tree.Cell)}
    new = {node.name: node for node in edit.new if isinstance(node, tree.Cell)}
    if not _apart(work, edit, source, old, new):
        return None
    shop = work.shop.fork(problems)
    module = _module(work.module, source, old)
    if edit.faults:
        shop.torn.append(source)
        for fault in edit.faults:
            problems.add(fault)
    for name in old:
        if name not in new:
            del shop.cells[name]
    for node in new.values():
        shop.guarded(lambda n=node: declare_cell(shop, module, n))  # type: ignore[misc]
        shop.pending.append(node.name)
    before = shop.census(), work.shop.census()
    shop.settle()
    cells = {name: cell for name, cell in work.sheet.cells.items() if name not in old or name in new}
    for name in new:
        cells[name] = cell_of(shop, shop.cells[name])
    claims, made = _claims(work, edit, shop, module)
    if (shop.census(), work.shop.census()) != before:
        return None
    if any(name in old and work.shop.cells[name].settable and not is_constant(cells[name].formula) for name in new):
        return None  # a scenario or a claim sets it
    if any(used not in cells for name in new for used in uses_of((cells[name].formula,)) if isinstance(used, str)):
        return None  # a cell of a used file that no other statement names
    graph = Graph(cells, work.sheet.tables, {**work.graph.edges, **{n: uses_of((cells[n].formula,)) for n in new}})
    for name in old:
        if name not in new:
            del graph.edges[name]
    if _forgotten(work, graph, old):
        return None
    order = _order(work, graph, old, new, problems)
    if not problems.failed:
        beside = [check.condition for check in shop.checks]
        beside += [f for claim in claims for f in (claim.left, claim.right, claim.high) if f is not None]
        warn_of_unused((source, work.source), graph, beside, problems)
    inputs = {path: item for path, item in work.sheet.inputs.items() if path not in old}
    inputs.update({name: item for name in new if (item := input_of(shop, cells[name])) is not None})
    sheet = replace(
        work.sheet,
        source=source,
        cells=cells,
        inputs=inputs,
        claims=tuple(claims),
        order=order,
        calls=shop.called,
    )
    steps, resting = _resting(graph, order, set(new))
    checks = [check for check in sheet.checks if not resting.isdisjoint(uses_of((check.condition,)))]
    return Edited(sheet, frozenset(new), steps, made, {id(c) for c in claims if _rests(c, resting)}, checks)


def _apart(work: Work, edit: Edit, source: Source, old: dict[str, tree.Cell], new: dict[str, tree.Cell]) -> bool:
    """Whether no other statement can tell what is edited, but by the values of its cells."""
    shop = work.shop
    count = sum(isinstance(node, tree.Cell) for node in edit.new)
    if len(new) < count or any(n.keyword in ("option", "override") for n in (*old.values(), *new.values())):
        return False
    if any(keyword_of(work.module, node) is not None for node in new.values()):
        return False
    if any(name not in work.sheet.cells or shop.cells[name].shared for name in old):
        return False
    if not work.makers.isdisjoint(n.span[0] for n in edit.old):
        return False
    if shop.calls["function"] * 2 > MAX_CALLS["function"]:
        return False
    if any(isinstance(table, NetworkDraft) and table.seams for table in shop.tables.values()):
        return False
    same = {name for name in old.keys() & new.keys() if old[name].keyword == new[name].keyword}
    other = (old.keys() | new.keys()) - same
    if not other:
        return True
    outside = f"{source.text[: edit.start]}\n{source.text[edit.cut + edit.by :]}"
    for name in other:
        if re.search(rf"\b{name}\b", outside) or any(known.startswith(f"{name}.") for known in shop.cells):
            return False
        if name in shop.tables or name in shop.instances:
            return False
        if name not in old and work.module.scope.find(name) is not None:
            return False
    return True


def _module(known: Module, source: Source, old: dict[str, tree.Cell]) -> Module:
    """The module, its names without those of the statements that were edited."""
    made = Module(source, known.node, known.prefix, known.folder, imported=known.imported)
    made.declared.update({name: value for name, value in known.declared.items() if name not in old})
    made.places.update({name: place for name, place in known.places.items() if name not in old})
    return made


def _claims(work: Work, edit: Edit, shop: Workshop, module: Module) -> tuple[list[Claim], list[Claim]]:
    """All claims in the order of the text, and those that are new."""
    places = {node.span[0] for node in edit.old}
    made: list[Claim] = []
    for node in edit.new:
        if isinstance(node, tree.Claim):
            shop.guarded(lambda n=node: made.append(claim_of(shop, n, module.scope)))  # type: ignore[misc]
    kept = {place: claim for place, claim in work.claims.items() if place not in places}
    before = [claim for place, claim in kept.items() if place < edit.cut]
    return [*before, *made, *(claim for place, claim in kept.items() if place >= edit.cut)], made


def _forgotten(work: Work, graph: Graph, old: dict[str, tree.Cell]) -> bool:
    """Whether a cell of a used file may have no user left: it would not be made then."""
    gone: set[Node] = set()
    for name in old:
        gone |= work.graph.edges[name].keys()
    owners = {used: work.sheet.cells[used].owner for used in gone if isinstance(used, str)}
    lost = {used for used, owner in owners.items() if owner and owner not in work.sheet.instances}
    for uses in graph.edges.values() if lost else ():
        lost -= uses.keys()
    return bool(lost)


def _order(
    work: Work, graph: Graph, old: dict[str, tree.Cell], new: dict[str, tree.Cell], problems: Problems
) -> tuple[Step, ...]:
    """The order as it was, where it serves the edited cells too."""
    order = [step for step in work.sheet.order if not isinstance(step, str) or step not in old or step in new]
    place: dict[Node, int] = {}
    for number, step in enumerate(order):
        if isinstance(step, Circuit):
            place.update(dict.fromkeys(step.nodes, number))
        else:
            place[step] = number
    for name in new:
        here = place.setdefault(name, len(order))
        if here == len(order):
            order.append(name)
        if order[here] != name or any(place.get(used, len(order)) >= here for used in graph.edges[name]):
            return graph.order(problems)
    return tuple(order)


def _rests(claim: Claim, changed: set[Node]) -> bool:
    if not changed:
        return False
    if claim.at:
        return True
    formulas = [f for f in (claim.left, claim.right, claim.high, claim.within) if f is not None]
    return not changed.isdisjoint(uses_of(formulas))


def _resting(graph: Graph, order: Sequence[Step], changed: set[Node]) -> tuple[list[int], set[Node]]:
    """The positions of the steps that rest on changed cells, theirs included, and all that they make."""
    found = []
    for number, step in enumerate(order):
        nodes = step.nodes if isinstance(step, Circuit) else {step}
        if any(node in changed or not changed.isdisjoint(graph.edges[node]) for node in nodes):
            found.append(number)
            changed |= nodes
    return found, changed
