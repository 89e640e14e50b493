"""The statements of a block or a network, run in the order of the text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..syntax import tree
from .expressions import elaborate
from .faults import Fault, Reported
from .row_names import Frame
from .values import CellValue, Scalar
from .workshop import OpenNetwork, Scope, Value


class Body:
    """The statements of a block or a network: run in the order of the text, a later name made when it is needed."""

    def __init__(
        self, draft: OpenNetwork, body: Sequence[tree.Cell | tree.Require], scope: Scope, inline: bool
    ) -> None:
        self.draft = draft
        self.cells = {cell.name: cell for cell in body if isinstance(cell, tree.Cell)}
        self.values: dict[str, Value] = {}
        self.busy: list[str] = []
        self.broken: set[str] = set()
        self.inline = inline
        self.scope = Scope(scope.source, self.find, self.cells.keys, scope)

    def run(self) -> None:
        """Makes everything, reports the fault of each cell, and raises Reported when there was one."""
        self.draft.shop.all_of([partial(self._make, name) for name in self.cells])

    def _make(self, name: str) -> None:
        self.find(name)

    def find(self, name: str) -> Value | None:
        if name in self.values:
            return self.values[name]
        cell = self.cells.get(name)
        if cell is None:
            return None
        if name in self.broken:
            raise Reported
        if name in self.busy:
            circle = [*self.busy[self.busy.index(name) :], name]
            told = " → ".join(f"`{n}`" for n in circle)
            message = f"`{name}` is made from itself" if len(circle) == 2 else f"these are made from each other: {told}"
            raise Fault("circular", message, self.scope.span(cell.name_span))
        self.busy.append(name)
        frame = Frame(name)
        self.draft.frames.append(frame)
        try:
            value = elaborate(self.draft.shop, cell.value, self.scope)
        except (Fault, Reported):
            self.broken.add(name)
            raise
        finally:
            self.draft.frames.pop()
            self.busy.pop()
        if frame.parts:
            self.draft.frames[-1].parts.append(frame)
        if isinstance(value, Scalar) and not self.inline:
            value = self._as_cell(cell, value)
        self.values[name] = value
        return value

    def _as_cell(self, cell: tree.Cell, value: Scalar) -> Value:
        """A number of a network's body is a cell of the sheet (`yolo.total`)."""
        cell_id = f"{self.draft.id}.{cell.name}"
        span = self.scope.span(cell.name_span)
        shop = self.draft.shop
        shop.declare_cell(
            cell_id, self.draft.id, "cell", self.scope, span, cell.value, cell.clauses, formula=value.content
        )
        return CellValue(cell_id)
