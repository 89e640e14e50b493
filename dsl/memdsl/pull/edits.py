"""Changes of inputs as edits of a spec's text: comments and layout stay, numbers keep the author's unit."""

from __future__ import annotations

from collections.abc import Sequence

from .. import driver
from ..diagnostics import Problems
from ..evaluate.show import unit_written
from ..excel.scales import in_unit
from ..sheet.formula import Formula
from ..sheet.input_keys import Entry
from ..sheet.operations import Value
from ..syntax import parse, tree
from ..units import Unit
from .compare import Change
from .faults import BookFault
from .hardware import hardware_edits
from .text import Addition, Edit, Impossible, replacing, value_text, without


def edits_of(model: driver.Model, changes: Sequence[Change]) -> tuple[list[Edit], list[BookFault]]:
    """The edits that make the changes, and the changes for which there is none."""
    editor = _Editor(model, changes)
    for change in changes:
        try:
            if change.scenario:
                editor.scenario(change)
            else:
                editor.input(change)
        except Impossible as why:
            editor.faults.append(BookFault("not-in-the-spec", str(why), change.cell, "change it in the text"))
    return editor.finish(), editor.faults


class _Editor:
    def __init__(self, model: driver.Model, changes: Sequence[Change]) -> None:
        self.model = model
        self.text = model.source.text
        self.module = parse(model.source, Problems())
        self.faults: list[BookFault] = []
        self.edits: dict[tuple[int, int], Edit] = {}
        self.additions: dict[int, Addition] = {}
        self.components: dict[str, list[tuple[Entry, str]]] = {}
        self._wanted = {c.place.path: c.value for c in changes if not c.scenario}

    def finish(self) -> list[Edit]:
        for owner, wanted in self.components.items():
            edits, additions = hardware_edits(self.model, self.module, owner, wanted)
            for addition in additions:
                self._add(addition)
            self.edits.update({(e.start, e.end): e for e in edits})
        return [*self.edits.values(), *(addition.edit(self.text) for addition in self.additions.values())]

    def _add(self, addition: Addition) -> None:
        known = self.additions.setdefault(addition.end, addition)
        if known is not addition:
            known.statements.extend(addition.statements)

    # ---- inputs -----------------------------------------------------------------------------------------------------

    def input(self, change: Change) -> None:
        place = change.place
        item, value = place.item, change.value
        assert value is not None
        here, node = self._is_here(item.formula), None
        if item.role == "argument" and isinstance(item.key, str):
            owner = self.model.sheet.cells[item.key].owner
            node = self._instance(owner)
            given = node is not None and node.span[0] <= item.formula.span.start < node.span[1]
            if node is not None and not (here and given):
                name = item.key.removeprefix(owner + ".")
                self._add(_argument(node.value, f"{name} = {value_text(value, place.written)}"))
                return
        if here and not self._is_shared(change):
            self._replace(item.formula, value, place.written, change)
            return
        if isinstance(item.key, Entry):
            owner = self.model.sheet.tables[item.key.table].owner
            if self._made_here(owner):
                self.components.setdefault(owner, []).append((item.key, value_text(value, place.written)))
                return
        if here:
            raise Impossible(f"`{place.path}` stands in the spec once for several inputs, which differ in the book")
        where = item.formula.span.source.name
        raise Impossible(f"`{place.path}` is declared in {where}, and this spec has no place of its own for it")

    def _is_here(self, formula: Formula) -> bool:
        return formula.span.source.name == self.model.source.name

    def _is_shared(self, change: Change) -> bool:
        """Whether the same number of the text serves another input, which is not to become the same."""
        span = change.place.item.formula.span
        same = [
            other
            for other in self.model.sheet.inputs.values()
            if other.formula.span.source is span.source and other.formula.span.start == span.start
        ]
        return any(self._wanted.get(other.path) != change.value for other in same)

    def _replace(self, formula: Formula, value: Value, unit: Unit | None, change: Change) -> None:
        start, end = formula.span.start, formula.span.end
        before = self.text[start:end]
        if change.place.item.role == "entry" and unit is not None and not before.endswith(unit.text):
            value, unit = in_unit(float(value), unit), None  # a plain number is in the unit of its heading
        edit = replacing(self.text, start, end, value_text(value, unit, before))
        if self.edits.setdefault((start, end), edit) != edit:
            message = f"`{change.place.path}` stands in the spec once for several inputs, which differ in the book"
            self.faults.append(BookFault("one-number", message, change.cell, "give them the same value"))

    def _instance(self, name: str) -> tree.Instance | None:
        found = (s for s in self.module.statements if isinstance(s, tree.Instance) and s.name == name)
        return next(found, None)

    def _made_here(self, name: str) -> bool:
        declared = (s for s in self.module.statements if isinstance(s, (tree.Instance, tree.Hardware)))
        return any(s.name == name for s in declared)

    # ---- scenarios --------------------------------------------------------------------------------------------------

    def scenario(self, change: Change) -> None:
        place, name = change.place, change.scenario
        node = next((s for s in self.module.statements if isinstance(s, tree.Scenario) and s.name == name), None)
        if node is None:
            raise Impossible(f"the scenario `{name}` is not declared in this spec")
        formula = dict(self.model.sheet.scenarios[name].settings).get(place.key)
        assign = None
        if formula is not None:
            at = formula.span.start
            assign = next((a for a in node.body if a.value.span[0] <= at < a.value.span[1]), None)
        if change.value is None:
            if assign is None:
                raise Impossible(f"`{name}` has `{place.path}` from the scenario that it extends: clear it there")
            start, end = without(self.text, assign)
            self.edits[start, end] = Edit(start, end, "")
        elif assign is not None and formula is not None:
            self._replace(formula, change.value, unit_written(formula) or place.written, change)
        else:
            statement = f"{place.path} = {value_text(change.value, place.written)}"
            self._add(Addition(node.span[1], bool(node.body), [statement]))


def _argument(call: tree.Expression, text: str) -> Addition:
    """One more argument of a call: `traffic(yolo, chip)` becomes `traffic(yolo, chip, batch = 4)`."""
    if isinstance(call, tree.Call):
        return Addition(call.span[1], bool(call.arguments), [text], ")")
    return Addition(call.span[1], False, [text], "")
