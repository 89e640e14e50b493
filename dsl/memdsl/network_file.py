"""A network file as a model: the text that the importer writes, built, and held to what the file says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import driver
from .diagnostics import Source
from .importer import Imported, ImportFault, Options, is_network_file, read

__all__ = ["Brought", "ImportFault", "Options", "bring", "is_network_file"]


@dataclass
class Brought:
    """An imported network: its text, the model that it builds, and the file's nodes behind each row of it."""

    imported: Imported
    model: driver.Model
    nodes: dict[str, tuple[str, ...]]

    @property
    def text(self) -> str:
        return self.imported.text


def bring(path: Path, options: Options | None = None, step: Callable[[str], None] = lambda _: None) -> Brought:
    """Imports a network file. What is folded too far to say what the file says is written plainly instead.

    `step` is told what is being done.
    Raises ImportFault where neither says it, or where the file cannot be imported; OSError where it cannot be read.
    """
    step("reading the graph")
    found = read(path, options)
    faults: list[str] = []
    while True:
        step(f"building the spec and holding {len(found.rows or ()):,} rows to the file")
        checked = driver.build(Source(f"{path.name}.mem", found.text), Path())
        _ = checked.claims  # judged here, so that a failing one is told
        model = checked.sound
        fault = _error(checked) if model is None else _difference(found, model)
        if model is not None and fault is None:
            return Brought(found, model, _nodes(found, model))
        faults.append(fault or "")
        if found.plainer is None:
            raise ImportFault(f"the spec that was made of it does not say what the file says: {faults[0]}")
        step("writing it with less folded")
        found = found.plainer()


def _error(checked: driver.CheckedSpec) -> str:
    fault = next(fault for fault in checked.problems if fault.severity == "error")
    line, _ = fault.span.source.position(fault.span.start)
    return f"line {line}: {fault.message}"


def _difference(found: Imported, model: driver.Model) -> str | None:
    """What a spec says otherwise than its file, None where nothing."""
    if found.rows is None:
        return None
    wanted = Counter((row.kind, row.macs, row.weights) for row in found.rows)
    has = Counter((kind, macs, weights) for _, kind, _, macs, weights in _rows(model))
    for key in wanted | has:
        if wanted[key] != has[key]:
            kind, macs, weights = key
            return f"{wanted[key]} rows `{kind}` of {macs:,} MAC and {weights:,} weights, of which it has {has[key]}"
    sizes = Counter((row.kind, row.elements) for row in found.rows)
    there = Counter((kind, elements) for _, kind, elements, _, _ in _rows(model))
    missing = sizes - there
    if missing:
        (kind, elements), count = next(iter(missing.items()))
        return f"{count} rows `{kind}` of {elements:,} elements are missing"
    return None


def _rows(model: driver.Model) -> list[tuple[str, str, int, int, int]]:
    """Name, kind, elements, multiply-accumulates and weights of every row of `net`."""
    instance = model.sheet.instances.get("net")
    name = instance.table if instance is not None else None
    if name is None:
        return []
    table = model.sheet.tables[name]
    columns = [model.values.column(name, column) for column in ("elements", "macs", "weights")]
    found = []
    for index, row in enumerate(table.rows):
        if row.role == "layer":
            elements, macs, weights = (_whole(column[index]) for column in columns)
            found.append((row.name, row.kind, elements, macs, weights))
    return found


def _whole(value: object) -> int:
    return round(value) if isinstance(value, (int, float)) else 0


def _nodes(found: Imported, model: driver.Model) -> dict[str, tuple[str, ...]]:
    """The file's nodes behind each row of the spec: equal rows stand in one order in both."""
    waiting: dict[tuple[str, int, int, int], list[tuple[str, ...]]] = defaultdict(list)
    for row in reversed(found.rows or []):
        waiting[row.kind, row.elements, row.macs, row.weights].append(row.nodes)
    named: dict[str, tuple[str, ...]] = {}
    for name, kind, elements, macs, weights in _rows(model):
        behind = waiting.get((kind, elements, macs, weights))
        if behind:
            named[name] = behind.pop()
    return named
