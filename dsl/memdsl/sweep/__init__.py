"""Grids of inputs: cells computed at every combination, from their collapsed closed forms, a block at a time."""

from __future__ import annotations

from .ask import Asking, Given, Over, independent, input_type, parts_of, prepared
from .cluster import Cluster, ClusterError
from .engine import BLOCK, Asked, Column, Sweep, sweep_of
from .frames import crossed, front, over_of, swept
from .grid import Array, Axis, Block, Grid, SweepError, Track
from .pareto import Goal, ParetoSink, goal_of, nondominated
from .ranges import Kind, Written, split, written, written_range
from .sinks import (
    CsvSink,
    FrameSink,
    Layout,
    MissingPackage,
    ParquetSink,
    Sink,
    SummarySink,
    csv_of,
    unit_of,
    write_frame,
)

__all__ = [
    "BLOCK",
    "Array",
    "Asked",
    "Asking",
    "Axis",
    "Block",
    "Cluster",
    "ClusterError",
    "Column",
    "CsvSink",
    "FrameSink",
    "Given",
    "Goal",
    "Grid",
    "Kind",
    "Layout",
    "MissingPackage",
    "Over",
    "ParetoSink",
    "ParquetSink",
    "Sink",
    "SummarySink",
    "Sweep",
    "SweepError",
    "Track",
    "Written",
    "crossed",
    "csv_of",
    "front",
    "goal_of",
    "independent",
    "input_type",
    "nondominated",
    "over_of",
    "parts_of",
    "prepared",
    "split",
    "sweep_of",
    "swept",
    "unit_of",
    "write_frame",
    "written",
    "written_range",
]
