"""What a report's `uncertainty` comes to: how sure each cell is, and what each input contributes."""

from __future__ import annotations

from ...evaluate import Values
from ...evaluate.show import show, show_distribution, shown_unit
from ...sheet.report import UncertaintyItem
from ...sheet.sheet import TypedSheet
from ..remembered import remembered
from ..sweep import SweepError, Target
from ..tables import AnalysisTable, Column
from ..uncertainty import SEED, CellUncertainty, Estimate, uncertainties

SAMPLES = 1 << 14
TITLE = "How sure the figures are"


@remembered
def uncertainties_asked(typed: TypedSheet, values: Values, item: UncertaintyItem) -> tuple[list[CellUncertainty], str]:
    """How sure its cells are, or why there are none."""
    asked = [Target(cell.text, cell.formula, typed.type_of(cell.formula)) for cell in item.cells]
    try:
        return uncertainties(typed, values, asked, SAMPLES), ""
    except SweepError as error:
        return [], f"{str(error).replace('`', '')}."


def uncertainty_tables(typed: TypedSheet, found: list[CellUncertainty], why: str) -> list[AnalysisTable]:
    """A table of all cells, and one of contributions for each."""
    if why:
        return [AnalysisTable(TITLE, (), (), (why,))]
    columns = (
        Column("cell", "", False, 17), Column("declared", "", False, 10), Column("mean", "", False, 20),
        Column("P5", "", False, 10), Column("P50", "", False, 10), Column("P95", "", False, 10),
        Column("between", "", False, 23),
    )  # fmt: skip
    rows = tuple(_row(typed, one) for one in found)
    first = found[0]
    notes = [
        f"{first.samples:,} samples by Monte Carlo, seed {SEED}; ± is one standard error of the mean.",
        "Between: while every input lies between its ends; * marks ends that are proved, the others were met.",
    ]
    if any(not one.interval.ended for one in found):
        notes.append("Inputs whose distribution has no ends go from their P5 to their P95 there.")
    return [AnalysisTable(TITLE, columns, rows, tuple(notes)), *[_shares(one) for one in found if one.shares]]


def _row(typed: TypedSheet, one: CellUncertainty) -> tuple[str, ...]:
    unit = shown_unit(typed, one.cell.formula)

    def said(value: float, digits: int = 4) -> str:
        return show(typed, value, one.cell.type, unit, digits)

    mean = f"{said(one.mean.value)} ± {said(one.mean.error, 2)}"
    between = f"{said(one.interval.low)} and {said(one.interval.high)}{' *' if one.interval.proved else ''}"
    percentiles = (said(found.value) for _, found in one.percentiles)
    return (one.cell.text, said(one.declared), mean, *percentiles, between)


def _shares(one: CellUncertainty) -> AnalysisTable:
    columns = (
        Column("input", "", False, 30), Column("distribution", "", False, 30),
        Column("first-order index", "", False, 20), Column("total index", "", False, 20),
    )  # fmt: skip
    rows = tuple(
        (s.input.path, show_distribution(s.input.distribution), _index(s.first), _index(s.total)) for s in one.shares
    )
    note = (
        "Sobol indices: the share of the variance that would go if the input were known, "
        "and the share that would stay if all others were."
    )
    return AnalysisTable(f"What makes {one.cell.text} unsure", columns, rows, (note,))


def _index(found: Estimate) -> str:
    return f"{found.value:.3f} ± {found.error:.3f}"
