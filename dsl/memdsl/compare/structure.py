"""What a spec is made of: networks and their rows, hardware and its parts, models, formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

from ..evaluate import Model
from ..evaluate.show import show, show_distribution
from ..sheet.formula import Formula
from ..sheet.input_keys import InputKey
from ..sheet.sheet import Table, Type
from .model_values import text_of

Kind = OneOf["added", "removed", "changed"]


@dataclass(frozen=True)
class StructureChange:
    """A part that was added, removed or changed: `what` says what it is (`row of yolo`, `formula`)."""

    change: Kind
    what: str
    name: str
    before: str
    after: str


def structure(before: Model, after: Model) -> Iterator[StructureChange]:
    yield from _instances(before, after)
    for table in dict.fromkeys((*before.sheet.tables, *after.sheet.tables)):
        old, new = before.sheet.tables.get(table), after.sheet.tables.get(table)
        if old is None or new is None or new.role not in ("network", "components", "literal", "crossed"):
            continue
        what = f"{'part' if new.role == 'components' else 'row'} of {new.owner or new.id}"
        yield from _compared(what, _rows(before, old), _rows(after, new))
    yield from _compared("formula", _formulas(before), _formulas(after), both=True)
    yield from _compared("what is allowed of", _allowed(before), _allowed(after), both=True)
    yield from _compared("how sure is", _sure(before), _sure(after), both=True)
    yield from _compared("scenario", _scenarios(before), _scenarios(after))


def _instances(before: Model, after: Model) -> Iterator[StructureChange]:
    described = [
        {name: f"{i.kind} {i.template}" for name, i in model.sheet.instances.items()} for model in (before, after)
    ]
    yield from _compared("instance", described[0], described[1])
    tables = [
        {t.id: "" for t in model.sheet.tables.values() if t.role in ("literal", "crossed")} for model in (before, after)
    ]
    yield from _compared("table", tables[0], tables[1])


def _compared(
    what: str, before: Mapping[str, str], after: Mapping[str, str], both: bool = False
) -> Iterator[StructureChange]:
    """Names in their order on the new side, those that are gone first; `both` leaves out what is on one side only."""
    if not both:
        yield from (
            StructureChange("removed", what, name, said, "") for name, said in before.items() if name not in after
        )
    for name, said in after.items():
        if name not in before:
            if not both:
                yield StructureChange("added", what, name, "", said)
        elif before[name] != said:
            yield StructureChange("changed", what, name, before[name], said)


def _allowed(model: Model) -> dict[str, str]:
    """The range of each input, in its author's words but at one spelling of its numbers."""
    found: dict[str, str] = {}
    for item in model.sheet.inputs.values():
        kind, bounds, said = _type(model, item.key), item.bounds, []
        if bounds is not None:
            ends = [("from", bounds.low), ("to", bounds.high), ("multiple of", bounds.multiple)]
            said = ["whole"] if bounds.whole else []
            said += [f"{word} {_value(model, end, kind)}" for word, end in ends if end is not None]
            said += ["one of " + ", ".join(_value(model, end, kind) for end in bounds.one_of)] if bounds.one_of else []
        found[item.path] = " ".join(said) or "any value"
    return found


def _sure(model: Model) -> dict[str, str]:
    """The uncertainty of each input as its author wrote it."""
    inputs = model.sheet.inputs.values()
    return {i.path: show_distribution(i.distribution) or "exact" for i in inputs}


def _scenarios(model: Model) -> dict[str, str]:
    """What each scenario sets."""
    paths = {item.key: item.path for item in model.sheet.inputs.values()}
    return {
        name: ", ".join(f"{paths[key]} = {_value(model, value, _type(model, key))}" for key, value in scenario.settings)
        for name, scenario in model.sheet.scenarios.items()
    }


def _type(model: Model, key: InputKey) -> Type:
    typed = model.typed
    return typed.cell_types[key] if isinstance(key, str) else typed.column_types[key.table, key.column]


def _value(model: Model, formula: Formula, kind: Type) -> str:
    return show(model.typed, model.declared.formula(formula), kind, None, 12)


def _rows(model: Model, table: Table) -> dict[str, str]:
    """Each row in words: its kind, what it was given, and its inputs. Sizes that follow from an input are results."""
    arguments = [c for c in table.columns.values() if c.role == "argument"]
    found: dict[str, str] = {}
    inputs = table.relations.get("inputs", ())
    for index, row in enumerate(table.rows):
        said = []
        for column in arguments:
            formula = column.formulas[index]
            if formula is not None:
                value = model.values.column(table.id, column.name)[index]
                kind = model.typed.column_types[table.id, column.name]
                said.append(f"{column.name} = {show(model.typed, value, kind)}")
        sources = [table.rows[i].name for i in inputs[index]] if inputs and row.role == "layer" else []
        text = row.kind + (f"({', '.join(said)})" if said else "")
        found[row.name] = f"{', '.join(sources)} -> {text}" if sources else text
    return found


def _formulas(model: Model) -> dict[str, str]:
    """What computes each cell and each column, as the spec or the library writes it."""
    keys = {item.key for item in model.sheet.inputs.values()}
    found = {c.id: text_of(c.formula) for c in model.sheet.cells.values() if c.id not in keys and c.role == "cell"}
    for table in model.sheet.tables.values():
        if table.role in ("model", "literal", "crossed"):
            for column in table.columns.values():
                if column.role == "column":
                    texts = dict.fromkeys(text_of(f) for f in column.formulas if f is not None)
                    if table.role != "literal" or len(texts) == 1:
                        found[f"{table.id}.{column.name}"] = " | ".join(texts)
    return found
