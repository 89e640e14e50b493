"""The order of the passes: from a text to a model that answers questions."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from .diagnostics import Diagnostic, Note, Problems, Source, Span
from .dimensions import check, check_edited
from .evaluate import (
    ClaimResult,
    Machine,
    Standing,
    Values,
    bad_spreads,
    failed_checks,
    judge_claims,
    mending,
    mends,
    out_of_bounds,
    out_of_domain,
    settings_out_of_bounds,
    too_much_work,
    value_of,
)
from .records import record
from .resolve import Request, Trace, Work, decode, read_text, resolve
from .resolve.values import Fault, nearest
from .sheet.formula import Formula
from .sheet.input_keys import InputKey
from .sheet.operations import Value
from .sheet.sheet import Query, Sheet, TypedSheet

if TYPE_CHECKING:
    from .syntax.edits import Edit, Parsed

# Python's own limit is far below what a nest of templates within the language's limits needs.
RECURSION = 20_000


@record
class Model:
    """A spec that was read: its typed sheet, its values at the inputs asked for, and what is wrong with it.

    `machine` is None when the spec has errors before evaluation; `values` then has no meaning.
    """

    source: Source
    path: Path | None
    typed: TypedSheet
    problems: Problems
    machine: Machine | None
    overrides: dict[InputKey, Value]
    work: Work | None = None

    @property
    def sheet(self) -> Sheet:
        return self.typed.sheet

    @property
    def sound(self) -> bool:
        """Whether the spec has a value: no error so far."""
        return self.machine is not None and not self.problems.failed

    @cached_property
    def declared(self) -> Values:
        """The values at the inputs that the spec declares."""
        assert self.machine is not None
        return self.machine.declared(self.problems)

    @cached_property
    def values(self) -> Values:
        """The values at the declared inputs, the scenario and the settings asked for."""
        assert self.machine is not None
        return self.machine.at(self.overrides, self.problems)

    @cached_property
    def claims(self) -> list[ClaimResult]:
        """Every claim, judged at the declared inputs; those that fail are among the problems."""
        if self.machine is None:
            return []
        return judge_claims(self.typed, self.machine, self.problems)

    @property
    def queries(self) -> tuple[Query, ...]:
        """The expressions asked for, in order (fewer when one of them has an error)."""
        return self.sheet.queries

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return list(self.problems)


def read(path: Path) -> Source | Diagnostic:
    """The text of a spec, or the diagnostic that says why there is none."""
    try:
        return read_text(path, str(path), named=True)
    except Fault as fault:
        return _diagnostic(fault)


def read_bytes(content: bytes, name: str) -> Source | Diagnostic:
    """The text of a spec that came as bytes (standard input)."""
    try:
        return decode(content, name)
    except Fault as fault:
        return _diagnostic(fault)


def _diagnostic(fault: Fault) -> Diagnostic:
    return Diagnostic(fault.code, fault.message, fault.span, fault.hint, fault.notes)


def build(
    source: Source,
    folder: Path,
    path: Path | None = None,
    settings: Sequence[tuple[str, str]] = (),
    scenario: str | None = None,
    queries: Sequence[str] = (),
    trace: Trace | None = None,
    texts: Mapping[Path, str] = MappingProxyType({}),
) -> Model:
    """Takes a text down the road: resolve, dimensions, evaluation at the inputs asked for, requirements, ranges.

    `settings` are pairs of an input's path and a value, both as a person writes them. `texts` stand for files that the
    spec uses, by their resolved paths. Nothing is raised for a fault
    of the spec: `Model.problems` has them all.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    problems = Problems()
    request = Request(
        tuple(Source(f"<{query}>", query) for query in queries),
        tuple((Source(f"<--set {name}>", name), Source(f"<--set {name}={value}>", value)) for name, value in settings),
        texts,
    )
    resolved = resolve(source, folder, path, request, problems, trace)
    typed = check(resolved.sheet, resolved.settings, problems)
    if problems.failed or too_much_work(typed.sheet, problems):
        return Model(source, path, typed, problems, None, {}, resolved.work)
    machine = Machine(typed)
    declared = machine.declared(problems)
    overrides: dict[InputKey, Value] = {}
    chosen: list[tuple[InputKey, Formula]] = []
    if scenario is not None:
        found = typed.sheet.scenarios.get(scenario)
        if found is None:
            known = typed.sheet.scenarios
            place = Span(Source(f"<--scenario {scenario}>", scenario), 0, len(scenario))
            hint = nearest(scenario, known) or (f"it has {', '.join(known)}" if known else "the spec declares none")
            problems.error("unknown-name", f"there is no scenario `{scenario}`", place, hint)
        else:
            chosen += found.settings
    chosen += resolved.settings
    for key, formula in chosen:
        value = value_of(declared, formula, problems)
        if value is not None:
            overrides[key] = value
    out_of_bounds(typed, declared, problems)
    settings_out_of_bounds(typed, declared, chosen, problems)
    bad_spreads(typed, declared, problems)
    values = machine.at({} if problems.failed else overrides, problems)
    out_of_domain(typed, values, problems)
    if not problems.failed:
        failed_checks(typed, values, problems, None, lambda check: mending(typed, mends(typed, machine, values, check)))
    return Model(source, path, typed, problems, machine, overrides, resolved.work)


STANDING = ("claim-fails", "disputed-holds", "unused")
"""Faults that one statement has, whatever stands in the others."""


def edited(model: Model, before: Parsed, source: Source) -> Model | None:
    """The model of a later state of a spec's text, on all that the edit leaves as it was in a model of `build`.

    It is what `build` makes of that text, and None where that cannot be told from the edited cells and claims. `before`
    is the text of `model`, parsed; the model asked for nothing beside its spec.
    """
    from .resolve.edited import resolve_edited

    work = model.work
    if work is None or model.machine is None or any(fault.code not in STANDING for fault in model.problems.found):
        return None
    edit = before.edit(source)
    problems = Problems()
    found = resolve_edited(work, edit, source, problems) if edit is not None else None
    if edit is None or found is None:
        return None
    typed = check_edited(found.sheet, model.typed, found.changed, found.claims, problems)
    if typed is None:
        return None
    machine: Machine | None = None
    claims: list[ClaimResult] = []
    if not problems.failed:
        machine = Machine(typed, Standing(model.declared, found.steps))
        count = len(problems.found)
        values = machine.declared(problems)
        out_of_bounds(typed, values, problems)
        settings_out_of_bounds(typed, values, (), problems)
        bad_spreads(typed, values, problems)
        out_of_domain(typed, values, problems)
        failed_checks(typed, values, problems, found.checks)
        if len(problems.found) > count:  # told beside what was edited, where the whole must say it
            return None
        known = {id(result.claim): result for result in model.claims if id(result.claim) not in found.doubtful}
        claims = judge_claims(typed, machine, problems, known)
    moved = Problems()
    for fault in problems.found:
        moved.add(_moved(fault, work.source, edit, source))
    made = Model(source, model.path, typed, moved, machine, {})
    vars(made)["claims"] = claims
    return made


def _moved(fault: Diagnostic, old: Source, edit: Edit, new: Source) -> Diagnostic:
    """A fault of a statement that the edit did not touch, where it is now."""

    def moved(span: Span) -> Span:
        return Span(new, *edit.forward((span.start, span.end))) if span.source is old else span

    notes = tuple(Note(note.message, note.span and moved(note.span)) for note in fault.notes)
    return replace(fault, span=moved(fault.span), notes=notes)
