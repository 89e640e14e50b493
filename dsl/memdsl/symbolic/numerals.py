"""Fractions as a person reads them."""

from __future__ import annotations

from fractions import Fraction

from ..units import format_number

_DIGITS = 14
_LARGEST_PART = 100
_SMALLEST = Fraction(1, 10**290)
"""From here on a float may be nothing, or `unlimited`."""


def _decimal(value: Fraction) -> str | None:
    """The number as an exact decimal, when it is a short one."""
    below = value.denominator
    places = 0
    while below % 10 == 0:
        below, places = below // 10, places + 1
    for prime in (2, 5):
        count = 0
        while below % prime == 0:
            below, count = below // prime, count + 1
        places += count
    if below != 1 or places > _DIGITS:
        return None
    scaled = value * 10**places
    if scaled.denominator != 1 or (places and len(str(scaled.numerator)) > _DIGITS):
        return None
    digits = str(scaled.numerator).rjust(places + 1, "0")
    head, tail = (digits[:-places], digits[-places:].rstrip("0")) if places else (digits, "")
    return f"{int(head):,}" + (f".{tail}" if tail else "")


def exact_text(value: Fraction) -> str | None:
    """`61,895,776`, `226.484375`, `4/9`; None for what takes too many digits."""
    if value.denominator == 1 and value.numerator < 10**15:
        return f"{value.numerator:,}"
    decimal = _decimal(value) if Fraction(1, 10_000) <= value < 10**15 else None
    if decimal is not None:
        return decimal
    if value.denominator < _LARGEST_PART and value.numerator < 10 * _LARGEST_PART:
        return f"{value.numerator}/{value.denominator}"
    return None


def number_text(value: Fraction) -> str:
    """A number that is not negative, to seven digits where it takes too many, however large or small it is."""
    exact = exact_text(value)
    if exact is not None:
        return exact
    if _SMALLEST < value < 1 / _SMALLEST:
        return format_number(float(value), 7)
    places = len(str(int(value))) - 1 if value >= 1 else -len(str(int(1 / value)))
    return f"{float(value / Fraction(10) ** places):.7g}e{places:+d}"
