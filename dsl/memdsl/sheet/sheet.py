"""The sheet: every cell, table, check and claim of a spec, names resolved, templates expanded.

It is built by `resolve` and read by every later room. Identifiers are paths as a person writes them: a cell
`today.dram_bytes`, a table `today` or `chip.memories`; an entry is one row of one column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Literal as OneOf
from typing import NamedTuple

from ..diagnostics import Source, Span
from ..records import compared, record
from ..units import Dimension, Unit
from .formula import Called, Formula, RowSet
from .input_keys import InputKey
from .report import ReportItem

# ---- types ----------------------------------------------------------------------------------------------------------


@compared
class Quantity:
    """A number with a dimension; None means any (`unlimited`)."""

    dimension: Dimension | None


@compared
class Truth:
    pass


@compared
class Text:
    pass


@compared
class RowOf:
    """The position of a row in a table, shown by the row's name."""

    table: str


Type = Quantity | Truth | Text | RowOf


# ---- cells and tables -----------------------------------------------------------------------------------------------


@record
class Bounds:
    """What a value may be; formulas are constant. `span` is where the clauses stand that say so.

    What is `whole` has a `multiple` too: 1, or the whole numbers among the multiples that its author wrote.
    """

    low: Formula | None
    high: Formula | None
    multiple: Formula | None
    one_of: tuple[Formula, ...]
    whole: bool
    span: Span


@record
class Distribution:
    """How sure the value of an input is; formulas are constant.

    `spread` stands behind `±`: a share of the value (written in %) or a quantity like it; the value lies between the
    two ends that it gives. `kind` is how it lies there: `uniform` between two ends, `normal` with a standard deviation
    (a share or a quantity), `lognormal` with the factor that one standard deviation is, `one of` several, equally
    likely. Empty: uniform between the ends of `spread`. The value that the input has is the mean of `normal` and the
    median of `lognormal`.
    """

    spread: Formula | None
    kind: OneOf["", "uniform", "normal", "lognormal", "one of"]
    arguments: tuple[Formula, ...]
    span: Span


CellRole = OneOf["param", "option", "cell", "argument"]


@record
class Cell:
    """One value. `owner` is the instance that it belongs to (`today`), empty for a cell of the spec itself.

    `like` is the default of an argument that was given a value: the value has the unit of the default.
    """

    id: str
    owner: str
    role: CellRole
    formula: Formula
    span: Span
    shown: Unit | None
    label: str
    source: str
    bounds: Bounds | None = None
    like: Formula | None = None
    distribution: Distribution | None = None


@compared
class Row:
    """A row of a table. For a row of a network `slots` holds, per tensor argument, the positions of the rows passed."""

    name: str
    kind: str
    role: OneOf["layer", "input", "row"]
    span: Span
    slots: tuple[tuple[int, ...], ...] = ()


@record
class Column:
    """One formula a row, None where the row has no such column. Rows of one kind share one formula object.

    `like` is a default that stands beside the rows: every entry has its unit.
    """

    table: str
    name: str
    formulas: tuple[Formula | None, ...]
    span: Span
    shown: Unit | None
    label: str
    sources: tuple[str, ...]
    role: OneOf["structure", "argument", "axis", "column"]
    like: Formula | None = None

    @cached_property
    def groups(self) -> list[tuple[Formula, list[int]]]:
        """Each formula once, with the rows that it serves."""
        found: dict[int, tuple[Formula, list[int]]] = {}
        for row, formula in enumerate(self.formulas):
            if formula is not None:
                group = found.get(id(formula))
                if group is None:
                    found[id(formula)] = formula, [row]
                else:
                    group[1].append(row)
        return list(found.values())


@record
class Table:
    """Rows and columns. A table with a `parent` has the parent's rows and adds columns to them (a model's layers).

    `relations` gives, for each row, the related rows: `inputs`, `consumers`, `live` of a network, `members` of groups.
    """

    id: str
    role: OneOf["network", "model", "components", "groups", "literal", "crossed"]
    owner: str
    rows: tuple[Row, ...]
    columns: Mapping[str, Column]
    parent: str | None
    relations: Mapping[str, tuple[tuple[int, ...], ...]]
    label: str
    span: Span


@record
class Input:
    """Something a person may change.

    `path` is how it is addressed (`sram`, `chip.dram.energy`, `today.batch`, `apps["MLP0"].intensity`).
    """

    path: str
    key: InputKey
    formula: Formula
    shown: Unit | None
    label: str
    source: str
    bounds: Bounds | None
    span: Span
    role: OneOf["param", "component", "argument", "cell", "entry"]
    distribution: Distribution | None = None


@record
class Instance:
    """A template at work. `table` is its table of rows (network, model); `tables` all tables that belong to it.

    `label` says what the template is (for a model, its convention), `title` what the author calls this instance.
    """

    name: str
    kind: OneOf["network", "hardware", "model"]
    template: str
    label: str
    table: str | None
    tables: tuple[str, ...]
    network: str | None
    span: Span
    title: str = ""


# ---- what is held to be true ----------------------------------------------------------------------------------------


@record
class Check:
    """A `require`, or what a `domain` asks of values that follow an input.

    `table` and `rows` name the rows it is checked for; both empty for a condition over cells.
    """

    condition: Formula
    message: str
    span: Span
    owner: str
    table: str | None
    rows: tuple[int, ...]
    domain: Domain | None = None


@record
class Domain:
    """A value that is held to what it may be: an argument, an axis, a column, a cell that is computed.

    `name` is what a person calls it (`` `filters` of `conv` ``). `table` and `rows` as of a `Check`; without them, and
    for a `part` of a formula (what a call gives to a `fn`), the value stands at `place`, or at `formula.span`. A part
    is held where `given` holds: it stands in the branch that is taken.
    """

    name: str
    formula: Formula
    bounds: Bounds
    role: OneOf["argument", "axis", "column", "cell", "part"]
    owner: str
    table: str | None
    rows: tuple[int, ...]
    given: Formula | None = None
    place: Span | None = None


@record
class Claim:
    """A published figure. `op` is one of `= == != < <= > >= in`; `text` is the cell as the author wrote it."""

    text: str
    left: Formula
    op: str
    right: Formula
    high: Formula | None
    within: Formula | None
    source: str
    at: tuple[tuple[InputKey, Formula], ...]
    at_text: str
    disputed: str | None
    span: Span


Loss = OneOf["median", "mean", "squares"]
"""What a fit makes small: the median or the mean of relative errors, or the squares of their logarithms."""


@record
class Fitted:
    """A column of a fit: `formula` speaks of the row that `var` names."""

    formula: Formula
    var: str


@record
class Fit:
    """`fit`: inputs found so that one column of a table comes close to another; `by` groups the rows."""

    text: str
    table: str
    rows: tuple[int, ...]
    modelled: Fitted
    measured: Fitted
    by: Fitted | None
    inputs: tuple[InputKey, ...]
    loss: Loss
    span: Span


@record
class Scenario:
    name: str
    label: str
    settings: tuple[tuple[InputKey, Formula], ...]
    span: Span


# ---- the whole ------------------------------------------------------------------------------------------------------


class ColumnNode(NamedTuple):
    """A column as a node of the order of evaluation."""

    table: str
    column: str


Node = str | ColumnNode
"""What is computed on its own: a cell, by its identifier, or a column."""


@compared
class Circuit:
    """Columns that feed each other along rows (a shape is computed from the shape before), and cells between them.

    Entries and identifiers of cells, in order.
    """

    entries: tuple[InputKey, ...]

    @cached_property
    def nodes(self) -> frozenset[Node]:
        return frozenset(e if isinstance(e, str) else ColumnNode(e.table, e.column) for e in self.entries)


Step = Node | Circuit
"""One step of the evaluation: a cell, a whole column, or the entries of columns that feed each other."""


@record
class Query:
    """An expression that was asked for beside the spec. `rows` is set when it is a column; `var` names its row then."""

    text: str
    formula: Formula
    rows: RowSet | None
    var: str
    shown: Unit | None


@record
class Sheet:
    """Everything that a spec says. `report` is None when the spec has no `report` block.

    `uses` has what each cell and each column uses, and where. `aliases` gives the instance that a second name stands
    for. `conditions` and `counts` decided the structure while it was built; they stand in no formula, and are kept so
    that their units are checked. `calls` has the formulas that calls of a `fn` made, by their `id`.
    """

    source: Source
    title: str
    cells: Mapping[str, Cell]
    tables: Mapping[str, Table]
    instances: Mapping[str, Instance]
    inputs: Mapping[str, Input]
    checks: tuple[Check, ...]
    domains: tuple[Domain, ...]
    claims: tuple[Claim, ...]
    scenarios: Mapping[str, Scenario]
    report: tuple[ReportItem, ...] | None
    queries: tuple[Query, ...]
    order: tuple[Step, ...]
    uses: Mapping[Node, Mapping[Node, Span]]
    aliases: Mapping[str, str]
    conditions: tuple[Formula, ...] = ()
    counts: tuple[Formula, ...] = ()
    calls: Mapping[int, Called] = field(default_factory=dict)
    fits: tuple[Fit, ...] = ()


@record
class TypedSheet:
    """The sheet after every formula was checked: each cell and column has a type, and `type_of` gives any formula's."""

    sheet: Sheet
    cell_types: Mapping[str, Type]
    column_types: Mapping[tuple[str, str], Type]
    type_of: Callable[[Formula], Type]
