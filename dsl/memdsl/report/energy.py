"""Where the energy of a model goes: the column `energy`, taken apart by the part of the hardware that spends it."""

from __future__ import annotations

from ..js import Probe
from ..sheet.formula import At, Field, Formula, walk
from ..sheet.sheet import Instance, Quantity
from ..units import ENERGY
from .document import Figure
from .figures import drawn, sum_terms
from .numbers import form
from .portable.bars import BarsAsk, draw_bars
from .subject import Subject, main_formula
from .words import NAME, cut


def energy(subject: Subject, model: str) -> tuple[Figure, ...]:
    """One bar a model of the same kind, the parts of its hardware stacked."""
    lead = subject.sheet.instances.get(model)
    if lead is None:
        return ()
    split = {lead.name: _split(subject, lead)}
    tiers = list(split[lead.name])
    if len(tiers) < 2:
        return ()
    for other in subject.spokesmen:
        if other.network == lead.network and other.name != lead.name:
            found = _split(subject, other)
            if list(found) == tiers:
                split[other.name] = found
    names = tuple(cut(name, NAME) for name in split)
    probes = [found[tier] for tier in tiers for found in split.values()]
    titles = tuple(cut(tier, 40) for tier in tiers)
    form_ = form(subject.typed, Quantity(ENERGY))
    ask = BarsAsk(names, titles, form_, True, "energy by the part that spends it", "", (), False, True)
    return drawn(subject, draw_bars, ask, probes, f"energy {model}")


def _split(subject: Subject, model: Instance) -> dict[str, Probe]:
    """The terms of the column `energy`, by the part of the hardware whose figure each reads."""
    table = subject.sheet.tables.get(model.table or "")
    column = table.columns.get("energy") if table is not None else None
    if table is None or column is None or subject.typed.column_types[table.id, "energy"] != Quantity(ENERGY):
        return {}
    summed = main_formula(column)
    if summed is None:
        return {}
    rows = tuple(i for i, formula in enumerate(column.formulas) if formula is summed)
    found: dict[str, Probe] = {}
    for term in sum_terms(summed):
        tier = _tier(subject, term)
        if tier is None or tier in found:
            return {}
        found[tier] = Probe(term, "", rows, table.id)
    return found


def _tier(subject: Subject, term: Formula) -> str | None:
    """The row of a hardware that a term reads a figure of."""
    names = {
        subject.sheet.tables[part.table].rows[part.row.index].name
        for part in walk(term)
        if isinstance(part, Field)
        and isinstance(part.row, At)
        and subject.sheet.tables[part.table].role == "components"
        and part.column == "energy"
    }
    return names.pop() if len(names) == 1 else None
