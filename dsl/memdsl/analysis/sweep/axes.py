"""From what was asked, in words of the spec, to axes: names to inputs, units checked, bounds held."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from ...diagnostics import Problems, Source, Span
from ...dimensions.words import say
from ...evaluate import Values, settings_out_of_bounds
from ...sheet.formula import CellRef, Formula, Literal
from ...sheet.input_keys import InputKey
from ...sheet.sheet import Input, Quantity, Type, TypedSheet
from ...symbolic import SymbolicError
from ...symbolic.closed import find_input
from ...symbolic.needs import needs_of
from ...units import NONE
from .engine import Sweep, Target, sweep_of
from .grid import LARGEST_GRID, LONGEST_AXIS, Axis, Grid, SweepError, Track
from .ranges import Kind, RangeText, count, values

Given = Sequence[float] | Sequence[bool] | Sequence[str]
"""Values of an input, numbers in base units."""

Over = Sequence[RangeText | tuple[str, Given]]
"""What a sweep runs over, in order: ranges as a person writes them, and values by the input's name."""


def parts_of(over: Over) -> list[str]:
    """The expressions that ranges are made of: they are the first queries of the sheet."""
    return [part for item in over if isinstance(item, RangeText) for part in item.parts]


def prepared(typed: TypedSheet, at: Values, over: Over, problems: Problems) -> tuple[Sweep, tuple[Target, ...]] | None:
    """The sweep of the cells that the sheet was asked for, beside the parts of the ranges; without any, of all totals.

    Faults of a person's values go to `problems`, and there is no sweep then. Raises SweepError for a grid that is none.
    """
    queries = typed.sheet.queries
    start = len(parts_of(over))
    asked = []
    for query in queries[start:]:
        if query.rows is not None:
            message = f"`{query.text}` is a column; a sweep needs one value a point"
            problems.error("column-needed", message, query.formula.span, "aggregate it: `sum(…)`, `max(…)`")
        asked.append(Target(query.text, query.formula, typed.type_of(query.formula)))
    grid = AxisReader(typed, at, problems).grid(over, [query.formula for query in queries[:start]])
    if grid is None or problems.failed:
        return None
    cells = tuple({cell.text: cell for cell in asked}.values()) or _totals(typed, grid)
    return sweep_of(typed, at, grid, cells), cells


def _totals(typed: TypedSheet, grid: Grid) -> tuple[Target, ...]:
    """What is computed when no cell is named: every number of the spec that the inputs change."""
    found = []
    for cell in typed.sheet.cells.values():
        kind = typed.cell_types[cell.id]
        if cell.role != "cell" or not isinstance(kind, Quantity) or cell.id in typed.sheet.inputs:
            continue
        formula = CellRef(cell.span, cell.id)
        if len(independent(typed, formula, grid)) < len(grid.tracks):
            found.append(Target(cell.id, formula, kind))
    if not found:
        names = ", ".join(f"`{track.path}`" for track in grid.tracks)
        raise SweepError(f"no cell of the spec rests on {names}")
    return tuple(found)


class AxisReader:
    """Makes a grid. Faults of a person's values go to `problems`, with the text that they stand in."""

    def __init__(self, typed: TypedSheet, at: Values, problems: Problems) -> None:
        self.typed = typed
        self.at = at
        self.problems = problems

    def grid(self, over: Over, formulas: Sequence[Formula]) -> Grid | None:
        """The grid; `formulas` are the parts of its ranges, in order."""
        sized: list[tuple[Input, Kind, list[float | bool | str]]] = []
        start = 0
        for given in over:
            if isinstance(given, RangeText):
                item = self._input(given.name)
                here = formulas[start : start + len(given.parts)]
                start += len(given.parts)
                found = self._numbers(item, given, here) if item is not None else None
                if item is not None and found is not None:
                    sized.append((item, given.kind, found))
            else:
                item = self._input(given[0])
                if item is not None:
                    listed = [v.item() if isinstance(v, np.generic) else v for v in given[1]]
                    self._of_its_type(item, listed)
                    sized.append((item, "list", listed))
        if self.problems.failed:
            return None
        return self.of(sized)

    def of(self, sized: Sequence[tuple[Input, Kind, list[float | bool | str]]]) -> Grid | None:
        """The grid of inputs, each with the numbers of its range or its values."""
        self._distinct([item for item, _, _ in sized])
        self._size(sized)
        axes = []
        for item, kind, numbers in sized:
            texts = any(isinstance(value, bool | str) for value in numbers)
            array = np.array(numbers, dtype=object) if texts else values(kind, [float(n) for n in numbers], item.path)
            if not len(array):
                raise SweepError(f"`{item.path}` has no value to take")
            track = Track(item.path, item.key, array)
            self._bounds(item, track)
            axes.append(Axis((track,)))
        return None if self.problems.failed else Grid(tuple(axes))

    def _input(self, name: str) -> Input | None:
        try:
            return find_input(self.typed, name)
        except SymbolicError as error:
            self.problems.error(error.code, error.message, _place(f"--over {name}", name), error.hint)
            return None

    def _numbers(self, item: Input, written: RangeText, formulas: Sequence[Formula]) -> list[float | bool | str] | None:
        kind = input_type(self.typed, item)
        found: list[float | bool | str] = []
        for number, formula in enumerate(formulas):
            given, wanted = self.typed.type_of(formula), kind
            what = f"`{item.path}`"
            if written.kind == "factor" and number == 2:
                wanted, what = Quantity(NONE), "a factor"
            if given not in (wanted, Quantity(None)):
                message = f"{what} is {say(wanted)}, and this is {say(given)}"
                self.problems.error("unit-mismatch", message, formula.span)
                continue
            try:
                found.append(self.at.formula(formula))
            except ArithmeticError as error:
                self.problems.error("bad-value", f"this has no value: {error}", formula.span)
        return found if len(found) == len(formulas) else None

    def _of_its_type(self, item: Input, listed: Sequence[float | bool | str]) -> None:
        """A text among numbers would be compared with them, and never be equal."""
        numbers = isinstance(input_type(self.typed, item), Quantity)
        for value in listed:
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if number != numbers or value != value:
                message = f"`{item.path}` does not take {value!r}"
                hint = f'give numbers in base units, or one text: {{{item.path!r}: "1, 2"}}'
                raise SweepError(message + (f"; {hint}" if numbers else ""))

    def _distinct(self, items: Sequence[Input]) -> None:
        seen: set[InputKey] = set()
        for item in items:
            if item.key in seen:
                raise SweepError(f"`{item.path}` is swept twice")
            seen.add(item.key)
        if not items:
            raise SweepError("nothing to sweep over: give at least one input")

    def _size(self, sized: Sequence[tuple[Input, Kind, list[float | bool | str]]]) -> None:
        """Refuses what is too large before a single value is made."""
        sizes = []
        for item, kind, numbers in sized:
            plain = [float(n) for n in numbers] if kind != "list" else []
            sizes.append(len(numbers) if kind == "list" else count(kind, plain, item.path))
        total = prod(sizes)
        if total > LARGEST_GRID:
            factors = " x ".join(f"{size:,}" for size in sizes)
            product = f"{factors} = {total:,}" if len(sizes) > 1 else f"{total:,}"
            raise SweepError(f"the grid has {product} points; at most {LARGEST_GRID:,} are computed")
        for (item, _, _), size in zip(sized, sizes, strict=True):
            if size > LONGEST_AXIS:
                raise SweepError(f"`{item.path}` takes {size:,} values; one input takes at most {LONGEST_AXIS:,}")

    def _bounds(self, item: Input, track: Track) -> None:
        """The first value that the input does not admit, told as for `--set`."""
        if item.bounds is None:
            return
        kind = input_type(self.typed, item)
        dimension = kind.dimension if isinstance(kind, Quantity) else None
        for value in self._suspects(item, track):
            text = str(value)
            literal = Literal(_place(f"--over {item.path}", text), value, dimension, text)
            before = len(self.problems.found)
            settings_out_of_bounds(self.typed, self.at, [(item.key, literal)], self.problems)
            if len(self.problems.found) > before:
                return

    def _suspects(self, item: Input, track: Track) -> list[float | bool | str]:
        """Values that may be outside what an input admits: the ends, what is no multiple, each of a choice."""
        assert item.bounds is not None
        if item.bounds.one_of or not track.numeric:
            return list(track.values.tolist())
        numbers = np.asarray(track.values, dtype=np.float64)
        found: list[float | bool | str] = [float(numbers.min()), float(numbers.max())]
        if item.bounds.multiple is not None:
            step = float(self.at.formula(item.bounds.multiple))
            if step > 0:
                quotients = numbers / step
                off = np.abs(quotients - np.rint(quotients)) > 1e-9 * np.maximum(1.0, np.abs(quotients))
                found += [float(v) for v in numbers[off][:1]]
        return found


def _place(name: str, text: str) -> Span:
    return Span(Source(f"<{name}>", text), 0, len(text))


def input_type(typed: TypedSheet, item: Input) -> Type:
    key = item.key
    return typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]


def independent(typed: TypedSheet, formula: Formula, grid: Grid) -> list[str]:
    """The inputs of a grid that a formula does not rest on."""
    needs = needs_of(typed)
    below = set(needs.names(needs.of(formula)))
    return [track.path for track in grid.tracks if track.path not in below]
