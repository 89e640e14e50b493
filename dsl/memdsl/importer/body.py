"""The statements of a block or network: what one row reads stands in its place, what several read has a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from .kinds import MANY, RESULT, call
from .parts import Part

WIDE = 110
"""A statement longer than this is laid out over several lines."""
DEEPEST = 200
WORDS = {
    "chunk": "part", "slice": "part", "conv": "wide", "dense": "wide", "add": "sum", "times": "scaled",
    "norm": "normed", "concat": "joined", "combine": "combined", "reshape": "view", "resize": "larger",
    "upsample": "larger", "max_pool": "pooled", "average_pool": "pooled", "global_pool": "mean", "pad": "padded",
    "sequence": "tokens", "residual": "deep", "bottleneck": "deep", "embedding": "looked_up",
}  # fmt: skip
"""What the output of a kind is called, where several rows read it."""


class Body:
    """Writes the parts of one body. `texts` gives the numbers of a part as they stand there."""

    def __init__(
        self, parts: Sequence[Part], names: dict[int, str], texts: Callable[[Part], dict[str, str]],
        shown: Callable[[object], str], cut: Callable[[Part], str | None], taken: set[str],
    ) -> None:  # fmt: skip
        self.parts = list(parts)
        self.names = names
        self.texts = texts
        self.shown = shown
        self.cut = cut
        self.taken = taken
        self.readers: Counter[int] = Counter()
        for part in parts:
            for one in part.inputs:
                self.readers[id(one)] += 1
        self.lenders = {id(part.shares) for part in parts if part.shares is not None}
        self.calls: Counter[str] = Counter()
        self.written: dict[int, str] = {}
        self.statements: list[tuple[str, str, Part]] = []

    def write(self, ends: Sequence[Part], end_names: dict[int, str]) -> list[tuple[str, str, Part]]:
        """(name, formula, part) of each statement, in order."""
        final = {id(part) for part in ends}
        for part in self.parts:
            if part.kind == RESULT:
                self.written[id(part)] = f"{self.reference(part.inputs[0])}.{dict(part.structure)['name']}"
                continue
            text = self.expression(part)
            if len(part.inputs) > 1 and len(text) > WIDE:
                self.name_branches(part)
                text = self.expression(part)
            several = part.block is not None and bool(part.block.results)
            wanted = self.numbered(part) if several else self.cut(part)
            shared = self.readers[id(part)] != 1 or id(part) in self.lenders
            nested = len(part.inputs) > 1 and self.inside_join(part)
            if id(part) in final or shared or wanted is not None or nested or text.count("->") > DEEPEST:
                lends = id(part) in self.lenders and part.block is not None
                usual = "head" if id(part) in final else "first" if lends else self.usual(part)
                name = end_names.get(id(part)) or self.free(wanted or usual)
                self.statements.append((name, text, part))
                self.written[id(part)] = name
            else:
                self.written[id(part)] = text
        return self.statements

    def numbered(self, part: Part) -> str:
        """The name of one of several calls whose results are read apart."""
        self.calls[part.kind] += 1
        return f"{part.kind}_{self.calls[part.kind]}"

    def inside(self) -> list[tuple[str, list[Part]]]:
        """Each statement with the parts that stand in it, in order."""
        ends = {id(part) for _, _, part in self.statements}
        found = []
        for name, _, last in self.statements:
            members: dict[int, Part] = {}
            queue = [last]
            while queue:
                part = queue.pop()
                members[id(part)] = part
                queue += [one for one in part.inputs if id(one) not in ends and id(one) not in self.names]
            found.append((name, sorted(members.values(), key=lambda part: part.rows[-1:])))
        return found

    def name_branches(self, part: Part) -> None:
        """The branches of a join that is too long for a line, as statements of their own."""
        long = sorted(part.inputs, key=lambda one: -len(self.written.get(id(one), "")))
        for one in sorted(part.inputs, key=part.inputs.index) if len(part.inputs) > 2 else long:
            text = self.written.get(id(one), "")
            if len(part.inputs) < 3 and len(self.expression(part)) <= WIDE:
                break
            if "->" in text or "(" in text:
                usual = self.usual(one)
                name = self.free(usual if usual in ("query", "key", "value", "shares") else "branch")
                self.statements.append((name, text, one))
                self.written[id(one)] = name

    def inside_join(self, part: Part) -> bool:
        """Whether a join is read by another one: nested calls are hard to read."""
        return any(len(other.inputs) > 1 and part in other.inputs for other in self.parts_after(part))

    def parts_after(self, part: Part) -> list[Part]:
        return self.reading.get(id(part), [])

    @property
    def reading(self) -> dict[int, list[Part]]:
        found = self.__dict__.get("_reading")
        if found is None:
            found = {}
            for part in self.parts:
                for one in part.inputs:
                    found.setdefault(id(one), []).append(part)
            self.__dict__["_reading"] = found
        return found

    def free(self, name: str) -> str:
        found, number = name, 1
        while found in self.taken:
            letter = "bcdefghijklmnopqrstuvwxyz"[number - 1 : number] if name[-1].isdigit() else ""
            end = letter or (f"_{number + 1}" if name[-1].isdigit() else f"{number + 1}")
            found, number = f"{name}{end}", number + 1
        self.taken.add(found)
        return found

    def usual(self, part: Part) -> str:
        """What a tensor that several rows read is called, from what reads it."""
        for reader in self.reading.get(id(part), ()):
            if reader.kind == "attention":
                return ("query", "key", "value")[reader.inputs.index(part)]
            if reader.kind == "matmul":
                place = reader.inputs.index(part)
                transposed = ("transposed", True) in reader.structure
                return ("query", "key")[place] if transposed else ("shares", "value")[place]
        if part.kind == "softmax":
            return "shares"
        if part.kind in ("matmul", "attention"):
            return "mixed"
        return WORDS.get(part.kind, part.kind[:20])

    def reference(self, part: Part) -> str:
        found = self.names.get(id(part)) or self.written.get(id(part))
        assert found is not None, part.kind
        return found

    def expression(self, part: Part) -> str:
        arguments = {**self.texts(part), **{name: self.shown(value) for name, value in part.structure}}
        if part.shares is not None:
            arguments["shares"] = self.reference(part.shares)
        text = (
            call(part.kind, arguments)
            if part.block is None
            else f"{part.kind}({', '.join(block_arguments(part, arguments))})"
        )
        if part.count > 1:
            text = f"{part.count} * {text}"
        if not part.inputs:
            return text
        given = [self.reference(one) for one in part.inputs]
        if part.kind in ("add", "times"):
            # what is passed on as it is stands first
            given.sort(key=lambda text: "->" in text or text.startswith("branch"))
        if len(part.inputs) == 1 and part.kind not in MANY:
            return f"{given[0]} -> {text}"
        inner = text[len(part.kind) + 1 : -1]
        together = ", ".join(given)
        return f"{part.kind}({together}{', ' if inner else ''}{inner})"


def block_arguments(part: Part, arguments: dict[str, str]) -> list[str]:
    """The arguments of a call of a block: by place while they are few, by name otherwise."""
    assert part.block is not None
    names = part.block.parameters
    shares = [f"shares = {arguments['shares']}"] if "shares" in arguments else []
    if len(names) <= 6:
        return [arguments[name] for name in names] + shares
    return [f"{name} = {arguments[name]}" for name in names] + shares


def laid_out(statement: str, indent: str) -> list[str]:
    """A statement over as many lines as it needs; a line goes on where the next begins with an arrow."""
    if len(statement) + len(indent) <= WIDE:
        return [indent + statement]
    lines: list[str] = []
    current = ""
    depth = 0
    pieces: list[str] = []
    start = 0
    for at, sign in enumerate(statement):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and statement.startswith(" -> ", at):
            pieces.append(statement[start:at])
            start = at + 1
    pieces.append(statement[start:])
    for piece in pieces:
        if current and len(current) + len(piece) + len(indent) > WIDE:
            lines.append(current)
            current = f"  {piece}"
        else:
            current = f"{current} {piece}" if current else piece
    lines.append(current)
    return [indent + line for line in lines]
