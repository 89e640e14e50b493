"""What `memdsl sweep` prints: points, a summary, JSON, and notes for the reader."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import driver
from ..analysis.sweep import ResultColumns, SummarySink, Target, Track, independent, input_type
from ..evaluate.show import show, shown_unit, unit_written
from .common import plain

if TYPE_CHECKING:
    import pandas

_WIDE = 160


@dataclass(frozen=True, eq=False)
class Task:
    """A sweep as it was asked for."""

    spec: str
    model: driver.Model
    layout: ResultColumns
    asked: Sequence[Target]
    form: str

    def json(self, frame: pandas.DataFrame) -> str:
        """One object with a list of values for each input and each cell, in base units."""
        layout, units = self.layout, self.layout.units
        columns: list[tuple[str, dict[str, object]]] = []
        kinds = [*layout.input_types, *(column.type for column in layout.columns)]
        for name, kind in zip(layout.names, kinds, strict=True):
            listed = frame[name].tolist()
            values = [None if value != value else plain(self.model.typed, value, kind) for value in listed]
            columns.append((name, {"values": values, "unit": units[name]}))
        count = len(layout.tracks)
        parts = {"inputs": dict(columns[:count]), "cells": dict(columns[count:])}
        return json.dumps({"spec": self.spec, "points": len(frame), **parts})

    def table(self, frame: pandas.DataFrame) -> str:
        """A line a point; with more cells than fit beside each other, a block a point."""
        layout = self.layout
        texts: list[list[str]] = []
        for track in layout.tracks:
            texts.append([self._input(track, value) for value in frame[track.path].tolist()])
        cells = {cell.text: cell for cell in self.asked}
        for column in layout.columns:
            texts.append([self._cell(cells[column.text], value) for value in frame[column.text].tolist()])
        names = layout.names
        widths = [max(map(len, (name, *shown))) for name, shown in zip(names, texts, strict=True)]
        points = list(zip(*texts, strict=True))
        if sum(widths) + 2 * len(widths) <= _WIDE:
            lines = [names, *points]
            return "\n".join("  ".join(t.rjust(w) for t, w in zip(line, widths, strict=True)) for line in lines)
        wide = max(map(len, names))
        blocks = ("\n".join(f"{n:<{wide}}  {t}" for n, t in zip(names, point, strict=True)) for point in points)
        return "\n\n".join(blocks)

    def summary(self, summary: SummarySink) -> str:
        """The smallest and the largest value of each cell, and where they are."""
        lines = [f"{summary.points:,} points; `--out FILE.parquet` keeps them"]
        wide = max(len(cell.text) for cell in self.asked)
        for cell, extent in zip(self.asked, summary.extents, strict=True):
            if extent.low_at < 0:
                continue
            low, high = (self._cell(cell, value) for value in (extent.low, extent.high))
            if extent.low == extent.high:
                lines.append(f"{cell.text:<{wide}}  {low} everywhere")
                continue
            lines.append(f"{cell.text:<{wide}}  from {low} at {self._point(extent.low_at)}")
            lines.append(f"{'':<{wide}}  to {high} at {self._point(extent.high_at)}")
        return "\n".join(lines)

    def notes(self, summary: SummarySink) -> list[str]:
        """What a reader has to know: inputs without effect, cells without a closed form, points without a value."""
        notes = []
        sweep = self.layout.sweep
        for cell, column, extent in zip(self.asked, sweep.columns, summary.extents, strict=True):
            apart = independent(self.model.typed, cell.formula, sweep.grid)
            if apart and cell.text not in self.model.sheet.inputs:
                notes.append(f"{cell.text} does not depend on {', '.join(apart)}")
            if column.why:
                notes.append(f"{cell.text} has no closed form ({column.why}): computed from the sheet")
            if extent.missing:
                of = f"{extent.missing:,} of {summary.points:,} points"
                notes.append(f"{cell.text} has no value at {of}{self._reason()}")
        return notes

    def _reason(self) -> str:
        """Which requirements some points may break."""
        required = self.layout.sweep.required
        messages = list(dict.fromkeys(each.message for each in required if each.message))
        return f", some of which break what the spec requires ({'; '.join(messages[:3])})" if messages else ""

    def _point(self, number: int) -> str:
        at = self.layout.sweep.grid.point(number)
        return ", ".join(f"{track.path} = {self._input(track, at[track.key])}" for track in self.layout.tracks)

    def _input(self, track: Track, value: float | bool | str) -> str:
        typed, item = self.model.typed, self.model.sheet.inputs[track.path]
        return show(typed, value, input_type(typed, item), item.shown or unit_written(item.formula))

    def _cell(self, cell: Target, value: float | bool | str | None) -> str:
        if value is None or value != value:
            return "no value"
        if isinstance(value, str):
            return value
        return show(self.model.typed, value, cell.type, shown_unit(self.model.typed, cell.formula))


def counted(points: int) -> str:
    return f"{points:,} point{'s' if points != 1 else ''}"
