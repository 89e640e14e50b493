"""From the nodes of a graph to rows: element-wise operators and views join the rows they stand behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from ..records import record
from .count import works
from .faults import ImportFault
from .graph import Node, Port
from .infer import Info, Role, Shape, product
from .opened import Understood, legal
from .patterns import join_attention
from .rows import Argument, Entry, Folded, Lowered, Row, Seen
from .sizes import Poly, Size, exact

K = TypeVar("K")
V = TypeVar("V")

SPATIAL = {0: (), 1: ("n",), 2: ("h", "w"), 3: ("d", "h", "w")}
CHANNELS_SECOND = {
    "Conv", "ConvTranspose", "QLinearConv", "ConvInteger", "MaxPool", "AveragePool", "GlobalAveragePool",
    "BatchNormalization", "InstanceNormalization", "FusedConv",
}  # fmt: skip
CHANNELS_LAST = {"MatMul", "Gemm", "LSTM", "GRU", "RNN", "LayerNormalization", "MatMulInteger", "QLinearMatMul"}


class NoKind(Exception):
    """The kinds of the library do not say this: the row becomes an opaque one."""


@record
class Cost:
    """What one node costs an item."""

    macs: Size
    weights: int
    stored: str


class Lowering:
    """The state of one pass over the nodes."""

    def __init__(self, source: Understood) -> None:
        self.source = source
        self.rows: list[Row] = []
        self.seen: dict[str, Seen] = {}
        self.masks: dict[str, str] = {}
        """The input behind a tensor of whole numbers."""
        self.folded: list[Folded] = []
        self.warnings: list[str] = []
        self.unknown: dict[str, list[str]] = {}
        self.norms: dict[int, int] = {}
        self.viewed: dict[int, int] = {}
        """The row behind a row that is only a view of it."""
        self.numbers: set[str] = set()
        """Tensors made of single numbers that depend on data, such as the scales of a quantisation."""
        self.made_cuts: dict[object, int] = {}
        self.joined: dict[tuple[int, ...], int] = {}
        self.ports: dict[str, int] = {}
        self.costs: dict[int, Cost] = {}
        for work in works(source.made):
            macs = source.item(work.macs)
            if macs is None:
                raise ImportFault(f"{work.node.shown} does not work once for each item of the batch")
            names = "+".join(name for name, _ in work.weights)
            self.costs[id(work.node)] = Cost(macs, sum(count for _, count in work.weights), names)
        self.readers: dict[str, list[Node]] = {}
        self.makers = {name: node for node in source.made.nodes for name in node.outputs if name}
        for node in source.made.nodes:
            for name in node.inputs:
                self.readers.setdefault(name, []).append(node)

    def mark(self) -> tuple[int, ...]:
        """How much there is of everything, to come back to."""
        counts = len(self.seen), len(self.made_cuts), len(self.norms), len(self.joined), len(self.viewed)
        return (len(self.rows), len(self.folded), *counts)

    def back_to(self, mark: tuple[int, ...]) -> None:
        """Takes back what a node has put in: it stands last everywhere."""
        del self.rows[mark[0] :]
        del self.folded[mark[1] :]
        _shorten(self.seen, mark[2])
        _shorten(self.made_cuts, mark[3])
        _shorten(self.norms, mark[4])
        _shorten(self.joined, mark[5])
        _shorten(self.viewed, mark[6])

    # ---- tensors -----------------------------------------------------------------------------------------------------

    def info(self, name: str) -> Info:
        return self.source.made.tensors[name]

    def is_data(self, name: str) -> bool:
        return bool(name) and self.info(name).role == Role.DATA

    def items(self, shape: Shape) -> list[Size]:
        """The sizes of a tensor for one item: the batch is divided out of the axis that holds it."""
        batch = self.source.batch
        if batch is None:
            return list(shape)
        found: list[Size] = []
        for size in shape:
            item = self.source.item(size)
            if item is None:
                raise NoKind
            found.append(item)
        return found

    def elements(self, seen: Seen) -> Size:
        return product(self.items(seen.shape))

    def see(self, name: str) -> Seen:
        """A tensor that depends on data. An input becomes a row where it is first read."""
        found = self.seen.get(name)
        if found is None:
            port = next((port for port in self.source.made.inputs if port.name == name), None)
            if port is None:
                raise NoKind
            found = self.seen[name] = self.input(port)
        return found

    def input(self, port: Port) -> Seen:
        """The row of an input: its channels stand last, whatever their place in the file."""
        shape = self.info(port.name).shape
        items = self.items(shape)
        rank = len(items)
        if not rank:
            row = self.add("input", {}, [], {"c": 1}, port.name)
            self.ports[port.name] = row.index
            return Seen(row.index, shape, ())
        channel = self.channel_axis(port.name, rank)
        others = [
            axis for axis, size in enumerate(items) if axis != channel and not (size == 1 and (axis == 0 or rank == 4))
        ]
        if self.source.batch is None and rank > 1 and 0 in others and items[0] == 1:
            others.remove(0)
        if channel not in (1, rank - 1) or rank in (4, 5):
            others = [axis for axis in range(rank) if axis not in (channel, 0)] + ([0] if items[0] != 1 else [])
            others.sort()
        names = [*axis_names(len(others)), "c"] if rank > 1 or self.info(port.name).role == Role.DATA else ["n"]
        if self.info(port.name).role == Role.MASK:
            row = self.add("input", {}, [], {"n": product(items)}, port.name)
            return Seen(row.index, shape, tuple(("n",) if size != 1 else () for size in items))
        order = [*others, channel]
        axes = {name: items[axis] for name, axis in zip(names, order, strict=True)}
        row = self.add("input", {}, [], axes, port.name)
        places = dict(zip(order, names, strict=True))
        self.ports[port.name] = row.index
        return Seen(row.index, shape, tuple((places[axis],) if axis in places else () for axis in range(rank)))

    def channel_axis(self, name: str, rank: int) -> int:
        """The axis that the first product over an input takes as its channels."""
        axis_of = {name: list(range(rank))}
        queue = [name]
        for tensor in queue:
            for node in self.readers.get(tensor, ())[:8]:
                axes = axis_of[tensor]
                if node.op in CHANNELS_SECOND and len(axes) > 1:
                    return axes[1]
                if node.op in (
                    "MatMul",
                    "Gemm",
                    "LSTM",
                    "GRU",
                    "RNN",
                    "LayerNormalization",
                    "MatMulInteger",
                    "QLinearMatMul",
                ):
                    return axes[-1]
                if len(queue) > 40 or not node.outputs or not node.outputs[0]:
                    continue
                out = node.outputs[0]
                if out in axis_of or len(self.info(out).shape) != len(axes):
                    continue
                if node.op == "Transpose":
                    order = node.numbers("perm") or list(range(len(axes)))[::-1]
                    axis_of[out] = [axes[axis] for axis in order]
                else:
                    axis_of[out] = axes
                queue.append(out)
        return 1 if rank in (4, 5) else max(rank - 1, 0)

    # ---- rows --------------------------------------------------------------------------------------------------------

    def add(
        self, kind: str, arguments: dict[str, Argument], inputs: Sequence[int], axes: dict[str, Size], name: str,
        cost: Cost | None = None,
    ) -> Row:  # fmt: skip
        row = Row(len(self.rows), kind, arguments, list(inputs), axes)
        if cost is not None:
            row.macs, row.weights, row.stored = cost.macs, cost.weights, cost.stored
        if name:
            row.nodes.append(name)
        self.rows.append(row)
        return row

    def cost(self, node: Node) -> Cost | None:
        return self.costs.get(id(node))

    def axes(self, seen: Seen) -> dict[str, Size]:
        return self.rows[seen.row].axes

    def real(self, seen: Seen) -> Seen:
        """The tensor as a row, once slices, padding and reductions that were put off are rows of their own."""
        if seen.reduced:
            seen = self.reduce_rows(seen)
        if seen.cuts:
            axes = dict(self.axes(seen))
            index = seen.row
            for number, (axis, size, where) in enumerate(seen.cuts):
                key = (seen.row, seen.cuts[: number + 1])
                whole = axes[axis]
                axes = {**axes, axis: size}
                if key not in self.made_cuts:
                    parts = exact(whole, size)
                    if isinstance(parts, int) and 1 < parts <= 64:
                        row = self.add("chunk", {axis: parts}, [index], axes, where)
                    else:
                        row = self.add("slice", {axis: size}, [index], axes, where)
                    self.made_cuts[key] = row.index
                index = self.made_cuts[key]
            seen = Seen(index, seen.shape, seen.layout, (), seen.pads, seen.repeat)
        if seen.pads:
            axes = dict(self.axes(seen))
            arguments: dict[str, Argument] = {}
            for axis, before, after in seen.pads:
                arguments[axis] = before + after
                axes[axis] = axes[axis] + before + after
            row = self.add("pad", arguments, [seen.row], axes, "")
            seen = Seen(row.index, seen.shape, seen.layout, (), (), seen.repeat)
        return seen

    def reduce_rows(self, seen: Seen) -> Seen:
        row = self.rows[seen.row]
        names = [axis for axis in row.axes if axis != "c"]
        gone = list(seen.reduced)
        key = ("reduced", seen.row, seen.cuts, seen.reduced)
        if key in self.made_cuts:
            return Seen(self.made_cuts[key], seen.shape, seen.layout)
        base = self.real(Seen(seen.row, seen.shape, seen.layout, seen.cuts))
        row = self.rows[base.row]
        if names and set(gone) == set(names):
            made = self.add("global_pool", {}, [row.index], {**dict.fromkeys(names, 1), "c": row.axes.get("c", 1)}, "")
        else:
            index = row.index
            axes = dict(row.axes)
            for axis in gone:
                axes = {**axes, axis: 1}
                made = self.add("reduce", {} if axis == "c" else {"axis": axis}, [index], axes, "")
                index = made.index
        self.made_cuts[key] = made.index
        return Seen(made.index, seen.shape, seen.layout)

    def as_axes(self, seen: Seen, wanted: dict[str, Size], exactly: bool = True) -> int:
        """The row of a tensor with axes of these sizes (and names where `exactly`); a view where it has others."""
        if exactly and [axis for axis, *_ in seen.cuts] == ["c"] and not seen.pads and not seen.reduced:
            # parts of one tensor, seen otherwise: the whole is seen so, once, and then parted
            whole = {**wanted, "c": self.axes(seen)["c"]}
            if seen.cuts[0][1] == wanted.get("c") and list(self.axes(seen).values()) != list(whole.values()):
                seen = Seen(self.as_axes(Seen(seen.row, seen.shape, ()), whole), seen.shape, seen.layout, seen.cuts)
        seen = self.real(seen)
        row = self.rows[seen.row]
        sizes = list(wanted.values())
        if list(row.axes.values()) == sizes and (not exactly or list(row.axes) == list(wanted)):
            return row.index
        if product(row.axes.values()) != product(sizes):
            raise NoKind
        key = ("view", row.index, tuple(wanted.items()))
        if key in self.made_cuts:
            return self.made_cuts[key]
        kind, arguments = self.view_kind(row, wanted)
        made = self.add(kind, arguments, [row.index], dict(wanted), "")
        self.made_cuts[key] = made.index
        self.viewed[made.index] = row.index
        return made.index

    def base(self, index: int | None) -> int | None:
        """The row that a view is of."""
        while index in self.viewed:
            index = self.viewed[index]
        return index

    def view_kind(self, row: Row, wanted: dict[str, Size]) -> tuple[str, dict[str, Argument]]:
        before = dict(row.axes)
        taken = any(one.name == "sequence" for one in self.source.opened)  # a size of this name hides the kind
        if list(wanted) == ["n", "c"] and before.get("c") == wanted["c"] and len(before) > 2 and not taken:
            return "sequence", {}
        if list(wanted) == ["c"]:
            return "flatten", {}
        if list(before) == list(wanted) and len(wanted) > 1 and before["c"] != wanted["c"]:
            for block in (2, 4):
                squares = block ** (len(wanted) - 1)
                if before["c"] * squares == wanted["c"] and all(
                    self.source.atoms.over(before[a], block) == wanted[a] or wanted[a] * block == before[a]
                    for a in wanted if a != "c"
                ):  # fmt: skip
                    return "space_to_depth", {} if block == 2 else {"block": block}
        return "reshape", dict(wanted)

    # ---- layouts -----------------------------------------------------------------------------------------------------

    def plain_axes(self, seen: Seen) -> Seen:
        """The tensor as a row whose axes are those of the file, sizes of 1 left out: all of its layout is known."""
        items = self.items(seen.shape)
        kept = [axis for axis, size in enumerate(items) if size != 1] or [len(items) - 1]
        names = [*axis_names(len(kept) - 1), "c"]
        wanted = {name: items[axis] if items else 1 for name, axis in zip(names, kept, strict=True)}
        index = self.as_axes(seen, wanted)
        places = dict(zip(kept, names, strict=True))
        return Seen(index, seen.shape, tuple((places[a],) if a in places else () for a in range(len(items))))

    def regroup(self, seen: Seen, shape: Shape) -> tuple[Entry, ...]:
        """The layout after a reshape: axes of the file whose products are equal hold the same axes of the row."""
        old, new = self.items(seen.shape), self.items(shape)
        layout: list[Entry] = []
        i = j = 0
        while j < len(new):
            if new[j] == 1:
                layout.append(())
                j += 1
                continue
            while i < len(old) and old[i] == 1:
                i += 1
            start_i, start_j = i, j
            left: Size = old[i] if i < len(old) else 1
            right: Size = new[j]
            i, j = i + 1, j + 1
            while left != right:
                grow_left = _smaller(left, right)
                if grow_left and i < len(old):
                    left, i = left * old[i], i + 1
                elif j < len(new):
                    right, j = right * new[j], j + 1
                elif i < len(old):
                    left, i = left * old[i], i + 1
                else:
                    break
            entries = [entry for entry, size in zip(seen.layout[start_i:i], old[start_i:i], strict=True) if size != 1]
            count = j - start_j
            if left != right or any(entry is None for entry in entries):
                layout += [None] * count
                continue
            names = tuple(dict.fromkeys(name for entry in entries if entry for name in entry))
            if count == 1 or len(names) < 2:
                layout += [names] * count
            else:
                layout += self.shares(seen, entries, new[start_j:j])
        return tuple(() if size == 1 else entry for entry, size in zip(layout, new, strict=True))

    def shares(self, seen: Seen, entries: Sequence[Entry], sizes: Sequence[Size]) -> list[Entry]:
        """Several axes made of several: each takes the axes of the row that its size is made of, in order."""
        names = [name for entry in entries if entry for name in entry]
        if len(set(names)) != len(names):
            return [None] * len(sizes)
        axes = self.axes(seen)
        found: list[Entry] = []
        for size in sizes:
            taken: list[str] = []
            total: Size = 1
            while names and total != size and size != 1:
                total = total * axes[names[0]]
                taken.append(names.pop(0))
            if total != size:
                return [None] * len(sizes)
            found.append(tuple(taken))
        return found if not names else [None] * len(sizes)

    # ---- inputs of whole numbers, steps of time ----------------------------------------------------------------------

    def mask_source(self, name: str) -> str:
        """The input of whole numbers that a tensor of them is made from."""
        queue, known = [name], {name}
        inputs = {port.name for port in self.source.made.inputs}
        while queue:
            tensor = queue.pop(0)
            if tensor in inputs:
                return tensor
            maker = self.makers.get(tensor)
            for before in maker.inputs if maker is not None else ():
                if before and before not in known and self.info(before).role == Role.MASK:
                    known.add(before)
                    queue.append(before)
        raise NoKind

    def resized(self, index: int, count: Size) -> int:
        """A sequence of whole numbers at another length than its input has."""
        axes: dict[str, Size] = {"n": count}
        key = ("resized", index, count)
        if key not in self.made_cuts:
            self.made_cuts[key] = self.add("reshape", dict(axes), [index], axes, "").index
        return self.made_cuts[key]

    def last_step(self, row: Row) -> int:
        """The output of a recurrent layer at its last step."""
        key = ("last", row.index)
        if key not in self.made_cuts:
            self.made_cuts[key] = self.add("take", {}, [row.index], {**row.axes, "n": 1}, "").index
        return self.made_cuts[key]

    # ---- what has no kind --------------------------------------------------------------------------------------------

    def opaque(self, node: Node, known: bool) -> None:
        """A visible row of its own for a node that no kind says: its bytes, and its work where that is counted."""
        given = [self.real(self.see(name)) for name in node.inputs if self.is_data(name)]
        if not given:
            masks = [name for name in node.inputs if name and self.info(name).role == Role.MASK]
            given = [self.see(self.mask_source(name)) for name in masks[:1]]
        cost = self.cost(node)
        for number, name in enumerate(node.outputs):
            if not name or not self.is_data(name):
                continue
            shape = self.info(name).shape
            try:
                items = self.items(shape)
            except NoKind:
                raise ImportFault(f"{node.shown} makes {shape}, which does not grow with the batch") from None
            last = items[-1] if items else 1
            axes: dict[str, Size] = {"n": product(items[:-1]), "c": last}
            arguments: dict[str, Argument] = {"positions": axes["n"], "features": last}
            spent = cost if number == 0 else None
            if spent is not None and spent.macs != 0:
                arguments["multiplies"] = spent.macs
            if spent is not None and spent.weights:
                arguments["stored"] = spent.weights
            inputs = list(dict.fromkeys(one.row for one in given))
            row = self.add("opaque", arguments, inputs, axes, node.known, spent)
            self.seen[name] = Seen(row.index, shape, _flat_layout(items))
        if not known:
            self.unknown.setdefault(f"{node.domain + '.' if node.domain else ''}{node.op}", []).append(node.known)

    def fold(self, node: Node, index: int, what: str = "into") -> None:
        """The node has no row: its output is that of the row it stands behind."""
        row = self.rows[index]
        self.folded.append(Folded(node.shown, what, index))
        row.nodes.append(node.known)

    def finish(self, outputs: Iterable[str]) -> Lowered:
        found: list[tuple[str, int]] = []
        for name in outputs:
            if self.is_data(name) and name in self.seen:
                seen = self.seen[name]
                if seen.reduced or seen.cuts or seen.pads:
                    seen = self.seen[name] = self.real(seen)
                found.append((name, seen.row))
        join_attention(self.rows, [row for _, row in found])
        return Lowered(self.rows, found, self.folded, self.warnings, self.unknown)


def _shorten(table: dict[K, V], count: int) -> None:
    while len(table) > count:
        table.popitem()


def axis_names(count: int) -> list[str]:
    """Names of the axes before the channels."""
    if count <= 3:
        return list(SPATIAL[count])
    return [f"a{number}" for number in range(count - 2)] + ["m", "n"]


def _flat_layout(items: Sequence[Size]) -> tuple[Entry, ...]:
    if not items:
        return ()
    outer = [size for size in items[:-1] if size != 1]
    entry: Entry = ("n",)
    del outer
    return (*(() if size == 1 else entry for size in items[:-1]), ("c",))


def _smaller(a: Size, b: Size) -> bool:
    """Whether the first is the part that has to grow: it divides the second, or is the smaller number."""
    if isinstance(a, int) and isinstance(b, int):
        return a < b
    quotient = exact(b, a)
    if quotient is not None and (
        isinstance(quotient, int)
        or (isinstance(quotient, Poly) and all(isinstance(f, int) for f in quotient.terms.values()))
    ):
        return True
    quotient = exact(a, b)
    return quotient is None


def name_of(port: Port) -> str:
    return legal(port.name, "input")
