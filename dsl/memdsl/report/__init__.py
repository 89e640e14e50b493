"""The report: one document, as a live page and as a PDF."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .notebook import Chart
from .pdf import MissingLibrary, write_pdf
from .pictures import svg_file, write_png
from .templates import Look, TemplateFault

if TYPE_CHECKING:
    from ..evaluate import Model

__all__ = ["Chart", "Look", "MissingLibrary", "Report", "TemplateFault", "svg_file", "write_png"]


class Report:
    """The report of a model, composed once. `command` is what makes it again, `version` the program's."""

    def __init__(
        self,
        model: Model,
        *,
        command: str = "",
        version: str = "",
        today: datetime.date | None = None,
        look: Look | None = None,
    ) -> None:
        from hashlib import sha256

        from .compose import compose
        from .subject import Subject

        day = (today or datetime.date.today()).isoformat()
        digest = sha256(model.source.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self.look = look
        self.subject = Subject(model.typed, model.machine, model.values, model.claims)
        self.document = compose(self.subject, command, version, day, digest)

    def page(self) -> str:
        """One HTML file that carries all it needs, and computes again what follows an input."""
        from .script import live
        from .templates import page

        return page(self.document, live(self.subject), self.look)

    def paper(self) -> str:
        """The HTML that the PDF is typeset from."""
        from .templates import page

        return page(self.document, None, self.look)

    def charts(self) -> dict[str, Chart]:
        """Every chart, by a name for a file."""
        from .document import Figure

        found: dict[str, Chart] = {}
        for section in self.document.sections:
            for block in section.blocks:
                if isinstance(block, Figure) and block.table:
                    name = block.name if block.name not in found else f"{block.name}-{len(found) + 1}"
                    found[name] = Chart(name, block.caption, block.alt, block.svg, block.table)
        return found

    def tables(self) -> dict[str, str]:
        """The data of each chart as CSV, in base units, by a name for a file."""
        import csv
        import io

        from ..files import inert

        found: dict[str, str] = {}
        for name, chart in self.charts().items():
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([map(inert, line) for line in chart.lines])
            found[name] = text.getvalue()
        return found

    def write_pdf(self, target: Path) -> str:
        """The characters that no font has, shown as boxes. Raises MissingLibrary, or OSError."""
        return write_pdf(self.paper(), target)
