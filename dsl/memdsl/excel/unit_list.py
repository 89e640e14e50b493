"""The sheet `Units`: what one of each unit is in base units. Formulas take their scales from here, by name."""

from __future__ import annotations

from dataclasses import dataclass

from ..sheet.formula import UNLIMITED
from ..units import base_unit
from .page import Page
from .places import CellPlace
from .scales import scale_value
from .style import Look
from .volume import Volume

TOP = 4


@dataclass
class UnitSheet:
    """The units of all books of the file."""

    volume: Volume
    page: Page

    def write(self) -> None:
        volume, page = self.volume, self.page
        page.title_rows("Units", "Every calculation is in base units. One of each unit is:")
        page.heads(TOP, (("Unit", 14), ("In base units", 26), ("Base unit", 18), ("Name", 22)), (2,))
        rows = [
            (unit.text, scale_value(unit), base_unit(unit.dimension), name)
            for name, unit in volume.scales.used.values()
        ]
        rows.append(("unlimited", UNLIMITED, "", volume.scales.unlimited))
        for row, (text, scale, unit, name) in enumerate(rows, TOP + 1):
            page.text(row, 1, text, Look("name"))
            plain = scale == int(scale) and scale < 1e15
            page.number(row, 2, scale, Look("body", "#,##0" if plain else "General"))
            page.text(row, 3, unit or "(a plain number)", Look())
            page.text(row, 4, name, Look("quiet"))
            volume.define(CellPlace(page.title, row, 2, name))
        page.set_up_print(landscape=False)
