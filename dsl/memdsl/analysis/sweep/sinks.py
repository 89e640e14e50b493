"""Where the points of a sweep go, a block at a time: a Parquet or CSV file, a pandas frame, a summary."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from ...files import inert
from ...sheet.sheet import Quantity, Truth, Type
from ...units import base_unit
from .engine import Column, Sweep
from .grid import Array, Block, SweepError, Track

if TYPE_CHECKING:
    import pandas

ROW_GROUP = 1 << 20
"""Points of one row group: what an interruption keeps is a whole number of these."""

Flat = npt.NDArray[Any]


class MissingPackage(Exception):
    """A package that an extra brings."""


NEEDS_ARROW = (
    'Parquet needs pyarrow, which the extra `sweep` brings: pip install "memdsl[sweep]"; or write to a .csv file'
)


class Sink(Protocol):
    def write(self, block: Block, values: Sequence[Array]) -> None:
        """Takes the values of a block, as `Sweep.compute` gives them."""

    def close(self) -> None:
        """Finishes what was written so far, so that it can be read."""


def unit_of(kind: Type) -> str:
    """The base unit of a type; empty for plain counts, texts and truth values."""
    return base_unit(kind.dimension) if isinstance(kind, Quantity) and kind.dimension is not None else ""


def flat(block: Block, value: Array) -> Flat:
    """The value of a cell at each point of a block, in order."""
    return np.ascontiguousarray(np.broadcast_to(value, block.shape)).reshape(-1)


def truth(values: Flat) -> Flat:
    """Truth values as objects: True, False, None where there is none."""
    if values.dtype == bool:
        return values
    found = np.where(values == 1, True, False).astype(object)
    undefined = np.isnan(values.astype(float))
    found[undefined] = None
    return found if undefined.any() else found.astype(bool)


@dataclass(frozen=True, eq=False)
class ResultColumns:
    """Names and units of the columns of a result: inputs first, then cells that are none of these inputs."""

    sweep: Sweep
    input_types: Sequence[Type]

    @property
    def tracks(self) -> tuple[Track, ...]:
        return self.sweep.grid.tracks

    @property
    def numbers(self) -> list[int]:
        """Which columns of the sweep are shown."""
        inputs = {track.path for track in self.tracks}
        return [number for number, column in enumerate(self.sweep.columns) if column.text not in inputs]

    @property
    def columns(self) -> list[Column]:
        return [self.sweep.columns[number] for number in self.numbers]

    @property
    def names(self) -> list[str]:
        return [track.path for track in self.tracks] + [column.text for column in self.columns]

    @property
    def units(self) -> dict[str, str]:
        types = [*self.input_types, *(column.type for column in self.columns)]
        return {name: unit_of(kind) for name, kind in zip(self.names, types, strict=True)}

    def flat(self, block: Block, values: Sequence[Array]) -> list[Flat]:
        """All columns at each point of a block."""
        return [*self.sweep.grid.inputs(block), *self.cells(block, values)]

    def cells(self, block: Block, values: Sequence[Array]) -> list[Flat]:
        return [presented(self.sweep.columns[n], flat(block, values[n])) for n in self.numbers]


def presented(column: Column, values: Flat) -> Flat:
    return truth(values) if isinstance(column.type, Truth) else values


class ParquetSink:
    """A Parquet file with row groups of about a million points; units stand in the metadata."""

    def __init__(self, layout: ResultColumns, path: Path) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise MissingPackage(NEEDS_ARROW) from None
        self.arrow = pyarrow
        self.layout = layout
        self.rows = 0
        self.waiting: list[list[Flat]] = []
        self.count = 0
        units = layout.units
        fields = []
        for track in layout.tracks:
            fields.append(self._field(track.path, pyarrow.float64() if track.numeric else self._text(track), units))
        for column in layout.columns:
            kind = pyarrow.float64() if column.numeric else pyarrow.string()
            kind = pyarrow.bool_() if isinstance(column.type, Truth) else kind
            fields.append(self._field(column.text, kind, units))
        # pandas reads this back as the frame's `attrs`.
        self.schema = pyarrow.schema(fields, metadata={b"PANDAS_ATTRS": json.dumps({"units": units}).encode()})
        texts = [field.name for field in self.schema if pyarrow.types.is_string(field.type)]
        # Numbers of a grid repeat in long patterns, which zstd finds faster than a dictionary of them is made.
        self.writer = pyarrow.parquet.ParquetWriter(
            path, self.schema, compression="zstd", compression_level=1, use_dictionary=texts
        )

    def _text(self, track: Track) -> Any:
        return self.arrow.bool_() if isinstance(track.values[0], bool) else self.arrow.string()

    def _field(self, name: str, kind: Any, units: Mapping[str, str]) -> Any:
        return self.arrow.field(name, kind, metadata={b"unit": units[name].encode()})

    def write(self, block: Block, values: Sequence[Array]) -> None:
        self.waiting.append(self.layout.flat(block, values))
        self.count += block.size
        if self.count >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if not self.count:
            return
        columns = []
        for field, parts in zip(self.schema, zip(*self.waiting, strict=True), strict=True):
            whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
            columns.append(self.arrow.array(whole, type=field.type, from_pandas=True))
        self.writer.write_table(self.arrow.Table.from_arrays(columns, schema=self.schema), row_group_size=self.count)
        self.rows += self.count
        self.waiting, self.count = [], 0

    def close(self) -> None:
        self._flush()
        self.writer.close()


def heading(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


class CsvSink:
    """Comma-separated values in base units, which the headings name."""

    def __init__(self, layout: ResultColumns, out: IO[str]) -> None:
        self.layout = layout
        self.out = out
        self.rows = 0
        self.headings = [heading(name, unit) for name, unit in layout.units.items()]
        self._write({heading: np.empty(0) for heading in self.headings}, header=True)

    def write(self, block: Block, values: Sequence[Array]) -> None:
        self._write(dict(zip(self.headings, self.layout.flat(block, values), strict=True)), header=False)
        self.rows += block.size

    def _write(self, columns: Mapping[str, Flat], header: bool) -> None:
        import pandas

        _inert(pandas.DataFrame(columns)).to_csv(self.out, header=header, index=False, lineterminator="\n")

    def close(self) -> None:
        self.out.flush()


def csv_of(frame: pandas.DataFrame) -> str:
    """A frame with units in its `attrs`, as comma-separated values."""
    units = frame.attrs["units"]
    headings = {name: heading(name, units[name]) for name in frame.columns}
    return _inert(frame.rename(columns=headings)).to_csv(index=False, lineterminator="\n")


def _inert(frame: pandas.DataFrame) -> pandas.DataFrame:
    """The frame with texts that no spreadsheet runs."""
    texts = frame.select_dtypes(["object", "string"]).columns
    return frame.assign(**{name: frame[name].map(inert) for name in texts})


def write_frame(frame: pandas.DataFrame, suffix: str, path: Path) -> None:
    """Writes a frame that is small enough to be one, to a .parquet or a .csv file."""
    if suffix == ".csv":
        path.write_text(csv_of(frame), encoding="utf-8")
        return
    try:
        frame.to_parquet(path, engine="pyarrow", index=False)
    except ImportError:
        raise MissingPackage(NEEDS_ARROW) from None


LARGEST_FRAME = 20_000_000
"""Values that a pandas frame, or a JSON object, is made of at most."""


class FrameSink:
    """A pandas frame, a row a point; `attrs["units"]` gives each column's unit."""

    def __init__(self, layout: ResultColumns) -> None:
        values = layout.sweep.grid.size * len(layout.names)
        if values > LARGEST_FRAME:
            raise SweepError(
                f"{layout.sweep.grid.size:,} points of {len(layout.names)} columns are {values:,} values;"
                f" at most {LARGEST_FRAME:,} are kept in memory: write them to a Parquet file"
            )
        self.layout = layout
        self.parts: list[list[Flat]] = []

    def write(self, block: Block, values: Sequence[Array]) -> None:
        self.parts.append(self.layout.flat(block, values))

    def close(self) -> None:
        pass

    @property
    def frame(self) -> pandas.DataFrame:
        import pandas

        columns = [np.concatenate(parts) for parts in zip(*self.parts, strict=True)]
        frame = pandas.DataFrame(dict(zip(self.layout.names, columns, strict=True)))
        frame.attrs["units"] = self.layout.units
        return frame


@dataclass(eq=False)
class Extent:
    """The smallest and the largest value of a cell with the points that have them, and how many points have none."""

    low: float = np.inf
    high: float = -np.inf
    low_at: int = -1
    high_at: int = -1
    missing: int = 0


class SummarySink:
    """What there is to say of a sweep in a few lines."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.points = 0
        self.extents = [Extent() for _ in sweep.columns]

    def write(self, block: Block, values: Sequence[Array]) -> None:
        self.points += block.size
        for column, extent, value in zip(self.sweep.columns, self.extents, values, strict=True):
            copies = block.size // value.size
            if not column.numeric:
                extent.missing += copies * int(sum(v is None for v in value.flat))
                continue
            undefined = np.isnan(value)
            missing = int(undefined.sum())
            extent.missing += missing * copies
            if missing == value.size:
                continue
            for low, pick in ((True, np.nanargmin), (False, np.nanargmax)):
                index = int(pick(value))
                found = float(value.flat[index])
                at = block.start + int(np.ravel_multi_index(np.unravel_index(index, value.shape), block.shape))
                if low and found < extent.low:
                    extent.low, extent.low_at = found, at
                if not low and found > extent.high:
                    extent.high, extent.high_at = found, at

    def close(self) -> None:
        pass
