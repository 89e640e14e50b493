"""The open sizes of a network: what each is called, what the graph demands of it, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ..records import record
from .faults import ImportFault
from .graph import Dim, Network, Port
from .infer import Engine, Equal, Inferred, Role, Shape
from .kinds import KINDS, SPEC
from .sizes import Atom, Atoms, Number, Poly, Size, exact, replaced, shown, symbols_of, value_of

LOGIC = {"if", "then", "else", "and", "or", "not", "in", "where", "true", "false"}
RESERVED = {*LOGIC, "image_", *SPEC, *KINDS - {"sequence"}}
"""Without `sequence`, what exporters call a length: a size of that name hides the kind, and `reshape` stands for it."""
_BATCH = re.compile(r"(?i)^(n|b|bs|bsz|batch.*|.*batch(_?size)?|.*_batch|nbatch)$")
_LENGTH = re.compile(r"(?i)seq|len|time|frame|token|step|height|width|past|position")
MULTIPLES = (1, 2, 4, 8, 16, 32, 64, 128, 3, 6, 12, 24, 48, 96, 7, 14, 28, 56, 112, 5, 10, 20)
MOST_ROUNDS = 12
WIDEST = 8192
LONGEST = 65536


@record
class Opened:
    """One open size: a `param` of the spec. `value` is its default, a multiple of `step` between `low` and `high`.

    `symbol` counts the steps in the sizes of the graph.
    """

    name: str
    symbol: str
    value: int
    step: int
    low: int
    high: int
    unit: str
    label: str

    @property
    def spaced(self) -> str:
        return f" {self.unit}" if self.unit else ""


@dataclass
class Understood:
    """A network with its sizes: what the importer works on."""

    network: Network
    made: Inferred
    atoms: Atoms
    batch: str | None
    batch_value: int
    values: dict[str, int]
    opened: list[Opened] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def item(self, size: Size) -> Size | None:
        """What a size of the whole batch is for one item, or None where it does not grow with the batch."""
        if self.batch is None or self.batch not in symbols_of(size):
            return size
        found = exact(size, self.atoms.symbol(self.batch))
        return None if found is None or self.batch in symbols_of(found) else found

    def number(self, size: Size) -> Number:
        return value_of(size, self.values)

    def shown(self, size: Size) -> str:
        """A size as a formula of the spec, over its parameters."""
        return shown(
            replaced(size, self.atoms, self.whole) if isinstance(size, Poly) else size, lambda name: name.lstrip("?")
        )

    def whole(self, atom: Atom) -> Size | None:
        """A symbol that counts multiples, as a share of the parameter that it is of."""
        step = self.steps.get(atom.name, 1)
        return None if step == 1 else self.atoms.symbol(atom.name.partition("//")[0]) * Fraction(1, step)


def understood(network: Network, settings: Mapping[str, int], batch: int | None) -> Understood:
    """Infers a network's sizes, and what its open ones may be. Raises ImportFault."""
    return _Opening(network, settings, batch).run()


def legal(name: str, otherwise: str = "size") -> str:
    """A name that a spec may use, as near to the file's as can be."""
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:40]
    if not found:
        found = otherwise
    if found[0].isdigit():
        found = f"{otherwise}_{found}"
    return f"{found}_" if found in RESERVED else found


class _Opening:
    def __init__(self, network: Network, settings: Mapping[str, int], batch: int | None) -> None:
        self.network = network
        self.settings = dict(settings)
        self.asked_batch = batch
        self.atoms = Atoms()
        self.names: dict[str, str] = {}
        self.meanings: dict[str, Size] = {}
        """What a symbol of the file turned out to be."""
        self.steps: dict[str, int] = {}
        self.notes: list[str] = []
        self.roles: dict[str, str] = {}
        self.order: list[str] = []
        self.found: dict[str, int] = {}
        """Values at which sizes are equal that have to be."""
        self.held: list[Equal] = []
        """Equations that hold in a range only."""

    # ---- symbols -----------------------------------------------------------------------------------------------

    def symbol(self, text: str) -> Size:
        """The size behind a name of the file."""
        if text not in self.names:
            name = legal(text)
            taken = set(self.names.values())
            while name in taken:
                name += "_"
            self.names[text] = name
        name = self.names[text]
        if name in self.meanings:
            return self.meanings[name]
        if name not in self.order:
            self.order.append(name)
        return self.atoms.symbol(name)

    def input_shape(self, port: Port, fixed: bool) -> Shape:
        if port.dims is None:
            raise ImportFault(f"input `{port.name}` has no sizes in the file: export it with its rank at least")
        found: list[Size] = []
        image = len(port.dims) in (4, 5)
        for axis, dim in enumerate(port.dims):
            usual = ""
            if image and axis:
                last = port.dims[-1] in (1, 3, 4) and port.dims[1] not in (1, 3, 4)
                spatial = ["height", "width"] if len(port.dims) == 4 else ["frames", "height", "width"]
                place = axis - (1 if last else 2)
                usual = spatial[place] if 0 <= place < len(spatial) else "channels"
            if not axis and len(port.dims) > 1:
                usual = "batch"
            found.append(self.dim(port, axis, dim, usual, fixed))
        return tuple(found)

    def dim(self, port: Port, axis: int, dim: Dim, usual: str, fixed: bool) -> Size:
        from .infer import formula

        if isinstance(dim, int):
            if not axis and self.whole_batch and not fixed:
                return self.symbol("batch")
            if usual in self.settings and usual != "batch":
                return self.symbol(usual)
            return dim
        text = dim if isinstance(dim, str) and re.search(r"[A-Za-z]", dim) else ""
        if text:
            found = formula(text, self.symbol, self.atoms)
            if found is not None:
                for name in symbols_of(found):
                    self.roles.setdefault(name, usual)
                return found
        name = usual or f"{legal(port.name, 'input')}_{axis}"
        self.roles.setdefault(legal(name), usual)
        return self.symbol(name)

    @property
    def whole_batch(self) -> int:
        """The batch that a file has baked into every input and output, 0 where there is none above 1."""
        graph = self.network.graph
        firsts = {port.dims[0] for port in graph.inputs + graph.outputs if port.dims}
        first = next(iter(firsts)) if len(firsts) == 1 else None
        return first if isinstance(first, int) and first > 1 else 0

    # ---- the way ------------------------------------------------------------------------------------------------

    def run(self) -> Understood:
        fixed = False
        for _ in range(MOST_ROUNDS):
            given = {port.name: self.input_shape(port, fixed) for port in self.network.graph.inputs}
            values = self.values()
            try:
                made = Engine(self.network.graph, self.atoms, given, self.symbol, values).run()
            except ImportFault:
                if self.whole_batch and not fixed:
                    fixed = True
                    self.forget()
                    continue
                raise
            changed = self.settle(made)
            if changed and self.whole_batch and not fixed and "batch" in self.meanings:
                fixed = True
                self.forget()
                continue
            if not changed:
                return self.done(made)
        raise ImportFault("the graph's demands on its open sizes do not settle")

    def forget(self) -> None:
        self.names, self.meanings, self.steps, self.order = {}, {}, {}, []
        self.atoms = Atoms()

    def default(self, name: str) -> int:
        base = name.partition("//")[0]
        step = self.steps.get(name, 1)
        if base in self.settings:
            return max(1, self.settings[base] // step)
        role = self.roles.get(base, "")
        if self.batch_like(base) or (role == "batch" and not _LENGTH.search(base)):
            return self.asked_batch or self.whole_batch or 1
        if name in self.found:
            return self.found[name]
        if base in self.network.defaults:
            return max(1, self.network.defaults[base] // step)
        low = base.lower()
        if role in ("height", "width") or "height" in low or "width" in low:
            scale = re.fullmatch(r"(?:height|width)_(4|8|16|32|64)", low)  # as `16*height_16`
            return max(1, 224 // (int(scale[1]) if scale else 1) // step)
        if "frame" in low or role == "frames":
            return max(1, 16 // step)
        return max(1, 128 // step)

    def batch_like(self, name: str) -> bool:
        return bool(_BATCH.match(name)) or (self.roles.get(name) == "batch" and name == "batch")

    def values(self) -> dict[str, int]:
        return {name: self.default(name) for name in self.atoms.symbols}

    def settle(self, made: Inferred) -> bool:
        """Takes into account what the data decide, or one more demand; False when nothing is left to learn."""
        values = self.values()
        learnt = False
        for equal in made.equal:
            left, right = self.known(equal.left), self.known(equal.right)
            if equal.bound or left == right:
                continue
            solved = self.solve(left, right, equal)
            learnt = learnt or bool(solved)
            if solved and not solved.startswith("?"):  # other sizes may follow from this one
                return True
        return learnt or self.multiples(made, values)

    def known(self, size: Size) -> Size:
        """A size with what was learnt since of those that the data decide."""
        if not any(name.startswith("?") for name in symbols_of(size)):
            return size
        return replaced(
            size, self.atoms, lambda atom: self.atoms.symbols.get(atom.name) if atom.name[:1] == "?" else None
        )

    def solve(self, left: Size, right: Size, equal: Equal) -> str:
        """Makes one symbol follow from an equation, where one can be told; its name."""
        difference = left - right
        if not isinstance(difference, Poly):
            raise ImportFault(f"{equal.node.shown} needs {left} to equal {right}")
        linear: list[tuple[Atom, Number]] = []
        for monomial, factor in difference.terms.items():
            if len(monomial) == 1 and monomial[0][1] == 1 and not monomial[0][0].op:
                linear.append((monomial[0][0], factor))
        # what only data decide first, then what the file left open last
        linear.sort(key=lambda pair: (not pair[0].name.startswith("?"), -pair[0].number))
        for atom, factor in linear:
            rest = difference - Poly({((atom, 1),): factor})
            if atom.name in symbols_of(rest):
                continue
            found = exact(-rest, factor)
            whole = found is not None and (
                isinstance(found, int)
                or (isinstance(found, Poly) and all(isinstance(f, int) for f in found.terms.values()))
            )
            if not whole or found is None:
                continue
            if isinstance(found, int) and found < 1:
                raise ImportFault(f"{equal.node.shown} needs `{atom.name}` to be {found}")
            self.pin(atom.name, found, equal)
            return atom.name
        return ""

    def pin(self, name: str, size: Size, equal: Equal) -> None:
        base = name.partition("//")[0]
        whole = size * self.steps.get(name, 1)
        if base in self.settings and isinstance(whole, int) and self.settings[base] != whole:
            raise ImportFault(
                f"{base} cannot be {self.settings[base]:,}: {equal.node.shown} has {whole:,} fixed in the file"
            )
        if not name.startswith("?"):
            self.notes.append(f"{base} is {whole}: {equal.node.shown} has it so")
        self.meanings = {
            key: replaced(one, self.atoms, lambda atom: size if atom.name == name else None)
            for key, one in self.meanings.items()
        }
        self.meanings[base if base != name else name] = whole
        if name.startswith("?"):
            self.unknowns(name, size)
        if base in self.order:
            self.order.remove(base)

    def unknowns(self, name: str, size: Size) -> None:
        known = self.atoms.symbols
        for other in [other for other, one in known.items() if other.startswith("?") and name in symbols_of(one)]:
            now = replaced(known[other], self.atoms, lambda atom: size if atom.name == name else None)
            known[other] = now if isinstance(now, Poly) else Poly({(): now})
        known[name] = size if isinstance(size, Poly) else Poly({(): size})

    def multiples(self, made: Inferred, values: dict[str, int]) -> bool:
        """The least multiples at which sizes are equal that have to be; None is learnt twice."""
        open_equations = [one for one in made.equal if not one.bound and one.left != one.right]
        wanted: dict[str, int] = {}
        for one in open_equations:
            names = sorted(symbols_of(one.left) | symbols_of(one.right))
            free = [name for name in names if "//" not in name and not name.startswith("?")]
            if any(name.startswith("?") for name in names):
                continue
            places = [name for name in free if not self.batch_like(name)]
            step = next((m for m in MULTIPLES if _holds(one, names, places, m, values)), None)
            if step is None and places != free:
                step = next((m for m in MULTIPLES if _holds(one, names, free, m, values)), None)
                places = free
            if step is None and (self.hold(one, free, values) or self.as_they_stand(one, free, values)):
                return True
            if step is None:
                raise ImportFault(
                    f"{one.node.shown} needs {one.left} to be {one.right}: no multiple of {', '.join(names)} makes so"
                )
            for name in places:
                if step > 1:
                    wanted[name] = max(wanted.get(name, 1), step)
        if not wanted:
            return False
        for name, step in wanted.items():
            if name in self.settings and self.settings[name] % step:
                raise ImportFault(
                    f"{name} has to be a multiple of {step} in this graph, and {self.settings[name]:,} is none"
                )
            unit = f"{name}//{step}"
            self.steps[unit] = step
            self.meanings[name] = self.atoms.symbol(unit) * step
        return True

    def hold(self, one: Equal, free: list[str], values: dict[str, int]) -> bool:
        """Whether an equation holds in a range of one size, whatever the others are: a height that ends as 1."""
        for name in free:
            others = [other for other in free if other != name]

            def holds(value: int, name: str = name, others: list[str] = others) -> bool:
                for turn in (1, 8, 31, 64) if others else (1,):
                    at = {**values, **dict.fromkeys(others, turn), name: value}
                    if value_of(one.left, at) != value_of(one.right, at):
                        return False
                return True

            asked = self.settings.get(name)
            tried = [asked] if asked is not None else [values[name], *range(16, 2049, 16), *range(1, 257)]
            found = next((value for value in tried if holds(value)), None)
            if found is not None:
                self.found[name] = found
                self.held.append(one)
                self.fix(one, name, {**values, name: found})
                return True
        return False

    def as_they_stand(self, one: Equal, free: list[str], values: dict[str, int]) -> bool:
        """Whether an equation holds at the sizes that were asked for, or at usual ones: then they are these."""
        sizes = [name for name in free if not self.batch_like(name)]
        for tried in (None, *range(32, 1025, 32)):
            at = values if tried is None else {**values, **{n: tried for n in sizes if n not in self.settings}}
            if sizes and value_of(one.left, at) == value_of(one.right, at):
                for name in sizes:
                    self.pin(name, at[name], one)
                return True
        return False

    def fix(self, one: Equal, name: str, values: dict[str, int]) -> None:
        """The roundings of a size that an equation holds in a range are numbers from now on."""
        for size in (one.left, one.right):
            for monomial in size.terms if isinstance(size, Poly) else ():
                for atom, _ in monomial:
                    if atom.op and symbols_of(Poly({((atom, 1),): 1})) == {name}:
                        self.atoms.fixed[atom.op, atom.arguments] = int(value_of(Poly({((atom, 1),): 1}), values))

    # ---- what is left open --------------------------------------------------------------------------------------

    def done(self, made: Inferred) -> Understood:
        values = self.values()
        used: set[str] = set()
        sizes: set[Poly] = set()
        for info in made.tensors.values():
            for size in info.shape:
                if isinstance(size, Poly):
                    sizes.add(size)
        for size in sizes:
            used |= symbols_of(size)
        batch = self.batch(made, used)
        result = Understood(
            self.network, made, self.atoms, batch, values.get(batch or "", 1), values, [], self.steps, self.notes
        )
        bounds = [one for one in made.equal if one.bound]
        if batch is not None:
            result.batch_value = values[batch]
        else:
            result.batch_value = self.asked_batch or 1
        names = [name for name in sorted(used, key=lambda name: (self.rank(name), name)) if name != batch]
        for name in names:
            result.opened.append(self.opened(name, sizes, bounds, values))
        return result

    def rank(self, name: str) -> int:
        return self.order.index(name.partition("//")[0]) if name.partition("//")[0] in self.order else len(self.order)

    def batch(self, made: Inferred, used: set[str]) -> str | None:
        """The symbol that counts items: it multiplies every tensor that depends on the inputs."""
        firsts: list[str] = []
        for port in made.inputs:
            for size in made.tensors[port.name].shape[:1]:
                firsts += sorted(symbols_of(size))
        named = [name for name in used if self.batch_like(name)]
        for name in [*named, *firsts]:
            if (
                name in used
                and "//" not in name
                and (name in named or (self.roles.get(name) == "batch" and not _LENGTH.search(name)))
                and _counts(made, self.atoms, name)
            ):
                return name
        return None

    def opened(self, name: str, sizes: set[Poly], bounds: list[Equal], values: dict[str, int]) -> Opened:
        base = name.partition("//")[0]
        step = self.steps.get(name, 1)
        mine = [size for size in sizes if name in symbols_of(size)]

        def fits(value: int) -> bool:
            at = {**values, name: value}
            known: dict[Atom, Number] = {}
            if any(value_of(size, at, known) < 1 for size in mine):
                return False
            if any(value_of(one.left, at) != value_of(one.right, at) for one in self.held):
                return False
            return all(value_of(one.left, at) <= value_of(one.right, at) for one in bounds)

        unit = {"height": "px", "width": "px", "frames": "frame"}.get(self.roles.get(base, ""), "")
        value = values[name]
        most = (WIDEST if unit == "px" else LONGEST) // step
        if not fits(value):
            better = [
                v
                for v in (32, 64, 128, 224, 256, 320, 512, 640, 1024, 16, 8, 4, 2, 1)
                if v % step == 0 and fits(v // step)
            ]
            if base in self.settings or not better:
                raise ImportFault(f"{base} = {value * step:,} is too small or too large for this graph")
            value = values[name] = better[0] // step
        low, high = 0, value
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fits(middle) else (middle, high)
        top = max(most, value)
        if not fits(top):
            good, bad = value, top
            while bad - good > 1:
                middle = (good + bad) // 2
                good, bad = (middle, bad) if fits(middle) else (good, middle)
            top = good
        label = f"`{base}` of the file" if not base.startswith("?") else "decided by data; this is assumed"
        base = base.lstrip("?")
        return Opened(base, name, value * step, step, max(high, 1) * step, top * step, unit, label)


def _holds(one: Equal, names: list[str], free: list[str], step: int, values: dict[str, int]) -> bool:
    turns = (1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 19, 31)
    for number in range(2 * len(turns)):
        at = dict(values)
        for place, name in enumerate(names):
            apart = place * 5 if number >= len(turns) else 0  # all alike, then each another size
            turn = turns[(number + apart) % len(turns)]
            at[name] = turn * step if name in free else turn
        try:
            if value_of(one.left, at) != value_of(one.right, at):
                return False
        except (KeyError, ZeroDivisionError):
            return False
    return True


def _counts(made: Inferred, atoms: Atoms, name: str) -> bool:
    """Whether every product of the graph does its work once for each of `name`."""
    from .count import works

    symbol = atoms.symbol(name)
    for work in works(made):
        rest = exact(work.macs, symbol)
        if rest is None or name in symbols_of(rest):
            return False
    for node in made.nodes:
        for output in node.outputs:
            info = made.tensors.get(output)
            if info is not None and info.role == Role.DATA and name in symbols_of(info.elements):
                rest = exact(info.elements, symbol)
                if rest is None or name in symbols_of(rest):
                    return False
    return True
