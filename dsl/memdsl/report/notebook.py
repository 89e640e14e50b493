"""A chart of a report as a notebook shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, repr=False)
class Chart:
    """A drawing that shows itself; `caption` and `alt` say what it shows, `lines` are its data, the heading first."""

    name: str
    caption: str
    alt: str
    svg: str
    lines: tuple[tuple[str | float, ...], ...]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the drawing, in its units (CSS pixels)."""
        found = _BOX.search(self.svg)
        assert found is not None, "a chart is drawn by `portable.drawing`"
        return float(found[1]), float(found[2])

    @property
    def data(self) -> pandas.DataFrame:
        """The data in base units, which the headings name."""
        import pandas

        return pandas.DataFrame(self.lines[1:], columns=list(self.lines[0]))

    def __repr__(self) -> str:
        return f"<{self.caption}>"

    def _repr_svg_(self) -> str:
        return self.svg
