"""Kinds that a spec brings along where the library does not say them: views by the axes that they name, and the like.

Each is taken only while `std.layers` has no kind of its own for it; `_THERE` says by what that is seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from .rows import Argument, Row

_THERE = {
    "reshape": r"^layer reshape\(", "sequence": r"^layer sequence\(", "flatten": r"^layer flatten\([^)]*\) -> \[c\]",
    "split": r"^layer split\(", "slice": r"^layer slice\(", "pad": r"^layer pad\(", "resize": r"^layer resize\(",
    "upsample": r"^layer upsample\([^)]*factor\[p\]", "reduce": r"^layer reduce\(", "combine": r"^layer combine\(",
    "times": r"^layer combine\(", "add": r"^layer combine\(", "concat": r"^layer concat\([^)]*axis",
    "matmul": r"^layer matmul\([^)]*transposed", "space_to_depth": r"^layer space_to_depth\(",
    "depth_to_space": r"^layer depth_to_space\(", "lstm": r"^block lstm\([^)]*directions",
    "gru": r"^block gru\([^)]*directions", "rnn": r"^block rnn\([^)]*directions",
    "global_pool": r"^layer global_pool\(x\[p\.\.\.",
    "take": r"^layer take\(",
}  # fmt: skip

VIEW = 'layer {name}(x, {given}) -> {axes} "{label}" {{\n  free = true\n{body}\n}}'


@cache
def _library() -> str:
    path = Path(__file__).parent.parent / "library" / "layers.mem"
    return path.read_text(encoding="utf-8")


def has(kind: str) -> bool:
    """Whether the library says a kind as the importer writes it."""
    probe = _THERE.get(kind)
    return probe is None or re.search(probe, _library(), re.M) is not None


def spelled(row: Row, before: Mapping[int, Row], own: bool) -> tuple[str, dict[str, Argument], list[int], str]:
    """The kind, arguments and inputs of a row as the spec has them, and the kind's definition where it brings one.

    `own` asks for the spec's own kinds although the library has some.
    """
    same = row.kind, row.arguments, row.inputs, ""
    if row.kind in _MAKERS and (own or not has(row.kind)):
        return _MAKERS[row.kind](row, [before[index] for index in row.inputs]) or same
    return same


Spelled = tuple[str, dict[str, Argument], list[int], str]


def _view(row: Row, inputs: list[Row]) -> Spelled:
    """A view that names sizes: one kind for each choice of axes."""
    axes = list(row.axes) if row.kind == "reshape" else list(row.arguments)
    name = f"{row.kind}_{'_'.join(axes)}"
    given = {axis: f"{'by' if row.kind in ('split', 'pad') else 'to'}_{axis}" for axis in axes}
    formula = {"split": "x.{a} / {g}", "pad": "x.{a} + {g}"}.get(row.kind, "{g}")
    body = "\n".join(f"  {axis} = {formula.format(a=axis, g=given[axis])}" for axis in axes)
    label = {"reshape": "Elements as they are, with other axes", "split": "One of equal parts", "slice": "A part",
             "pad": "Rows added", "resize": "Made larger or smaller"}[row.kind]  # fmt: skip
    result = f"[{', '.join(axes)}]" if row.kind == "reshape" else "x"
    text = VIEW.format(name=name, given=", ".join(given.values()), axes=result, label=label, body=body)
    arguments = {given[axis]: row.axes[axis] if row.kind == "reshape" else row.arguments[axis] for axis in axes}
    return name, arguments, row.inputs, text


def _sized(row: Row, inputs: list[Row]) -> Spelled | None:
    """`resize` and `upsample` with a list or over other axes than rows and columns."""
    axes = [axis for axis in row.axes if axis != "c"]
    if row.kind == "upsample" and axes == ["h", "w"] and not isinstance(row.arguments.get("factor"), tuple):
        return None
    sizes: dict[str, Argument] = {f"to_{axis}": row.axes[axis] for axis in axes}
    body = "\n".join(f"  {axis} = to_{axis}" for axis in axes)
    name = f"resize_{'_'.join(axes)}"
    text = VIEW.format(name=name, given=", ".join(sizes), axes="x", label="Made larger or smaller", body=body)
    return name, sizes, row.inputs, text


def _sequence(row: Row, inputs: list[Row]) -> Spelled:
    body = "  n = x.elements / x.c\n  c = x.c"
    text = f'layer sequence(x) -> [n, c] "Positions one behind the other" {{\n  free = true\n{body}\n}}'
    return "sequence", {}, row.inputs, text


def _flatten(row: Row, inputs: list[Row]) -> Spelled:
    return (
        "flatten",
        {},
        row.inputs,
        'layer flatten(x) -> [c] "All elements as channels" { free = true; c = x.elements }',
    )


def _reduce(row: Row, inputs: list[Row]) -> Spelled:
    axis = row.arguments.get("axis", "c")
    text = f'layer reduce_{axis}(x) -> x "Sum, mean or extreme over one axis" {{ free = true; {axis} = 1 }}'
    return f"reduce_{axis}", {}, row.inputs, text


def _joined(row: Row, inputs: list[Row]) -> Spelled | None:
    """Element-wise operators: the operand of the result's sizes first, the others spread over it."""
    main = next((one for one in inputs if one.axes == row.axes), None)
    if main is None:
        return None
    if all(one.axes == row.axes for one in inputs) and row.kind != "combine":
        return None
    name = {"add": "add_spread", "times": "times_spread", "combine": "combine"}[row.kind]
    label = {"add": "Sum", "times": "Product", "combine": "Some function"}[row.kind]
    others = [f"y{number}" for number in range(1, len(inputs))]
    if len(others) > 1:
        name += f"_{len(inputs)}"
    text = (
        f'layer {name}(x, {", ".join(others)}) -> x "{label} element by element, sizes of 1 spread over the first" '
        "{ free = true; in_place = true }"
    )
    rest = [one.index for one in inputs if one is not main]
    return name, {}, [main.index, *rest], text


def _concat(row: Row, inputs: list[Row]) -> Spelled | None:
    axis = str(row.arguments.get("axis", "c"))
    if axis == "c" and list(row.axes) == ["h", "w", "c"]:
        return None
    text = f'layer concat_{axis}(xs...) -> xs "Tensors one behind the other" {{ free = true; {axis} = sum(xs.{axis}) }}'
    return f"concat_{axis}", {}, row.inputs, text


def _matmul(row: Row, inputs: list[Row]) -> Spelled:
    heads, shared = row.arguments.get("heads", 1), row.arguments.get("shared", 1)
    if row.arguments.get("transposed"):
        name, size, macs = "product_t", "heads * b.n", "a.elements * b.n"
    else:
        name, size, macs = "product", "shared * b.c", "a.elements * b.c * shared / heads"
    lines = f"  c = {size}\n  groups = heads\n  operand = b.elements\n  macs = {macs} * 1 MAC"
    text = f'layer {name}(a, b, heads, shared) -> a "Product of two activations, head by head" {{\n{lines}\n}}'
    return name, {"heads": heads, "shared": shared}, row.inputs, text


def _recurrent(row: Row, inputs: list[Row]) -> Spelled:
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[row.kind]
    body = (
        "  c = directions * features\n  weights = directions * gates * features * (x.c + features)\n"
        "  macs = weights * x.n * 1 MAC\n  steps = x.n"
    )
    text = f'layer recurrent(x, features, gates, directions) -> x "A recurrent layer over a sequence" {{\n{body}\n}}'
    arguments: dict[str, Argument] = {
        "features": row.arguments["features"], "gates": gates, "directions": row.arguments.get("directions", 1),
    }  # fmt: skip
    return "recurrent", arguments, row.inputs, text


def _blocks(row: Row, inputs: list[Row]) -> Spelled:
    deep = row.kind == "space_to_depth"
    size = "{0} = x.{0} / block" if deep else "{0} = x.{0} * block"
    axes = [axis for axis in row.axes if axis != "c"]
    lines = [size.format(axis) for axis in axes] + [f"c = x.c {'*' if deep else '/'} block^{len(axes)}"]
    text = (
        f'layer {row.kind}(x, block) -> x "Squares of positions as channels" {{\n  free = true\n  '
        + "\n  ".join(lines)
        + "\n}"
    )
    return row.kind, {"block": row.arguments.get("block", 2)}, row.inputs, text


def _pool(row: Row, inputs: list[Row]) -> Spelled | None:
    axes = [axis for axis in row.axes if axis != "c"]
    if axes == ["h", "w"]:
        return None
    body = "; ".join(f"{axis} = 1" for axis in axes)
    name = f"global_pool_{'_'.join(axes)}"
    return name, {}, row.inputs, f'layer {name}(x) -> x "Mean over all positions" {{ free = true; {body} }}'


_MAKERS = {
    "reshape": _view, "split": _view, "slice": _view, "pad": _view, "resize": _sized, "upsample": _sized,
    "sequence": _sequence, "flatten": _flatten, "reduce": _reduce, "add": _joined, "times": _joined, "combine": _joined,
    "concat": _concat, "matmul": _matmul, "lstm": _recurrent, "gru": _recurrent, "rnn": _recurrent,
    "space_to_depth": _blocks, "depth_to_space": _blocks, "global_pool": _pool,
}  # fmt: skip
