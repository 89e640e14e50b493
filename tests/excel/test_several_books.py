"""Several specs in one workbook: each a live model of its own, and their results side by side."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import test_workbook_file as rules
from office import Cells, edit, read, recalculate
from openpyxl import load_workbook
from test_agreement import near
from workbooks import SPECS, Setting, made, settings

import memdsl
from memdsl.diagnostics import Problems
from memdsl.driver import Model
from memdsl.evaluate import Values
from memdsl.excel import FilePlaces, Part, build_book, free_names
from memdsl.excel.file_properties import origins
from memdsl.excel.scales import in_unit
from memdsl.sheet.operations import Value

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

SMALL = """
"A small chip"
use std.layers
use std.traffic
use std.hardware
param side = 64 px multiple of 32 from 32 px to 512 px
param sram = 8 KiB from 0 B to 64 MiB
param mode = "fast" one of "fast", "slow"
network net(image[h, w, c]) { stem = image -> conv(16); out = stem -> conv(8) -> max_pool() }
hardware chip = edge(sram = sram)
model today = traffic(net([side, side, 3]), chip)
saved = 1 MB - today.dram_bytes
only_here = side * 2
scenario large { side = 256 px; mode = "slow" }
"""
"""It shares the model `today`, and names of inputs, with LeNet-5."""
LENET = next(path for path in SPECS if path.stem == "lenet5")


@dataclass(frozen=True, repr=False)
class Several:
    models: Sequence[Model]
    layout: FilePlaces

    def points(self, changed: Sequence[Setting]) -> list[Values]:
        found = []
        for model, setting in zip(self.models, changed, strict=True):
            found.append(model.machine.at({**model.overrides, **setting}, Problems()))
        return found


def bound(*specs: tuple[str, Path | str, str | None]) -> Several:
    models, parts = [], []
    for name, spec, scenario in specs:
        model = made(spec, scenario=scenario).model
        models.append(model)
        parts.append(Part(model, scenario=scenario, name=name))
    return Several(models, build_book(parts))


@pytest.fixture(scope="module")
def several() -> Several:
    return bound(("lenet5", LENET, None), ("small", SMALL, None), ("large", SMALL, "large"))


@pytest.fixture(scope="module")
def file(several: Several) -> bytes:
    target = io.BytesIO()
    several.layout.save(target)
    return target.getvalue()


CHANGES = {"as made": (), "first": (0,), "second": (1,), "all": (0, 1, 2)}
"""Which of the books get other inputs."""


@pytest.fixture(scope="module")
def changes(several: Several) -> dict[str, list[Setting]]:
    """Every input at random in some of the books, nothing in the others."""
    chosen = {n: settings(model, 2)[-1] for n, model in enumerate(several.models)}
    return {name: [chosen[n] if n in which else {} for n in range(3)] for name, which in CHANGES.items()}


@pytest.fixture(scope="module")
def found(
    several: Several, file: bytes, changes: dict[str, list[Setting]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Cells]:
    folder = tmp_path_factory.mktemp("several")
    targets = []
    for name, changed in changes.items():
        targets.append(folder / f"{name}.xlsx")
        targets[-1].write_bytes(file)
        for (book, places), setting in zip(several.layout.bound, changed, strict=True):
            by_key = {place.key: place for place in places.values()}
            wanted: dict[str, Value | None] = {
                by_key[key].value: value if isinstance(value, (bool, str)) else in_unit(value, by_key[key].unit)
                for key, value in setting.items()
            }
            edit(targets[-1], folder / "edited.xlsx", several.layout, wanted, book.titled("Inputs"))
            (folder / "edited.xlsx").replace(targets[-1])
    return dict(zip(changes, map(read, recalculate(targets, folder)), strict=True))


def differences(layout: FilePlaces, points: Sequence[Values], cells: Cells) -> Iterator[str]:
    """Cells that are not what the evaluator says; a difference of two books as sure as they are."""
    for sheet, coordinate, wanted in layout.expected(*points):
        got = cells.values.get((sheet, coordinate))
        if isinstance(wanted, float) and isinstance(got, (int, float)):
            beside = [cells.values.get((sheet, f"{column}{coordinate[1:]}")) for column in "DEF"]
            size = max((abs(v) for v in beside if isinstance(v, (int, float))), default=0.0)
            loose = sheet == "Comparison" and coordinate[0] in "GH" and abs(got - wanted) <= 1e-9 * size
            same = near(got, wanted) or loose
        else:
            same = got in (None, "") if wanted in (None, "") else got == wanted
        if not same:
            yield f"{sheet}!{coordinate}: {got!r} instead of {wanted!r}"


@pytest.mark.parametrize("name", CHANGES)
def test_every_book_follows_its_own_inputs(
    several: Several, changes: dict[str, list[Setting]], found: dict[str, Cells], name: str
) -> None:
    assert found[name].errors == []
    points = several.points(changes[name])
    assert list(differences(several.layout, points, found[name])) == []


def test_only_the_book_whose_inputs_change_moves(several: Several, found: dict[str, Cells]) -> None:
    """And the sheets in front of all."""
    before, after = found["as made"].values, found["second"].values
    places = before.keys() | after.keys()
    moved = {sheet for sheet, cell in places if repr(before.get((sheet, cell))) != repr(after.get((sheet, cell)))}
    assert {"small Inputs", "small today", "small Results", "Cover", "Comparison"} <= moved
    assert {sheet for sheet in moved if not sheet.startswith("small ")} == {"Cover", "Comparison"}


def test_the_file_keeps_the_rules_of_every_file(file: bytes) -> None:
    formulas = load_workbook(io.BytesIO(file))
    rules.test_limits_of_the_format_that_openpyxl_does_not_check(formulas)
    rules.test_names_are_unlike_cells_and_point_into_the_book(formulas)
    rules.test_only_functions_of_excel_2010_within_its_limits(formulas)


def test_the_comparison_names_units_and_refers_to_cells_by_name(several: Several, file: bytes) -> None:
    sheet = load_workbook(io.BytesIO(file))["Comparison"]
    rows = {row[1].value: [cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_row=40)}
    label, _, unit, *formulas = rows["dram_bytes"][:10]
    assert (label, unit) == ("DRAM traffic of one pass", "kB")
    assert formulas[:3] == [f"={name}_today_dram_bytes/unit_kB" for name in ("lenet5", "small", "large")]
    assert [re.sub(r"\d+", "", text) for text in formulas[3:5]] == ["=E-$D", "=F-$D"]
    assert [re.sub(r"\d+", "", text) for text in formulas[5:]] == ['=IF($D=,"",E/$D)', '=IF($D=,"",F/$D)']


def test_each_book_says_where_it_comes_from(several: Several, file: bytes) -> None:
    properties = load_workbook(io.BytesIO(file)).custom_doc_props.props
    listed = origins({item.name: item.value for item in properties})
    assert [(o.name, o.spec) for o in listed] == [("lenet5", "lenet5.mem"), ("small", "<test>"), ("large", "<test>")]
    assert len({o.sha256 for o in listed}) == 2


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["yolov3", "resnet50"], ["yolov3", "resnet50"]),
        (["yolo", "yolo_v3", "yolo"], ["yolo", "yolov3", "yolo2"]),
        (["unit", "a b/c", "é"], ["unit2", "a_b_c", "spec"]),
        (["follow_the_memory_1", "follow_the_memory_2"], ["follow_the_memor", "followthememor"]),
    ],
)
def test_names_of_books_tell_them_apart(wanted: list[str], names: list[str]) -> None:
    assert free_names(wanted) == names


def test_python_binds_specs_too(tmp_path: Path) -> None:
    (tmp_path / "small.mem").write_text(SMALL)
    spec = memdsl.load(tmp_path / "small.mem")
    memdsl.book({"now": spec, "more": spec.at(sram="16 MiB")}, tmp_path / "both.xlsx")
    held = load_workbook(tmp_path / "both.xlsx", data_only=True)
    sizes = [[row[3].value, row[4].value] for row in held["Comparison"].iter_rows() if row[1].value == "sram"]
    assert sizes == [[8, 16 * 1024]]
    memdsl.book([tmp_path / "small.mem"], tmp_path / "one.xlsx")
    assert "Comparison" not in load_workbook(tmp_path / "one.xlsx").sheetnames
    with pytest.raises(ValueError, match="1 to 12"):
        memdsl.book([], tmp_path / "none.xlsx")
