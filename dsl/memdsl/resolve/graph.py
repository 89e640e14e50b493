"""The order in which cells and columns are computed, and the circles that make it impossible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..diagnostics import Note, Problems, Span
from ..sheet.formula import At, CellRef, Field, Formula, Here, Pick, Reduce, Related, Slot, children, walk
from ..sheet.keys import Entry
from ..sheet.rows import possible_row_set, possible_rows
from ..sheet.sheet import Cell, Circuit, ColumnNode, Step, Table

Node = str | ColumnNode


class Graph:
    """Cells and columns as nodes; an edge is a use, labelled with its span."""

    def __init__(self, cells: Mapping[str, Cell], tables: Mapping[str, Table]) -> None:
        self.cells = cells
        self.tables = tables
        self.edges: dict[Node, dict[Node, Span]] = {}
        for cell in cells.values():
            self.edges[cell.id] = self._uses((cell.formula,))
        for table in tables.values():
            for column in table.columns.values():
                distinct = {id(f): f for f in column.formulas if f is not None}
                self.edges[ColumnNode(table.id, column.name)] = self._uses(distinct.values())

    def _uses(self, formulas: Iterable[Formula]) -> dict[Node, Span]:
        uses: dict[Node, Span] = {}
        for formula in formulas:
            for part in walk(formula):
                if isinstance(part, CellRef):
                    uses.setdefault(part.cell, part.span)
                elif isinstance(part, Field):
                    uses.setdefault(ColumnNode(part.table, part.column), part.span)
        return uses

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

    def _circuit(self, component: list[Node], problems: Problems) -> tuple[Entry, ...] | None:
        """The entries of some columns in an order that works, or None after reporting the circle."""
        if any(isinstance(node, str) for node in component):
            self._report(self._path(component), problems)
            return None
        columns = [node for node in component if isinstance(node, ColumnNode)]
        inside = {(node.table, node.column) for node in columns}
        if len(columns) == 1 and self._looks_back(columns[0]):
            only = columns[0]
            count = len(self.tables[only.table].rows)
            return tuple(Entry(only.table, only.column, row) for row in range(count))
        done: set[Entry] = set()
        order: list[Entry] = []
        for node in columns:
            for row in range(len(self.tables[node.table].rows)):
                if not self._visit(Entry(node.table, node.column, row), inside, done, order, problems):
                    return None
        return tuple(order)

    def _looks_back(self, node: ColumnNode) -> bool:
        """Whether each row of a column uses that column in earlier rows only, so that the rows' order will do."""
        column = self.tables[node.table].columns[node.column]
        distinct = {id(f): f for f in column.formulas if f is not None}
        return all(_backward(f, node) for f in distinct.values())

    def _visit(
        self,
        start: Entry,
        inside: set[tuple[str, str]],
        done: set[Entry],
        order: list[Entry],
        problems: Problems,
    ) -> bool:
        if start in done:
            return True
        path: dict[Entry, Span | None] = {start: None}
        work = [(start, self._entry_uses(start, inside))]
        while work:
            entry, uses = work[-1]
            for used, span in uses:
                if used in done:
                    continue
                if used in path:
                    circle = [*path][[*path].index(used) :]
                    spans = [path[e] for e in circle[1:]] + [span]
                    self._report([(self._entry_name(e), s) for e, s in zip(circle, spans, strict=True)], problems)
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

    def _entry_uses(self, entry: Entry, inside: set[tuple[str, str]]) -> Iterator[tuple[Entry, Span]]:
        formula = self.tables[entry.table].columns[entry.column].formulas[entry.row]
        if formula is not None:
            yield from self._uses_of(formula, entry, inside, {})

    def _uses_of(
        self, formula: Formula, entry: Entry, inside: set[tuple[str, str]], bound: dict[str, tuple[int, ...]]
    ) -> Iterator[tuple[Entry, Span]]:
        if isinstance(formula, Field):
            if (formula.table, formula.column) in inside:
                here = (entry.table, entry.row)
                for row in possible_rows(self.tables, formula.row, formula.table, here, bound):
                    yield Entry(formula.table, formula.column, row), formula.span
        elif isinstance(formula, Reduce):
            here = (entry.table, entry.row)
            bound = {**bound, formula.var.name: possible_row_set(self.tables, formula.rows, here, bound)}
        for child in children(formula):
            yield from self._uses_of(child, entry, inside, bound)

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
                    return [(self._name(n, f), self.edges[n].get(f)) for n, f in zip(path, following, strict=True)]
                if successor in members and successor not in before:
                    before[successor] = node
                    queue.append(successor)
        return [(self._name(node, node), None) for node in component]

    def _name(self, node: Node, used: Node) -> str:
        """A cell or a column as its author would name it; of a component, the one whose formula makes the use."""
        if isinstance(node, str):
            return node
        table = self.tables[node.table]
        root = table if table.parent is None else self.tables[table.parent]
        if root.role == "network":
            return f"{node.table}.layers.{node.column}"
        if table.role == "components":
            for row, formula in zip(table.rows, table.columns[node.column].formulas, strict=True):
                if formula is not None and used in self._uses((formula,)):
                    return f"{table.owner}.{row.name}.{node.column}"
        return f"{node.table}.{node.column}"

    def _entry_name(self, entry: Entry) -> str:
        return f"{self.tables[entry.table].rows[entry.row].name}.{entry.column}"

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
