"""The order of the passes: from a text to a model that answers questions."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from .collector import without_collector
from .diagnostics import Diagnostic, Problems, Source, Span
from .dimensions import check
from .evaluate import (
    CheckedSpec,
    Machine,
    Model,
    bad_spreads,
    failed_checks,
    judge_claims,
    mending,
    mends,
    out_of_bounds,
    out_of_domain,
    refused_scenarios,
    settings_out_of_bounds,
    too_much_work,
    value_of,
)
from .resolve import Request, Trace, decode, read_text, resolve
from .resolve.faults import Fault, nearest
from .sheet.formula import Formula
from .sheet.input_keys import InputKey
from .sheet.operations import Value
from .sheet.sheet import TypedSheet

__all__ = ["CheckedSpec", "Model", "build", "read", "read_bytes"]

# Python's own limit is far below what a nest of templates within the language's limits needs.
RECURSION = 20_000


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


@without_collector()
def typed(source: Source, folder: Path) -> CheckedSpec:
    """A text resolved and its units checked, without a value computed: what the reference needs of the library."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    problems = Problems()
    resolved = resolve(source, folder, None, Request((), (), MappingProxyType({})), problems, None)
    return CheckedSpec(None, check(resolved.sheet, resolved.settings, problems)[0], problems)


@without_collector()
def build(
    source: Source,
    folder: Path,
    path: Path | None = None,
    settings: Sequence[tuple[str, str]] = (),
    scenario: str | None = None,
    queries: Sequence[str] = (),
    trace: Trace | None = None,
    texts: Mapping[Path, str] = MappingProxyType({}),
) -> CheckedSpec:
    """Takes a text down the road: resolve, dimensions, evaluation at the inputs asked for, requirements, ranges.

    `settings` are pairs of an input's path and a value, both as a person writes them. `texts` stand for files that the
    spec uses, by their resolved paths. What is made is a `Model` unless an error keeps the spec from having values.
    Nothing is raised for a fault of the spec: `problems` has them all.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    problems = Problems()
    request = Request(
        tuple(Source(f"<{query}>", query) for query in queries),
        tuple((Source(f"<--set {name}>", name), Source(f"<--set {name}={value}>", value)) for name, value in settings),
        texts,
    )
    resolved = resolve(source, folder, path, request, problems, trace)
    typed, faults = check(resolved.sheet, resolved.settings, problems)
    if resolved.torn or too_much_work(typed.sheet, problems):
        return CheckedSpec(path, typed, problems)
    if problems.failed:
        _evaluate_known(replace(typed, sheet=faults.known(typed.sheet)), resolved.settings, problems)
        return CheckedSpec(path, typed, problems)
    machine = Machine(typed)
    overrides = _evaluate(machine, scenario, resolved.settings, problems)
    return Model(path, typed, problems, machine, overrides)


def _evaluate_known(typed: TypedSheet, settings: Sequence[tuple[InputKey, Formula]], problems: Problems) -> None:
    """What is wrong with the values that the faults of a spec leave known: all of a file is told in one run."""
    found, machine = Problems(), Machine(typed)
    _evaluate(machine, None, settings, found)
    judge_claims(typed, machine, found, quiet=True)
    for fault in found.found:
        problems.add(fault)


def _evaluate(
    machine: Machine,
    scenario: str | None,
    settings: Sequence[tuple[InputKey, Formula]],
    problems: Problems,
) -> dict[InputKey, Value]:
    """Values at the inputs asked for, held to ranges, domains and requirements: what the inputs are set to."""
    typed = machine.typed
    missing = Problems()
    declared = machine.declared(missing)
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
    chosen += settings
    for key, formula in chosen:
        value = value_of(declared, formula, problems)
        if value is not None:
            overrides[key] = value
    outside = out_of_bounds(typed, declared, problems)
    settings_out_of_bounds(typed, declared, chosen, problems)
    if not problems.failed:
        refused_scenarios(typed, machine, problems)
    bad_spreads(typed, declared, problems)
    at = {} if problems.failed or missing.failed else overrides
    values = machine.at(at, missing)
    domains = Problems()
    keys = out_of_domain(typed, values, domains)
    for fault in domains.found:
        problems.add(fault)
    if domains.failed and keys is None:  # what has no value may have none for that reason
        return overrides
    outside |= keys or set()
    if outside:  # what rests on a value outside what it may be is as unknown
        missing = Problems()
        values = machine.afresh({**at, **dict.fromkeys(outside, math.nan)}, missing)
    for fault in missing.found:
        problems.add(fault)
    sound = not problems.failed
    failed_checks(typed, values, problems, lambda c: mending(typed, mends(typed, machine, values, c)) if sound else "")
    return overrides
