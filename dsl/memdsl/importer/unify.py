"""Several places of one structure as one block: what differs between them becomes a formula or a parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from .parts import Part
from .sizes import Size, exact

WIDE = ("filters", "features")
"""Arguments that say how many channels come out."""
SHARED = ("groups", "heads", "kv_heads")
"""Arguments that part the channels."""
RESERVED = {"x", "out", "if", "then", "else", "and", "or", "not", "in", "where", "true", "false"}


def unified(
    places: Sequence[Sequence[Part]], entries: Sequence[Mapping[str, Size]], shown: Callable[[Size], str]
) -> tuple[list[dict[str, str]], list[str], list[list[Size]]]:
    """The formulas of each part's numbers, the parameters, and the parameters' values at each place.

    `places` are equal structures, part by part; `entries` the axes of each place's input.
    """
    formulas: list[dict[str, str]] = []
    names: list[str] = []
    columns: list[list[Size]] = []
    first = places[0]
    channels = [axes.get("c", 1) for axes in entries]
    last_wide = max((i for i, part in enumerate(first) if {"filters", "features"} & set(part.numbers)), default=-1)
    for index, part in enumerate(first):
        found: dict[str, str] = {}
        for key in part.numbers:
            values = [place[index].numbers[key] for place in places]
            wide = key in WIDE or (part.kind == "reshape" and key == "c")
            text = (_view(key, values, entries) if part.kind == "reshape" else None) or _formula(
                values, channels if wide or key in SHARED else None, names, columns, shown, wide
            )
            if text is None:
                text = _named(key, part.kind, wide and index == last_wide, names)
                names.append(text)
                columns.append(values)
            found[key] = text
        formulas.append(found)
    values_at = [[column[place] for column in columns] for place in range(len(places))]
    return formulas, names, values_at


def _formula(
    values: Sequence[Size], channels: Sequence[Size] | None, names: Sequence[str], columns: Sequence[Sequence[Size]],
    shown: Callable[[Size], str], wide: bool,
) -> str | None:  # fmt: skip
    if all(value == values[0] for value in values) and not (
        wide and channels is not None and values[0] == channels[0] and all(c == channels[0] for c in channels)
    ):
        return shown(values[0])
    if channels is not None:
        text = _ratio(values, channels, "x.c")
        if text is not None:
            return text
    if all(value == values[0] for value in values):
        return shown(values[0])
    for name, column in zip(names, columns, strict=True):
        if list(column) == list(values):
            return name
    if wide:
        for name, column in zip(names, columns, strict=True):
            text = _ratio(values, column, name)
            if text is not None:
                return text
    return None


def _view(axis: str, values: Sequence[Size], entries: Sequence[Mapping[str, Size]]) -> str | None:
    """The size of an axis by those of the block's input: the same, or a share of all positions."""
    if all(axis in axes for axes in entries) and all(v == axes[axis] for v, axes in zip(values, entries, strict=True)):
        return f"x.{axis}"
    positions = [name for name in entries[0] if name != "c"]
    if axis == "c" or len(positions) < 2 or all(value == values[0] for value in values):
        return None
    counts: list[Size] = []
    for axes in entries:
        count: Size = 1
        for name in positions:
            count = count * axes.get(name, 1)
        counts.append(count)
    return _ratio(values, counts, " * ".join(f"x.{name}" for name in positions), largest=1024)


def _ratio(values: Sequence[Size], others: Sequence[Size], name: str, largest: int = 64) -> str | None:
    """`4 * name`, `name / 4`, `name` where one ratio holds at every place."""
    ratio = exact(values[0], others[0])
    if not isinstance(ratio, (int, Fraction)) or ratio <= 0:
        return None
    if any(exact(value, other) != ratio for value, other in zip(values, others, strict=True)):
        return None
    share = Fraction(ratio)
    if share.denominator == 1:
        return name if share == 1 else f"{share.numerator} * {name}" if share <= 16 else None
    return f"{name} / {share.denominator}" if share.numerator == 1 and share.denominator <= largest else None


def _named(key: str, kind: str, last: bool, names: Sequence[str]) -> str:
    base = key
    if key in ("filters", "features"):
        base = "filters" if last else "mid"
    if kind == "squeeze_excite" and key == "mid":
        base = "squeeze"
    name, number = base, 2
    while name in names or name in RESERVED:
        name, number = f"{base}{number}", number + 1
    return name
