"""Makes the statement nodes of `tree.py` while lark reduces: one method for each rule (or alias) of `mem.lark`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..records import record
from . import tree
from .formulas import Refused, bounded, end_of, place, takes_children
from .report_builder import ReportBuilder

if TYPE_CHECKING:
    from .formulas import Token


@record
class Axes(tree.Node):
    names: tuple[str, ...]


@record
class Body(tree.Node):
    statements: tuple[Any, ...]  # which ones: the grammar says, rule by rule


@record
class Clause(tree.Node):
    """One clause: `word` says which, the rest is what it carries."""

    word: str
    values: tuple[tree.Expression, ...] = ()
    text: str = ""
    unit: tree.UnitText | None = None
    at: tuple[tree.Assign, ...] = ()
    distribution: tree.Distribution | None = None


@record
class Row(tree.Node):
    entries: tuple[tree.Entry, ...]


@record
class Headings(tree.Node):
    columns: tuple[tree.Heading, ...]


@record
class Formals(tree.Node):
    formals: tuple[tree.Formal, ...]


def _text(token: Token | None) -> str:
    return str(token)[1:-1] if token is not None else ""


def _clauses(clauses: tuple[Clause, ...]) -> tree.Clauses:
    found: dict[str, Clause] = {}
    for clause in clauses:
        if clause.word in found:
            raise Refused("repeated-clause", f"{_CLAUSE_NAMES[clause.word]} is given twice", clause.span, "keep one")
        found[clause.word] = clause
    domain = [clause.span for word, clause in found.items() if word in _DOMAIN]
    return tree.Clauses(
        shown=found["in"].unit if "in" in found else None,
        low=found["from"].values[0] if "from" in found else None,
        high=found["to"].values[0] if "to" in found else None,
        whole="whole" in found,
        domain_span=(min(start for start, _ in domain), max(end for _, end in domain)) if domain else None,
        multiple=found["multiple"].values[0] if "multiple" in found else None,
        one_of=found["one"].values if "one" in found else (),
        label=found["label"].text if "label" in found else "",
        source=found["source"].text if "source" in found else "",
        spread=found["±"].values[0] if "±" in found else None,
        distribution=found["~"].distribution if "~" in found else None,
    )


_DOMAIN = ("from", "to", "whole", "multiple", "one")
_CLAUSE_NAMES = {
    "in": "the display unit",
    "from": "`from`",
    "to": "`to`",
    "whole": "`whole`",
    "multiple": "`multiple of`",
    "one": "`one of`",
    "label": "the label",
    "source": "the source",
    "±": "`±`",
    "~": "the distribution",
    "within": "the tolerance",
    "at": "`at`",
    "disputed": "`disputed`",
}


@takes_children
class Builder(ReportBuilder):
    """The fused transformer. `written` is where the author's text ends: what was added behind it has no place."""

    written = 0

    # ---- declarations ----

    def use_module(
        self, use: Token, path: tree.Expression, names: tuple[tree.Name, ...] | None, alias: Token | None
    ) -> tree.Use:
        end = alias.end_pos if alias is not None else names[-1].span[1] if names else path.span[1]
        return tree.Use((use.start_pos, end), tree.path_text(path), False, names or (), str(alias or ""))

    def use_names(self, *names: Token) -> tuple[tree.Name, ...]:
        return tuple(self.name(name) for name in names)

    def use_file(self, use: Token, path: Token, names: tuple[tree.Name, ...] | None, alias: Token | None) -> tree.Use:
        end = names[-1].span[1] if names and alias is None else end_of(path, alias)
        return tree.Use((use.start_pos, end), _text(path), True, names or (), str(alias or ""))

    def cell(self, name: Token, equal: Token, value: tree.Expression, *clauses: Clause) -> tree.Cell:
        span = bounded(name.start_pos, end_of(value, *clauses), value, *clauses)
        return tree.Cell(span, "cell", str(name), place(name), value, _clauses(clauses))

    def marked_cell(
        self, keyword: Token, name: Token, equal: Token, value: tree.Expression, *clauses: Clause
    ) -> tree.Cell:
        span = bounded(keyword.start_pos, end_of(value, *clauses), value, *clauses)
        return tree.Cell(span, str(keyword), str(name), place(name), value, _clauses(clauses))

    override = marked_cell

    def require(self, word: Token, condition: tree.Expression, message: Token | None) -> tree.Require:
        span = bounded(word.start_pos, end_of(condition, message), condition)
        return tree.Require(span, condition, _text(message))

    def fn(
        self, word: Token, name: Token, formals: Formals, equal: Token, value: tree.Expression, *clauses: Clause
    ) -> tree.Function:
        span = bounded(word.start_pos, end_of(value, *clauses), value, *clauses, *formals.formals)
        merged = _clauses(clauses)
        return tree.Function(span, str(name), place(name), merged.label, formals.formals, value, merged)

    def layer(
        self, word: Token, name: Token, formals: Formals, result: Axes | Token | None, label: Token | None, body: Body
    ) -> tree.LayerKind:
        axes = result.names if isinstance(result, Axes) else None
        like = str(result) if isinstance(result, str) else ""
        return tree.LayerKind(
            (word.start_pos, body.span[1]), str(name), place(name), _text(label), formals.formals, axes, like,
            body.statements,
        )  # fmt: skip

    def defaults(self, word: Token, target: Token, body: Body) -> tree.Defaults:
        return tree.Defaults((word.start_pos, body.span[1]), str(target), body.statements)

    def block(self, word: Token, name: Token, formals: Formals, label: Token | None, body: Body) -> tree.Block:
        span = (word.start_pos, body.span[1])
        return tree.Block(span, str(name), place(name), _text(label), formals.formals, body.statements)

    def network(self, word: Token, name: Token, formals: Formals, label: Token | None, body: Body) -> tree.Network:
        span = (word.start_pos, body.span[1])
        return tree.Network(span, str(name), place(name), _text(label), formals.formals, body.statements)

    def rows_of(
        self, word: Token, name: Token, component: Token, label: Token | None, body: Body
    ) -> tree.ComponentTable:
        span = (word.start_pos, body.span[1])
        return tree.ComponentTable(span, str(name), place(name), _text(label), str(component), body.statements)

    def hardware(
        self, word: Token, name: Token, formals: Formals | None, base: tree.Expression | None, label: Token | None,
        body: Body,
    ) -> tree.Hardware:  # fmt: skip
        return tree.Hardware(
            (word.start_pos, body.span[1]), str(name), place(name), _text(label),
            formals.formals if formals else None, base, body.statements,
        )  # fmt: skip

    def component(self, word: Token, name: Token, label: Token | None, body: Body) -> tree.Component:
        span = (word.start_pos, body.span[1])
        return tree.Component(span, str(name), place(name), _text(label), str(word), body.statements)

    def bases(self, *parts: tree.Expression) -> tuple[tree.Expression, ...]:
        return parts

    def model(
        self, word: Token, name: Token, formals: Formals | None, bases: tuple[tree.Expression, ...] | None,
        label: Token | None, body: Body,
    ) -> tree.Model:  # fmt: skip
        return tree.Model(
            (word.start_pos, body.span[1]), str(name), place(name), _text(label),
            formals.formals if formals else None, bases or (), body.statements,
        )  # fmt: skip

    def each(
        self, word: Token, target: Token, within_word: Token, within: tree.Expression, where: tree.Expression | None,
        body: Body,
    ) -> tree.Each:  # fmt: skip
        bounded(word.start_pos, body.span[0], within, where)
        return tree.Each(
            (word.start_pos, body.span[1]), str(target), place(target), within, where, body.statements,
        )  # fmt: skip

    def instance(
        self, word: Token, name: Token, equal: Token, value: tree.Expression, *clauses: Clause
    ) -> tree.Instance:
        span = bounded(word.start_pos, end_of(value, *clauses), value, *clauses)
        merged = _clauses(clauses)
        return tree.Instance(span, str(name), place(name), merged.label, str(word), value, merged)

    def schedule(self, word: Token, name: Token, network: tree.Expression, body: Body) -> tree.Schedule:
        return tree.Schedule((word.start_pos, body.span[1]), str(name), place(name), "", network, body.statements)

    def scenario(
        self, word: Token, name: Token, base: tree.Expression | None, label: Token | None, body: Body
    ) -> tree.Scenario:
        return tree.Scenario(
            (word.start_pos, body.span[1]), str(name), place(name), _text(label), tree.path_text(base) if base else "",
            body.statements,
        )  # fmt: skip

    def assign(self, path: tree.Expression, equal: Token, value: tree.Expression) -> tree.Assign:
        return tree.Assign(bounded(path.span[0], value.span[1], value), path, value)

    def body(self, opening: Token, *rest: tree.Node | Token) -> Body:
        *statements, closing = rest
        return Body((opening.start_pos, min(end_of(closing), self.written)), tuple(statements))

    def signature(self, opening: Token, *rest: tree.Formal | Token | None) -> Formals:
        return Formals(
            (opening.start_pos, end_of(*rest)), tuple(item for item in rest if isinstance(item, tree.Formal))
        )

    def formal(
        self, name: Token, axes: Axes | None, dots: Token | None, equal: Token | None, default: tree.Expression | None,
        *clauses: Clause,
    ) -> tree.Formal:  # fmt: skip
        span = (name.start_pos, end_of(name, axes, dots, default, *clauses))
        merged = _clauses(clauses)
        return tree.Formal(span, str(name), axes.names if axes else None, dots is not None, default, merged)

    def axes(self, opening: Token, *names: str) -> Axes:
        return Axes((opening.start_pos, names[-1].end_pos), tuple(str(name) for name in names[:-1]))  # type: ignore[attr-defined]

    def axis_name(self, name: Token, dots: Token | None) -> str:
        return f"{name}{tree.FAMILY}" if dots is not None else str(name)

    # ---- tables ----

    def table(
        self, word: Token, name: Token, from_word: Token | None, file: Token | None,
        over: tuple[tuple[tree.Name, tree.Expression], ...] | None, label: Token | None, body: Body,
    ) -> tree.Table:  # fmt: skip
        headings = [line for line in body.statements if isinstance(line, Headings)]
        rows = [line for line in body.statements if isinstance(line, Row)]
        return tree.Table(
            (word.start_pos, body.span[1]), str(name), place(name), _text(label), _text(file), over or (),
            headings[0].columns if headings else (),
            tuple(row.entries for row in rows),
            tuple(line for line in body.statements if isinstance(line, tree.Cell | tree.Require)),
        )  # fmt: skip

    def over(self, *bindings: tuple[tree.Name, tree.Expression]) -> tuple[tuple[tree.Name, tree.Expression], ...]:
        return bindings

    def binding(self, name: Token, in_word: Token, values: tree.Expression) -> tuple[tree.Name, tree.Expression]:
        return self.name(name), values

    def heading(self, *columns: tree.Heading | Token) -> Headings:
        kept = tuple(column for column in columns if isinstance(column, tree.Heading))
        return Headings((kept[0].span[0], kept[-1].span[1]), kept)

    def column(self, name: Token, in_word: Token | None, unit: tree.UnitText | None) -> tree.Heading:
        return tree.Heading((name.start_pos, end_of(name, unit)), str(name), unit)

    def row(self, *entries: tree.Entry) -> Row:
        span = bounded(entries[0].span[0], entries[-1].span[1], *entries)
        return Row(span, entries)

    def entry(self, value: tree.Expression, from_word: Token | None, source: Token | None) -> tree.Entry:
        return tree.Entry((value.span[0], end_of(value, source)), value, _text(source))

    def more_entry(self, bar: Token, entry: tree.Entry | None) -> tree.Entry:
        return entry or tree.Entry((bar.end_pos, bar.end_pos), None)

    # ---- claims and clauses ----

    def by_column(self, column: tree.Expression) -> tree.Expression:
        return column

    def fit(
        self, word: Token, modelled: tree.Expression, to: Token, measured: tree.Expression,
        *rest: tree.Expression | Token | None,
    ) -> tree.Fit:  # fmt: skip
        *inputs, group, _, name = rest
        kept = tuple(item for item in inputs if item is not None and not isinstance(item, str))
        by = group if group is not None and not isinstance(group, str) else None
        loss = str(name) if isinstance(name, str) else ""
        span = bounded(word.start_pos, end_of(modelled, measured, *kept, by, *rest[-1:]), modelled, measured, *kept, by)
        return tree.Fit(span, modelled, measured, kept, by, loss)

    def claim(
        self, word: Token, left: tree.Expression, op: Token, right: tree.Expression, *clauses: Clause
    ) -> tree.Claim:
        return self._claim(word, left, str(op), right, None, clauses)

    def claim_between(
        self, word: Token, left: tree.Expression, op: Token, low: tree.Expression, high: tree.Expression,
        *clauses: Clause,
    ) -> tree.Claim:  # fmt: skip
        return self._claim(word, left, "in", low, high, clauses)

    def _claim(
        self, word: Token, left: tree.Expression, op: str, right: tree.Expression, high: tree.Expression | None,
        clauses: tuple[Clause, ...],
    ) -> tree.Claim:  # fmt: skip
        found: dict[str, Clause] = {}
        for clause in clauses:
            if clause.word in found:
                message = f"{_CLAUSE_NAMES[clause.word]} is given twice"
                raise Refused("repeated-clause", message, clause.span, "keep one")
            found[clause.word] = clause
        span = bounded(word.start_pos, end_of(right, high, *clauses), left, right, high, *clauses)
        return tree.Claim(
            span, left, op, right, high,
            within=found["within"].values[0] if "within" in found else None,
            source=found["source"].text if "source" in found else "",
            at=found["at"].at if "at" in found else (),
            disputed=found["disputed"].text if "disputed" in found else None,
        )  # fmt: skip

    def expr_clause(self, word: Token, value: tree.Expression) -> Clause:
        return Clause((word.start_pos, value.span[1]), str(word), (value,))

    def at_clause(self, word: Token, *assigns: tree.Assign) -> Clause:
        return Clause((word.start_pos, assigns[-1].span[1]), "at", at=assigns)

    def disputed_clause(self, word: Token, why: Token) -> Clause:
        return Clause((word.start_pos, why.end_pos), "disputed", text=_text(why))

    def source_clause(self, word: Token, source: Token) -> Clause:
        return Clause((word.start_pos, source.end_pos), "source", text=_text(source))

    def label_clause(self, label: Token) -> Clause:
        return Clause(place(label), "label", text=_text(label))

    def unit_clause(self, word: Token, unit: tree.UnitText) -> Clause:
        return Clause((word.start_pos, unit.span[1]), "in", unit=unit)

    def from_clause(self, word: Token, value: tree.Expression) -> Clause:
        """The lower end of a range, or where a figure comes from."""
        span = (word.start_pos, value.span[1])
        if isinstance(value, tree.String):
            return Clause(span, "source", text=value.value)
        return Clause(span, "from", (value,))

    def whole_clause(self, word: Token) -> Clause:
        return Clause(place(word), "whole")

    def one_of_clause(self, word: Token, *values: tree.Expression) -> Clause:
        listed = values[0].items if len(values) == 1 and isinstance(values[0], tree.ListOf) else values
        return Clause((word.start_pos, values[-1].span[1]), "one", listed)

    def spread_clause(self, sign: Token, value: tree.Expression) -> Clause:
        return Clause((sign.start_pos, value.span[1]), "±", (value,))

    def distribution_clause(self, sign: Token, call: tree.Call) -> Clause:
        for argument in call.arguments:
            if argument.name or argument.binder or argument.where is not None:
                message = "a distribution takes plain values, in order"
                raise Refused("syntax", message, argument.span, "write `~ uniform(2 pJ/B, 4 pJ/B)`")
        values = tuple(argument.value for argument in call.arguments)
        made = tree.Distribution((sign.start_pos, call.span[1]), tree.path_text(call.of), call.of.span, values)
        return Clause(made.span, "~", values, distribution=made)

    def choices_clause(self, sign: Token, one: Token, *values: tree.Expression) -> Clause:
        made = tree.Distribution((sign.start_pos, values[-1].span[1]), "one", place(one), values)
        return Clause(made.span, "~", values, distribution=made)

    def report(self, word: Token, body: Body) -> tree.Report:
        return tree.Report((word.start_pos, body.span[1]), body.statements)

    def shown(
        self, value: tree.Expression, in_word: Token | None, unit: tree.UnitText | None
    ) -> tuple[tree.Expression, tree.UnitText | None]:
        bounded(value.span[0], value.span[1], value)
        return value, unit
