"""Grids of inputs: cells computed at every combination, from their collapsed closed forms, a block at a time."""

from __future__ import annotations

from .axes import AxisReader, Given, Over, independent, input_type, parts_of, prepared
from .cluster import Cluster, ClusterError
from .engine import BLOCK, Column, Sweep, Target, sweep_of
from .frames import crossed, front, over_of, swept
from .grid import Array, Axis, Block, Grid, SweepError, Track
from .pareto import Goal, ParetoSink, goal_of, nondominated
from .ranges import Kind, RangeText, range_of, read_range, split
from .sinks import (
    CsvSink,
    FrameSink,
    MissingPackage,
    ParquetSink,
    ResultColumns,
    Sink,
    SummarySink,
    csv_of,
    unit_of,
    write_frame,
)

__all__ = [
    "BLOCK",
    "Array",
    "Axis",
    "AxisReader",
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
    "MissingPackage",
    "Over",
    "ParetoSink",
    "ParquetSink",
    "RangeText",
    "ResultColumns",
    "Sink",
    "SummarySink",
    "Sweep",
    "SweepError",
    "Target",
    "Track",
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
    "range_of",
    "read_range",
    "split",
    "sweep_of",
    "swept",
    "unit_of",
    "write_frame",
]
