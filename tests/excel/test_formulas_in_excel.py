"""How formulas of the language read in Excel."""

from __future__ import annotations

import re

import pytest
from openpyxl.utils import column_index_from_string
from workbooks import HERE, SPECS, Made, made

from memdsl.excel.names import DefinedNames, Titles, clean, quoted, sheet_prefix

ARITHMETIC = """
param a = 2
param b = 3
param c = 5
param on = true
param mode = "fast" one of "fast", "slow"
param sram = 8 MiB
"""


def formula(text: str) -> str:
    """How the spreadsheet writes a formula over `a`, `b`, … of ARITHMETIC."""
    book = made(f"{ARITHMETIC}result = {text}\n")
    place = book.layout.book.places.cells["result"]
    cell = book.layout.book.workbook["Results"][place.coordinate]
    return str(cell.value).removeprefix("=")


@pytest.mark.parametrize(
    ("text", "excel"),
    [
        ("a + b * c_", "a+b*c_"),
        ("(a + b) * c_", "(a+b)*c_"),
        ("a - (b - c_)", "a-(b-c_)"),
        ("a - b - c_", "a-b-c_"),
        ("a / (b / c_)", "a/(b/c_)"),
        ("a / b / c_", "a/b/c_"),
        ("-a^2", "-(a^2)"),
        ("(-a)^2", "(-a)^2"),
        ("a^b^c_", "IF(IF(_c=0,b*0+1,b^_c)=0,a*0+1,a^IF(_c=0,b*0+1,b^_c))"),
        ("(a^b)^c_", "IF(_c=0,IF(b=0,a*0+1,a^b)*0+1,IF(b=0,a*0+1,a^b)^_c)"),
        ("2^-a", "2^(-a)"),
        ("a * -b", "a*(-b)"),
        ("floor(a / b)", "INT(a/b)"),
        ("ceil(a / b)", "-INT(-(a/b))"),
        ("1 - ceil(a)", "1-(-INT(-a))"),
        ("round(a / b)", "ROUND(a/b,0)"),
        ("log2(a)", "LOG(a,2)"),
        ("clamp(a, b, c_)", "MIN(MAX(a,b),c_)"),
        ("min(a, b, c_)", "MIN(a,b,c_)"),
        ("if on then a else b", "IF(on=TRUE,a,b)"),
        ("if a < b and not (b == c_) then a else b", "IF(AND(a<b,NOT(b=c_)),a,b)"),
        ("if a > 0 and b / a > 1 then a else b", "IF(IF(a>0,b/a>1,FALSE),a,b)"),
        ("if a == 0 or b / a > 1 then a else b", "IF(IF(a=0,TRUE,b/a>1),a,b)"),
        ('if mode == "fast" then a else b', 'IF(mode="fast",a,b)'),
        ('if mode != "slow" then a else b', 'IF(mode<>"slow",a,b)'),
        ("sram + 4 KiB", "sram+4*unit_KiB"),
        ("sram / 1 MiB", "sram/unit_MiB"),
        ("sram * (4 * 1 B) / 8 bit", "sram*(4*1)/(8*unit_bit)"),
        ("min(sram, unlimited)", "MIN(sram,unlimited)"),
    ],
)
def test_formulas_over_cells(text: str, excel: str) -> None:
    assert formula(text.replace("c_", "c")) == excel.replace("c_", "_c")


@pytest.fixture(scope="module")
def tiers() -> Made:
    return made(HERE / "books" / "tiers.mem")


def texts(book: Made, page: str, title: str) -> dict[str, str | None]:
    """The formulas of a column, by the name of the row."""
    found = book.layout.book.pages[page]
    for band in found.bands:
        for column in band.columns:
            if found.worksheet.cell(band.first - 2, column.at).value == title:
                names = next(c.texts for c in band.columns if c.at == 1)
                return {str(name): text for name, text in zip(names, column.texts, strict=True)}
    raise AssertionError(title)


def test_shapes_follow_the_rows_that_feed_a_row(tiers: Made) -> None:
    rows = texts(tiers, "net", "h")
    assert rows["image"] == "height"
    stem = rows["stem.conv"]
    assert stem is not None
    assert stem.startswith("INT((")


def test_the_structure_is_decided_when_the_book_is_written(tiers: Made) -> None:
    fused_in = texts(tiers, "pairwise", "fused_in")
    assert fused_in["stem.max_pool"] == "TRUE"
    assert fused_in["stem.conv"] == "FALSE"
    spilled = texts(tiers, "pairwise", "spilled [B]")
    assert spilled["stem.conv"] == "0"


def test_a_picked_row_is_a_position_with_its_name_beside_it(tiers: Made) -> None:
    tier = texts(tiers, "placed", "tier")["stem.conv"]
    assert tier is not None
    chain = "IF(#<=soc_l1_capacity,1,IF(#<=soc_l2_capacity,2,IF(#<=soc_dram_capacity,3,NA())))"
    assert re.sub(r"\b[A-Z]7\b", "#", tier) == chain
    name = texts(tiers, "placed", "tier: name")["stem.conv"]
    assert name is not None
    assert name.startswith("INDEX(Hardware!$A$")


def test_totals_are_over_ranges(tiers: Made) -> None:
    book = tiers.layout.book
    cell = book.places.cells["placed.energy"]
    assert re.fullmatch(r"=SUM\(\$[A-Z]+\$7:\$[A-Z]+\$19\)", book.workbook["placed"][cell.coordinate].value)


def test_an_inputs_name_is_its_path(tiers: Made) -> None:
    names = tiers.layout.book.workbook.defined_names
    assert {"small", "soc_l1_energy", "placed_act", "placed_energy", "unit_KiB"} <= set(names)


def relative(text: str, row: int, column: int) -> str:
    """A formula with its references as offsets from the cell that it stands in."""

    def offset(match: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, number = match.groups()
        if letters is None:
            return match[0]
        across = letters if fixed_column else f"C[{column_index_from_string(letters) - column}]"
        return across + (number if fixed_row else f"R[{int(number) - row}]")

    return re.sub(r'"[^"]*"|(\$?)\b([A-Z]{1,3})(\$?)([0-9]+)\b', offset, text)


@pytest.mark.parametrize("stem", ["yolov3", "resnet50", "googlenet"])
def test_a_column_reads_the_same_in_every_row_of_its_formula(stem: str) -> None:
    """One formula of the spec is one formula of the sheet, for all rows: the sources, the layers, an override."""
    book = made(next(path for path in SPECS if path.stem == stem))
    count = 0
    for instance in book.model.sheet.instances.values():
        if instance.kind != "model" or instance.table is None:
            continue
        table = book.model.sheet.tables[instance.table]
        place = book.layout.book.places.tables[table.id]
        band = next(b for b in book.layout.book.pages[place.page].bands if b.first == place.first)
        for column in band.columns:
            name = next((c for (t, c), at in place.columns.items() if t == table.id and at == column.at), None)
            if name is None:
                continue
            by_formula: dict[int, set[str]] = {}
            for i, (text, formula) in enumerate(zip(column.texts, table.columns[name].formulas, strict=True)):
                if text is not None:
                    by_formula.setdefault(id(formula), set()).add(relative(text, band.first + i, column.at))
            assert all(len(texts) == 1 for texts in by_formula.values()), (instance.name, name)
            count += 1
    assert count > 15


def test_one_row_with_many_inputs_leaves_the_formulas_of_the_others_alike() -> None:
    book = made(HERE / "books" / "rows.mem")
    page = book.layout.book.pages["two"]
    band = page.bands[0]
    at = next(c.at for c in band.columns if page.worksheet.cell(band.first - 2, c.at).value == "in_out [B]")
    rows = texts(book, "two", "in_out [B]")
    found: dict[str, set[str]] = {}
    for i, (name, text) in enumerate(rows.items()):
        if text:
            found.setdefault(relative(str(text), band.first + i, at), set()).add(name)
    # A view holds nothing: what stands behind the concatenation is read by it and by the row after it.
    assert [names for names in found.values() if names & {"out.concat", "out.conv"}] == [{"out.concat"}, {"out.conv"}]
    (one,) = (text for text, names in found.items() if not names & {"out.concat", "out.conv"})
    assert re.fullmatch(r"INDEX\(C\[\S+\]6:C\[\S+\]R\[-1\],[A-Z]+R\[0\]\)\+IF\(C\[\S+\]R\[0\],0,C\[\S+\]R\[0\]\)", one)


# ---- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("sram", "sram"),
        ("chip.dram.energy", "chip_dram_energy"),
        ("a1", "_a1"),
        ("XFD12", "_XFD12"),
        ("R1C1", "_R1C1"),
        ("r", "_r"),
        ("c", "_c"),
        ("c1", "_c1"),
        ("r50", "_r50"),
        ("R1_total", "_R1_total"),
        ("RC", "_RC"),
        ("rate", "rate"),
        ("true", "_true"),
        ("00_yolo.width", "_00_yolo_width"),
        ('compare["yolo/mid"].run.time', "compare_yolo_mid_run_time"),
        ("größe", "gr_e"),
        ("", "value"),
    ],
)
def test_defined_names(wanted: str, name: str) -> None:
    assert DefinedNames().name(wanted) == name


def test_each_name_once() -> None:
    names = DefinedNames()
    assert [names.name(n) for n in ("a.b", "a_b", "A_B", "a_b_2")] == ["a_b", "a_b_2", "A_B_3", "a_b_2_2"]


def test_titles() -> None:
    titles = Titles(["Summary"])
    wanted = ["summary", 'compare["yolo/mid"].run', "x" * 40, "x" * 40, "a:b*c?", "'", "History"]
    found = [titles.title(text) for text in wanted]
    assert found[:2] == ["summary (2)", "compare yolo-mid run"]
    assert found[2:4] == ["x" * 31, "x" * 27 + " (2)"]
    assert found[4:] == ["a b c", "Sheet", "History (2)"]


@pytest.mark.parametrize(
    ("title", "prefix"),
    [
        ("today", "today!"),
        ("a sheet", "'a sheet'!"),
        ("s1", "'s1'!"),
        ("it's", "'it''s'!"),
        ("R", "'R'!"),
        ("true", "'true'!"),
    ],
)
def test_references_to_sheets(title: str, prefix: str) -> None:
    assert sheet_prefix(title) == prefix


def test_long_texts_in_formulas_are_joined() -> None:
    assert quoted('say "x"') == '"say ""x"""'
    assert quoted("a" * 600).count("&") == 2


def test_texts_are_cleaned() -> None:
    assert clean("a\x00b\r\nc\ud800") == "ab\nc"
