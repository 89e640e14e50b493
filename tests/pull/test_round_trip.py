"""Report, change the book, pull, report: the spec that comes out is the model that the book showed."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from office import edit
from workbooks import BOOKS, SPECS, Made, at_random, made

from memdsl import driver
from memdsl.diagnostics import Diagnostic, Problems, Source
from memdsl.evaluate import failed_checks
from memdsl.excel.names import letter
from memdsl.excel.scales import in_unit
from memdsl.excel.scenarios import FIRST
from memdsl.pull import Pulled, pull
from memdsl.sheet.input_keys import InputKey
from memdsl.sheet.operations import Value

WAYBACK = next(path for path in BOOKS if path.stem == "wayback")
KINDS = ("yolov3", "resnet50", "bert_base", "tpu_v1")
Setting = Mapping[InputKey, Value]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[Made, Path]]:
    return {}


def book_of(books: dict[Path, tuple[Made, Path]], spec: Path, folder: Path) -> tuple[Made, Path]:
    if spec not in books:
        book = made(spec)
        target = folder / f"{spec.stem}.xlsx"
        book.layout.save(target)
        books[spec] = (book, target)
    return books[spec]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pull")


def typed(book: Made, key: InputKey, value: Value) -> Value:
    place = next(p for p in book.layout.inputs.values() if p.key == key)
    return value if isinstance(value, (bool, str)) else in_unit(value, place.unit)


def edited(book: Made, file: Path, target: Path, setting: Setting) -> None:
    by_key = {place.key: place for place in book.layout.inputs.values()}
    edit(file, target, book.layout, {by_key[key].value: typed(book, key, v) for key, v in setting.items()})


def pulled(target: Path, spec: Path) -> Pulled:
    found = pull(target, spec)
    assert not isinstance(found, Diagnostic)
    return found


def rebuilt(spec: Path, found: Pulled) -> driver.Model:
    text = found.content.decode("utf-8-sig").replace("\r\n", "\n")
    return driver.build(Source(str(spec), text), spec.parent, spec)


def sound_setting(book: Made, random_: random.Random) -> Setting:
    """Some inputs at random, such that every requirement holds."""
    while True:
        inputs = [item for item in book.model.sheet.inputs.values() if random_.random() < random_.random()]
        setting = at_random(book.model, inputs, random_)
        problems = Problems()
        failed_checks(book.model.typed, book.model.machine.at(setting, problems), problems)
        if setting and not problems.failed:
            return setting


def same(a: Value | None, b: Value | None) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12) or (math.isnan(a) and math.isnan(b))
    return a == b


def assert_same(book: Made, setting: Setting, after: driver.Model) -> None:
    """Every cell and column of the new spec has the value that the changed book shows."""
    wanted = book.model.machine.at(setting, Problems())
    assert isinstance(after, driver.Model), [d.message for d in after.problems]
    for cell in book.model.sheet.cells:
        assert same(wanted.cell(cell), after.declared.cell(cell)), cell
    for table in book.model.sheet.tables.values():
        for column in table.columns:
            before, now = wanted.column(table.id, column), after.declared.column(table.id, column)
            assert all(map(same, before, now)), column


@pytest.mark.parametrize("spec", [*BOOKS, *(path for path in SPECS if path.stem in KINDS)], ids=lambda path: path.stem)
def test_a_book_as_it_was_made_changes_not_a_byte(
    books: dict[Path, tuple[Made, Path]], folder: Path, spec: Path
) -> None:
    _, file = book_of(books, spec, folder)
    found = pulled(file, spec)
    assert (found.changes, found.faults, found.diagnostics, found.diff) == (0, [], [], "")
    assert found.content == spec.read_bytes()


@pytest.mark.parametrize("seed", range(5))
def test_random_changes_come_back(books: dict[Path, tuple[Made, Path]], folder: Path, seed: int) -> None:
    book, file = book_of(books, WAYBACK, folder)
    setting = sound_setting(book, random.Random(seed))
    edited(book, file, folder / "changed.xlsx", setting)
    found = pulled(folder / "changed.xlsx", WAYBACK)
    assert found.faults == []
    assert found.diagnostics == []
    assert_same(book, setting, rebuilt(WAYBACK, found))
    for line in WAYBACK.read_text().splitlines():
        comment = line.partition("#")[2]
        assert comment in found.content.decode()


@pytest.mark.parametrize("name", ["yolov3", "resnet50"])
def test_random_changes_of_whole_specs_come_back(books: dict[Path, tuple[Made, Path]], folder: Path, name: str) -> None:
    spec = next(path for path in (*SPECS, *BOOKS) if path.stem == name)
    book, file = book_of(books, spec, folder)
    setting = sound_setting(book, random.Random(name))
    edited(book, file, folder / "changed.xlsx", setting)
    found = pulled(folder / "changed.xlsx", spec)
    assert (found.faults, found.diagnostics) == ([], [])
    assert_same(book, setting, rebuilt(spec, found))


def test_an_input_that_the_spec_has_no_place_for(books: dict[Path, tuple[Made, Path]], folder: Path) -> None:
    spec = next(path for path in BOOKS if path.stem == "tiers")
    book, file = book_of(books, spec, folder)
    paths = [path for path in book.layout.inputs if path.startswith("compare") and path.endswith(".act")]
    edit(file, folder / "changed.xlsx", book.layout, {book.layout.inputs[paths[0]].value: 4.0})
    (fault,) = pulled(folder / "changed.xlsx", spec).faults
    assert fault.code == "not-in-the-spec"
    assert "once for several inputs" in fault.message


# ---- how the text changes -------------------------------------------------------------------------------------------


def after(books: dict[Path, tuple[Made, Path]], folder: Path, inputs: dict[str, Value], **scenarios: Value) -> str:
    """The new text of the spec `wayback` when inputs, and cells of scenarios (`big__side`), hold other values."""
    book, file = book_of(books, WAYBACK, folder)
    places = book.layout.inputs
    target = folder / "changed.xlsx"
    edit(file, target, book.layout, {places[path].value: value for path, value in inputs.items()})
    names = list(book.model.sheet.scenarios)
    if scenarios:
        cells = {}
        for name, value in scenarios.items():
            scenario, _, path = name.partition("__")
            cells[f"{letter(FIRST + 1 + names.index(scenario))}{places[path].row}"] = value
        edit(target, folder / "changed too.xlsx", book.layout, cells, "Scenarios")
        target = folder / "changed too.xlsx"
    found = pulled(target, WAYBACK)
    assert found.faults == []
    assert found.diagnostics == []
    return found.content.decode()


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            "side",
            4096.0,
            'param side   = 4_096 px  multiple of 32  from 32 px to 8192 px   "Side"   # a comment that stays',
        ),
        ("sram", 1.5, 'param sram   = 1.5 MiB from 0 B to 1 GiB                       "A longer constant"'),
        ("mode", "slow", 'param mode   = "slow"    one of "fast", "slow"'),
        ("on", False, "param on     = false"),
        ("scale", 1.25, "param scale  = 1.25      from 0 to 2"),
        ("least", -2.5, "param least  = -2.5 MB   from -10 MB to 1 GB"),
        ("share", 0.125, "share        = 12.5%"),
        ("here.batch", 4.0, 'model here  = traffic(tiny([side, side, 3]), chip, batch = 4) "On the chip"'),
        ("there.act", 4.0, "model there = traffic(tiny([side, side, 3]), tall, act = 4 bit)"),
        ("deep.layers_", 6.0, "hardware deep = stacked(layers_ = 6, sram = 2 MiB)"),
        ("tall.layers_", 6.0, "hardware tall = stacked(sram = 2 MiB, layers_ = 6)"),
        ("chip.dram.energy", 100.0, "hardware chip = chip_edge(sram = sram)"),
        ("chip.dram.energy", 100.0, "  memory dram { override energy = 100 pJ/B }"),
        ('costs["die"].each', 1_000.0, '  "die"   | 1000        | 1      | -3     # measured'),
        ('costs["die"].weight', -0.125, '  "die"   | 12.5        | 1      | -0.125 # measured'),
        ('costs["stack"].each', 0.5, '  "stack" | 0.5 usd     | 1_024  | 0.5'),
        ('costs["stack"].pieces', 2_048.0, '  "stack" | 0.25 usd    | 2_048  | 0.5'),
        ("tall.flash.bandwidth", 2.0, "  memory flash { override bandwidth = 2 GB/s }"),
    ],
)
def test_a_number_changes_where_its_author_wrote_it(
    books: dict[Path, tuple[Made, Path]], folder: Path, path: str, value: Value, line: str
) -> None:
    assert line in after(books, folder, {path: value}).splitlines()


@pytest.mark.parametrize(
    ("change", "value", "lines"),
    [
        ("big__side", 1024.0, ['scenario big "Large images" { side = 1024 px; sram = 0.5 GiB }']),
        ("big__scale", 2.0, None),
        ("bigger__scale", 2.0, ["  scale = 2       # half as much again"]),
        ("bigger__pace", 5.0, ["  on = false", "  pace = 5 GB/s", "}"]),
        ("bigger__on", None, ["  scale = 1.5     # half as much again", "}"]),
        ("bigger__sram", 1024.0, ["  sram = 1024 MiB"]),
        ('dear__costs["die"].each', 25.0, ['scenario dear { costs["die"].each = 25 usd }']),
        ('dear__costs["stack"].pieces', 8.0, ['costs["die"].each = 20 usd; costs["stack"].pieces = 8 }']),
    ],
)
def test_scenarios_change_in_the_units_of_their_authors(
    books: dict[Path, tuple[Made, Path]], folder: Path, change: str, value: Value, lines: list[str] | None
) -> None:
    if lines is None:
        # `bigger` extends `big` and has a scale of its own: only `big` changes.
        assert "sram = 0.5 GiB; scale = 2 }" in after(books, folder, {}, **{change: value})
        return
    if change == "big__side":
        text = after(books, folder, {}, big__side=value, bigger__side=value)
    else:
        text = after(books, folder, {}, **{change: value})
    assert "\n".join(lines) in text


def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    spec = tmp_path / "windows.mem"
    text = "\ufeffparam a = 1 MB # one\r\nparam b = 2 MB\r\nscenario s {\r\n  a = 3 MB\r\n}\r\nc = a + b\r\n"
    spec.write_bytes(text.encode())
    book = made(spec)
    book.layout.save(tmp_path / "book.xlsx")
    edit(tmp_path / "book.xlsx", tmp_path / "a.xlsx", book.layout, {"E9": 5.0})
    edit(tmp_path / "a.xlsx", tmp_path / "b.xlsx", book.layout, {"E9": 7.0}, "Scenarios")
    found = pulled(tmp_path / "b.xlsx", spec)
    wanted = text.replace("b = 2 MB", "b = 5 MB").replace("  a = 3 MB\r\n", "  a = 3 MB\r\n  b = 7 MB\r\n")
    assert found.content == wanted.encode()
