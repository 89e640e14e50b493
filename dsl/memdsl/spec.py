"""The face for Python: `memdsl.load(path)` and what can be asked of a spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from . import driver
from .diagnostics import Diagnostic, Problems, Source
from .evaluate.show import show
from .presentation.copies import COPIES, summed_columns
from .render import render
from .sheet.operations import Value
from .sheet.sheet import RowOf, Truth, Type
from .units import base_unit
from .version import VERSION

if TYPE_CHECKING:
    import pandas

    from .analysis import Solution
    from .analysis.sweep import Given
    from .compare import Changes
    from .optimise import Optimised
    from .report import Chart, Report
    from .symbolic import ClosedForm

T = TypeVar("T")


class SpecError(Exception):
    """A spec that cannot be evaluated; the message is what `memdsl check` prints."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n" + "\n\n".join(render(d) for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


def load(path: str | Path, settings: Mapping[str, str | float] | None = None, scenario: str | None = None) -> Spec:
    """Reads a spec, as a file has it now.

    `settings` sets inputs: a text as a person writes it (`{"sram": "16 MiB"}`), or a number in base units. `scenario`
    is one that the spec declares. Raises SpecError for a spec, a setting or a scenario that is wrong, with all that is.
    """
    return Spec(Path(path), dict(settings or {}), scenario)


def read_network(
    path: str | Path,
    settings: Mapping[str, str | float] | None = None,
    *,
    batch: int | None = None,
    sizes: Mapping[str, int] | None = None,
    chip: str = "",
) -> Spec:
    """Imports a network's own file, such as ONNX, as a spec; its text is the attribute `text`.

    `batch` and `sizes` are what the spec declares (`{"height": 640}`), `chip` is one of `std.chips`; `settings` sets
    inputs as in `load`. Raises ImportFault for a file that cannot be imported, OSError for one that cannot be read.
    """
    from .network_file import Options, bring

    found = bring(Path(path), Options(batch, dict(sizes or {}), chip))
    return Spec(Path(path), dict(settings or {}), None, found.text)


def book(specs: Sequence[Spec | str | Path] | Mapping[str, Spec | str | Path], path: str | Path) -> None:
    """Writes one live workbook of several specs, their results side by side in front.

    A mapping names them: `memdsl.book({"now": spec, "more": spec.at(sram="16 MiB")}, "both.xlsx")`; otherwise they are
    called by their files and scenarios. Raises SpecError, OSError, and ValueError for none or too many.
    """
    from .excel import MAXIMUM_BOOKS, Part, book_names, free_names, write_workbook

    given = [*specs.values()] if isinstance(specs, Mapping) else [*specs]
    if not 0 < len(given) <= MAXIMUM_BOOKS:
        raise ValueError(f"a workbook takes 1 to {MAXIMUM_BOOKS} specs side by side, not {len(given)}")
    loaded = [one if isinstance(one, Spec) else load(one) for one in given]
    named = isinstance(specs, Mapping) and len(specs) > 1
    names = (
        free_names([str(name) for name in specs])
        if named
        else book_names([(one.path.stem, one.scenario) for one in loaded])
    )
    parts = []
    for name, one in zip(names, loaded, strict=True):
        parts.append(Part(one.model, scenario=one.scenario, name=name))
    write_workbook(parts, Path(path))


class Spec:
    """A spec at some inputs. Numbers are in base units: B, MAC, s, J, m, usd."""

    def __init__(
        self, path: Path, settings: dict[str, str | float], scenario: str | None, text: str | None = None
    ) -> None:
        self.path = path
        self.text = text
        """The spec's text where it was made from another file, None where `path` has it."""
        self.settings = settings
        self.scenario = scenario
        self.model = self._build(())

    def _build(self, queries: Sequence[str]) -> driver.Model:
        source = driver.read(self.path) if self.text is None else Source(f"{self.path.name}.mem", self.text)
        if isinstance(source, Diagnostic):
            raise SpecError([source])
        settings = [(name, _as_text(value)) for name, value in self.settings.items()]
        checked = driver.build(source, self.path.parent, self.path, settings, self.scenario, queries)
        if checked.sound is None:
            raise SpecError([d for d in checked.problems if d.severity == "error"])
        return checked.sound

    def __repr__(self) -> str:
        set_to = "".join(f", {name}={_as_text(value)!r}" for name, value in self.settings.items())
        scenario = f", scenario={self.scenario!r}" if self.scenario else ""
        return f"<memdsl.Spec {str(self.path)!r}{scenario}{set_to}>"

    def at(self, settings: Mapping[str, str | float] | None = None, /, **named: str | float) -> Spec:
        """The same spec with some inputs set otherwise: `at(sram="4 MiB")`, `at({"chip.dram.energy": "100 pJ/B"})`.

        What was set before stays; numbers are in base units. Raises SpecError.
        """
        return Spec(self.path, {**self.settings, **(settings or {}), **named}, self.scenario, self.text)

    def __getitem__(self, cell: str) -> Value:
        """The value of a cell or of any expression over cells: a number in base units, a truth value or a text.

        A row is its name. Raises SpecError for an expression that is wrong, KeyError for a column, ArithmeticError
        where it has no value.
        """
        if not isinstance(cell, str):
            raise TypeError(f"a cell is named by a text, such as 'today.dram_bytes', not by {cell!r}")
        model = self._build((cell,))
        query = model.queries[0]
        if query.rows is not None:
            raise KeyError(f"{cell} is a column; use `table`")
        value = model.values.formula(query.formula)
        kind = model.typed.type_of(query.formula)
        if isinstance(kind, RowOf) and isinstance(value, (int, float)):
            return model.sheet.tables[kind.table].rows[int(value)].name
        return value

    def table(self, name: str) -> pandas.DataFrame:
        """The rows of a table (`today.layers`, `chip.memories`, `apps`); `attrs["units"]` gives each column's unit.

        Rows of a network have a column `copies`, 1 but where a row stands for several; `attrs["totals"]` has the
        sums of the columns that add up, in which a row counts as often.
        """
        import pandas

        sheet = self.model.sheet
        owner, _, part = name.rpartition(".")
        instance = sheet.instances.get(sheet.aliases.get(owner, owner))
        roles = {"layers": ("layer",), "sources": ("input",), "rows": ("layer", "input")}
        if instance is not None and instance.table is not None and part in roles:
            table = sheet.tables[instance.table]
            rows = [i for i, row in enumerate(table.rows) if row.role in roles[part]]
        elif name in sheet.tables:
            table = sheet.tables[name]
            rows = list(range(len(table.rows)))
        else:
            raise KeyError(f"there is no table {name}; the tables are {', '.join(sheet.tables)}")
        columns: dict[str, list[Value | None]] = {}
        units: dict[str, str] = {}
        for owner_table in filter(None, (table.parent, table.id)):
            for column in sheet.tables[owner_table].columns:
                values = self.model.values.column(owner_table, column)
                kind = self.model.typed.column_types[owner_table, column]
                columns[column] = [self._plain(values[row], kind) for row in rows]
                units[column] = _unit(kind)
        network = any(row.role in ("layer", "input") for row in table.rows)
        copies = [_number(count) for count in columns.get(COPIES, [1.0] * len(rows))]
        if network:
            columns.setdefault(COPIES, [*copies])
            units.setdefault(COPIES, "")
        frame = pandas.DataFrame(columns, index=pandas.Index([table.rows[i].name for i in rows], name="row"))
        frame.attrs["units"] = units
        summed = {column for owner, column in summed_columns(sheet) if owner in (table.id, table.parent)}
        frame.attrs["totals"] = {
            name: sum(_number(value) * count for value, count in zip(values, copies, strict=True))
            for name, values in columns.items()
            if name in summed
        }
        return frame

    def _plain(self, value: Value | None, kind: Type) -> Value | None:
        if isinstance(kind, RowOf) and isinstance(value, (int, float)):
            return self.model.sheet.tables[kind.table].rows[int(value)].name
        return value

    @property
    def claims(self) -> pandas.DataFrame:
        """Every claim, a row each: `cell`, `at` (the inputs it speaks of), `published` and `modelled` in base units.

        `difference` is (modelled - published) / published, `status` is `holds`, `disputed` or `fails`, `source` what
        the spec cites. All are judged at the declared inputs.
        """
        import pandas

        return pandas.DataFrame(
            [
                {
                    "cell": result.claim.text,
                    "at": result.claim.at_text,
                    "published": result.published,
                    "modelled": result.modelled,
                    "difference": result.difference,
                    "status": result.status,
                    "source": result.claim.source,
                }
                for result in self.model.claims
            ]
        )

    def closed_form(self, cell: str, inputs: Sequence[str] = ()) -> ClosedForm:
        """The closed form of a cell in the inputs named, all others at their values.

        `.expression` is a SymPy expression in base units, `.text()` and `.latex()` are as a person reads it,
        `.breakpoints` where it steps. Raises SpecError, or SymbolicError where there is no closed form.
        """
        from .symbolic import closed_form

        model = self._build((cell,))
        return closed_form(model.typed, model.machine, model.values, model.queries[0].formula, inputs, cell)

    def sweep(self, over: Mapping[str, str | Given], cells: Sequence[str] = ()) -> pandas.DataFrame:
        """Cells at every combination of the values of some inputs, a row a point; `attrs["units"]` has the units.

        `over` gives each input a range (`"1 MiB..64 MiB*2"`, `"320..4096:32"`) or values in base units. Without
        `cells`, every total that these inputs change. Raises ValueError for a range that is empty or a grid too large.
        """
        from .analysis.sweep import over_of, parts_of, swept

        ranges = over_of(over)
        model = self._build((*parts_of(ranges), *cells))
        return self._told(lambda problems: swept(model.typed, model.values, ranges, problems))

    def grid(self, cell: str, over: Mapping[str, str | Given]) -> pandas.DataFrame:
        """One cell over one or two inputs, in base units: the values of the first down, of the second across.

        Raises what `sweep` raises.
        """
        from .analysis.sweep import crossed

        return crossed(self.sweep(over, (cell,)), list(over), cell)

    def pareto(self, over: Mapping[str, str | Given], goals: Sequence[str]) -> pandas.DataFrame:
        """The points at which no goal can be better without another being worse.

        A goal is a cell that should be small, or large: `"max:today.rate"`. A row a point, in base units, as `sweep`
        gives them; raises what it raises.
        """
        from .analysis.sweep import front, goal_of, over_of, parts_of

        ranges = over_of(over)
        found = [goal_of(goal) for goal in goals]
        model = self._build((*parts_of(ranges), *(goal.cell for goal in found)))
        return self._told(lambda problems: front(model.typed, model.values, ranges, found, problems))

    def uncertainty(self, cells: Sequence[str], samples: int = 1 << 15, seed: int = 1) -> pandas.DataFrame:
        """How sure each cell is: a row a cell, in base units. `*_error` are standard errors of the estimates.

        `attrs["units"]` has the unit of each cell, `attrs["contributions"]` a frame for each cell with the first-order
        and the total Sobol index of each input (Saltelli et al. 2010; Jansen 1999). `samples` points are drawn, the
        same for the same `seed`. Raises SpecError, and ValueError when no input below a cell has an uncertainty.
        """
        import pandas

        from .analysis.uncertainty import contributions, summary, uncertainties_of

        model = self._build(cells)
        found = uncertainties_of(model.typed, model.values, samples, seed)
        frame = pandas.DataFrame({one.cell.text: summary(one) for one in found}).T.infer_objects()
        frame.attrs["units"] = {one.cell.text: _unit(one.cell.type) for one in found}
        frame.attrs["contributions"] = {one.cell.text: contributions(one) for one in found}
        return frame

    def _told(self, ask: Callable[[Problems], T | None]) -> T:
        """An answer; what is wrong with the question is raised."""
        problems = Problems()
        answer = ask(problems)
        if answer is None:
            raise SpecError(list(problems))
        return answer

    def optimise(self, model: str, minimise: str = "bytes") -> Optimised:
        """The best schedule of a model's network on its hardware; `text` is what stands in a spec.

        `minimise` is "bytes", "time" or "energy". NotOptimised says why there is none.
        """
        from .optimise import optimise

        source = driver.read(self.path)
        if isinstance(source, Diagnostic):
            raise SpecError([source])
        settings = [(name, _as_text(value)) for name, value in self.settings.items()]
        return optimise(source, self.path.parent, self.path, model, minimise, settings, self.scenario)

    def solve(self, condition: str, for_: str) -> Solution:
        """The values of an input, by its path, at which a condition holds. SymbolicError says why they cannot be told.

        `spec.solve("today.dram_bytes <= 300 MB", for_="sram").intervals` are in base units, exact where the closed form
        has its roots in closed form. Raises SpecError, and ValueError for what is no condition.
        """
        from .analysis import solve
        from .symbolic import find_input

        model = self._build((condition,))
        formula = model.queries[0].formula
        if model.queries[0].rows is not None or not isinstance(model.typed.type_of(formula), Truth):
            raise ValueError(f"{condition} is no condition: compare it, such as {condition} <= 3 MB")
        return solve(model.typed, model.machine, model.values, formula, find_input(model.typed, for_), condition)

    def sensitivity(self, cell: str, to: Sequence[str] = (), by: float | None = None) -> pandas.DataFrame:
        """What moves a cell, ranked: each input lower and higher, the cell then, its elasticity below and above.

        `to` names inputs (all that the cell rests on without it), `by` a share of each (its uncertainty or a tenth
        without it). A row an input; values are in base units, elasticities are plain: d ln(cell) / d ln(input).
        `step_below` and `step_above` are the nearest steps. Raises SpecError, SymbolicError, ArithmeticError.
        """
        import pandas

        from .analysis import sensitivity
        from .symbolic import find_input

        model = self._build((cell,))
        inputs = [find_input(model.typed, path) for path in to]
        formula = model.queries[0].formula
        found = sensitivity(model.typed, model.machine, model.values, formula, cell, inputs, by)
        frame = pandas.DataFrame(
            [
                {
                    "input": effect.input.path,
                    "value": effect.value,
                    "low": effect.low,
                    "high": effect.high,
                    "at_low": effect.at_low,
                    "at_high": effect.at_high,
                    "swing": effect.swing,
                    "elasticity_below": effect.elasticity[0],
                    "elasticity_above": effect.elasticity[1],
                    "step_below": effect.before.at if effect.before is not None else None,
                    "step_above": effect.after.at if effect.after is not None else None,
                }
                for effect in found.effects
            ]
        ).set_index("input")
        frame.attrs["base"] = found.base
        return frame

    def diff(self, other: Spec) -> Changes:
        """What differs in another spec, or in this one at other inputs: inputs, structure, results, rows, claims.

        `print(spec.diff(spec.at(sram="16 MiB")))` shows it as `memdsl diff` does.
        """
        from .compare import changes

        return changes(self.model, other.model)

    def to_excel(self, path: str | Path) -> None:
        """Writes the live workbook, whole or not at all. Raises OSError."""
        book([self], path)

    @property
    def charts(self) -> dict[str, Chart]:
        """The charts of the report, by name; a notebook draws each, and `.data` is a frame of what it shows."""
        return self._report().charts()

    def to_html(self) -> str:
        """The report as one live page: HTML that loads nothing from elsewhere."""
        return self._report().page()

    def _report(self) -> Report:
        from .report import Report

        return Report(self.model, version=VERSION)

    def to_pdf(self, path: str | Path) -> None:
        """Writes the report as a PDF. Raises OSError, and MissingLibrary where Pango is not installed."""
        self._report().write_pdf(Path(path))

    def _repr_html_(self) -> str:
        """Parameters and totals, for a notebook."""
        from html import escape

        model = self.model
        lines = [f"<b>{escape(model.sheet.title or str(self.path))}</b><table>"]
        for cell in model.sheet.cells.values():
            if cell.role in ("param", "cell"):
                value = show(model.typed, model.values.cell(cell.id), model.typed.cell_types[cell.id], cell.shown)
                cells = (escape(text) for text in (cell.id, value, cell.label))
                lines.append("<tr>" + "".join(f"<td>{text}</td>" for text in cells) + "</tr>")
        return "\n".join([*lines, "</table>"])


def _unit(kind: Type) -> str:
    dimension = getattr(kind, "dimension", None)
    return base_unit(dimension) if dimension is not None else ""


def _number(value: Value | None) -> float:
    return value if isinstance(value, float) else 0.0


def _as_text(value: str | float) -> str:
    """A setting as a spec writes it; numbers of any library are numbers."""
    if isinstance(value, str):
        return value
    truth = type(value).__name__ in ("bool", "bool_")
    return ("true" if value else "false") if truth else repr(float(value))
