"""The surface tree of a `.mem` text: what the author wrote, names still plain strings.

Every node has `span`, a pair of character offsets into the text of its module (`Module.source` holds the text).
"""

from __future__ import annotations

from functools import cached_property

from ..records import record

Offsets = tuple[int, int]


@record
class Node:
    span: Offsets


# ---- expressions ----------------------------------------------------------------------------------------------------


@record
class Number(Node):
    """`16 GB/s`: the digits as written without `_`, and the unit's text (empty for a plain number)."""

    digits: str
    unit: str
    unit_span: Offsets


@record
class String(Node):
    value: str


@record
class Truth(Node):
    value: bool


@record
class Name(Node):
    name: str


@record
class Member(Node):
    """`of.name`."""

    of: Expression
    name: str
    name_span: Offsets


@record
class Index(Node):
    """`of["row"]`."""

    of: Expression
    key: Expression


@record
class ListOf(Node):
    items: tuple[Expression, ...]


@record
class Argument(Node):
    """One argument of a call. `name` for `name = value`, `binder` for `binder in value`, `where` for a condition."""

    value: Expression
    name: str = ""
    binder: str = ""
    where: Expression | None = None


@record
class Call(Node):
    """`of(…)`: a function, a layer kind, a block or a template; `of` is a Name or a Member (`std.f`)."""

    of: Expression
    arguments: tuple[Argument, ...]


@record
class Operation(Node):
    """`op` is one of `+ - * / ^ == != < <= > >= and or not neg`; `op_span` is the operator's own place."""

    op: str
    operands: tuple[Expression, ...]
    op_span: Offsets


@record
class Conditional(Node):
    test: Expression
    yes: Expression
    no: Expression


@record
class Pipe(Node):
    """`of -> call`, `of -> count * call`, or `of -> (binder in count) * call`."""

    of: Expression
    count: Expression | None
    call: Call
    binder: str = ""


Expression = Number | String | Truth | Name | Member | Index | ListOf | Call | Operation | Conditional | Pipe


# ---- pieces of statements -------------------------------------------------------------------------------------------


@record
class UnitText(Node):
    text: str


@record
class Distribution(Node):
    """`~ normal(3 ns)`; `kind` is `one` for `~ one of 4 bit, 8 bit`."""

    kind: str
    kind_span: Offsets
    arguments: tuple[Expression, ...]


@record
class Clauses:
    """What may follow a formula or a formal argument, in any order; `spread` is what stands behind `±`.

    `domain_span` is the place of the clauses that say what the value may be, empty when there is none.
    """

    shown: UnitText | None = None
    low: Expression | None = None
    high: Expression | None = None
    multiple: Expression | None = None
    one_of: tuple[Expression, ...] = ()
    whole: bool = False
    domain_span: Offsets | None = None
    label: str = ""
    source: str = ""
    spread: Expression | None = None
    distribution: Distribution | None = None


FAMILY = "..."
"""What ends the name of a family of axes (`p...`) in `Formal.axes` and `LayerKind.axes`."""


@record
class Formal(Node):
    """A formal argument: `x[h, w, c]`, `x[p..., c]` (axes given), `x` , `xs...`, `kernel[p] = 3 whole from 1`."""

    name: str
    axes: tuple[str, ...] | None = None
    variadic: bool = False
    default: Expression | None = None
    clauses: Clauses = Clauses()


# ---- statements -----------------------------------------------------------------------------------------------------


@record
class Cell(Node):
    """`name = formula`, with `keyword` one of `cell param option override`."""

    keyword: str
    name: str
    name_span: Offsets
    value: Expression
    clauses: Clauses


@record
class Require(Node):
    condition: Expression
    message: str


@record
class Use(Node):
    """`use std.layers`, `use std.layers: conv, dense as d`, `use "other.mem"`."""

    path: str
    is_file: bool
    names: tuple[Name, ...]
    alias: str


@record
class Declaration(Node):
    """What every named declaration has; `label` is its documentation string."""

    name: str
    name_span: Offsets
    label: str


@record
class Function(Declaration):
    formals: tuple[Formal, ...]
    value: Expression
    clauses: Clauses


@record
class LayerKind(Declaration):
    """`-> [axes]` fills `axes`, `-> x` fills `like`. `families` are the names that stand for several axes (`p...`)."""

    formals: tuple[Formal, ...]
    axes: tuple[str, ...] | None
    like: str
    body: tuple[Cell | Require, ...]

    @cached_property
    def families(self) -> frozenset[str]:
        written = [*(axis for formal in self.formals for axis in formal.axes or ()), *(self.axes or ())]
        return frozenset(axis.removesuffix(FAMILY) for axis in written if axis.endswith(FAMILY))

    def spread_over(self, formal: Formal) -> str:
        """The family of axes along which an argument has a value each (`kernel[p]`), or an empty string."""
        axes = formal.axes or ()
        return axes[0] if len(axes) == 1 and axes[0] in self.families else ""


@record
class Defaults(Node):
    """`each layer { … }` at the top level: columns every row has unless its kind says otherwise."""

    target: str
    body: tuple[Cell | Require, ...]


@record
class Block(Declaration):
    formals: tuple[Formal, ...]
    body: tuple[Cell | Require, ...]


@record
class Network(Declaration):
    formals: tuple[Formal, ...]
    body: tuple[Cell | Require, ...]


@record
class ComponentTable(Declaration):
    """`rows memories of memory { … }`: `name` is the table, `component` the word that makes a row of it."""

    component: str
    body: tuple[Cell | Require, ...]


@record
class Component(Declaration):
    """`memory dram { … }` inside a hardware."""

    component: str
    body: tuple[Cell | Require, ...]


@record
class Hardware(Declaration):
    """`formals` is None when no parentheses were written."""

    formals: tuple[Formal, ...] | None
    extends: Expression | None
    body: tuple[Cell | Require | Component, ...]


@record
class Each(Node):
    """`each conv in net where … { … }` inside a model."""

    target: str
    target_span: Offsets
    within: Expression
    where: Expression | None
    body: tuple[Cell | Require, ...]


@record
class Model(Declaration):
    """`extends` names the templates that it builds on, the one whose formulas count first in front."""

    formals: tuple[Formal, ...] | None
    extends: tuple[Expression, ...]
    body: tuple[Cell | Require | Each, ...]


@record
class Instance(Declaration):
    """`model today = traffic(…)`; `keyword` is one of `network hardware model`."""

    keyword: str
    value: Expression
    clauses: Clauses


@record
class Heading(Node):
    name: str
    unit: UnitText | None


@record
class Entry(Node):
    """A cell of a literal row; `value` is None where the row leaves it empty."""

    value: Expression | None
    source: str = ""


@record
class Table(Declaration):
    """A literal table (headings and rows), a crossed one (`over`), or one from a file (`file`)."""

    file: str
    over: tuple[tuple[Name, Expression], ...]
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Entry, ...], ...]
    body: tuple[Cell | Require, ...]


@record
class Schedule(Declaration):
    network: Expression
    body: tuple[Cell | Require, ...]


@record
class Assign(Node):
    """`path = value` in a scenario or after `at`; `path` is dotted, or `table["row"].column`."""

    path: Expression
    value: Expression


@record
class Claim(Node):
    """`op` is one of `= == != < <= > >= in`; `high` is the upper end of `in low..high`."""

    left: Expression
    op: str
    right: Expression
    high: Expression | None
    within: Expression | None
    source: str
    at: tuple[Assign, ...]
    disputed: str | None


@record
class Scenario(Declaration):
    extends: str
    body: tuple[Assign, ...]


@record
class Prose(Node):
    """Text with `{cell}` and `{cell in unit}` inside; `value_start` is the offset of its first character."""

    value: str
    value_start: int


@record
class ReportTable(Node):
    of: Expression
    columns: tuple[Heading, ...]


@record
class Chart(Node):
    """`chart KIND cell, cell by name over input = low..high`."""

    kind: str
    of: tuple[Expression, ...]
    by: str
    over: Axis | None


@record
class Equation(Node):
    of: Expression
    inputs: tuple[Expression, ...]


@record
class Axis(Node):
    """`sram = 1 MiB..64 MiB times 2`: an input and its values on an axis.

    `word` is `step` or `times` when `by` is given; `listed` holds the values of `[a, b]`.
    """

    of: Expression
    low: Expression | None
    high: Expression | None
    word: str
    by: Expression | None
    listed: tuple[Expression, ...]


@record
class Sensitivity(Node):
    """`sensitivity of cell, cell to input, input by 10%`."""

    of: tuple[Expression, ...]
    inputs: tuple[Expression, ...]
    by: Expression | None


@record
class Uncertainty(Node):
    """`uncertainty of cell, cell`."""

    of: tuple[Expression, ...]


@record
class Grid(Node):
    """`grid cell, cell over axis, axis`, and `pareto` likewise: `keyword` says which."""

    keyword: str
    of: tuple[Expression, ...]
    axes: tuple[Axis, ...]


@record
class Solve(Node):
    """`solve condition for input`."""

    condition: Expression
    input: Expression


@record
class Fit(Node):
    """`fit table.modelled to table.measured for input, … by table.group loss median`; `loss` is empty without one."""

    modelled: Expression
    measured: Expression
    inputs: tuple[Expression, ...]
    by: Expression | None
    loss: str


@record
class ClaimsHere(Node):
    pass


ReportStatement = Prose | ReportTable | Chart | Equation | Sensitivity | Uncertainty | Grid | Solve | ClaimsHere


@record
class Report(Node):
    body: tuple[ReportStatement, ...]


Statement = (
    Use
    | Cell
    | Require
    | Function
    | LayerKind
    | Defaults
    | Block
    | Network
    | ComponentTable
    | Hardware
    | Model
    | Instance
    | Table
    | Schedule
    | Claim
    | Scenario
    | Fit
    | Report
)


@record
class Module:
    title: str
    statements: tuple[Statement, ...]


def path_text(path: Expression) -> str:
    """The text of a path of names, of which one may pick a row: `apps["MLP0"].weights`."""
    parts: list[str] = []
    while not isinstance(path, Name):
        assert isinstance(path, (Member, Index))
        if isinstance(path, Member):
            parts.append(f".{path.name}")
        elif isinstance(path.key, String):
            parts.append(f'["{path.key.value}"]')
        path = path.of
    return "".join([path.name, *reversed(parts)])
