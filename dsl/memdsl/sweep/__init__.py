"""Grids of inputs: cells computed at every combination, from their collapsed closed forms, a block at a time."""

from __future__ import annotations

from .ask import Asking, independent, input_type
from .engine import BLOCK, Asked, Column, Sweep, sweep_of
from .grid import Axis, Block, Grid, SweepError, Track
from .ranges import Written, split, written, written_range
from .sinks import CsvSink, FrameSink, Layout, MissingPackage, ParquetSink, Sink, SummarySink, unit_of

__all__ = [
    "BLOCK",
    "Asked",
    "Asking",
    "Axis",
    "Block",
    "Column",
    "CsvSink",
    "FrameSink",
    "Grid",
    "Layout",
    "MissingPackage",
    "ParquetSink",
    "Sink",
    "SummarySink",
    "Sweep",
    "SweepError",
    "Track",
    "Written",
    "independent",
    "input_type",
    "split",
    "sweep_of",
    "unit_of",
    "written",
    "written_range",
]
