"""Several places of one structure as one block: what differs between them becomes a formula or a parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from .parts import Part
from .sizes import Size, exact

LABELS = {"filters": "filters", "features": "features"}
RESERVED = {"x", "out", "if", "then", "else", "and", "or", "not", "in", "where", "true", "false"}


def unified(
    places: Sequence[Sequence[Part]], channels: Sequence[Size], shown: Callable[[Size], str]
) -> tuple[list[dict[str, str]], list[str], list[list[Size]]]:
    """The formulas of each part's numbers, the parameters, and the parameters' values at each place.

    `places` are equal structures, part by part; `channels` those of each place's input.
    """
    formulas: list[dict[str, str]] = []
    names: list[str] = []
    columns: list[list[Size]] = []
    first = places[0]
    last_wide = max((i for i, part in enumerate(first) if {"filters", "features"} & set(part.numbers)), default=-1)
    for index, part in enumerate(first):
        found: dict[str, str] = {}
        for key in part.numbers:
            values = [place[index].numbers[key] for place in places]
            wide = key in ("filters", "features")
            text = _formula(values, channels if wide or key == "groups" else None, names, columns, shown, wide)
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


def _ratio(values: Sequence[Size], others: Sequence[Size], name: str) -> str | None:
    """`4 * name`, `name / 4`, `name` where one ratio holds at every place."""
    ratio = exact(values[0], others[0])
    if not isinstance(ratio, (int, Fraction)) or ratio <= 0:
        return None
    if any(exact(value, other) != ratio for value, other in zip(values, others, strict=True)):
        return None
    share = Fraction(ratio)
    if share.denominator == 1:
        return name if share == 1 else f"{share.numerator} * {name}" if share <= 16 else None
    return f"{name} / {share.denominator}" if share.numerator == 1 and share.denominator <= 16 else None


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
