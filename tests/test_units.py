from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdsl import units
from memdsl.units import (
    DATA,
    ENERGY,
    LENGTH,
    MONEY,
    NONE,
    TIME,
    UNLIMITED,
    WORK,
    Dimension,
    UnknownUnit,
    base_unit,
    describe,
    display,
    divide,
    format_number,
    known_units,
    multiply,
    parse_unit,
    power,
    readable,
)

RATE = Dimension(time=-1)
BANDWIDTH = Dimension(data=1, time=-1)
POWER = Dimension(energy=1, time=-1)
AREA = Dimension(length=2)

# Every unit there is, with the value of one of it in base units. A new unit fails `test_every_unit_is_listed`.
EXACT = {
    DATA: "B 1 kB 1e3 MB 1e6 GB 1e9 TB 1e12 PB 1e15 bit 0.125 kbit 125 Mbit 125e3 Gbit 125e6 Tbit 125e9 Pbit 125e12 "
    "KiB 1024 MiB 1048576 GiB 1073741824 TiB 1099511627776 PiB 1125899906842624 "
    "Kibit 128 Mibit 131072 Gibit 134217728 Tibit 137438953472 Pibit 140737488355328",
    WORK: "MAC 1 kMAC 1e3 MMAC 1e6 GMAC 1e9 TMAC 1e12 PMAC 1e15 op 0.5 kop 500 Mop 5e5 Gop 5e8 Top 5e11 Pop 5e14",
    TIME: "s 1 ms 1e-3 us 1e-6 µs 1e-6 ns 1e-9 ps 1e-12 min 60 hour 3600 day 86400",
    RATE: "Hz 1 kHz 1e3 MHz 1e6 GHz 1e9 THz 1e12",
    ENERGY: "MJ 1e6 kJ 1e3 J 1 mJ 1e-3 uJ 1e-6 µJ 1e-6 nJ 1e-9 pJ 1e-12 fJ 1e-15 MWh 3.6e9 kWh 3.6e6 Wh 3600 mWh 3.6",
    POWER: "MW 1e6 kW 1e3 W 1 mW 1e-3 uW 1e-6 µW 1e-6 nW 1e-9 pW 1e-12",
    LENGTH: "m 1 cm 1e-2 mm 1e-3 um 1e-6 µm 1e-6 nm 1e-9",
    MONEY: "usd 1 kusd 1e3 Musd 1e6",
    NONE: "% 0.01 k 1e3 M 1e6 G 1e9 T 1e12 px 1 kpx 1e3 Mpx 1e6 Gpx 1e9 "
    "token 1 ktoken 1e3 Mtoken 1e6 Gtoken 1e9 Ttoken 1e12 cycle 1 kcycle 1e3 Mcycle 1e6 Gcycle 1e9 Tcycle 1e12 "
    "image 1 frame 1 layer 1 chip 1 sample 1 request 1 sequence 1",
}
LISTED = {
    name: (dimension, Fraction(scale))
    for dimension, text in EXACT.items()
    for name, scale in zip(text.split()[::2], text.split()[1::2], strict=True)
}

unit_names = st.sampled_from(sorted(LISTED))
exponents = st.integers(-4, 4) | st.fractions(-3, 3, max_denominator=4)
dimensions = st.builds(lambda *e: power(Dimension(*e), 1), *[exponents] * 6)
factors = st.tuples(unit_names, st.sampled_from([-2, -1, 1]))


@pytest.mark.parametrize("name", sorted(LISTED))
def test_each_unit_has_its_exact_scale(name: str) -> None:
    unit = parse_unit(name)
    assert (unit.text, unit.dimension, unit.scale) == (name, *LISTED[name])


def test_every_unit_is_listed() -> None:
    assert set(known_units()) == set(LISTED)
    spelled = [prefix + stem for stem, prefixes, _, _ in units._FAMILIES for prefix in ["", *prefixes.split()]]
    assert len([name for name in spelled if name]) == len(LISTED), "two families spell the same unit"


@pytest.mark.parametrize(
    ("text", "dimension", "scale"),
    [
        ("GB/s", BANDWIDTH, Fraction(10) ** 9),
        ("mm^2/MB", Dimension(length=2, data=-1), Fraction(1, 10**12)),
        ("pJ/bit", Dimension(energy=1, data=-1), Fraction(8, 10**12)),
        ("MAC/B", Dimension(work=1, data=-1), Fraction(1)),
        ("Gop/s", Dimension(work=1, time=-1), Fraction(5 * 10**8)),
        ("Top/s/W", Dimension(work=1, energy=-1), Fraction(5 * 10**11)),
        ("frame/s", RATE, Fraction(1)),
        ("cycle/s", RATE, Fraction(1)),
        ("s^-1", RATE, Fraction(1)),
        ("1/s", RATE, Fraction(1)),
        ("1/ms", RATE, Fraction(1000)),
        ("B*s", Dimension(data=1, time=1), Fraction(1)),
        ("B·s", Dimension(data=1, time=1), Fraction(1)),
        ("W*hour", ENERGY, Fraction(3600)),
        ("B/s^2", Dimension(data=1, time=-2), Fraction(1)),
        ("\u03bcs", TIME, Fraction(1, 10**6)),
        ("GHz*s", NONE, Fraction(10) ** 9),
        ("mm^0", NONE, Fraction(1)),
    ],
)
def test_products(text: str, dimension: Dimension, scale: Fraction) -> None:
    unit = parse_unit(text)
    assert (unit.text, unit.dimension, unit.scale) == (text, dimension, scale)


@given(st.lists(factors, min_size=1, max_size=3))
def test_a_product_is_the_product_of_its_factors(parts: list[tuple[str, int]]) -> None:
    unit = parse_unit("*".join(f"{name}^{exponent}" for name, exponent in parts))
    dimension, scale = NONE, Fraction(1)
    for name, exponent in parts:
        dimension = multiply(dimension, power(LISTED[name][0], exponent))
        scale *= LISTED[name][1] ** exponent
    assert (unit.dimension, unit.scale) == (dimension, scale)


@given(unit_names, unit_names)
def test_dividing_is_the_exponent_minus_one(a: str, b: str) -> None:
    divided, raised = parse_unit(f"{a}/{b}"), parse_unit(f"{a}*{b}^-1")
    assert (divided.dimension, divided.scale) == (raised.dimension, raised.scale)


@given(unit_names, st.floats(-1e12, 1e12))
def test_to_base_and_back(name: str, number: float) -> None:
    unit = parse_unit(name)
    assert unit.from_base(unit.to_base(number)) == pytest.approx(number, rel=1e-14, abs=1e-300)


@given(unit_names, st.integers(-(10**6), 10**6), st.integers(0, 6))
def test_a_decimal_is_scaled_exactly(name: str, digits: int, places: int) -> None:
    unit = parse_unit(name)
    assert unit.to_base(float(f"{digits}e-{places}")) == float(Fraction(digits, 10**places) * unit.scale)


def test_a_huge_number_is_scaled_without_overflow() -> None:
    assert parse_unit("PiB").to_base(UNLIMITED) == inf
    assert parse_unit("B").to_base(UNLIMITED) == UNLIMITED


# --- what is not a unit -----------------------------------------------------------------------------------------------

OP = " (an operation; 1 MAC = 2 op)"
KILO = "`kB` is 1,000 B, `KiB` is 1,024 B"
HINTS = [
    ("Mb", "`Mbit` for megabits, `MB` for megabytes"),
    ("mb", "`Mbit` for megabits, `MB` for megabytes"),
    ("Gb", "`Gbit` for gigabits, `GB` for gigabytes"),
    ("gb", "`Gbit` for gigabits, `GB` for gigabytes"),
    ("kb", "`kbit` for kilobits, `kB` for kilobytes"),
    ("Kb", "`kbit` for kilobits, `kB` for kilobytes"),
    ("b", "`bit` for bits, `B` for bytes"),
    ("Mib", "`Mibit` for mebibits, `MiB` for mebibytes"),
    ("KB", KILO),
    ("kib", KILO),
    ("kiB", KILO),
    ("mB", "write `MB`"),
    ("gB", "write `GB`"),
    ("mIB", "write `MiB`"),
    ("GBps", "write `GB/s`"),
    ("MBps", "write `MB/s`"),
    ("KBps", "write `kB/s`"),
    ("Gbps", "write `Gbit/s`"),
    ("gbps", "write `Gbit/s`"),
    ("GBit", "write `Gbit`"),
    ("bits", "write `bit`"),
    ("bytes", "write `B`"),
    ("Bytes", "write `B`"),
    ("byte", "write `B`"),
    ("megabytes", "write `MB`"),
    ("sec", "write `s`"),
    ("secs", "write `s`"),
    ("milliseconds", "write `ms`"),
    ("MS", "write `ms`"),
    ("h", "write `hour`"),
    ("hours", "write `hour`"),
    ("Mhz", "write `MHz`"),
    ("mhz", "write `MHz`"),
    ("ghz", "write `GHz`"),
    ("KHz", "write `kHz`"),
    ("mw", "write `MW` or `mW`"),
    ("joule", "write `J`"),
    ("pj", "write `pJ`"),
    ("Mac", "write `MAC`"),
    ("macs", "write `MAC`"),
    ("MACs", "write `MAC`"),
    ("GMACs", "write `GMAC`"),
    ("GMACS", "`GMAC` for a count, `GMAC/s` for a rate"),
    ("ops", "`op` for a count, `op/s` for a rate" + OP),
    ("FLOP", "write `op`" + OP),
    ("flop", "write `op`" + OP),
    ("GFLOP", "write `Gop`" + OP),
    ("GFLOPs", "`Gop` for a count, `Gop/s` for a rate" + OP),
    ("GFLOPS", "write `Gop/s`" + OP),
    ("TOPS", "write `Top/s`" + OP),
    ("GOPS", "write `Gop/s`" + OP),
    ("pixels", "write `px`"),
    ("tokens", "write `token`"),
    ("cycles", "write `cycle`"),
    ("fps", "write `frame/s`"),
    ("percent", "write `%`"),
    ("USD", "write `usd`"),
    ("dollar", "write `usd`"),
    ("$", "write `usd`"),
    ("EUR", "money is counted in `usd`"),
    ("K", "write `k`"),
    ("frmae", "write `frame`"),
    ("tokn", "write `token`"),
    ("mm2", "write `mm^2`"),
    ("mm²", "write `mm^2`"),
    ("foo", ""),
    ("xyz", ""),
    ("zb", ""),
    ("1", ""),
]


@pytest.mark.parametrize(("text", "hint"), HINTS)
def test_a_wrong_spelling_gets_the_right_one(text: str, hint: str) -> None:
    with pytest.raises(UnknownUnit) as caught:
        parse_unit(text)
    assert (caught.value.text, caught.value.part, caught.value.hint) == (text, text, hint)
    assert f"unknown unit `{text}`" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part", "hint"),
    [
        ("Gb/s", "Gb", "`Gbit` for gigabits, `GB` for gigabytes"),
        ("TOPS/W", "TOPS", "write `Top/s`" + OP),
        ("pJ/Byte", "Byte", "write `B`"),
        ("kW/h", "h", "write `kWh` for an energy"),
        ("m**2", "m**2", "write `m^2`"),
        ("B/(s*m)", "(s", "a unit has no brackets: each `/` divides by the one unit after it"),
        ("GB//s", "GB//s", "a unit is missing"),
        ("/s", "/s", "a unit is missing"),
        ("", "", "a unit is missing"),
        ("GB / s", "GB / s", "write `GB/s`, without spaces"),
        ("mm^x", "mm^x", "write a whole exponent: `mm^2`"),
        ("mm^0.5", "mm^0.5", "write a whole exponent: `mm^2`"),
        ("mm^", "mm^", "write a whole exponent: `mm^2`"),
        ("mm^10", "mm^10", "an exponent is at most 9"),
        ("PiB^9", "PiB^9", "the unit is too large or too small to count with"),
        ("B*" * 50 + "B", "B*" * 50 + "B", "a unit has at most 80 characters"),
    ],
)
def test_the_part_at_fault_is_named(text: str, part: str, hint: str) -> None:
    with pytest.raises(UnknownUnit) as caught:
        parse_unit(text)
    assert (caught.value.part, caught.value.hint) == (part, hint)


@given(st.text(max_size=12) | st.text("bBkKmMgGtTiIpPsS/*^-0129µ% ", max_size=12))
def test_any_text_is_a_unit_or_unknown(text: str) -> None:
    with suppress(UnknownUnit):
        assert parse_unit(text).scale > 0


@given(unit_names.filter(str.isascii))
def test_a_slip_of_case_always_gets_a_hint(name: str) -> None:
    for slip in {name.lower(), name.upper(), name.swapcase()} - set(LISTED):
        with pytest.raises(UnknownUnit) as caught:
            parse_unit(slip)
        assert "`" in caught.value.hint


# --- dimensions -------------------------------------------------------------------------------------------------------


@given(dimensions, dimensions, dimensions)
def test_dimensions_are_a_group(a: Dimension, b: Dimension, c: Dimension) -> None:
    assert multiply(a, b) == multiply(b, a)
    assert multiply(multiply(a, b), c) == multiply(a, multiply(b, c))
    assert multiply(a, NONE) == a
    assert divide(multiply(a, b), b) == a
    assert divide(NONE, a) == power(a, -1)


@given(dimensions, st.integers(1, 5))
def test_a_root_undoes_a_power(a: Dimension, n: int) -> None:
    assert power(power(a, n), Fraction(1, n)) == a


@given(dimensions, dimensions)
def test_a_whole_exponent_is_an_int(a: Dimension, b: Dimension) -> None:
    for exponent in (*multiply(a, b), *divide(a, b), *power(a, Fraction(1, 2))):
        assert isinstance(exponent, int) or exponent.denominator != 1


@given(st.builds(Dimension, *[st.integers(-9, 9)] * 6))
def test_a_base_unit_reads_back(dimension: Dimension) -> None:
    text = base_unit(dimension)
    if text:
        unit = parse_unit(text)
        assert (unit.dimension, unit.scale) == (dimension, 1)
    else:
        assert dimension == NONE


@pytest.mark.parametrize(
    ("dimension", "unit", "words"),
    [
        (NONE, "", "a plain number"),
        (DATA, "B", "data (B)"),
        (TIME, "s", "time (s)"),
        (MONEY, "usd", "money (usd)"),
        (BANDWIDTH, "B/s", "data per time (B/s)"),
        (Dimension(work=1, time=-1), "MAC/s", "work per time (MAC/s)"),
        (AREA, "m^2", "area (m^2)"),
        (Dimension(length=2, data=-1), "m^2/B", "area per data (m^2/B)"),
        (POWER, "J/s", "power (W)"),
        (RATE, "1/s", "a rate (1/s)"),
        (Dimension(time=-2), "1/s^2", "per time squared (1/s^2)"),
        (Dimension(data=1, time=1), "B*s", "data times time (B*s)"),
        (Dimension(work=1, time=-1, length=-2), "MAC/s/m^2", "work per time per area (MAC/s/m^2)"),
        (power(DATA, Fraction(1, 2)), "B^(1/2)", "data to the 1/2 (B^(1/2))"),
    ],
)
def test_dimensions_in_words(dimension: Dimension, unit: str, words: str) -> None:
    assert (base_unit(dimension), describe(dimension)) == (unit, words)


# --- showing values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (1018111072, "1,018,111,072"),
        (0.0, "0"),
        (-0.0, "0"),
        (-7, "-7"),
        (470.8416, "470.84"),
        (1018.111072, "1,018.1"),
        (123456789.7, "123,456,790"),
        (9.9999999, "10"),
        (99999.96, "100,000"),
        (0.1 + 0.2, "0.3"),
        (8.0000001, "8"),
        (0.00012346, "0.00012346"),
        (1.23e-9, "1.23e-9"),
        (-1.23e-9, "-1.23e-9"),
        (1e20, "1e20"),
        (1.5e16, "1.5e16"),
        (UNLIMITED, "unlimited"),
        (1e299, "unlimited"),
        (inf, "unlimited"),
        (-UNLIMITED, "-unlimited"),
        (nan, "undefined"),
    ],
)
def test_numbers(x: float, text: str) -> None:
    assert format_number(x) == text


@given(st.floats(-1e30, 1e30), st.integers(1, 12))
def test_a_number_reads_back_to_its_digits(x: float, digits: int) -> None:
    text = format_number(x, digits)
    assert float(text.replace(",", "")) == pytest.approx(x, rel=0.51 * 10.0 ** (1 - digits), abs=0)
    assert not text.startswith("-0") or text.startswith("-0.")


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_whole_number_is_exact(x: int) -> None:
    assert int(format_number(float(x)).replace(",", "")) == x


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0, DATA, "0 B"),
        (1000, DATA, "1 kB"),
        (470_841_600, DATA, "470.84 MB"),
        (999_999.9, DATA, "1 MB"),
        (-2e9, DATA, "-2 GB"),
        (0.5, DATA, "0.5 B"),
        (16e9, BANDWIDTH, "16 GB/s"),
        (0, TIME, "0 s"),
        (0.0125, TIME, "12.5 ms"),
        (3e-7, TIME, "300 ns"),
        (7200, TIME, "7,200 s"),
        (1.5e-3, ENERGY, "1.5 mJ"),
        (3e-12, ENERGY, "3 pJ"),
        (62.4e9, WORK, "62.4 GMAC"),
        (4e12, Dimension(work=1, time=-1), "4 TMAC/s"),
        (2e12, Dimension(work=1, energy=-1), "2 TMAC/J"),
        (20e-12, Dimension(energy=1, data=-1), "20 pJ/B"),
        (1e-12, Dimension(energy=1, work=-1), "1 pJ/MAC"),
        (0.25, POWER, "250 mW"),
        (4e-6, AREA, "4 mm^2"),
        (4e-12, Dimension(length=2, data=-1), "4 mm^2/MB"),
        (65e-9, LENGTH, "65 nm"),
        (12.5, Dimension(work=1, data=-1), "12.5 MAC/B"),
        (30, RATE, "30 1/s"),
        (19.5, MONEY, "19.5 usd"),
        (7, NONE, "7"),
        (UNLIMITED, DATA, "unlimited"),
        (nan, DATA, "undefined"),
    ],
)
def test_readable_values(value: float, dimension: Dimension, text: str) -> None:
    assert display(value, dimension) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (8388608, "MiB", "8 MiB"),
        (0.452, "%", "45.2 %"),
        (2e9, "GHz", "2 GHz"),
        (61.9e6, "M", "61.9 M"),
        (416, "px", "416 px"),
        (UNLIMITED, "MiB", "unlimited"),
    ],
)
def test_values_in_a_chosen_unit(value: float, unit: str, text: str) -> None:
    chosen = parse_unit(unit)
    assert display(value, chosen.dimension, chosen) == text


@given(st.floats(1e-15, 1e18), st.sampled_from(sorted({unit.dimension for unit in map(parse_unit, LISTED)})))
def test_what_is_displayed_reads_back(value: float, dimension: Dimension) -> None:
    number, _, unit = display(value, dimension).partition(" ")
    scale = parse_unit(unit).to_base if unit else float
    assert scale(float(number.replace(",", ""))) == pytest.approx(value, rel=1e-4)


@given(st.floats(1, 1e15))
def test_a_readable_number_is_short(value: float) -> None:
    assert 0.99 < readable(value, DATA).from_base(value) < 1001
