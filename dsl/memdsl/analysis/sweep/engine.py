"""A sweep: the cells asked for, as nodes over the axes of a grid, computed block by block."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, inf, lcm
from threading import Lock
from typing import Any

import numpy as np

from ...evaluate import Values
from ...sheet.formula import Formula
from ...sheet.input_keys import InputKey
from ...sheet.sheet import RowOf, Text, Type, TypedSheet
from ...symbolic import SymbolicError
from ...symbolic.joint_forms import JointForms
from ...symbolic.needs import needs_of
from ...symbolic.searched import WHY, rests_on_found
from ...symbolic.terms import ALWAYS, Symbol, exact
from .grid import Array, Block, Grid, Mask, Track
from .lower import Lowering
from .nodes import Frame, Node, Plan, below, points
from .operations import Many
from .vector import VectorMachine

BLOCK = 1 << 15
"""Points that are computed at a time: what one step works on stays in the processor's cache."""
_STORED = 1 << 22
_ALL_STORED = 1 << 24
"""Values over few axes that are computed once and kept: of one node, and of all."""
_PREPARING = Lock()
_GRAIN_OF = 100_000
_FINEST = 10**12
"""Values whose common step is sought, and the least step that is of use."""


@dataclass(frozen=True, eq=False)
class Target:
    """A cell to compute: its text, its formula, its type."""

    text: str
    formula: Formula
    type: Type


@dataclass(frozen=True, eq=False)
class Column:
    """What became of a cell. `axes` are those that it rests on; `why` says why it has no closed form."""

    text: str
    type: Type
    axes: int
    why: str = ""

    @property
    def numeric(self) -> bool:
        return not isinstance(self.type, Text | RowOf)


@dataclass(eq=False)
class Sheeted(Node):
    """A formula computed from the sheet's own formulas, at each point of its axes; of a row, its name."""

    machine: VectorMachine
    rows: tuple[str, ...] | None = None

    def compute(self, frame: Frame) -> Array:
        block = Block(
            tuple(low if self.axes >> k & 1 else 0 for k, low in enumerate(frame.block.low)),
            tuple(high if self.axes >> k & 1 else 1 for k, high in enumerate(frame.block.high)),
            0,
        )
        tracks = frame.grid.tracks
        given = dict(zip([track.key for track in tracks], frame.grid.inputs(block), strict=True))
        used = {
            track.key: given[track.key]
            for k, axis in enumerate(frame.grid.axes)
            if self.axes >> k & 1
            for track in axis.tracks
        }
        value = self.one(self.machine.at(used, block.size))
        array: Array = np.broadcast_to(np.asarray(value), (block.size,)).reshape(frame.shape(self.axes))
        if self.rows is not None:
            names = np.array([*self.rows, None], dtype=object)
            found: Array = names[np.where(np.isnan(array), len(self.rows), array).astype(np.intp)]
            return found
        return array.astype(object) if array.dtype.kind == "U" else array

    def one(self, values: Sequence[object]) -> object:
        """What the machine's formulas come to."""
        return values[0]


@dataclass(eq=False)
class AllSheeted(Sheeted):
    """Several conditions computed together: 1 where all of them hold."""

    def one(self, values: Sequence[object]) -> object:
        found: Array = np.ones(1)
        for value in values:
            found = np.where(np.asarray(value, dtype=float) == 1, found, 0.0)
        return found


@dataclass(frozen=True, eq=False)
class Required:
    """A condition that the spec requires, and what it says of it."""

    message: str
    condition: Node


@dataclass(eq=False)
class Sweep:
    """Cells over a grid. It can travel to another process: it holds no closures.

    `required` are conditions that the spec requires; a point that breaks one has no value. `always` are the numbers of
    the cells that otherwise have a value at every point.
    """

    grid: Grid
    columns: tuple[Column, ...]
    nodes: tuple[Node, ...]
    required: tuple[Required, ...]
    exactly: VectorMachine | None
    in_closed_form: tuple[int, ...]
    always: frozenset[int] = frozenset()
    plan: Plan = field(default_factory=Plan)
    _ready: bool = False

    # ---- computing --------------------------------------------------------------------------------------------------

    def compute(self, block: Block) -> list[Array]:
        """The cells at the points of a block, one array each, with the length 1 along the axes it does not rest on.

        NaN (None for a text) where a cell has no value.
        """
        self.prepare()
        with np.errstate(all="ignore"):
            frame = Frame(self.grid, block, self.plan)
            values = [frame.value(node) for node in self.nodes]
            values = [v if n in self.always else _defined(v) for n, v in enumerate(values)]
            doubts = [*frame.doubts, *(d[frame.slices(d.shape)] for d in self.plan.doubts)]
            if doubts and self.exactly is not None:
                values = self._corrected(block, values, doubts)
            if self.required:
                values = self._admitted(frame, values)
        return values

    def _admitted(self, frame: Frame, values: list[Array]) -> list[Array]:
        """The values without those of points that break what the spec requires."""
        kept: Mask | None = None
        for required in self.required:
            holds = frame.value(required.condition) == 1
            kept = holds if kept is None else kept & holds
        return values if kept is None or kept.all() else [_without(value, kept) for value in values]

    def prepare(self) -> None:
        """Computes once what rests on few axes only."""
        with _PREPARING:
            if not self._ready:
                self._prepare()

    def _prepare(self) -> None:
        roots = [*self.nodes, *(required.condition for required in self.required)]
        users = Counter(id(node) for node, _ in below(roots))
        self.plan.shared = {number for number, count in users.items() if count > 1}
        every = (1 << len(self.grid.axes)) - 1
        room = _ALL_STORED
        work, seen = list(roots), set()
        while work:
            node = work.pop()
            if id(node) in seen or (not node.parts and not isinstance(node, Sheeted)):
                continue
            seen.add(id(node))
            size = points(node, self.grid)
            if node.axes != every and size <= min(_STORED, room):
                self.plan.stored[id(node)] = self._over_all(node)
                room -= size
            else:
                work.extend(node.parts)
        self._ready = True

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "plan": Plan(), "_ready": False}

    def forget(self) -> None:
        """Takes back what was computed once, so that the next run computes it anew."""
        self.plan, self._ready = Plan(), False

    def _over_all(self, node: Node) -> Array:
        whole = self.grid.whole(node.axes)
        found: Array | None = None
        doubts: Mask | None = None
        with np.errstate(all="ignore"):
            for block in self.grid.blocks(BLOCK, node.axes):
                frame = Frame(self.grid, block, self.plan)
                value = frame.value(node)
                if found is None:
                    found = np.empty(whole.shape, dtype=value.dtype)
                found[frame.slices(whole.shape)] = value
                for doubt in frame.doubts:
                    if doubts is None:
                        doubts = np.zeros(whole.shape, dtype=bool)
                    doubts[frame.slices(whole.shape)] |= doubt
        if doubts is not None:
            self.plan.doubts.append(doubts)
        assert found is not None
        return found

    def _corrected(self, block: Block, values: list[Array], doubts: Sequence[Mask]) -> list[Array]:
        """What the sheet itself gives where rounding decides a comparison."""
        assert self.exactly is not None
        doubtful = doubts[0]
        for doubt in doubts[1:]:
            doubtful = doubtful | doubt
        where = np.nonzero(np.broadcast_to(doubtful, block.shape))
        if not len(where[0]):
            return values
        given: dict[InputKey, Many] = {}
        for axis, indices, low in zip(self.grid.axes, where, block.low, strict=True):
            for track in axis.tracks:
                given[track.key] = track.values[indices + low]
        found = self.exactly.at(given, len(where[0]))
        corrected = list(values)
        for number, value in zip(self.in_closed_form, found, strict=True):
            column = np.array(np.broadcast_to(values[number], block.shape))
            column[where] = value
            corrected[number] = column
        return corrected

    def run(self, size: int, threads: int = 1) -> Iterator[tuple[Block, list[Array]]]:
        """Every block in order, with its values."""
        self.prepare()
        blocks = self.grid.blocks(size)
        if threads <= 1:
            for block in blocks:
                yield block, self.compute(block)
            return
        waiting: deque[tuple[Block, Future[list[Array]]]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            try:
                for block in blocks:
                    waiting.append((block, pool.submit(self.compute, block)))
                    if len(waiting) > 2 * threads:
                        first, future = waiting.popleft()
                        yield first, future.result()
                while waiting:
                    first, future = waiting.popleft()
                    yield first, future.result()
            finally:
                for _, future in waiting:
                    future.cancel()


def _defined(value: Array) -> Array:
    """Infinities are no values."""
    if value.dtype != np.float64 or np.isfinite(value).all():
        return value
    return np.where(np.isfinite(value), value, np.nan)


def _without(value: Array, kept: Mask) -> Array:
    nothing: Any = None if value.dtype == object else np.nan
    found: Array = np.where(kept, value, nothing)
    return found


def sweep_of(typed: TypedSheet, values: Values, grid: Grid, asked: Sequence[Target]) -> Sweep:
    """The cells over the grid, every other input as in `values`: collapsed closed forms, where there are."""
    needs = needs_of(typed)
    bits: list[int] = []
    for axis in grid.axes:
        below_axis = 0
        for track in axis.tracks:
            below_axis |= needs.bits[track.key]
        bits.append(below_axis)

    def rests_on(found: int) -> int:
        return sum(1 << k for k, axis in enumerate(bits) if found & axis)

    numeric = {track.key: _symbol(track) for track in grid.tracks if track.numeric}
    places = {track.path: (k, n) for k, axis in enumerate(grid.axes) for n, track in enumerate(axis.tracks)}
    texts = 0
    for track in grid.tracks:
        if not track.numeric:
            texts |= needs.bits[track.key]
    together = JointForms(typed, values, numeric)
    lowering = Lowering(together.space, grid, places)
    columns: list[Column] = []
    nodes: list[Node] = []
    closed: list[int] = []
    always: list[int] = []
    for number, cell in enumerate(asked):
        found = needs.of(cell.formula)
        why = ""
        node: Node | None = None
        if found & texts:
            why = "it rests on a text"
        elif isinstance(cell.type, Text | RowOf):
            why = "it is not a number"
        elif rests_on_found(typed.sheet, cell.formula):
            why = WHY
        else:
            try:
                poly = together.form(cell.formula)
                node = lowering.cell(poly)
                closed.append(number)
                if lowering.safe(poly):
                    always.append(number)
            except (SymbolicError, OverflowError) as error:
                why = error.message if isinstance(error, SymbolicError) else "a number in it is too large"
        if node is None:
            rows = typed.sheet.tables[cell.type.table].rows if isinstance(cell.type, RowOf) else None
            names = tuple(row.name for row in rows) if rows is not None else None
            node = Sheeted(rests_on(found), VectorMachine(typed.sheet, values, [(cell.formula, "", 0)]), names)
        columns.append(Column(cell.text, cell.type, rests_on(found), why))
        nodes.append(node)
    formulas = [(asked[number].formula, "", 0) for number in closed]
    exactly = VectorMachine(typed.sheet, values, formulas) if closed else None
    required = _required(typed, values, together, lowering, rests_on)
    return Sweep(grid, tuple(columns), tuple(nodes), required, exactly, tuple(closed), frozenset(always))


def _required(
    typed: TypedSheet, values: Values, together: JointForms, lowering: Lowering, rests_on: Callable[[int], int]
) -> tuple[Required, ...]:
    """The conditions that the spec requires and that some point may break."""
    found: dict[int, Required] = {}
    searched: list[tuple[Formula, str, int]] = []
    searched_axes, said = 0, ""
    sheeted: list[Required] = []
    for check in typed.sheet.checks:
        for row in check.rows if check.table is not None else (0,):
            below_check = together.below(check, row)
            if not below_check & together.chosen:
                continue
            if rests_on_found(typed.sheet, check.condition):
                searched.append((check.condition, check.table or "", row))
                searched_axes |= rests_on(below_check)
                said = said or check.message
                continue
            try:
                condition = together.requirement(check, row)
            except SymbolicError:
                machine = VectorMachine(typed.sheet, values, [(check.condition, check.table or "", row)])
                sheeted.append(Required(check.message, Sheeted(rests_on(below_check), machine)))
                continue
            if condition != ALWAYS and condition not in found:
                found[condition] = Required(check.message, lowering.condition(condition))
    if searched:  # one machine for all of them: each would search anew
        machine = VectorMachine(typed.sheet, values, searched)
        sheeted.append(Required(said, AllSheeted(searched_axes, machine)))
    return (*found.values(), *sheeted)


def _symbol(track: Track) -> Symbol:
    """What the values of an input have in common: between which numbers they lie, what they are multiples of."""
    numbers = np.asarray(track.values, dtype=np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    grain = None
    if len(numbers) <= _GRAIN_OF and abs(low) < inf and abs(high) < inf:
        grain = _common(numbers)
    return Symbol(track.path, exact(low), exact(high), grain)


def _common(numbers: Array) -> Fraction | None:
    """The greatest number that all are multiples of, when it is a plain one."""
    fractions = [exact(value) for value in np.unique(numbers).tolist()]
    bottom = 1
    for fraction in fractions:
        bottom = lcm(bottom, fraction.denominator)
        if bottom > _FINEST:
            return None
    top = gcd(*(int(fraction * bottom) for fraction in fractions))
    return Fraction(top, bottom) if top else None
