"""What a syntax error says: in the author's words, and with what to write instead where that can be told.

Lark gives the place and what could have stood there. The text around it shows the common slips.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .common_mistakes import SLIPS
from .place import Place, Slip, shortened

if TYPE_CHECKING:
    from .engine import Failure
    from .faults import Faults

_NUMBER_RUN = re.compile(r"[\w.]*\Z")
_VALUE_STARTS: Final = frozenset({"NUMBER", "STRING", "NAME", "LPAR", "LSQB", "TRUE", "FALSE", "IF", "NOT", "MINUS"})
_OPERATORS: Final = frozenset(
    {"PLUS", "MINUS", "STAR", "SLASH", "CARET", "COMPARE", "AND", "OR", "_ARROW", "_DOT", "LSQB", "LPAR"}
)
_CLAUSES: Final = frozenset({
    "FROM", "TO", "WHOLE", "IN", "MULTIPLE", "ONE", "PLUSMINUS", "TILDE", "STRING", "WITHIN", "AT", "DISPUTED", "UNIT",
    "TIMES", "STEP",
})  # fmt: skip
_SHOWN: Final = {
    "NAME": "a name", "UNIT": "a unit", "STRING": 'a text in `"…"`', "LONG": 'a text in `"""…"""`', "EQUAL": "`=`",
    "LBRACE": "`{`", "RBRACE": "`}`", "LPAR": "`(`", "RPAR": "`)`", "LSQB": "`[`", "RSQB": "`]`", "_COMMA": "`,`",
    "_COLON": "`:`", "_ARROW": "`->`", "_DOTDOT": "`..`", "BAR": "`|`", "STAR": "`*`", "COMPARE": "a comparison",
    "_THEN": "`then`", "_ELSE": "`else`", "IN": "`in`", "_WHERE": "`where`", "_OF": "`of`", "_FOR": "`for`",
    "_BY": "`by`", "_OVER": "`over`", "_EXTENDS": "`extends`", "_AS": "`as`", "FROM": "`from`",
    "TIMES": "`times`", "STEP": "`step`", "ELLIPSIS": "`...`",
}  # fmt: skip


def explain(failure: Failure, text: str, start: int, end: int, rule: str, faults: Faults) -> None:
    """Reports why the statement from `start` to `end` could not be parsed."""
    if failure.refused is not None:
        refused = failure.refused
        faults.add(refused.code, refused.message, refused.span, refused.hint)
        return
    number = _bad_number(text, min(failure.position, end), start, end)
    if number is not None:
        faults.add("bad-number", number[0], number[1], number[2])
        return
    place = Place(failure, text, start, end, rule)
    slip = next((slip for look in SLIPS if (slip := look(place)) is not None), None) or _expectation(place)
    faults.add(slip.code, slip.message, slip.span or (place.start, place.end), slip.hint)


def _bad_number(text: str, position: int, start: int, end: int) -> tuple[str, tuple[int, int], str] | None:
    """A run of digits and dots that is no number, at or just before the place where parsing stopped."""
    run = _NUMBER_RUN.search(text, max(start, position - 40), position)
    first = run.start() if run else position
    last = position
    while last < min(end, position + 40) and (text[last].isalnum() or text[last] in "._"):
        last += 1
    written = text[first:last]
    if (
        ".." in written
        or not re.match(r"\.?[0-9]", written)
        or re.fullmatch(r"(0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]+)?", written)
    ):
        return None
    span = (first, first + len(written))
    if re.fullmatch(r"\.[0-9]+", written):
        return "a number begins with a digit", span, f"write `0{written}`"
    if written.endswith("."):
        return "a number does not end with a dot", span, f"write `{written[:-1]}`"
    if re.fullmatch(r"0[0-9_]+", written):
        comma = text[:first].endswith(",")
        hint = "thousands are grouped with `_`: 1_000" if comma else f"write `{written.lstrip('0_') or '0'}`"
        return "a number does not begin with `0`", span, hint
    if re.match(r"0[xXbBoO]", written):
        return f"`{shortened(written)}` is not a number", span, "numbers are decimal"
    if re.fullmatch(r"[0-9_.]+", written):
        return f"`{shortened(written)}` is not a number", span, "a number looks like `1_000.5` or `2e9`"
    return None


def _expectation(place: Place) -> Slip:
    """The general case: what could stand here."""
    expected = set(place.expected)
    parts = []
    if "NUMBER" in expected:
        parts.append("a value")
        expected -= _VALUE_STARTS
    elif expected & {"PLUS", "STAR"}:
        parts.append("an operator")
        expected -= _OPERATORS
    if place.may_end:
        expected -= _CLAUSES
    parts += [_SHOWN[name] for name in _SHOWN if name in expected]
    if place.may_end and "NUMBER" not in place.expected:
        parts.append("a new line")
    if not parts or len(parts) > 5:
        return Slip(f"{place.shown()} does not fit here" if place.found else "this statement is not complete")
    listed = " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return Slip(f"expected {listed}, found {place.shown()}")
