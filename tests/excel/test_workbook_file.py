"""What is in the file: values beside formulas, formulas wherever there is a number, texts that stay texts."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pandas
import pytest
from openpyxl import Workbook, load_workbook
from workbooks import BOOKS, SPECS, Made, made

from memdsl.excel import Part, write_workbook
from memdsl.excel.scales import in_unit
from memdsl.excel.style import POSITION
from memdsl.excel.volume import FIXED
from memdsl.units import parse_unit

LONG = {
    "accelerators", "best_schedule", "dpu_depthwise", "eyeriss", "follow_the_memory", "language_models", "multi_layer",
}  # fmt: skip
"""Their sheets are of the kinds of `fused_cnn`, `yolov3`, `tpu_v1` and `llama3`, many more times."""
ALL = [*(path for path in SPECS if path.stem not in LONG), *BOOKS]
CONSTANTS = ("Inputs", "Scenarios", "Units", "Claims", "Analyses")
"""Sheets that hold numbers as they were given: inputs, scales, published figures; and answers, which say so."""

EXCEL_2010 = {
    *(
        "ABS",
        "AND",
        "AVERAGE",
        "COUNTA",
        "COUNTIF",
        "COUNTIFS",
        "EXACT",
        "EXP",
        "IF",
        "INDEX",
        "INT",
        "ISLOGICAL",
        "ISNA",
        "ISNUMBER",
        "ISTEXT",
        "LOG",
        "MATCH",
        "MAX",
    ),
    *("MIN", "NA", "NOT", "OR", "ROUND", "ROW", "ROWS", "SQRT", "SUM", "SUMIF", "SUMPRODUCT", "TEXT"),
}


@pytest.fixture(scope="module", params=ALL, ids=lambda path: path.stem)
def book(request: pytest.FixtureRequest) -> Made:
    return made(request.param)


@pytest.fixture(scope="module")
def file(book: Made) -> bytes:
    target = io.BytesIO()
    book.layout.save(target)
    return target.getvalue()


@pytest.fixture(scope="module")
def formulas(file: bytes) -> Workbook:
    """The file as openpyxl reads it, with formulas: read once, for it takes longer than all that is asked of it."""
    return load_workbook(io.BytesIO(file))


def test_every_number_of_a_calculation_sheet_is_a_formula(formulas: Workbook) -> None:
    """Save positions of related rows, what a person may change, what figures were, and the bins of a histogram."""
    for sheet in formulas.worksheets:
        if sheet.title in CONSTANTS:
            continue
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        numbers = [
            cell.coordinate
            for cell in cells
            if cell.data_type in ("n", "b")
            and cell.number_format != POSITION
            and cell.protection.locked
            and not (sheet.title == "Cover" and cell.column_letter == "D")
            and not (sheet.title == "Chart data" and sheet.cell(4, cell.column).value == "from")
        ]
        assert numbers == [], sheet.title


def test_every_formula_has_its_value_beside_it(book: Made, file: bytes, formulas: Workbook) -> None:
    workbook = load_workbook(io.BytesIO(file), data_only=True)
    count = 0
    tried = {(title, place) for title, page in book.layout.book.pages.items() for place in page.tried}
    for sheet, coordinate, value in book.layout.expected(book.model.values):
        if value in (None, ""):
            continue
        if (sheet, coordinate) in tried:  # openpyxl writes these, with 16 digits
            value = pytest.approx(value, rel=1e-14)
        if value != value:
            value = "#N/A"
        assert workbook[sheet][coordinate].value == value, f"{sheet}!{coordinate}"
        count += (sheet, coordinate) not in tried
    written = sum(
        cell.data_type == "f" and (sheet.title, cell.coordinate) not in tried
        for sheet in formulas.worksheets
        for row in sheet.iter_rows()
        for cell in row
    )
    empty = sum(value in (None, "") for *_, value in book.layout.expected(book.model.values))
    assert count + empty == written


def test_pandas_reads_numbers(book: Made, file: bytes) -> None:
    for instance in book.model.sheet.instances.values():
        if instance.kind != "model":
            continue
        assert instance.table is not None
        table = book.model.sheet.tables[instance.table]
        page = book.layout.book.places.tables[table.id].page
        frame = pandas.read_excel(io.BytesIO(file), sheet_name=page, header=3).iloc[1 : 1 + len(table.rows)]
        assert list(frame["name"]) == [row.name for row in table.rows]
        for column in table.columns:
            values = book.model.values.column(table.id, column)
            if all(isinstance(value, float) for value in values):
                title = next(name for name in frame.columns if name.split(" [")[0] == column)
                read = [float(value) for value in frame[title]]
                assert read in (values, [v + 1 for v in values if isinstance(v, float)])  # a row is counted from 1


def test_only_functions_of_excel_2010_within_its_limits(formulas: Workbook) -> None:
    used: set[str] = set()
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                formula = re.sub(r'"[^"]*"', '""', str(cell.value))
                used |= set(re.findall(r"([A-Z][A-Z0-9.]*)\(", formula))
                assert len(str(cell.value)) <= 8192
                assert most_arguments(formula) <= 255, cell.coordinate
                assert deepest(formula) <= 64, cell.coordinate
    assert used <= EXCEL_2010


def most_arguments(formula: str) -> int:
    counts, most = [0], 0
    for character in formula:
        if character == "(":
            counts.append(1)
        elif character == ")":
            most = max(most, counts.pop())
        elif character == ",":
            counts[-1] += 1
    return most


def deepest(formula: str) -> int:
    depth = found = 0
    for character in formula:
        depth += (character == "(") - (character == ")")
        found = max(found, depth)
    return found


def test_every_chart_has_a_text_that_stands_for_it(file: bytes) -> None:
    """A screen reader tells each chart by its title, its series and its unit."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        drawings = [archive.read(name).decode() for name in archive.namelist() if "drawings/drawing" in name]
        charts = [name for name in archive.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)]
    texts = [text for xml in drawings for text in re.findall(r'<[^<>]*cNvPr [^<>]*descr="([^"]*)"', xml)]
    assert len(texts) == len(charts)
    for text in texts:
        assert re.fullmatch(r"[^:].*: (bars|points and lines|lines)\b.*; it follows the inputs\.", text), text


def test_it_is_recalculated_on_load(file: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert 'fullCalcOnLoad="1"' in archive.read("xl/workbook.xml").decode()


def test_names_are_unlike_cells_and_point_into_the_book(formulas: Workbook) -> None:
    for name, defined in formulas.defined_names.items():
        assert not re.fullmatch(r"[A-Za-z]{1,3}[0-9]+|[rR][0-9]*([cC][0-9]*)?|[cC][0-9]*", name)
        ((sheet, coordinate),) = defined.destinations
        assert formulas[sheet][coordinate.replace("$", "")].value is not None, name


def test_limits_of_the_format_that_openpyxl_does_not_check(formulas: Workbook) -> None:
    """Beyond these Excel offers to repair the file."""
    assert all(re.fullmatch(r"[A-Za-z_\\][A-Za-z0-9_.\\]{0,254}", name) for name in formulas.defined_names)
    for sheet in formulas.worksheets:
        assert not re.search(r"[\[\]:*?/\\]", sheet.title)
        assert sheet.title.strip("'") == sheet.title
        assert sheet.max_row <= 1_048_576
        assert sheet.max_column <= 16_384
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.formula1) <= 255, rule.sqref
            assert len(rule.error) <= 255
            assert len(rule.prompt) <= 255
            assert len(rule.errorTitle) <= 32
            assert len(rule.promptTitle) <= 32
        for row in sheet.iter_rows():
            for cell in row:
                assert not isinstance(cell.value, str) or len(cell.value) <= 32_767
                assert cell.hyperlink is None or cell.hyperlink.location is not None  # every link stays in the book
    for item in formulas.custom_doc_props.props:
        assert len(item.value) <= 255


def test_sheets_stand_in_the_order_in_which_a_book_is_read(book: Made) -> None:
    titles = list(book.layout.book.pages)
    order = [title for title in FIXED if title in titles]
    assert [title for title in titles if title in order] == [title for title in order if title in titles]
    assert all(len(title) <= 31 for title in titles)


# ---- texts, limits, writing -----------------------------------------------------------------------------------------


def test_texts_that_look_like_formulas_stay_texts() -> None:
    spec = '"=1+1: a title"\nparam x = 3 "@label"\nparam m = "=a" one of "=a", "+b"\ny = 2 * x "-1"\n'
    spec += 'table t {\n name | v\n "=SUM(1)" | 2\n "-2" | 3\n w = v * x\n}\n'
    target = io.BytesIO()
    made(spec).layout.save(target)
    workbook = load_workbook(target)
    assert workbook["Cover"]["A1"].value == "=1+1: a title"
    assert workbook["Cover"]["A1"].data_type == "s"
    labels = {cell.value: cell.data_type for row in workbook["Inputs"].iter_rows() for cell in row}
    assert labels["@label"] == labels["=a"] == labels["+b"] == "s"
    assert [workbook["t"]["A6"].value, workbook["t"]["A6"].data_type] == ["=SUM(1)", "s"]


def test_control_characters_are_left_out() -> None:
    target = io.BytesIO()
    made('"a title with \x07 a bell"\nparam x = 3 "and \x1b here"\n').layout.save(target)
    assert load_workbook(target)["Cover"]["A1"].value == "a title with  a bell"


def test_a_network_of_300_layers() -> None:
    spec = (
        "use std.layers\nuse std.traffic\nuse std.hardware\nparam side = 64 px multiple of 32 from 32 px to 512 px\n"
        "block residual(x) { out = add(x, x -> conv(8, kernel = 1) -> conv(x.c)) }\n"
        "network big(image[h, w, c]) { stem = image -> conv(16); body = stem -> 100 * residual() }\n"
        "hardware chip = edge(sram = 1 MiB)\nmodel one = careful(big([side, side, 3]), chip)\n"
    )
    book = made(spec)
    target = io.BytesIO()
    book.layout.save(target)
    formulas = load_workbook(io.BytesIO(target.getvalue()))
    test_only_functions_of_excel_2010_within_its_limits(formulas)
    test_every_number_of_a_calculation_sheet_is_a_formula(formulas)
    assert len(book.layout.book.pages["one"].bands[0].columns[0].texts) == 302


def test_inputs_set_for_a_report_stand_in_the_yellow_cells() -> None:
    book = made("param sram = 8 MiB from 0 B to 1 GiB\nx = sram / 2\n", settings=[("sram", "12 MiB")])
    target = io.BytesIO()
    book.layout.save(target)
    sheet = load_workbook(target, data_only=True)["Inputs"]
    place = book.layout.inputs["sram"]
    row = sheet[place.value].row
    delivered, scenario, yours, used = (sheet.cell(row, at).value for at in (3, 4, 5, 6))
    assert (delivered, scenario, yours, used) == (8, None, 12, 12)
    assert [sheet.cell(row, at).value for at in (7, 8, 9, 10, 12)] == ["MiB", "changed", 0, 1024, 12 * 2**20]


def test_a_value_is_shown_as_its_author_wrote_it() -> None:
    assert in_unit(2e-13, parse_unit("pJ")) == 0.2
    assert in_unit(0.29e3, parse_unit("kB")) == 0.29
    assert in_unit(1e300, parse_unit("B")) == 1e300


def test_a_book_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = made("param x = 3\ny = 2 * x\n")
    target = tmp_path / "book.xlsx"
    target.write_bytes(b"the older report")

    def fails(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("memdsl.excel.cached._rewrite", fails)
    with pytest.raises(OSError, match="no space"):
        write_workbook([Part(book.model)], target)
    assert target.read_bytes() == b"the older report"
    assert list(tmp_path.iterdir()) == [target]
