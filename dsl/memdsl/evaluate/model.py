"""A spec that was read and checked, and one that has values: what every analysis and every output takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from ..diagnostics import Diagnostic, Problems, Source
from ..records import record
from ..sheet.input_keys import InputKey
from ..sheet.operations import Value
from ..sheet.sheet import Query, Sheet, TypedSheet
from .claims import ClaimResult, judge_claims
from .machine import Machine, Values


@record
class CheckedSpec:
    """A spec that was read: its typed sheet, and what is wrong with it. With values it is a `Model`."""

    path: Path | None
    typed: TypedSheet
    problems: Problems

    @property
    def source(self) -> Source:
        return self.sheet.source

    @property
    def sheet(self) -> Sheet:
        return self.typed.sheet

    @property
    def sound(self) -> Model | None:
        """The model of a spec without an error so far."""
        return None

    @property
    def claims(self) -> list[ClaimResult]:
        """Every claim that could be judged."""
        return []

    @property
    def queries(self) -> tuple[Query, ...]:
        """The expressions asked for, in order (fewer when one of them has an error)."""
        return self.sheet.queries

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return list(self.problems)


@record
class Model(CheckedSpec):
    """A spec that can be evaluated: none of its errors, if it has any, keeps it from having values.

    `overrides` are the inputs that are set otherwise than the spec declares: by a scenario, or from outside.
    """

    machine: Machine
    overrides: Mapping[InputKey, Value]

    @property
    def sound(self) -> Model | None:
        return None if self.problems.failed else self

    @cached_property
    def declared(self) -> Values:
        """The values at the inputs that the spec declares."""
        return self.machine.declared(self.problems)

    @cached_property
    def values(self) -> Values:
        """The values at the inputs asked for, in base units."""
        return self.machine.at(self.overrides, self.problems)

    @cached_property
    def claims(self) -> list[ClaimResult]:
        """Every claim, judged at the declared inputs; those that fail are among the problems."""
        return judge_claims(self.typed, self.machine, self.problems)

    def at(self, overrides: Mapping[InputKey, Value]) -> Model:
        """The same spec with these inputs set, and no others; values in base units."""
        found = replace(self, overrides=overrides)
        vars(found)["claims"] = self.claims
        return found
