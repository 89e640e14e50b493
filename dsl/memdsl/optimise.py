"""The best schedule of a model's network on its hardware: found, told in words, written as a person would write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from . import driver
from .diagnostics import Diagnostic, Problems, Source
from .evaluate import Model
from .evaluate.show import show
from .records import record
from .sheet.operations import Value
from .sheet.sheet import Quantity
from .syntax import parse, tree
from .units import parse_unit

GOALS = ("bytes", "time", "energy")
_KEPT = ("act", "wgt", "batch", "capacity", "math")
"""Arguments of a model that its best schedule is found for too."""
_USE = "use std.schedules as schedules"
_STAYS = ("sums stay", "inputs stay", "weights stay, down strips of columns", "weights stay, along strips of rows")


class NotOptimised(Exception):
    """Why there is no schedule; `diagnostics` are what is wrong with the spec."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


@record
class Stage:
    """Rows that run together: bytes moved, buffer in use, what stays behind it, how they stream or a row is tiled;
    `again` is the share of its products that strips make again."""

    number: int
    rows: tuple[str, ...]
    bytes: float
    buffer: float
    kept: tuple[str, ...]
    again: float
    words: str


@record
class Optimised:
    """A schedule: `text` is what stands in a spec. In bytes, seconds and joules; nothing comes below `floor` bytes."""

    model: str
    minimise: str
    text: str
    bytes: float
    floor: float
    before: float
    time: float
    energy: float
    proven: bool
    stages: tuple[Stage, ...]
    said: str


def optimise(
    source: Source, folder: Path, path: Path | None, name: str, minimise: str = "bytes",
    settings: Sequence[tuple[str, str]] = (), scenario: str | None = None,
) -> Optimised:  # fmt: skip
    """The best schedule of the network of a model `name`, on the hardware of that model. Raises NotOptimised."""
    if minimise not in GOALS:
        raise NotOptimised(f"a schedule is found for {' or '.join(GOALS)}, not for `{minimise}`")
    call = _call(source, name)
    asked = "best_schedule_of_it"
    written = _arguments(source, call)
    found = f'model {asked} = {asked}_in.best_schedule({written}, minimise = "{minimise}")'
    extended = Source(source.name, f"{_without_claims(source)}\n\nuse std.schedules as {asked}_in\n{found}\n")
    read = driver.build(extended, folder, path, settings, scenario)
    model = read.sound
    if model is None:
        raise NotOptimised(f"`{name}` was not optimised", [d for d in read.problems if d.severity == "error"])
    return _told(model, name, asked, written, minimise)


def _without_claims(source: Source) -> str:
    """The text with blanks for its claims: they ask nothing of a schedule, and each may ask for a point of its own."""
    text = source.text
    for node in parse(source, Problems()).statements:
        if isinstance(node, tree.Claim):
            start, end = node.span
            text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text.rstrip()


def _call(source: Source, name: str) -> tree.Call:
    """The call that makes a model of the spec."""
    module = parse(source, Problems())
    instances = [s for s in module.statements if isinstance(s, tree.Instance) and s.keyword == "model"]
    found = next((s for s in instances if s.name == name), None)
    if found is None:
        known = ", ".join(s.name for s in instances) or "none"
        raise NotOptimised(f"the spec has no model `{name}` made by a call; it has {known}")
    if not isinstance(found.value, tree.Call):
        raise NotOptimised(f"`{name}` is not made by a call of a model, such as `traffic(net, chip)`")
    return found.value


def _arguments(source: Source, call: tree.Call) -> str:
    """The network, the hardware, and what of the other arguments counts here, as the author wrote them."""
    kept = []
    for number, argument in enumerate(call.arguments):
        name = argument.name or ("net", "hw", "act", "wgt", "batch", "math")[min(number, 5)]
        if name in ("net", "hw", *_KEPT):
            kept.append(f"{name} = {source.text[slice(*argument.value.span)]}")
    return ", ".join(kept)


def _told(model: Model, name: str, asked: str, written: str, minimise: str) -> Optimised:
    values, sheet = model.values, model.sheet
    instance = sheet.instances[sheet.aliases.get(asked, asked)]
    table = sheet.tables[instance.table or ""]
    network = sheet.tables[table.parent or ""]
    columns = {column: values.column(table.id, column) for column in table.columns}
    layers = [i for i, row in enumerate(network.rows) if row.role == "layer"]

    def number(column: str, row: int) -> float:
        value = columns[column][row]
        return float(value) if isinstance(value, (int, float)) else 0.0

    def cell(part: str) -> float:
        value = values.cell(f"{instance.name}.{part}")
        assert isinstance(value, (int, float))
        return float(value)

    stages = []
    batch = cell("batch")
    for stage in range(1, int(max(number("stage", i) for i in layers)) + 1):
        rows = [i for i in layers if number("stage", i) == stage]
        kept = [network.rows[i].name for i in layers if number("stage", i) <= stage < number("until", i)]
        tiled = len(rows) == 1 and columns["tiled"][rows[0]] is True
        done = sum(number("work", i) for i in rows)
        again = sum(number("work", i) * number("again", i) for i in rows) / done if done > 0 else 0.0
        words = _tiling(columns, rows[0]) if tiled else _streaming(number, rows[0], again)
        if number("frames", rows[0]) < batch:
            words = f"{number('frames', rows[0]):g} of {batch:g} items together, {words}"
        moved = sum(number("dram_bytes", i) for i in rows)
        names = tuple(network.rows[i].name for i in rows)
        stages.append(Stage(stage, names, moved, number("buffer", rows[0]), tuple(kept), again, words))

    before = values.cell(f"{name}.dram_bytes") if f"{name}.dram_bytes" in sheet.cells else 0.0
    moved, floor = cell("dram_bytes"), cell("floor_bytes")
    proven = bool(values.cell(f"{instance.name}.proven"))
    above = f"{100 * (moved / floor - 1):.1f} % above the floor of {_bytes(model, floor)}"
    said = f"{_bytes(model, moved)} in {len(stages)} stages, {above}"
    parts = ("stage", "until", "way", "strips", "frames")
    plan = [(network.rows[i].name, [number(part, i) for part in parts]) for i in layers]
    text = _text(model.source.text, name, written, f"Found for the least {minimise}: {said}", plan)
    return Optimised(
        name, minimise, text, moved, floor, float(before) if isinstance(before, (int, float)) else 0.0, cell("time"),
        cell("energy"), proven, tuple(stages), said,
    )  # fmt: skip


def _streaming(number: Callable[[str, int], float], row: int, again: float) -> str:
    """How a stage streams, in words: `again` is the share of its products that it makes again."""
    along = number("way", row) == 1
    strips = int(number("cuts", row)) + 1
    if strips == 1:
        return "streams column by column" if along else "streams row by row"
    lines, cached = ("rows", "columns") if along else ("columns", "rows")
    halo = f"{cached} of each are cached, the halo between them is made again: {100 * again:.1f} % more products"
    return f"streams through {strips} strips of {lines}; {halo}"


def _tiling(columns: dict[str, Sequence[Value | None]], row: int) -> str:
    """How a row alone is tiled, in words."""

    def size(name: str) -> str:
        value = columns[name][row]
        return f"{value:g}" if isinstance(value, float) else ""

    stays = columns["tile_stays"][row]
    what = _STAYS[int(stays)] if isinstance(stays, float) and stays >= 0 else "fits in no way"
    positions = f"{size('tile_rows')} x {size('tile_columns')} positions"
    tile = f"{positions}, {size('tile_filters')} filters, {size('tile_channels')} channels"
    items = size("tile_items")
    return f"tiled: {what}; {tile}" + (f", {items} items" if items not in ("", "1") else "")


def _bytes(model: Model, value: float) -> str:
    return show(model.typed, value, Quantity(parse_unit("B").dimension))


def _text(spec: str, name: str, written: str, label: str, plan: Sequence[tuple[str, list[float]]]) -> str:
    """The schedule as a table, and the model that follows it."""
    width = max(len(row) for row, _ in plan) + 2
    lines = [f'table {name}_plan "{label}" {{', f"  {'name':{width}} | stage | until | way     | strips | frames"]
    for row, (stage, until, way, strips, frames) in plan:
        quoted = f'"{row}"'
        named = '"along"' if way == 1 else '"down" '
        lines.append(f"  {quoted:{width}} | {stage:<5g} | {until:<5g} | {named} | {strips:<6g} | {frames:g}")
    used = [] if _USE in spec.splitlines() else [_USE, ""]
    model = f"model {name}_best = schedules.planned({written}, plan = {name}_plan)"
    return "\n".join([*used, *lines, "}", "", model, ""])


def written_into(source: Source, found: Optimised) -> str:
    """The spec with the schedule at its end, in the place of one that was found before."""
    text = source.text
    ours = (f"{found.model}_plan", f"{found.model}_best")
    marks = [n.span for n in parse(source, Problems()).statements if isinstance(n, tree.Declaration) and n.name in ours]
    for start, end in sorted(marks, reverse=True):
        text = text[:start].rstrip("\n") + "\n" + text[end:].lstrip("\n")
    made = found.text.removeprefix(f"{_USE}\n\n") if _USE in text.splitlines() else found.text
    return f"{text.rstrip()}\n\n{made}"
