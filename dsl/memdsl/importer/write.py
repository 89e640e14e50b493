"""The text of an imported network: inputs, blocks, the network, a model on a chip, claims and a report."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from fractions import Fraction
from math import log2

from ..records import record
from .body import Body, laid_out
from .carried import fold_carried
from .claims import claims, expected, harmless
from .fold import Folding
from .kinds import KINDS, OPAQUE, SPEC, VIEWS
from .opened import Understood, legal
from .parts import Block, Part, part_of
from .regions import consumers_of
from .result import Expected
from .rows import Lowered
from .shared import share
from .sizes import Poly, value_of


@record
class Written:
    """The text of a spec, and the rows that it must have."""

    text: str
    expected: list[Expected]


USED = ("std.layers", "std.traffic", "std.hardware")


class Writer:
    def __init__(self, source: Understood, lowered: Lowered, title: str, chip: str, folding: bool, twice: bool) -> None:
        self.source = source
        self.lowered = lowered
        self.title = title
        self.chip = chip
        self.folds = folding
        self.twice = twice

    def size(self, size: object) -> str:
        """A size, list or text as the spec has it."""
        if isinstance(size, bool):
            return "true" if size else "false"
        if isinstance(size, str):
            return f'"{size}"'
        if isinstance(size, tuple):
            return f"[{', '.join(self.size(one) for one in size)}]"
        assert isinstance(size, (int, Fraction, Poly))
        return self.source.shown(size)

    def run(self) -> Written:
        kept = needed_rows(self.lowered)
        rows = [row for row in self.lowered.rows if row.index in kept]
        made: dict[int, Part] = {}
        parts: list[Part] = []
        for row in rows:
            part = part_of(row, made)
            made[row.index] = part
            parts.append(part)
        readers: set[int] = {id(one) for part in parts for one in part.inputs}
        ends = [made[index] for _, index in self.lowered.outputs if index in made]
        ends = list({id(part): part for part in [*ends, *(p for p in parts if id(p) not in readers)]}.values())
        folding = Folding(parts, ends, self.size)
        folding.names |= KINDS | SPEC
        network = self.network_name()
        folding.names.add(network)
        if self.folds:
            folding.run()
            fold_carried(folding, self.called)
        tied = share(folding, self.lowered.rows)
        self.words = folding.names
        """Names that a statement may not have: kinds, blocks, what the spec itself defines."""
        attention = ["std.transformers"] if any(row.kind == "attention" for row in rows) else []
        used = [USED[0], *attention, *USED[1:], *(["std.chips"] if self.chip else [])]
        lines = [f'"{self.title}"', "", "; ".join(f"use {module}" for module in used)]
        chip = [f"hardware chip = {self.chip or 'edge'}()"]
        lines.append("")
        lines += self.params()
        if any(row.kind == "opaque" for row in rows):
            lines += OPAQUE.strip("\n").split("\n")
            lines.append("")
        for block in folding.blocks:
            lines += [*self.block(block), ""]
        body, names, statements = self.network(folding, network)
        lines += [*body, "", *chip]
        lines += self.instance(folding, network)
        lines.append("")
        batch = self.source.batch_value
        lines.append(f"model today = traffic(net, chip{f', batch = {batch}' if batch != 1 else ''})")
        lines.append("")
        there = expected(self.source, self.lowered, rows, tied)
        lines += claims(self.source, self.lowered, rows, there, names, self.twice, tied)
        lines += ["", *self.report(), "", *self.nodes(statements)]
        return Written("\n".join(lines).rstrip() + "\n", there)

    def network_name(self) -> str:
        name = legal(self.source.network.graph.name, "imported").lower()
        if (
            name in ("main_graph", "torch_jit", "torch_jit_export", "graph", "main", "mxnet_converted_model", "tf2onnx")
            or len(name) > 30
        ):
            name = legal(self.title.split()[0].lower(), "imported")
        return f"{name}_" if name in KINDS | SPEC else name

    # ---- inputs ------------------------------------------------------------------------------------------------------

    def params(self) -> list[str]:
        found: list[str] = []
        for one in self.source.opened:
            unit = f" {one.unit}" if one.unit else ""
            low, high = max(one.low, one.step), one.high
            found.append(
                f"param {one.name} = {one.value}{unit}  multiple of {one.step}"
                f'  from {low}{unit} to {high}{unit}  "{one.label}"'
            )
        return [*found, ""] if found else []

    # ---- blocks and the network --------------------------------------------------------------------------------------

    def block(self, block: Block) -> list[str]:
        formulas = {id(part): texts for part, texts in zip(block.parts, block.formulas, strict=True)}
        tensors = block.tensors or {id(block.entry): "x"}
        words = {"out", *tensors.values(), *block.results.values(), *block.parameters, *self.words}
        body = Body(block.parts, tensors, lambda part: formulas[id(part)], self.size, lambda part: None, words)
        names = {block.out or id(block.parts[-1]): "out", **block.results}
        statements = body.write([part for part in block.parts if id(part) in names], names)
        head = f"block {block.name}({', '.join([*tensors.values(), *block.parameters])})"
        if len(statements) == 1 and len(head) + len(statements[0][1]) < 105:
            return [f"{head} {{ out = {statements[0][1]} }}"]
        lines = [f"{head} {{"]
        for name, text, _ in statements:
            lines += laid_out(f"{name} = {text}", "  ")
        return [*lines, "}"]

    def called(self, part: Part) -> str:
        """A tensor of the network as the argument of a block."""
        return legal(self.lowered.rows[part.rows[0]].nodes[0], "input") if part.kind == "input" else "given"

    def network(self, folding: Folding, name: str) -> tuple[list[str], dict[int, str], list[tuple[str, list[Part]]]]:
        parts = folding.parts
        inputs = [part for part in parts if part.kind == "input"]
        names: dict[int, str] = {}
        arguments = []
        taken = {"out"} | self.words
        for part in inputs:
            row = self.lowered.rows[part.rows[0]]
            argument = legal(row.nodes[0], "input")
            while argument in taken:
                argument += "_"
            taken.add(argument)
            names[id(part)] = argument
            arguments.append(f"{argument}[{', '.join(row.axes)}]")
        levels = Levels(parts, self.source)
        rest = [part for part in parts if part.kind != "input"]
        body = Body(
            rest, names, lambda part: {k: self.size(v) for k, v in part.numbers.items()}, self.size, levels.cut, taken
        )
        levels.body = body
        statements = body.write(folding.outputs, {})
        lines = [f"network {name}({', '.join(arguments)}) {{"]
        found: dict[int, str] = {}
        for statement, text, part in statements:
            lines += laid_out(f"{statement} = {text}", "  ")
            found[part.rows[-1]] = statement
        self.inputs = inputs
        return [*lines, "}"], found, body.inside()

    def instance(self, folding: Folding, name: str) -> list[str]:
        given = []
        for part in self.inputs:
            given.append(f"[{', '.join(self.size(size) for size in part.axes.values())}]")
        return [f"network net = {name}({', '.join(given)})"]

    # ---- claims and report -------------------------------------------------------------------------------------------

    def nodes(self, statements: Sequence[tuple[str, Sequence[Part]]]) -> list[str]:
        """The file's own names: for each statement of the network the nodes that make its rows, in their order."""
        lines = ["# The nodes of the file that make the rows of each statement, in the order of the rows:"]
        for name, parts in statements:
            rows = [self.lowered.rows[index] for part in parts for index in part.rows]
            nodes = [harmless(node) for row in rows for node in row.nodes[: row.makers]]
            if nodes:
                text = ", ".join(nodes)
                lines += textwrap.wrap(
                    f"{name}: {text}", 116, initial_indent="# ", subsequent_indent="#   ", break_long_words=False,
                    break_on_hyphens=False,
                )  # fmt: skip
        return lines if len(lines) > 1 else []

    def report(self) -> list[str]:
        columns = "name, elements, weights, macs, dram_bytes, time, bound"
        return [f"report {{ table today.layers: {columns}; chart roofline today; claims }}"]


class Levels:
    """Names of a network's statements: by how often its size has fallen, by its head."""

    def __init__(self, parts: Sequence[Part], source: Understood) -> None:
        self.source = source
        self.body: Body | None = None
        self.level: dict[int, int] = {}
        self.readers: dict[int, list[Part]] = {}
        for part in parts:
            for one in part.inputs:
                self.readers.setdefault(id(one), []).append(part)
        first = next((part for part in parts if part.kind == "input" and len(part.axes) > 1), None)
        self.whole = self.rows_of(first) if first is not None else 0
        self.axes = max(1, len(first.axes) - 1) if first is not None else 1
        self.deepest = 0
        self.started = False
        self.parts = parts
        for part in parts:
            self.level[id(part)] = self.level_of(part)

    def rows_of(self, part: Part) -> int:
        total = 1
        for axis, size in part.axes.items():
            total *= int(value_of(size, self.source.values)) if axis != "c" else 1
        return total

    def level_of(self, part: Part) -> int:
        if len(part.axes) < 2 or not self.whole:
            return -1
        now = self.rows_of(part)
        if now <= 1:
            return -1
        return max(0, round(log2(self.whole / now) / self.axes))

    def cut(self, part: Part) -> str | None:
        """The name of a statement that ends here: the next part has another size."""
        following = self.readers.get(id(part), [])
        if len(following) != 1 or len(following[0].inputs) > 1:
            return None if len(following) == 1 else self.name(part)
        mine, other = self.level[id(part)], self.level[id(following[0])]
        if not self.started and mine == 2 and part.kind in ("max_pool", "average_pool"):
            return self.name(part)
        if mine == other or mine == -1:
            return None
        if mine == 0 and part.kind in ("input",):
            return None
        if other == 2 and mine == 1 and self.deepest <= 1 and following[0].kind in ("max_pool", "average_pool"):
            return None
        return self.name(part)

    def name(self, part: Part) -> str | None:
        level = self.level[id(part)]
        if level == -1:
            return "head" if self.whole and self.deepest > 0 else None
        if level < self.deepest:
            return f"u{level}"
        if not self.started:
            self.started, self.deepest = True, max(self.deepest, level)
            return "stem" if level <= 2 else f"s{level}"
        self.deepest = max(self.deepest, level)
        return f"s{level}"


def needed_rows(lowered: Lowered) -> set[int]:
    """Rows that the network's outputs need. An output that only gathers what other rows read anyway needs none."""
    readers = consumers_of([row.inputs for row in lowered.rows])
    outputs = {index for _, index in lowered.outputs}
    side: set[int] = set()
    for _, index in lowered.outputs:
        views, sources = set(), set()
        queue = [index]
        while queue:
            row = queue.pop()
            if lowered.rows[row].kind in VIEWS and lowered.rows[row].kind != "input":
                if row not in views:
                    views.add(row)
                    queue += lowered.rows[row].inputs
            else:
                sources.add(row)
        if len(sources) > 1 and all(any(r not in views for r in readers[row]) for row in sources):
            side.add(index)
    main = outputs - side or outputs
    kept: set[int] = set()
    queue = sorted(main)
    while queue:
        row = queue.pop()
        if row not in kept:
            kept.add(row)
            queue += lowered.rows[row].inputs
    return kept


def write(
    source: Understood, lowered: Lowered, title: str, chip: str = "", folding: bool = True, twice: bool = True
) -> Written:
    """The text of a network, not yet laid out as `memdsl fmt` does. `twice`: its claims hold at a second size too."""
    return Writer(source, lowered, title, chip, folding, twice).run()
