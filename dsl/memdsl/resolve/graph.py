"""The order in which cells and columns are computed, and the circles that make it impossible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..diagnostics import Note, Problems, Span
from ..sheet.formula import At, Field, Formula, Here, Pick, Reduce, Related, Slot, children
from ..sheet.input_keys import Entry, InputKey
from ..sheet.sheet import Cell, Circuit, ColumnNode, Node, Step, Table
from ..sheet.uses import Walk, uses_of


class Graph:
    """Cells and columns as nodes; an edge is a use, labelled with its span."""

    def __init__(self, cells: Mapping[str, Cell], tables: Mapping[str, Table]) -> None:
        self.cells = cells
        self.tables = tables
        self.walk = Walk(tables)
        self.edges: dict[Node, dict[Node, Span]] = {}
        for cell in cells.values():
            self.edges[cell.id] = uses_of((cell.formula,))
        for table in tables.values():
            for column in table.columns.values():
                self.edges[ColumnNode(table.id, column.name)] = uses_of(formula for formula, _ in column.groups)

    def order(self, problems: Problems) -> tuple[Step, ...]:
        """Every node after what it uses. A circle is reported and left out."""
        steps: list[Step] = []
        for component in self._components():
            node = component[0]
            if len(component) == 1 and node not in self.edges[node]:
                steps.append(node)
                continue
            entries = self._circuit(component, problems)
            if entries is not None:
                steps.append(Circuit(entries))
        return tuple(steps)

    def _components(self) -> list[list[Node]]:
        """Strongly connected components, each after those that it uses (Tarjan, without recursion)."""
        index: dict[Node, int] = {}
        low: dict[Node, int] = {}
        on_stack: set[Node] = set()
        stack: list[Node] = []
        found: list[list[Node]] = []
        for root in self.edges:
            if root in index:
                continue
            work: list[tuple[Node, Iterator[Node]]] = [(root, iter(self.edges[root]))]
            index[root] = low[root] = len(index)
            stack.append(root)
            on_stack.add(root)
            while work:
                node, successors = work[-1]
                advanced = False
                for successor in successors:
                    if successor not in self.edges:
                        continue
                    if successor not in index:
                        index[successor] = low[successor] = len(index)
                        stack.append(successor)
                        on_stack.add(successor)
                        work.append((successor, iter(self.edges[successor])))
                        advanced = True
                        break
                    if successor in on_stack:
                        low[node] = min(low[node], index[successor])
                if advanced:
                    continue
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.append(member)
                        if member == node:
                            break
                    found.append(component)
        return found

    # ---- columns that feed each other along rows --------------------------------------------------------------------

    def _circuit(self, component: list[Node], problems: Problems) -> tuple[InputKey, ...] | None:
        """The entries of some columns, and cells, in an order that works, or None after reporting the circle."""
        columns = [node for node in component if isinstance(node, ColumnNode)]
        cells = [node for node in component if isinstance(node, str)]
        if not columns:
            self._report(self._path(component), problems)
            return None
        if len(columns) == 1 and not cells and self._looks_back(columns[0]):
            only = columns[0]
            count = len(self.tables[only.table].rows)
            return tuple(Entry(only.table, only.column, row) for row in range(count))
        done: set[InputKey] = set()
        order: list[InputKey] = []
        inside = set(component)
        starts: list[InputKey] = [*cells]
        starts += [Entry(n.table, n.column, row) for n in columns for row in range(len(self.tables[n.table].rows))]
        for start in starts:
            if not self._visit(start, inside, done, order, problems):
                return None
        return tuple(order)

    def _looks_back(self, node: ColumnNode) -> bool:
        """Whether each row of a column uses that column in earlier rows only, so that the rows' order will do."""
        column = self.tables[node.table].columns[node.column]
        return all(_backward(formula, node) for formula, _ in column.groups)

    def _visit(
        self,
        start: InputKey,
        inside: set[Node],
        done: set[InputKey],
        order: list[InputKey],
        problems: Problems,
    ) -> bool:
        if start in done:
            return True
        path: dict[InputKey, Span | None] = {start: None}
        work = [(start, self._entry_uses(start, inside))]
        while work:
            entry, uses = work[-1]
            for used, span in uses:
                if used in done:
                    continue
                if used in path:
                    circle = [*path][[*path].index(used) :]
                    spans = [path[e] for e in circle[1:]] + [span]
                    mixed = any(isinstance(e, str) for e in circle)
                    names = [self._entry_name(e, mixed) for e in circle]
                    self._report(list(zip(names, spans, strict=True)), problems)
                    return False
                path[used] = span
                work.append((used, self._entry_uses(used, inside)))
                break
            else:
                work.pop()
                del path[entry]
                done.add(entry)
                order.append(entry)
        return True

    def _entry_uses(self, entry: InputKey, inside: set[Node]) -> Iterator[tuple[InputKey, Span]]:
        if isinstance(entry, str):
            yield from self.walk.entries(self.cells[entry].formula, within=inside)
            return
        formula = self.tables[entry.table].columns[entry.column].formulas[entry.row]
        if formula is not None:
            yield from self.walk.entries(formula, (entry.table, entry.row), within=inside)

    # ---- reporting --------------------------------------------------------------------------------------------------

    def _path(self, component: list[Node]) -> list[tuple[str, Span | None]]:
        """A circle through a component: a shortest way from its first node back to it."""
        members = set(component)
        start = component[-1]
        before: dict[Node, Node] = {}
        queue: list[Node] = [start]
        for node in queue:
            for successor in self.edges[node]:
                if successor == start:
                    path: list[Node] = [node]
                    while path[-1] != start:
                        path.append(before[path[-1]])
                    path.reverse()
                    following = [*path[1:], start]
                    return [(str(n), self.edges[n].get(f)) for n, f in zip(path, following, strict=True)]
                if successor in members and successor not in before:
                    before[successor] = node
                    queue.append(successor)
        return [(str(node), None) for node in component]

    def _entry_name(self, entry: InputKey, whole: bool) -> str:
        """A cell, or a row and a column as an author would name them: `whole` with the table, beside names of cells."""
        if isinstance(entry, str):
            return entry
        table = self.tables[entry.table]
        row = table.rows[entry.row].name
        if table.role == "components":
            return f"{table.owner}.{row}.{entry.column}"
        part = "" if table.role in ("literal", "crossed") or table.id.count(".") else ".layers"
        return f'{table.id}{part}["{row}"].{entry.column}' if whole else f"{row}.{entry.column}"

    def _report(self, circle: list[tuple[str, Span | None]], problems: Problems) -> None:
        names = [name for name, _ in circle]
        shown = names if len(names) <= 8 else [*names[:4], "…", *names[-3:]]
        text = " → ".join(f"`{n}`" if n != "…" else n for n in [*shown, names[0]])
        spans = [span for _, span in circle if span is not None]
        following = [*names[1:], names[0]]
        notes = tuple(
            Note(f"`{name}` uses `{used}` here", span)
            for (name, span), used in zip(circle[1:6], following[1:6], strict=False)
            if span is not None
        )
        message = (
            f"`{names[0]}` is defined by itself" if len(names) == 1 else f"these are defined by each other: {text}"
        )
        problems.error("circular", message, spans[0], notes=notes)


def _backward(formula: Formula, node: ColumnNode) -> bool:
    """Whether a formula uses a column only in rows passed to the row here (they come earlier)."""
    bound: list[tuple[Formula, bool]] = [(formula, False)]
    while bound:
        part, over_inputs = bound.pop()
        if isinstance(part, Field) and (part.table, part.column) == (node.table, node.column):
            earlier = isinstance(part.row, Slot) or (over_inputs and not isinstance(part.row, (Here, At, Pick)))
            if not earlier:
                return False
        if isinstance(part, Reduce):
            rows = part.rows
            inputs = (
                isinstance(rows, Related)
                and isinstance(rows.of, Here)
                and (rows.relation == "inputs" or rows.relation.startswith("slot"))
            )
            bound.extend((child, inputs) for child in children(part))
        else:
            bound.extend((child, over_inputs) for child in children(part))
    return True
