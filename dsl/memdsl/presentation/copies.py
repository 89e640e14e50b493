"""Rows that stand for several: how often each counts, and which quantities of rows add up."""

from __future__ import annotations

from ..sheet.formula import Apply, At, Field, Formula, Reduce, Rows, walk
from ..sheet.sheet import Sheet, Table

COPIES = "copies"


def owner_of_copies(sheet: Sheet, table: str) -> str | None:
    """The table whose column says how many rows each row of a table stands for; None where each is one."""
    found: Table | None = sheet.tables[table]
    while found is not None:
        if COPIES in found.columns and found.role == "network":
            return found.id
        found = sheet.tables[found.parent] if found.parent is not None else None
    return None


def summed_columns(sheet: Sheet) -> frozenset[tuple[str, str]]:
    """The columns, by table and name, that a sum of the spec adds up over rows, and those that these are sums of."""
    found: set[tuple[str, str]] = set()
    todo: list[Formula] = []
    seen: set[int] = set()
    for formula in every_formula(sheet):
        if id(formula) not in seen:
            seen.add(id(formula))
            todo += [p for p in walk(formula) if isinstance(p, Reduce) and p.op == "sum" and isinstance(p.rows, Rows)]
    while todo:
        part = todo.pop()
        body = part.body if isinstance(part, Reduce) else part
        assert body is not None
        for field in _terms(body):
            if (field.table, field.column) not in found:
                found.add((field.table, field.column))
                formulas = sheet.tables[field.table].columns[field.column].formulas
                todo += {id(f): f for f in formulas if f is not None and not isinstance(f, Reduce)}.values()
    return frozenset(found)


def adds(formula: Formula, summed: frozenset[tuple[str, str]]) -> bool:
    """Whether the values of a formula over a row add up over rows: a column that is summed, or a multiple of one."""
    match formula:
        case Field():
            return (formula.table, formula.column) in summed
        case Apply(op="+" | "-" | "neg"):
            return all(adds(arg, summed) for arg in formula.args)
        case Apply(op="*"):
            return sum(_of_row(arg) for arg in formula.args) == 1 and any(adds(a, summed) for a in formula.args)
        case Apply(op="/"):
            return adds(formula.args[0], summed) and not _of_row(formula.args[1])
    return False


def _terms(formula: Formula) -> list[Field]:
    """The columns that a formula over a row is a sum of."""
    match formula:
        case Field():
            return [formula]
        case Apply(op="+" | "-" | "neg"):
            return [field for arg in formula.args for field in _terms(arg)]
        case Apply(op="*") if sum(_of_row(arg) for arg in formula.args) == 1:
            return [field for arg in formula.args if _of_row(arg) for field in _terms(arg)]
        case Apply(op="/") if not _of_row(formula.args[1]):
            return _terms(formula.args[0])
    return []


def _of_row(formula: Formula) -> bool:
    """Whether a formula reads a column of a row."""
    return any(
        isinstance(part, Reduce) or (isinstance(part, Field) and not isinstance(part.row, At)) for part in walk(formula)
    )


def every_formula(sheet: Sheet) -> list[Formula]:
    """The formulas of cells, columns, claims and queries, each once a column."""
    found = [cell.formula for cell in sheet.cells.values()]
    found += [side for claim in sheet.claims for side in (claim.left, claim.right)]
    found += [query.formula for query in sheet.queries]
    for table in sheet.tables.values():
        for column in table.columns.values():
            found += {id(f): f for f in column.formulas if f is not None}.values()
    return found
