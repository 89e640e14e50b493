"""What names are called in a library: labels that stand with another definition of the same name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..diagnostics import Source
from ..syntax import tree
from .probe import descent


class Labels:
    """Labels that a name has elsewhere: axes and defaults of rows, columns and totals of the models extended."""

    def __init__(self, modules: Sequence[tuple[Source, tree.Module]]) -> None:
        self.rows: dict[str, str] = {}
        self.models: dict[str, tree.Model] = {}
        self.hardware: dict[str, tree.Hardware] = {}
        self.components: dict[str, dict[str, str]] = {}
        self._texts = {id(s): source.text for source, node in modules for s in node.statements}
        statements = [s for _, node in modules for s in node.statements]
        for statement in sorted(statements, key=lambda s: not isinstance(s, tree.Defaults)):
            match statement:
                case tree.Defaults():
                    _gather(self.rows, statement.body)
                case tree.LayerKind():
                    axes = [axis.removesuffix(tree.FAMILY) for axis in statement.axes or ()]
                    _gather(self.rows, [c for c in statement.body if _name(c) in axes])
                case tree.Model():
                    self.models[statement.name] = statement
                case tree.Hardware():
                    self.hardware[statement.name] = statement
                case tree.ComponentTable():
                    _gather(self.components.setdefault(statement.component, {}), statement.body)

    def of_template(self, node: tree.Model | tree.Hardware) -> tuple[dict[str, str], dict[str, str]]:
        """The first label of each total and of each column, in a template and in what it extends."""
        found: dict[str, str] = {}
        columns: dict[str, str] = {}
        for following in self.descent(node):
            _gather(found, following.body)
            for each in following.body:
                if isinstance(each, (tree.Each, tree.Component)):
                    _gather(columns, each.body)
        return found, columns

    def descent(self, node: tree.Model | tree.Hardware) -> Iterator[tree.Model | tree.Hardware]:
        """A template and what it extends, the most derived first."""
        return descent(node, self.models) if isinstance(node, tree.Model) else descent(node, self.hardware)

    def text_of(self, statement: tree.Statement) -> str:
        """The text of the module that a statement stands in."""
        return self._texts[id(statement)]


def _gather(found: dict[str, str], body: Iterable[object]) -> None:
    for cell in body:
        if isinstance(cell, tree.Cell) and cell.clauses.label:
            found.setdefault(cell.name, cell.clauses.label)


def _name(cell: object) -> str:
    return cell.name if isinstance(cell, tree.Cell) else ""
