"""Dimensions and units: what a number measures, how a unit is read, and how a value is shown.

A value is stored in base units (B, MAC, s, J, m, usd); a unit is an exact scale to them. Labels such as `px` or `image`
are plain counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from math import isnan
from typing import NamedTuple, Protocol, TypeVar

from .records import compared

Exponent = int | Fraction

UNLIMITED = 1e300
"""The capacity of a memory without a bound; anything from `UNLIMITED / 10` up is shown as `unlimited`."""


# --- dimensions -------------------------------------------------------------------------------------------------------


class Dimension(NamedTuple):
    """The exponents of the base dimensions: whole numbers as int, a Fraction only where a root left one."""

    data: Exponent = 0
    work: Exponent = 0
    time: Exponent = 0
    energy: Exponent = 0
    length: Exponent = 0
    money: Exponent = 0


NONE = Dimension()
DATA = Dimension(data=1)
WORK = Dimension(work=1)
TIME = Dimension(time=1)
ENERGY = Dimension(energy=1)
LENGTH = Dimension(length=1)
MONEY = Dimension(money=1)

_BASE_UNITS = ("B", "MAC", "s", "J", "m", "usd")
_NAMED = {
    NONE: "a plain number",
    Dimension(time=-1): "a rate (1/s)",
    Dimension(energy=1, time=-1): "power (W)",
}


def _whole(exponent: Exponent) -> Exponent:
    return int(exponent) if exponent == int(exponent) else exponent


def multiply(a: Dimension, b: Dimension) -> Dimension:
    return Dimension(*(_whole(x + y) for x, y in zip(a, b, strict=True)))


def divide(a: Dimension, b: Dimension) -> Dimension:
    return Dimension(*(_whole(x - y) for x, y in zip(a, b, strict=True)))


def power(a: Dimension, exponent: Exponent) -> Dimension:
    return Dimension(*(_whole(x * exponent) for x in a))


def base_unit(dimension: Dimension) -> str:
    """The product of base units that values of this dimension are stored in: `MAC/s`, `m^2`, `1/s`; `""` for counts."""
    factors = [(unit, exponent) for unit, exponent in zip(_BASE_UNITS, dimension, strict=True) if exponent]
    above = "*".join(_raised(unit, exponent) for unit, exponent in factors if exponent > 0)
    below = "".join("/" + _raised(unit, -exponent) for unit, exponent in factors if exponent < 0)
    return (above or "1") + below if factors else ""


def _raised(unit: str, exponent: Exponent) -> str:
    if exponent == 1:
        return unit
    return f"{unit}^{exponent}" if isinstance(exponent, int) else f"{unit}^({exponent})"


def describe(dimension: Dimension) -> str:
    """The dimension in words, for messages: `data (B)`, `data per time (B/s)`, `a plain number`."""
    if dimension in _NAMED:
        return _NAMED[dimension]
    factors = [(name, exponent) for name, exponent in zip(Dimension._fields, dimension, strict=True) if exponent]
    above = " times ".join(_raised_word(name, exponent) for name, exponent in factors if exponent > 0)
    below = "".join(" per " + _raised_word(name, -exponent) for name, exponent in factors if exponent < 0)
    return f"{(above + below).lstrip()} ({base_unit(dimension)})"


def _raised_word(name: str, exponent: Exponent) -> str:
    if exponent == 1:
        return name
    if exponent == 2:
        return "area" if name == "length" else f"{name} squared"
    return f"{name} to the {exponent}"


# --- units ------------------------------------------------------------------------------------------------------------


@compared
class Unit:
    """A unit as its author wrote it. A number in this unit, times `scale`, is the value in base units."""

    text: str
    dimension: Dimension
    scale: Fraction

    def to_base(self, number: float) -> float:
        """The value in base units. The number is read as the decimal that it prints as: `0.29 kB` is 290 B exactly."""
        if not abs(number) < _LARGEST_DECIMAL:
            return number * float(self.scale)
        return float(Fraction(str(number)) * self.scale)

    def from_base(self, value: float) -> float:
        return value * self.scale.denominator / self.scale.numerator


class UnknownUnit(ValueError):
    """`part` of the unit `text` is not a unit; `hint` says what to write instead, or is empty when nothing is near."""

    def __init__(self, text: str, part: str, hint: str) -> None:
        super().__init__(f"unknown unit `{part}`" + (f": {hint}" if hint else ""))
        self.text = text
        self.part = part
        self.hint = hint


_PREFIXES = {
    "P": (10, 15, "peta"),
    "T": (10, 12, "tera"),
    "G": (10, 9, "giga"),
    "M": (10, 6, "mega"),
    "k": (10, 3, "kilo"),
    "c": (10, -2, "centi"),
    "m": (10, -3, "milli"),
    "u": (10, -6, "micro"),
    "µ": (10, -6, "micro"),
    "n": (10, -9, "nano"),
    "p": (10, -12, "pico"),
    "f": (10, -15, "femto"),
    "Pi": (2, 50, "pebi"),
    "Ti": (2, 40, "tebi"),
    "Gi": (2, 30, "gibi"),
    "Mi": (2, 20, "mebi"),
    "Ki": (2, 10, "kibi"),
}
_BYTES = "k M G T P Ki Mi Gi Ti Pi"

# stem, prefixes it takes, dimension, scale of the bare stem
_FAMILIES = (
    ("B", _BYTES, DATA, Fraction(1)),
    ("bit", _BYTES, DATA, Fraction(1, 8)),
    ("MAC", "k M G T P", WORK, Fraction(1)),
    ("op", "k M G T P", WORK, Fraction(1, 2)),
    ("s", "m u µ n p", TIME, Fraction(1)),
    ("min", "", TIME, Fraction(60)),
    ("hour", "", TIME, Fraction(3600)),
    ("day", "", TIME, Fraction(86400)),
    ("Hz", "k M G T", Dimension(time=-1), Fraction(1)),
    ("J", "M k m u µ n p f", ENERGY, Fraction(1)),
    ("Wh", "M k m", ENERGY, Fraction(3600)),
    ("W", "M k m u µ n p", Dimension(energy=1, time=-1), Fraction(1)),
    ("m", "c m u µ n", LENGTH, Fraction(1)),
    ("usd", "k M", MONEY, Fraction(1)),
    ("%", "", NONE, Fraction(1, 100)),
    ("px", "k M G", NONE, Fraction(1)),
    ("token", "k M G T", NONE, Fraction(1)),
    ("cycle", "k M G T", NONE, Fraction(1)),
    *((label, "", NONE, Fraction(1)) for label in ("image", "frame", "layer", "chip", "sample", "request", "sequence")),
    ("", "k M G T", NONE, Fraction(1)),
)

_LONGEST = 80
_LARGEST_EXPONENT = 9
_LARGEST_SCALE = Fraction(10) ** 100
_LARGEST_DECIMAL = 1e200


@cache
def known_units() -> Mapping[str, Unit]:
    """Every single unit that can be written, with its prefix: `MiB`, `pJ`, `%`, `k`."""
    units: dict[str, Unit] = {}
    for stem, prefixes, dimension, scale in _FAMILIES:
        if stem:
            units[stem] = Unit(stem, dimension, scale)
        for prefix in prefixes.split():
            base, exponent, _ = _PREFIXES[prefix]
            units[prefix + stem] = Unit(prefix + stem, dimension, scale * Fraction(base) ** exponent)
    return units


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """Read `GB/s`, `mm^2/MB`, `pJ/bit`, `1/s`: factors joined by `*` or `/`, each with an optional whole exponent."""
    if not text.strip():
        raise UnknownUnit(text, text, "a unit is missing")
    if any(c.isspace() for c in text):
        raise UnknownUnit(text, text, f"write `{''.join(text.split())}`, without spaces")
    if len(text) > _LONGEST:
        raise UnknownUnit(text, text, f"a unit has at most {_LONGEST} characters")
    dimension, scale = NONE, Fraction(1)
    for sign, part in _factors(text):
        if part == "1" and sign == 1 and text.startswith("1/"):
            continue
        unit, exponent = _factor(text, part)
        dimension = multiply(dimension, power(unit.dimension, sign * exponent))
        scale *= unit.scale ** (sign * exponent)
    if not 1 / _LARGEST_SCALE <= scale <= _LARGEST_SCALE:
        raise UnknownUnit(text, text, "the unit is too large or too small to count with")
    return Unit(text, dimension, scale)


def _factors(text: str) -> Iterator[tuple[int, str]]:
    """The parts between `*` and `/`, each with the sign of its exponent."""
    sign, start = 1, 0
    for end, character in enumerate(text):
        if character in "*·/":
            yield sign, text[start:end]
            sign, start = (-1 if character == "/" else 1), end + 1
    yield sign, text[start:]


def _factor(text: str, part: str) -> tuple[Unit, int]:
    name, caret, digits = part.partition("^")
    unit = known_units().get(name.replace("\u03bc", "µ"))
    if unit is None:
        raise UnknownUnit(text, name or text, _hint(text, name))
    if not caret:
        return unit, 1
    if not (digits.isascii() and digits.removeprefix("-").isdigit()):
        raise UnknownUnit(text, part, f"write a whole exponent: `{name}^2`")
    if len(digits.lstrip("-0")) > 1:
        raise UnknownUnit(text, part, f"an exponent is at most {_LARGEST_EXPONENT}")
    return unit, int(digits)


# --- what to write instead --------------------------------------------------------------------------------------------

_WORDS = {
    "s": "sec secs second seconds",
    "ms": "msec msecs",
    "us": "usec usecs",
    "ns": "nsec nsecs",
    "min": "minute minutes mins",
    "hour": "h hr hrs hours",
    "B": "byte bytes octet octets",
    "bit": "bits",
    "MAC": "fma fmas",
    "op": "operation operations",
    "J": "joule joules",
    "W": "watt watts",
    "Hz": "hertz",
    "m": "meter meters metre metres",
    "px": "pixel pixels pix",
    "token": "tok toks",
    "cycle": "cyc cycs clk clks",
    "image": "img imgs",
    "usd": "$ us$ dollar dollars",
    "%": "percent pct",
    "frame/s": "fps",
    "image/s": "ips",
}
_MEANT = {
    **{
        prefix: f"`{prefix}B` is {2**exponent:,} B; a plain count of {2**exponent:,} is written `{2**exponent}`"
        for prefix, (_, exponent, _) in _PREFIXES.items()
        if prefix.endswith("i") and exponent <= 30
    },
    **{
        prefix
        + "T": f"a transfer moves the width of the bus: write the rate `{prefix}Hz`, or bytes, as in `6400 MHz * 8 B`"
        for prefix in "MG"
    },
    **dict.fromkeys(
        ("mAh", "Ah"), "a charge holds energy by its voltage: write it in `Wh`, 4,000 mAh at 3.85 V = 15.4 Wh"
    ),
    **dict.fromkeys(
        ("V", "mV", "A", "mA"), "voltages and currents are not counted: write their product as a power in `W`"
    ),
}
_OP = " (an operation; 1 MAC = 2 op)"


def _hint(text: str, part: str) -> str:
    if not part:
        return f"write `{text.replace('**', '^')}`" if "**" in text else "a unit is missing"
    if "(" in part or ")" in part:
        return "a unit has no brackets: each `/` divides by the one unit after it"
    if part == "h" and text.endswith("W/h"):
        return f"write `{text.removesuffix('/h')}h` for an energy"
    if part.lower() in ("€", "eur", "euro", "euros", "£", "gbp", "¥", "jpy", "cny"):
        return "money is counted in `usd`"
    if part in _MEANT:
        return _MEANT[part]
    right = _word(part)
    if right:
        return f"write `{right}`"
    return _data_hint(part) or _work_hint(part) or _slip_hint(part)


def _word(part: str) -> str:
    """The unit that a written-out name stands for: `megabytes` is `MB`."""
    low = part.lower()
    for right, words in _WORDS.items():
        if low in words.split():
            return right
    for prefix, (_, _, name) in _PREFIXES.items():
        right = _word(low[len(name) :]) if low.startswith(name) else ""
        if prefix + right in known_units() and right:
            return prefix + right
    return ""


def _prefix(letters: str, among: str) -> str | None:
    """The prefix that was meant, whatever its case; None when `letters` are not one of `among`."""
    spelled = {prefix.lower(): prefix for prefix in among.split()} | {"": ""}
    return spelled.get(letters.lower())


def _data_hint(part: str) -> str:
    """`Mb`, `KB`, `gbps`: bits or bytes."""
    rate = len(part) > 2 and part.lower().endswith("ps")
    body = part[:-2] if rate else part
    letters, letter = body[:-1], body[-1]
    prefix = _prefix(letters, _BYTES)
    if letter not in "bB" or prefix is None:
        return ""
    if rate:
        return f"write `{prefix}{'bit' if letter == 'b' else 'B'}/s`"
    if prefix in ("k", "Ki") and (letter == "B" or letters == "ki"):
        return "`kB` is 1,000 B, `KiB` is 1,024 B"
    if letter == "B":
        return f"write `{prefix}B`"
    name = _PREFIXES[prefix][2] if prefix else ""
    return f"`{prefix}bit` for {name}bits, `{prefix}B` for {name}bytes"


def _work_hint(part: str) -> str:
    """`GFLOPS`, `TOPS`, `MACs`: a count of operations, or a rate."""
    low = part.lower()
    for word, stem in (("flops", "op"), ("flop", "op"), ("ops", "op"), ("macs", "MAC")):
        prefix = _prefix(low.removesuffix(word), "k M G T P") if low.endswith(word) else None
        if prefix is None:
            continue
        unit, note = prefix + stem, _OP if stem == "op" else ""
        if word == "flop" or part.endswith("ACs") or low == part == "macs":
            return f"write `{unit}`{note}"
        if part.endswith("OPS"):
            return f"write `{unit}/s`{note}"
        return f"`{unit}` for a count, `{unit}/s` for a rate{note}"
    return ""


def _slip_hint(part: str) -> str:
    """A slip of case, a plural, an exponent without `^`, a mistyped letter."""
    bare = part.rstrip("0123456789²³")
    if bare and bare != part and (bare in known_units()):
        digits = part[len(bare) :].replace("²", "2").replace("³", "3")
        return f"write `{bare}^{digits}`"
    names = [name for name in known_units() if not name.startswith("µ")]
    for spelled in (part.lower(), part.lower().removesuffix("s")):
        near = [name for name in names if name.lower() == spelled]
        if near:
            return "write " + " or ".join(f"`{name}`" for name in near)
    mistyped = [name for name in names if len(name) > 2 and len(part) > 2 and _one_slip(part.lower(), name.lower())]
    return f"write `{mistyped[0]}`" if mistyped else ""


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter was left out, added, changed, or swapped with its neighbour."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    x, y = a[start:], b[start:]
    return x[1:] == y or x == y[1:] or x[1:] == y[1:] or (x[:2] == y[1::-1] and x[2:] == y[2:])


# --- showing values ---------------------------------------------------------------------------------------------------

_LADDERS = (
    "B kB MB GB TB PB",
    "B/s kB/s MB/s GB/s TB/s PB/s",
    "MAC kMAC MMAC GMAC TMAC PMAC",
    "MAC/s kMAC/s MMAC/s GMAC/s TMAC/s PMAC/s",
    "MAC/J kMAC/J MMAC/J GMAC/J TMAC/J PMAC/J",
    "ns us ms s",
    "pJ nJ uJ mJ J kJ",
    "nW uW mW W kW MW",
    "nm um mm m",
    "mm^2",
    "pJ/B",
    "pJ/MAC",
    "mm^2/MB",
    "MB/mm^2",
    "W/mm^2",
    "MAC/s/mm^2 kMAC/s/mm^2 MMAC/s/mm^2 GMAC/s/mm^2 TMAC/s/mm^2",
    "usd/mm^2",
    "usd/GB",
)
_ALMOST_ONE = 0.999995
_LARGEST_EXACT = 1e15


@cache
def _ladders() -> Mapping[Dimension, tuple[Unit, ...]]:
    ladders = [tuple(parse_unit(text) for text in ladder.split()) for ladder in _LADDERS]
    return {units[0].dimension: units for units in ladders}


def ladder(dimension: Dimension) -> tuple[Unit, ...]:
    """The units that values of a dimension are shown in, the smallest first."""
    return _ladders().get(dimension) or (Unit(base_unit(dimension), dimension, Fraction(1)),)


def readable(value: float, dimension: Dimension) -> Unit:
    """The unit in which `value` (in base units) reads well: `MB` for 470,841,600 B."""
    return fitting(value, ladder(dimension))


class Scaled(Protocol):
    @property
    def text(self) -> str: ...

    @property
    def scale(self) -> Fraction | float: ...

    def from_base(self, value: float) -> float: ...


U = TypeVar("U", bound=Scaled)


def fitting(value: float, units: Sequence[U]) -> U:
    """The largest unit in which a value is at least 1; for none, the base unit."""
    if value == 0 or isnan(value) or abs(value) >= UNLIMITED / 10:
        return next((unit for unit in units if unit.scale == 1), units[0])
    return next((unit for unit in reversed(units) if abs(unit.from_base(value)) >= _ALMOST_ONE), units[0])


def format_number(x: float, digits: int = 5) -> str:
    """`x` to `digits` significant digits, with thousands commas; a whole number is exact: `1,018,111,072`."""
    if isnan(x):
        return "undefined"
    if abs(x) >= UNLIMITED / 10:
        return "unlimited" if x > 0 else "-unlimited"
    if x == int(x) and abs(x) < _LARGEST_EXACT:
        return f"{int(x):,}"
    mantissa, _, exponent = f"{x:.{digits - 1}e}".partition("e")
    magnitude = int(exponent)
    if not -4 <= magnitude < 15:
        return f"{_trimmed(mantissa)}e{magnitude}"
    return _trimmed(f"{x:,.{max(digits - 1 - magnitude, 0)}f}")


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def display(value: float, dimension: Dimension, unit: Unit | None = None, digits: int = 5) -> str:
    """A value in base units as a person reads it: `470.84 MB`, `8 MiB`, `45.2 %`, `7`."""
    shown = unit or readable(value, dimension)
    if isnan(value) or abs(value) >= UNLIMITED / 10:
        return format_number(value, digits)
    number = format_number(shown.from_base(value), digits)
    return f"{number} {shown.text}" if shown.text else number
