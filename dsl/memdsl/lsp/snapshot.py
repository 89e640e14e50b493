"""What is known of one state of a text: the model that it makes, and what each of its names means."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from .. import driver
from ..diagnostics import Diagnostic, Source
from ..evaluate import ClaimResult, Values
from ..resolve import Trace, Use
from ..resolve.modules import Module
from ..syntax import syntax_faults, tree
from .text import Offsets, Text
from .tree_walk import statement_at

NO_MODULE = tree.Module("", ())


@dataclass(eq=False)
class Snapshot:
    """`claims` are judged already."""

    source: Source
    model: driver.CheckedSpec
    trace: Trace
    claims: list[ClaimResult]
    forms: dict[str, str] = field(default_factory=dict)  # closed forms by cell, filled while nobody types

    @classmethod
    def of(cls, text: str, path: Path, texts: Mapping[Path, str] = MappingProxyType({})) -> Snapshot:
        """`texts` are those of other open files, by their resolved paths."""
        trace = Trace()
        source = Source(str(path), text)
        model = driver.build(source, path.parent, path, trace=trace, texts=texts)
        made = cls(source, model, trace, model.claims)
        # Made here, and not at the first key.
        _ = made.uses, made._starts, made.places, made.column_places, made.text.starts, made.syntax
        return made

    def uses_file(self, path: Path) -> bool:
        return str(path) in self.trace.modules

    @property
    def valued(self) -> bool:
        return self.values is not None

    @property
    def values(self) -> Values | None:
        """The values at the declared inputs; none with an error before evaluation."""
        return self.model.values if isinstance(self.model, driver.Model) else None

    @cached_property
    def text(self) -> Text:
        return Text(self.source.text)

    @cached_property
    def syntax(self) -> set[int]:
        """Those of the problems that parsing the text gives."""
        if not any(d.span.source is self.source for d in self.model.problems.found):
            return set()
        keys = {(d.span.start, d.span.end, d.message) for d in syntax_faults(self.source)}
        found = [d for d in self.model.problems.found if d.span.source is self.source]
        return {id(d) for d in found if (d.span.start, d.span.end, d.message) in keys}

    @property
    def problems(self) -> list[Diagnostic]:
        return self.model.diagnostics

    @cached_property
    def module(self) -> Module | None:
        return next((m for m in self.trace.modules.values() if m.source is self.source), None)

    @property
    def nodes(self) -> tree.Module:
        return self.module.node if self.module is not None else NO_MODULE

    @cached_property
    def uses(self) -> list[Use]:
        """The names of the spec's own text, in its order."""
        found = [use for use in self.trace.uses.values() if use.source is self.source]
        return sorted(found, key=lambda use: use.span)

    @cached_property
    def _starts(self) -> list[int]:
        return [use.span[0] for use in self.uses]

    def use_at(self, offset: int) -> Use | None:
        """The name that stands at an offset, or ends there."""
        index = bisect_right(self._starts, offset) - 1
        while index >= 0 and self._starts[index] >= offset - 200:
            use = self.uses[index]
            if use.span[0] <= offset <= use.span[1]:
                return use
            index -= 1
        return None

    def uses_within(self, span: Offsets) -> list[Use]:
        first = bisect_right(self._starts, span[0] - 1)
        last = bisect_right(self._starts, span[1])
        return self.uses[first:last]

    def statement_at(self, offset: int) -> tree.Node | None:
        return statement_at(self.nodes, offset)

    @cached_property
    def places(self) -> dict[tuple[int, int], list[str]]:
        """The cells of the sheet that a place in a text defines: in a template, one for each instance."""
        found: dict[tuple[int, int], list[str]] = {}
        for cell in self.model.sheet.cells.values():
            found.setdefault((id(cell.span.source), cell.span.start), []).append(cell.id)
        return found

    @cached_property
    def column_places(self) -> dict[tuple[int, int], list[tuple[str, str]]]:
        """The columns of the sheet that a place in a text defines."""
        found: dict[tuple[int, int], list[tuple[str, str]]] = {}
        for table in self.model.sheet.tables.values():
            for column in table.columns.values():
                key = (id(column.span.source), column.span.start)
                found.setdefault(key, []).append((table.id, column.name))
        return found
