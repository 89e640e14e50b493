"""How numbers, words and formulas are set."""

from __future__ import annotations

import pytest

from memdsl.presentation import words
from memdsl.report.equations import _bracketed, _drawn, _lines, typeset
from memdsl.report.numbers import column, row, sign
from memdsl.report.portable.listing import quantities
from memdsl.sheet.sheet import Quantity
from memdsl.units import DATA, NONE, TIME, Dimension, parse_unit

from .conftest import make


@pytest.mark.parametrize(
    ("values", "unit", "texts"),
    [
        ([134_218_592.0, 8_388.0, 0.0], "MB", ["134.2186", "0.0084", "0\u2008\u2007\u2007\u2007\u2007"]),
        ([1e6, 5e6, None], "MB", ["1", "5", "–"]),
        ([1e300, 1e3], "kB", ["unlimited", "1"]),
        ([2e9, 1.0], "GB", ["2.0000", "<0.0001"]),
        ([float("nan")], "B", ["undefined"]),
    ],
)
def test_a_column_has_one_unit_and_one_number_of_decimals(
    values: list[float | None], unit: str, texts: list[str]
) -> None:
    found = column(make("a = 1\n").typed, values, Quantity(DATA), None)
    assert (found.unit, list(found.texts)) == (unit, texts)


def test_an_author_chooses_the_unit() -> None:
    found = column(make("a = 1\n").typed, [2**20, 2**19], Quantity(DATA), parse_unit("MiB"))
    assert (found.unit, found.texts) == ("MiB", ("1.0", "0.5"))


def test_counts_have_thousands_separators() -> None:
    assert column(make("a = 1\n").typed, [9_437_184.0, 32.0], Quantity(NONE), None).texts == ("9,437,184", "32")


def test_a_row_is_shown_so_that_its_values_compare() -> None:
    assert row([1_018_111_072.0, 470_840_416.0, None], DATA, None) == ("MB", ["1,018.1", "470.84", "–"])
    assert row([1.0, 1e-9], TIME, None)[0] == "s"


@pytest.mark.parametrize(
    ("unit", "printed"), [("us", "µs"), ("mm^2/MB", "mm²/MB"), ("usd", "usd"), ("uJ/B", "µJ/B"), ("GMAC/s", "GMAC/s")]
)
def test_units_are_printed_with_their_signs(unit: str, printed: str) -> None:
    assert sign(unit) == printed
    assert isinstance(parse_unit(unit).dimension, Dimension)


def test_units_in_sentences_are_printed_with_their_signs() -> None:
    text = "us is 400 uJ; from 3 us to 2.7 us, 4 * 5 MAC/B (6 mm^2)."
    assert quantities(text) == "us is 400 µJ; from 3 µs to 2.7 µs, 4 * 5 MAC/B (6 mm²)."


def test_texts_are_cut_and_cleaned() -> None:
    assert words.cut("a\n b\tc", 10) == "a b c"
    assert words.cut("x" * 100_000, 10) == "x" * 9 + "…"
    assert words.cut("\u202eevil\x00\x1b[31m", 40) == "evil[31m"
    assert words.cut_middle("s4.residual[8].conv[2]", 12) == "s4.res…nv[2]"


def test_mathematics_on_one_level_is_text() -> None:
    latex = r"\begin{aligned}&3\,\mathrm{width}\,\mathrm{B} \\ &+ 2 \times 64\,\mathrm{MiB}\end{aligned}"
    assert _lines(latex, frozenset({"width"})) == "<div>3 · <i>width</i>\u00a0B</div><div>+ 2 × 64\u00a0MiB</div>"
    assert _lines(r"{\mathrm{w}}^{2}", frozenset({"w"})) == "<div><i>w</i><sup>2</sup></div>"
    assert _lines(r"\frac{\mathrm{a}}{\mathrm{b}}", frozenset({"a"})) is None
    assert _lines(r"\mathrm{<b>} < 3", frozenset()) == "<div>&lt;b&gt; &lt; 3</div>"


def test_many_short_lines_stand_in_two_columns() -> None:
    latex = r"\begin{aligned} " + r" \\ ".join("+ 1" for _ in range(20)) + r" \end{aligned}"
    assert '<div class="columns">' in typeset("x", "x", latex, ()).svg
    assert "columns" not in typeset("x", "x", latex.replace("+ 1", "+ 1" * 40), ()).svg


def test_a_step_is_a_bracket() -> None:
    latex = (
        r"2 \times \begin{cases} 64\,\mathrm{MiB} & \text{if } \mathrm{sram} < 32\,\mathrm{MiB} \\ "
        r"0\,\mathrm{B} & \text{otherwise} \end{cases}"
    )
    assert _bracketed(latex) == r"2 \times 64\,\mathrm{MiB}\;\left[ \mathrm{sram} < 32\,\mathrm{MiB} \right]"
    other = latex.replace(r"0\,\mathrm{B}", r"5\,\mathrm{B}")
    assert _bracketed(other) == other


def test_fractions_are_drawn_and_nonsense_is_not() -> None:
    svg = _drawn(r"\frac{\mathrm{a}}{\mathrm{b}}")
    assert svg is not None
    assert svg.startswith("<svg")
    assert _drawn("") is None
