"""What a modeller expects of a sheet: numbers that read well, rows that fold by stage, headings in sight, paper."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from workbooks import SPECS, Made, made

from memdsl.excel.stages import levels, stage_of
from memdsl.excel.style import base_format
from memdsl.presentation.energy import energy_shares

LOOKED_AT = ("yolov3", "memory_choices", "tpu_v1")
PREFIX = {"": 1.0, "M": 1e6, "G": 1e9, "T": 1e12}


@dataclass(frozen=True)
class File:
    made: Made
    content: bytes

    @property
    def workbook(self) -> Workbook:
        return load_workbook(io.BytesIO(self.content))


@pytest.fixture(scope="module", params=LOOKED_AT)
def file(request: pytest.FixtureRequest) -> File:
    book = made(next(path for path in SPECS if path.stem == request.param))
    target = io.BytesIO()
    book.layout.save(target)
    return File(book, target.getvalue())


# ---- numbers --------------------------------------------------------------------------------------------------------


def shown(value: float, chosen: str) -> str:
    """A number as a spreadsheet shows it, for the formats of base units."""
    for section in chosen.split(";"):
        condition, body = re.fullmatch(r"(?:\[([<=][0-9.]+)\])?(.*)", section).groups()  # type: ignore[union-attr]
        limit = float(condition[1:]) if condition else 0.0
        if condition and not (value < limit if condition[0] == "<" else value == limit):
            continue
        digits, commas, text = re.fullmatch(r'([#0.,E+]+?)(,*)(".*")?', body).groups()  # type: ignore[union-attr]
        if "E" in digits:
            return f"{value:.2e}"
        decimals = len(digits.partition(".")[2])
        return f"{value / 1000 ** len(commas):.{decimals}f}{(text or '').strip(chr(34))}"
    raise AssertionError(chosen)


@given(st.floats(1e-12, 1e15), st.lists(st.floats(1e-12, 1e15), max_size=4), st.sampled_from((1, -1)))
def test_a_number_in_base_units_is_shown_with_the_prefix_that_it_has(
    value: float, beside: list[float], sign: int
) -> None:
    """Whatever the values were when the format was chosen: the inputs change, the format stays."""
    text = shown(sign * value, base_format([*beside, 1.0]))
    number, prefix = re.fullmatch(r"(-?[0-9.e+-]+)(?:\u00a0([MGT]))?", text).groups()  # type: ignore[union-attr]
    assert abs(float(number) * PREFIX[prefix or ""] - sign * value) <= max(0.0051 * value, 0.5001)


def test_whole_numbers_below_a_million_are_shown_to_the_last_digit() -> None:
    assert shown(18_432, base_format([864.0, 18_432.0, 134e6])) == "18432"
    assert shown(0.0, base_format([0.0, 4e-6])) == "0"


def test_a_published_figure_too_large_for_its_column_has_an_exponent() -> None:
    target = io.BytesIO()
    made('x = 3 s\nclaim x < 4_000_000_000_000_000_000 s from "a"\nclaim x < 400 s from "b"\n').layout.save(target)
    claims = load_workbook(target)["Claims"]
    assert [claims.cell(row, 3).number_format for row in (5, 6)] == ["0.000E+00", "#,##0"]


# ---- rows -----------------------------------------------------------------------------------------------------------


def test_rows_fold_below_the_first_of_their_stage_and_block() -> None:
    names = ["image", "s1.conv", "s1.r[1].a", "s1.r[1].b", "s1.r[2].a", "s1.r[2].b", "s2.conv", "head"]
    assert levels(names) == [0, 0, 1, 2, 1, 2, 0, 0]
    assert levels(["net.a", "net.b.x", "net.b.y"]) == [0, 0, 1]  # all rows of one stage: nothing to fold it under
    assert levels([f"l{i}" for i in range(9)]) == [0] * 9


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map(".".join), max_size=12))
def test_a_folded_row_stands_below_one_that_begins_alike(names: list[str]) -> None:
    for i, level in enumerate(levels(names)):
        if level:
            above = max(k for k in range(i) if levels(names)[k] < level)
            assert stage_of(names[above]) == stage_of(names[i])


def test_folded_rows_are_in_the_file(file: File) -> None:
    for table in file.made.model.sheet.tables.values():
        expected = levels([row.name for row in table.rows])
        if table.role != "model" or not any(expected):
            continue
        place = file.made.layout.book.places.tables[table.id]
        sheet = file.workbook[place.page]
        assert [sheet.row_dimensions[place.first + i].outlineLevel for i in range(place.count)] == expected
        assert sheet.sheet_properties.outlinePr.summaryBelow is False
        assert sheet.sheet_format.outlineLevelRow == max(expected)


def test_stages_add_up_to_the_totals_of_the_model(file: File) -> None:
    sheets = load_workbook(io.BytesIO(file.content), data_only=True)
    for instance in file.made.model.sheet.instances.values():
        if instance.kind != "model" or instance.name not in sheets.sheetnames:
            continue
        found = list(sheets[instance.name].iter_rows())
        rows = {str(row[0].value): row for row in reversed(found)}
        if "Totals by stage" not in rows:
            continue
        heads = {str(cell.value).partition(" [")[0]: i for i, cell in enumerate(rows["name"])}
        total = file.made.model.values.cell(f"{instance.name}.work")
        assert rows["all rows"][heads["work"]].value == pytest.approx(total, rel=1e-12)


def test_model_sheets_keep_their_headings_in_sight_and_filter(file: File) -> None:
    workbook = file.workbook
    layout = file.made.layout.book
    for instance in file.made.model.sheet.instances.values():
        if instance.table is None:
            continue
        place = layout.places.tables[instance.table]
        sheet = workbook[place.page]
        assert sheet.freeze_panes == f"C{place.first}"
        first, last = sheet.auto_filter.ref.split(":")
        assert (first, int(re.sub(r"\D", "", last))) == (f"A{place.first - 1}", place.first + place.count - 1)


# ---- paper ----------------------------------------------------------------------------------------------------------


def test_every_sheet_is_set_up_for_paper(file: File) -> None:
    for sheet in file.workbook.worksheets:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert sheet.page_setup.paperSize == int(sheet.PAPERSIZE_A4)
        assert 1 <= sheet.page_setup.fitToWidth <= 6
        assert sheet.oddFooter.right.text == "&P / &N"
        if sheet.freeze_panes and int(re.sub(r"\D", "", sheet.freeze_panes)) > 5:
            assert sheet.print_title_rows, sheet.title


def test_no_chart_is_cut_by_the_end_of_a_page(file: File) -> None:
    if "Charts" not in file.workbook.sheetnames:
        return
    sheet = file.workbook["Charts"]
    breaks = [found.id for found in sheet.row_breaks.brk]
    pages = list(zip([0, *breaks], [*breaks, 10_000], strict=True))
    tall = 29.7 - 2 * 0.6 * 2.54  # centimetres of paper between the margins
    for start, end in pages:
        on_it = [chart for chart in sheet._charts if start <= chart.anchor._from.row < end]
        assert on_it
        bottoms = [chart.anchor._from.row + chart.anchor.ext.height / 360_000 / row_height() for chart in on_it]
        assert max(bottoms) <= end
        scale = (21.0 - 2 * 0.4 * 2.54) / (on_it[0].anchor.ext.width / 360_000)
        assert (max(bottoms) - start) * row_height() * scale <= tall


def row_height() -> float:
    """Centimetres of a row of the usual height."""
    return 15 / 72 * 2.54


def test_print_titles_and_areas_are_names_of_their_sheets(file: File) -> None:
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        names = archive.read("xl/workbook.xml").decode()
    for sheet in file.workbook.worksheets:
        if isinstance(sheet, Worksheet) and sheet.title in file.made.model.sheet.instances:
            assert re.search(rf"_xlnm.Print_Titles[^>]*>[^<]*{re.escape(sheet.title)}'?!\$A:\$A", names), sheet.title


# ---- energy and cost ------------------------------------------------------------------------------------------------


def test_the_energy_of_a_model_is_the_sum_of_its_parts(file: File) -> None:
    """By memory and compute unit, whether the energy is summed over layers, over memories, or spent at rest."""
    book, model = file.made.layout.book, file.made.model
    models = [
        i for i in model.sheet.instances.values() if i.kind == "model" and f"{i.name}.energy" in model.sheet.cells
    ]
    drawn = [(owner, shares) for owner in models if (shares := energy_shares(book.point, owner))]
    assert len(drawn) == len(models)
    for owner, shares in drawn:
        assert {"array", "dram"} <= {share.title for share in shares} or "alone" in owner.name
        total = sum(model.values.formula(share.formula) for share in shares)
        assert total == pytest.approx(model.values.cell(f"{owner.name}.energy"), rel=1e-12)


def test_what_a_chip_and_a_million_frames_cost_stands_on_the_cover_live() -> None:
    book = made(next(path for path in SPECS if path.stem == "memory_choices"))
    target = io.BytesIO()
    book.layout.save(target)
    cover = load_workbook(target)["Cover"]
    cells = {str(cell.value): cell for row in cover.iter_rows() for cell in row}
    head, run = cells["A million frames [usd]"], cells["megapixel/alone"]
    assert re.fullmatch(r"=kinds!\$[A-Z]+\$[0-9]+", cover.cell(run.row, head.column).value)
    shown = load_workbook(target, data_only=True)["Cover"].cell(run.row, head.column).value
    values = book.model.values
    assert shown == values.column("kinds", "frames")[9]
    chip = (
        float(values.column("kinds", "cost")[9] or 0) / float(values.column("kinds", "rate")[9] or 0) / (1095 * 86400)
    )
    power = float(values.column("kinds", "energy")[9] or 0) * 0.15 / 3.6e6
    assert shown == pytest.approx(1e6 * (chip + power), rel=1e-12)
