"""What a fit found, in the text of its spec: the value of each input, and that its source is the fit."""

from __future__ import annotations

from collections.abc import Sequence

from ...diagnostics import Problems, Source
from ...evaluate.show import unit_written
from ...syntax import parse, tree
from ...units import format_number
from .points import Unfit
from .search import Found


def written(source: Source, found: Sequence[Found]) -> str:
    """The text of a spec with the values of fits. Raises Unfit for an input that has no number of its own in it."""
    module = parse(source, Problems())
    text = source.text
    cells = [node for node in module.statements if isinstance(node, tree.Cell)]
    edits: list[tuple[int, int, str]] = []
    for one in found:
        said = f'from "fit to {len(one.fit.rows)} points of {one.fit.table}: median {one.all.median:.1%}, '
        said += f'90th percentile {one.all.p90:.1%}; held out {one.held_out.median:.1%}, {one.held_out.p90:.1%}"'
        said = said.replace("%", " %")
        for item, value in zip(one.inputs, one.values, strict=True):
            span = item.formula.span
            node = next((c for c in cells if c.span[0] <= span.start < c.span[1]), None)
            if span.source.name != source.name or node is None:
                raise Unfit(f"`{item.path}` has no `param` of its own in {source.name}: give it one")
            unit = unit_written(item.formula)
            number = format_number(float(value / float(unit.scale)) if unit is not None else value, 6).replace(",", "_")
            edits.append((span.start, span.end, number + _unit_text(text[span.start : span.end])))
            start, end, before = _source_place(text, node)
            edits.append((start, end, before + said))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _unit_text(literal: str) -> str:
    """The unit of a number with the blank before it: ` GB/s`, `%`."""
    return literal[len(literal.rstrip("%µμABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/^*° ")) :]


def _source_place(text: str, node: tree.Cell) -> tuple[int, int, str]:
    """Where the source of a cell stands, or would."""
    said = node.clauses.source
    if said:
        start = text.rindex("from", node.span[0], text.index(f'"{said}"', node.span[0]))
        return start, text.index(f'"{said}"', start) + len(said) + 2, ""
    return node.span[1], node.span[1], "  "
