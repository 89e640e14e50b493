"""What `choose(…, by = METHOD)` asks: the numbers that a method reads, and those that it finds. Portable code."""

from __future__ import annotations

import math

from ..records import record
from .bounds import least_traffic, touched_bytes
from .groups import Goal, best_groups
from .levels import Rooms, Tile, best_levels, least_levels, least_time, smallest_levels
from .streaming import Row
from .tiling import Layer, best_tiling, smallest_buffer

UNLIMITED = 1e300


@record
class Method:
    """`given` are numbers, `listed` columns over all rows of a network, `parts` what is found; all with base units."""

    given: dict[str, str]
    listed: dict[str, str]
    parts: dict[str, str]


_LOOPS = {
    "loop_items": "", "loop_groups": "", "loop_filters": "", "loop_channels": "", "loop_rows": "", "loop_columns": "",
    "loop_window": "", "loop_step": "", "loop_pad": "", "loop_size": "", "loop_window_across": "",
    "loop_step_across": "", "loop_pad_across": "", "loop_size_across": "", "loop_taps": "", "loop_spread": "",
    "loop_act": "B", "loop_wgt": "B", "loop_out": "B", "loop_sums": "B", "loop_twice": "",
}  # fmt: skip

_TILED = {
    "loop_act": "tile_act", "loop_out": "tile_final", "loop_sums": "tile_partial", "loop_items": "part_items",
    "loop_groups": "part_groups", "loop_rows": "part_rows", "loop_size": "part_size",
}  # fmt: skip
"""What a tiling reads otherwise than the loops say: an operand on the chip costs nothing, items follow each other."""

_TILE = ("stays", "items", "rows", "columns", "filters", "channels")

METHODS: dict[str, Method] = {
    "tiling": Method(
        {"tile_room": "B", **{_TILED.get(name, name): unit for name, unit in _LOOPS.items()}},
        {},
        {
            "bytes": "B",
            "stays": "",
            "items": "",
            "rows": "",
            "columns": "",
            "filters": "",
            "channels": "",
            "least": "B",
            "touched": "B",
            "smallest": "B",
        },
    ),
    "levels": Method(
        {
            "level_room": "B",
            "level_registers": "B",
            "level_inputs": "B",
            "level_weights": "B",
            "level_sums": "B",
            "level_far": "J/B",
            "level_near_inputs": "J/B",
            "level_near_weights": "J/B",
            "level_near_sums": "J/B",
            "level_bandwidth": "B/s",
            "level_bus": "B/s",
            "level_quick": "",
            **_LOOPS,
        },
        {},
        {
            "cost": "J",
            "bound": "J",
            "least": "J",
            "time": "s",
            "time_bound": "s",
            "time_least": "s",
            "smallest": "B",
            **{f"{level}_{name}": "" for level in ("outer", "inner") for name in _TILE},
        },
    ),
    "groups": Method(
        {"stage_room": "B", "stage_bandwidth": "B/s", "stage_far": "J/B", "stage_batch": ""},
        {
            "stage_view": "",
            "stage_in_place": "",
            "stage_weights": "B",
            "stage_size": "B",
            "stage_point": "B",
            "stage_height": "",
            "stage_width": "",
            "stage_window": "",
            "stage_step": "",
            "stage_pad": "",
            "stage_window_across": "",
            "stage_step_across": "",
            "stage_pad_across": "",
            "stage_compute": "s",
            "stage_energy": "J",
            "loop_batched": "",
            "stage_alone": "",
            **_LOOPS,
        },
        {"stage": "", "until": "", "way": "", "strips": "", "frames": "", "cost": "", "proven": ""},
    ),
}


def layer_of(numbers: list[float]) -> Layer:
    """A layer from its numbers, in the order in which a method names them."""
    return Layer(
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], numbers[8],
        numbers[9], numbers[10], numbers[11], numbers[12], numbers[13], numbers[14], numbers[15], numbers[16],
        numbers[17], numbers[18], numbers[19], numbers[20],
    )  # fmt: skip


def found_tiling(given: list[float]) -> list[float]:
    """The parts of the best tiling of a layer in some room; where none fits, it moves without limit."""
    layer = layer_of(given[1:])
    found = best_tiling(layer, given[0])
    limits = [least_traffic(layer, given[0]), touched_bytes(layer), smallest_buffer(layer)]
    if found.stays < 0:
        return [UNLIMITED, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0, limits[0], limits[1], limits[2]]
    return [
        found.bytes, found.stays, found.items, found.rows, found.columns, found.filters, found.channels, limits[0],
        limits[1], limits[2],
    ]  # fmt: skip


def found_levels(given: list[float]) -> list[float]:
    """The parts of the tiling through two memories that costs the least; where none fits, it costs without limit, and
    so does what was not asked for: energy or time."""
    rooms = Rooms(
        given[0], given[1], given[2], given[3], given[4], given[5], given[6], given[7], given[8], given[9], given[10],
        given[11],
    )  # fmt: skip
    layer = layer_of(given[12:])
    found = best_levels(layer, rooms)
    quick = rooms.quick > 0
    promised = [found.cost, found.least] if found.cost < math.inf else [UNLIMITED, UNLIMITED]
    energy = [UNLIMITED, 0.0] if quick else promised
    time = promised if quick else [UNLIMITED, 0.0]
    return [
        *energy, least_levels(layer, rooms), *time, least_time(layer, rooms), smallest_levels(layer),
        *_sizes(found.outer), *_sizes(found.inner),
    ]  # fmt: skip


def _sizes(tile: Tile) -> list[float]:
    return [tile.stays, tile.items, tile.rows, tile.columns, tile.filters, tile.channels]


def rows_of(listed: list[list[float]], inputs: list[list[int]]) -> list[Row]:
    """The rows of a network from its columns, in the order in which the method names them."""
    count = len(inputs)
    views = [listed[0][k] > 0 and len(inputs[k]) > 0 for k in range(count)]
    stored: list[list[int]] = []
    for k in range(count):
        behind = [k]
        if views[k]:
            behind = sorted({row for source in inputs[k] for row in stored[source]})
        stored.append(behind)
    read = {source for sources in inputs for source in sources}
    leaving: set[int] = set()
    for k in range(count):
        if k not in read and len(inputs[k]) > 0:
            leaving.update(stored[k])
    rows: list[Row] = []
    for k in range(count):
        column = [one[k] for one in listed]
        layer = layer_of(column[17:]) if column[16] > 0 else None
        rows.append(
            Row(
                len(inputs[k]) == 0, views[k], column[1] > 0, k in leaving, inputs[k], stored[k], column[2],
                0.0 if views[k] else column[3], column[4], column[5], column[6], column[7], column[8], column[9],
                column[10], column[11], column[12], column[13], column[14], column[15], layer,
            )
        )  # fmt: skip
    return rows


def lacking_row(given: list[float], listed: list[list[float]], inputs: list[list[int]]) -> tuple[int, float]:
    """Where no schedule fits: the row that fits in no way, and the buffer in which it would alone (0: not known)."""
    rows = rows_of(listed, inputs)
    row = best_groups(rows, given[0], Goal(given[1], given[2]), given[3]).lacking
    layer = rows[row].layer
    return row, smallest_buffer(layer) if layer is not None else 0.0


def found_groups(given: list[float], listed: list[list[float]], inputs: list[list[int]]) -> list[list[float]]:
    """The parts of the best schedule, each a list over the rows. A row without inputs is a source."""
    count = len(inputs)
    rows = rows_of(listed, inputs)
    found = best_groups(rows, given[0], Goal(given[1], given[2]), given[3])
    if found.lacking >= 0:
        nothing = [math.nan for _ in range(count)]
        return [nothing, nothing, nothing, nothing, nothing, nothing, nothing]
    stage = [float(number) for number in found.stage]
    until = [float(number) for number in found.until]
    proven = 1.0 if found.proven else 0.0
    costs = [found.cost for _ in range(count)]
    return [stage, until, found.way, found.strips, found.frames, costs, [proven for _ in range(count)]]
