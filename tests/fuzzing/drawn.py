"""Specs as a stranger might write them: every kind, block, chip and model of the library by its own signature, with
plausible arguments among numbers at the edges; names of the library's for what is the stranger's own."""

from __future__ import annotations

import random
from functools import cache

from memdsl.reference import Declaration, read_library
from memdsl.reference.entries import Argument

EDGES = (
    *("0", "-1", "1", "2", "3", "7", "16", "0.5", "-0.0", "1e300", "-1e300", "1e-300", "0.1 + 0.2", "2^53 + 1"),
    *("unlimited", "0 B", "64 KiB", "8 MiB", "-1 B", "1e30 B", "8 bit", "4 bit", "0 bit", "3 px", "1 ms", "0 s"),
    *("100 %", "50 %", "101 %", "true", "false", '"half"', '"same"', '"bytes"', '"no such"', "sqrt(-1)", "1/0", "1/3"),
    *("p", "q", "o", "max(t.y)", "-p"),
)
SIZES = ("1", "2", "3", "7", "8", "31", "64", "224", "p", "o", "8 * p")
OF_UNIT = {
    "B": ("8 bit", "8 bit", "16 bit", "4 bit", "64 KiB"),
    "yes/no": ("true", "false", "p > 2"),
    "": SIZES,
}
NAMES = (
    *("w", "h", "c", "x", "net", "hw", "conv", "dense", "kernel", "index", "elements", "macs", "time", "energy"),
    *("weights", "kind", "name", "copies", "inputs", "rate", "capacity", "e", "pi", "R1", "c1", "a", "today"),
)
BYTES = ("dram_bytes", "weight_bytes", "spilled_bytes")
TOTALS = (*BYTES, "time", "energy", "macs", "work", "peak_live", "no_such")
COLUMNS = ("macs", "elements", "out_bytes", "weights", "index", "spilled", "h", "w", "c", "kernel", "copies", "no_such")
ANALYSES = (
    "claims",
    "chart bar {m}.layers.{column}",
    "chart stack {m}.layers.{column} by layer",
    "chart line {m}.{total} over p = 1..9",
    "chart staircase {m}.{total} over q",
    "chart roofline {m}",
    "chart timeline {m}",
    "chart histogram {m}.layers.{column}",
    "sensitivity {m}.{total}",
    "table {m}.layers: {column}",
    "solve {m}.{total} <= {edge} for q",
    "grid {m}.{total} over p = [1, 2, 4], q = 1..4",
    "pareto {m}.{total}, {m}.time over p = [1, 2]",
)


@cache
def declared(*kinds: str) -> tuple[Declaration, ...]:
    """What the library declares of some kinds."""
    return tuple(one for module in read_library().modules for one in module.declarations if one.kind in kinds)


@cache
def uses() -> str:
    return "".join(f"use {module.name}\n" for module in read_library().modules)


PARTS = ("tensor", "network", "hardware", "schedule", "table")
BLOCKS = ("rnn", "gru", "lstm", "feed_forward", "encoder_of")
"""Those that take one tensor and few numbers."""


@cache
def tamed(kind: str) -> tuple[Declaration, ...]:
    """Those that take one tensor of any axes, or a network and a hardware, and no other part."""
    found = []
    for one in declared(kind):
        parts = [argument.what for argument in one.arguments if argument.what.startswith(PARTS)]
        if kind == "block":
            fits = one.name in BLOCKS
        elif kind == "layer":
            fits = (
                len(parts) == 1
                and parts[0] in ("tensor", "tensor [p..., c]", "value")
                and "..." not in one.heading[-4:]
            )
        else:
            fits = all(part in ("network", "hardware") for part in parts)
        needed = [a for a in one.arguments if not a.default and not a.what]
        if fits and (kind != "model" or not needed):
            found.append(one)
    return tuple(found)


def drawn(chance: random.Random) -> str:
    """The text of a spec; many are wrong somewhere, and all are written by the grammar."""
    return _Drawing(chance).text()


class _Drawing:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.wild = chance.choice((0.0, 0.0, 0.03, 0.3))
        """How often something is not as its signature wants it."""
        self.axes = chance.choice(("h, w, c", "h, w, c", "n, c"))
        self.models: list[str] = []

    def text(self) -> str:
        chance = self.chance
        lines = [f'"A drawn spec"\n{uses()}']
        lines.append(f"param p = {self._edge(('2', '4', '1'))} {self._domain()}")
        lines.append(f"param q = {self._edge(('3', '64'))} {self._domain()}")
        lines.append(f"option o = {self._edge(('1', '2', '3'))}")
        lines.append('table t {\n  name | y\n  "a" | 1\n  "b" | ' + self._edge(("2", "0.5")) + "\n}")
        if chance.random() < 0.5:
            lines.append(f"block mine(x, n = {self._of(SIZES)}) {{ m = x -> {self._call('layer')}; out = m }}")
        lines.append(self._network())
        chips = [f"hardware chip{k} = {self._call('hardware')}" for k in range(chance.randint(1, 2))]
        lines += chips
        for k in range(chance.randint(1, 2)):
            self.models.append(f"m{k}")
            lines.append(f"model m{k} = {self._model(len(chips))}")
        lines += [self._cell(k) for k in range(chance.randint(0, 4))]
        for _ in range(chance.randint(0, 2)):
            sign = self._of(("<", ">=", "="))
            lines.append(f"claim {self._figure()} {sign} {self._edge(('1 MB', '0 B'))}")
        if chance.random() < 0.4:
            lines.append(f"scenario other {{ p = {self._edge(('1', '3'))}; q = {self._edge(('2', '9'))} }}")
        if chance.random() < 0.7:
            lines.append("report {\n" + "".join(f"  {self._analysis()}\n" for _ in range(chance.randint(0, 3))) + "}")
        return "\n".join(lines) + "\n"

    def _of(self, words: tuple[str, ...]) -> str:
        return self.chance.choice(words)

    def _wild(self) -> bool:
        return self.chance.random() < self.wild

    def _edge(self, tame: tuple[str, ...] = SIZES) -> str:
        return self._of(EDGES if self._wild() else tame)

    def _domain(self) -> str:
        wild = ("from 0", "from 1 to 64", "whole from 1", "multiple of 2", "from 9 to 1", "one of 1, 2, 4")
        return self._of(wild if self._wild() else ("", "from 0", "whole from 1 to 640"))

    def _value(self, argument: Argument) -> str:
        default = argument.default
        if default in ("true", "false"):
            return self._edge(OF_UNIT["yes/no"])
        return self._edge((default,) if default.startswith('"') else OF_UNIT.get(argument.unit, (default or "1",)))

    def _call(self, kind: str) -> str:
        """A call by the signature of one of the library's; what must be given is, as a rule."""
        one = self.chance.choice(tamed(kind) if not self._wild() else declared(kind))
        given = []
        for argument in one.arguments[kind == "block" :]:
            if argument.what.startswith(PARTS):
                continue
            if self._wild() or self.chance.random() < (0.2 if argument.default else 1):
                given.append(f"{argument.name} = {self._value(argument)}")
        return f"{one.name}({', '.join(given)})"

    def _network(self) -> str:
        axes = self._of(("l, c", "t, h, w, c", "p..., c")) if self._wild() else self.axes
        kinds = ("layer", "layer", "layer", "block") if self.axes == "n, c" or self._wild() else ("layer",)
        rows, lines = ["image"], []
        for k in range(self.chance.randint(1, 6)):
            name = self._of(NAMES) if self._wild() else f"r{k}"
            call = self._call(self._of(kinds))
            if self.chance.random() < 0.1:
                call = f"{self._edge(('2', '3', 'o', 'p'))} * {call}"
            if self._wild() and len(rows) > 1:
                lines.append(
                    f"  {name} = {self._of(('add', 'concat', 'times'))}({', '.join(self.chance.sample(rows, 2))})"
                )
            else:
                lines.append(f"  {name} = {self.chance.choice(rows[-2:])} -> {call}")
            rows.append(name)
        return f"network net(image[{axes}]) {{\n" + "\n".join(lines) + "\n}"

    def _model(self, chips: int) -> str:
        one = self.chance.choice(tamed("model") if not self._wild() else declared("model"))
        sizes = ", ".join(
            self._edge() for _ in range(self.chance.choice((1, 4)) if self._wild() else self.axes.count(",") + 1)
        )
        given = [f"net([{sizes}])", f"chip{self.chance.randrange(chips)}"]
        for argument in one.arguments:
            if not argument.what and (self._wild() or self.chance.random() < 0.1):
                given.append(f"{argument.name} = {self._value(argument)}")
        return f"{one.name}({', '.join(given)})"

    def _figure(self) -> str:
        return f"{self.chance.choice(self.models)}.{self._of(TOTALS if self._wild() else BYTES)}"

    def _cell(self, number: int) -> str:
        name = self._of(NAMES) if self._wild() else f"cell{number}"
        m, column = self.chance.choice(self.models), self._of(COLUMNS if self._wild() else COLUMNS[:5])
        formula = self._of(
            (
                f"sum({m}.layers.{column})",
                f"max({m}.layers.{column} where {m}.layers.index >= {self._edge(('0', '1'))})",
                f"argmax({m}.layers.{column})",
                f"{self._figure()} / {self._figure()}",
                f"if {self._figure()} > {self._figure()} then {self._edge()} else {self._edge()}",
                f"min({self._edge()}, {self._figure()} / 1 KiB) ^ {self._edge(('2', '0.5', '-1'))}",
                f"floor({self._figure()} / {self._edge(('1 KiB', '3 B'))})",
                f"log2({self._edge()}) + sqrt({self._edge()})",
                f"count(r in {m}.layers where r.index == {self._edge()})",
            )
        )
        return f"{name} = {formula}"

    def _analysis(self) -> str:
        template, m = self._of(ANALYSES), self.chance.choice(self.models)
        total, column = self._figure().partition(".")[2], self._of(COLUMNS if self._wild() else COLUMNS[:5])
        return template.format(m=m, total=total, column=column, edge=self._edge(("1 MB", "64 KiB")))
