"""Specs drawn by the grammar of formulas: cells, a table, aggregates; values near edges, and cells without a value."""

from __future__ import annotations

import random

CHOICES: dict[str, tuple[float, ...]] = {
    "p": (0.0, 1.0, 2.0, 4.0),
    "q": (-3.0, -1.0, 0.0, 0.5, 2.5),
    "n": (1.0, 3.0, 8.0),
}
"""The inputs, each with the values at which specs are compared."""

_RANGES = {"p": "from 0 to 9", "q": "from -9 to 9", "n": "from 1 to 64  multiple of 1"}
_ROWS = ((0.0, 3.0, True), (1.0, -2.0, False), (2.5, 0.0, True), (2.0, 7.0, True))
_CONSTANTS = ("0", "1", "2", "0.5", "3", "10", "-1", "0.1")


class Drawing:
    """One spec. What was declared may be used by what comes after it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.numbers = list(CHOICES)
        self.truths: list[str] = []
        self.columns = ["r.x", "r.y"]
        self.flags = ["r.ok"]

    def spec(self) -> str:
        dice = self.dice
        lines = [f"param {name} = {dice.choice(CHOICES[name]):g} {_RANGES[name]}" for name in CHOICES]
        table = ["table T {", "  name | x | y | ok"]
        table += [f'  "r{k}" | {x:g} | {y:g} | {str(ok).lower()}' for k, (x, y, ok) in enumerate(_ROWS)]
        for k in range(dice.randint(1, 3)):
            table.append(f"  c{k} = {self.number(3, row=True, bare=True)}")
            self.columns.append(f"r.c{k}")
        if dice.random() < 0.6:
            table.append(f"  d = {self.truth(2, row=True, bare=True)}")
            self.flags.append("r.d")
        lines += [*table, "}"]
        for k in range(dice.randint(4, 9)):
            if dice.random() < 0.25:
                lines.append(f"t{k} = {self.truth(3)}")
                self.truths.append(f"t{k}")
            else:
                lines.append(f"v{k} = {self.aggregate() if dice.random() < 0.35 else self.number(4)}")
                self.numbers.append(f"v{k}")
        return "\n".join(lines) + "\n"

    def number(self, depth: int, row: bool = False, bare: bool = False) -> str:
        """A formula of plain numbers; in a `row` it may read columns, `bare` without the row's name."""
        dice = self.dice
        if depth == 0 or dice.random() < 0.2:
            names = [*self.numbers, *(self.columns if row else ())]
            leaf = dice.choice([*names, *names, dice.choice(_CONSTANTS)])
            return leaf.removeprefix("r.") if bare else leaf

        def inner() -> str:
            return self.number(depth - 1, row, bare)

        match dice.choice("+-*/+-*/mMfcrasliCn^"):
            case "+" | "-" | "*" | "/" as op:
                return f"({inner()} {op} {inner()})"
            case "m":
                return f"min({inner()}, {inner()})"
            case "M":
                return f"max({inner()}, {inner()})"
            case "f":
                return f"floor({inner()})"
            case "c":
                return f"ceil({inner()})"
            case "r":
                return f"round({inner()})"
            case "a":
                return f"abs({inner()})"
            case "s":
                return f"sqrt({inner()})"
            case "l":
                return f"log2({inner()})"
            case "i":
                return f"(if {self.truth(depth - 1, row, bare)} then {inner()} else {inner()})"
            case "C":
                return f"clamp({inner()}, {inner()}, {inner()})"
            case "n":
                return f"(-{inner()})"
        return f"({inner()})^{dice.choice((2, 3, 1, 0, -1))}"

    def truth(self, depth: int, row: bool = False, bare: bool = False) -> str:
        dice = self.dice
        flags = [*self.truths, *(self.flags if row else ())]
        if depth == 0 and flags and dice.random() < 0.5:
            leaf = dice.choice(flags)
            return leaf.removeprefix("r.") if bare else leaf
        kind = dice.random()
        if depth > 0 and kind < 0.25:
            return (
                f"({self.truth(depth - 1, row, bare)} {dice.choice(('and', 'or'))} {self.truth(depth - 1, row, bare)})"
            )
        if depth > 0 and kind < 0.35:
            return f"(not {self.truth(depth - 1, row, bare)})"
        sign = dice.choice(("<", "<=", ">", ">=", "==", "!="))
        return f"({self.number(min(depth, 1), row, bare)} {sign} {self.number(min(depth, 1), row, bare)})"

    def aggregate(self) -> str:
        dice = self.dice
        where = f" where {self.truth(2, row=True)}" if dice.random() < 0.5 else ""
        op = dice.choice(("sum", "max", "min", "mean", "count", "any", "all", "argmax", "first"))
        if op == "count":
            return f"count(r in T{where})"
        if op == "first":
            return f"first(r in T where {self.truth(1, row=True)}).y"
        if op == "argmax":
            return f"argmax(r in T{where}, {self.number(2, row=True)}).y"
        if op in ("any", "all"):
            return f"(if {op}(r in T{where}, {self.truth(2, row=True)}) then 1 else 2)"
        return f"{op}(r in T{where}, {self.number(2, row=True)})"


def points(seed: int, count: int) -> list[dict[str, float]]:
    """Values of the inputs at which a spec is compared."""
    dice = random.Random(-seed - 1)
    return [{name: dice.choice(values) for name, values in CHOICES.items()} for _ in range(count)]
