"""Makes the nodes of what a `report` block holds, while lark reduces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..records import record
from . import tree
from .formulas import FormulaBuilder, bounded, end_of, place, takes_children

if TYPE_CHECKING:
    from .formulas import Token


@record
class By(tree.Node):
    name: str


@record
class AxisValues(tree.Node):
    """`low..high`, with `times` or `step` and a number, or a list."""

    low: tree.Expression | None
    high: tree.Expression | None
    word: str
    by: tree.Expression | None
    listed: tuple[tree.Expression, ...]


@record
class Several(tree.Node):
    items: tuple[tree.Expression, ...]


@takes_children
class ReportBuilder(FormulaBuilder):
    """The fused transformer, as far as the statements of a report go."""

    def prose(self, word: Token, text: Token) -> tree.Prose:
        quotes = 3 if text.startswith('"""') else 1
        return tree.Prose((word.start_pos, text.end_pos), str(text)[quotes:-quotes], text.start_pos + quotes)

    def report_table(self, word: Token, of: tree.Expression, *columns: tree.Heading | None) -> tree.ReportTable:
        kept = tuple(column for column in columns if column is not None)
        return tree.ReportTable(bounded(word.start_pos, end_of(of, *kept), of), of, kept)

    def chart(self, word: Token, kind: Token, *rest: tree.Node | None) -> tree.Chart:
        of = tuple(item for item in rest if isinstance(item, tree.Expression))
        by = next((item for item in rest if isinstance(item, By)), None)
        over = next((item for item in rest if isinstance(item, tree.Axis)), None)
        span = bounded(word.start_pos, end_of(*rest), *of)
        return tree.Chart(span, str(kind), of, by.name if by else "", over)

    def by(self, name: Token) -> By:
        return By(place(name), str(name))

    def axis(self, of: tree.Expression, equal: Token | None, values: AxisValues | tree.ListOf | None) -> tree.Axis:
        span = (of.span[0], end_of(of, values))
        if isinstance(values, AxisValues):
            return tree.Axis(span, of, values.low, values.high, values.word, values.by, values.listed)
        return tree.Axis(span, of, None, None, "", None, ())

    def axis_values(self, *values: tree.Expression | Token | None) -> AxisValues:
        first, *rest = values
        assert isinstance(first, tree.Expression)
        span = (first.span[0], end_of(*values))
        if not rest:
            assert isinstance(first, tree.ListOf)
            return AxisValues(span, None, None, "", None, first.items)
        high, word, by = rest
        assert isinstance(high, tree.Expression)
        assert not isinstance(by, str)
        return AxisValues(span, first, high, str(word or ""), by, ())

    def sums(self, *items: tree.Expression) -> Several:
        return Several((items[0].span[0], items[-1].span[1]), items)

    def equation(self, word: Token, of: tree.Expression, *inputs: tree.Expression | Token | None) -> tree.Equation:
        kept = tuple(item for item in inputs if isinstance(item, tree.Expression))
        return tree.Equation(bounded(word.start_pos, end_of(of, *kept), of, *kept), of, kept)

    def sensitivity(
        self, word: Token, of: Several, to: Token | None, inputs: Several | None, by: tree.Expression | None
    ) -> tree.Sensitivity:
        given = inputs.items if inputs is not None else ()
        span = bounded(word.start_pos, end_of(of, inputs, by), *of.items, *given, by)
        return tree.Sensitivity(span, of.items, given, by)

    def uncertainty(self, word: Token, of: Several) -> tree.Uncertainty:
        return tree.Uncertainty(bounded(word.start_pos, of.span[1], *of.items), of.items)

    def grid(self, word: Token, of: Several, *axes: tree.Axis) -> tree.Grid:
        return tree.Grid(bounded(word.start_pos, axes[-1].span[1], *of.items, *axes), str(word), of.items, axes)

    def solve(self, word: Token, condition: tree.Expression, of: tree.Expression) -> tree.Solve:
        return tree.Solve(bounded(word.start_pos, of.span[1], condition), condition, of)

    def claims_here(self, word: Token) -> tree.ClaimsHere:
        return tree.ClaimsHere(place(word))
