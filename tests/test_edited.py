"""After an edit, what stands of the model before gives what building anew gives: diagnostics, values, claims."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Diagnostic, Source, Span
from memdsl.driver import Model
from memdsl.syntax.edits import Parsed

ROOT = Path(__file__).parent.parent
SPECS = sorted((ROOT / "specs").glob("*.mem")) + sorted((ROOT / "tests" / "cases" / "good").glob("*.mem"))
EDITS = 20
_WORD = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
KINDS = ("number", "word", "key", "cut", "twice", "claim", "unit", "label")


def built(source: Source, path: Path) -> Model:
    model = driver.build(source, path.parent, path)
    assert isinstance(model.claims, list)
    return model


def place(span: Span | None) -> object:
    return None if span is None else (span.source.name, span.source.text, span.start, span.end)


def told(diagnostics: list[Diagnostic]) -> set[object]:
    return {
        (d.code, d.message, place(d.span), d.hint, d.severity, tuple((n.message, place(n.span)) for n in d.notes))
        for d in diagnostics
    }


def equal(one: object, other: object) -> bool:
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def typed_into(text: str, model: Model, chance: random.Random) -> str:
    """The text after an edit as people make them, in or beside a cell or a claim."""
    work = model.work
    assert work is not None
    places = [s.span for s in work.module.node.statements if type(s).__name__ in ("Cell", "Claim")]
    start, end = chance.choice(places)
    statement = text[start:end]
    kind = chance.choice(KINDS)
    if kind in ("number", "word"):
        found = list((_NUMBER if kind == "number" else _WORD).finditer(statement))
        if found:
            match = chance.choice(found)
            names = [*work.sheet.cells, "sum", "nothing"]
            new = chance.choice(("0", "1", "17", "3 MB")) if kind == "number" else chance.choice(names)
            statement = statement[: match.start()] + new + statement[match.end() :]
    elif kind == "key":
        at = chance.randrange(len(statement) + 1)
        statement = statement[:at] + chance.choice('x1.+ ("#\n') + statement[at:]
    elif kind == "cut":
        return text[:start] + text[end:]
    elif kind == "twice":
        statement += "\n" + statement.replace("=", "= 2 *", 1)
    elif kind == "claim":
        statement += f"\nadded_{chance.randrange(9)} = {chance.choice(list(work.sheet.cells))} * 2\nclaim 1 = 2"
    elif kind == "unit":
        statement += chance.choice(("  in KB", "  in %", " + 1 s"))
    else:
        statement += f'  "{chance.choice(("a label", "emoji 🎉"))}"'
    return text[:start] + statement + text[end:]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_an_edit_gives_what_building_anew_gives(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    base = built(Source(str(path), text), path)
    if base.work is None or not any(type(s).__name__ == "Cell" for s in base.work.module.node.statements):
        return
    parsed = Parsed(text, base.work.module.node.statements)
    chance = random.Random(path.stem)
    taken = 0
    for _ in range(EDITS):
        edited = typed_into(text, base, chance)
        source = Source(str(path), edited)
        found = driver.edited(base, parsed, source)
        if found is None:
            continue
        anew = built(source, path)
        assert told(found.diagnostics) == told(anew.diagnostics)
        assert found.sound == anew.sound
        if found.machine is None or anew.machine is None:
            continue
        taken += 1
        assert set(found.sheet.cells) == set(anew.sheet.cells)
        for cell in anew.sheet.cells:
            assert equal(found.declared.cell(cell), anew.declared.cell(cell)), cell
            assert found.typed.cell_types[cell] == anew.typed.cell_types[cell]
        for table in anew.sheet.tables.values():
            for column in table.columns:
                assert equal(found.declared.column(table.id, column), anew.declared.column(table.id, column))
        results = [[(c.claim.text, c.published, c.modelled, c.status) for c in model.claims] for model in (found, anew)]
        assert equal(*results)
        assert set(found.sheet.inputs) == set(anew.sheet.inputs)


def test_what_a_scenario_sets_stays_an_input(tmp_path: Path) -> None:
    path = tmp_path / "set.mem"
    text = "param a = 1\nb = 2 * a\nscenario more { a = 3 }\nclaim b = 2\n"
    base = built(Source(str(path), text), path)
    assert base.work is not None
    parsed = Parsed(text, base.work.module.node.statements)
    for new, known in (("param a = 1.0", True), ("param a = 2 * 3", True), ("param a = sqrt(b)", False)):
        source = Source(str(path), text.replace("param a = 1", new))
        found = driver.edited(base, parsed, source)
        assert (found is not None) == known
        if found is not None:
            assert told(found.diagnostics) == told(built(source, path).diagnostics)
    chained = text + "c = 4\n"
    base = built(Source(str(path), chained), path)
    assert base.work is not None
    source = Source(str(path), chained.replace("param a = 1", "param a = c"))
    assert driver.edited(base, Parsed(chained, base.work.module.node.statements), source) is None
    assert {d.code for d in built(source, path).problems} == {"computed-cell"}
