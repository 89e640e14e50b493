"""How each operation of the language is written in Excel, from its record. All are functions of Excel 2010."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..sheet.operations import OPERATIONS as RECORDS
from .pieces import ATOM, COMPARISON, POWER, PRODUCT, SUM, Part, Piece, binary, call, merged

Writer = Callable[[Sequence[Piece]], Piece]

_LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER}
_OPERANDS = "abc"
_INFIX = re.compile(r"a(\W+)b")
_PARTS = re.compile(r"(?<![A-Za-z0-9])[abc](?![A-Za-z0-9(])")


def _writer(text: str) -> Writer:
    """What writes an operation as a text of its record says."""
    infix = _INFIX.fullmatch(text)
    if infix is not None:
        sign = infix[1]
        return lambda args: binary(args[0], sign, args[1], _LEVELS.get(sign, COMPARISON))
    if text.endswith("(...)"):
        return lambda args: call(text[:-5], args)
    places = [*_PARTS.finditer(text)]

    def write(args: Sequence[Piece]) -> Piece:
        parts: list[Part] = []
        end = 0
        for place in places:
            operand = args[_OPERANDS.index(place[0])]
            alone = text[place.start() - 1 : place.start()] in "(," and text[place.end() : place.end() + 1] in ",)"
            parts += [text[end : place.start()], *(operand.parts if alone else operand.within(ATOM))]
            end = place.end()
        return Piece(merged([*parts, text[end:]]), SUM if text.startswith("-") else ATOM)

    return write


_NUMBER = re.compile(r"-?[0-9.]+(E[+-]?[0-9]+)?")
_PLAIN_POWER, _EMPTY_POWER = _writer("a^b"), _writer("IF(b=0,a*0+1,a^b)")


def _power(args: Sequence[Piece]) -> Piece:
    """`a^b`; a power that may be `0^0`, which is an error in Excel, is 1 wherever its exponent is 0."""
    return _PLAIN_POWER(args) if any(_is_known(arg) for arg in args) else _EMPTY_POWER(args)


def _is_known(arg: Piece) -> bool:
    """Whether a piece is a number that is not 0."""
    number = arg.parts[0]
    written = len(arg.parts) == 1 and isinstance(number, str) and _NUMBER.fullmatch(number)
    return bool(written) and float(str(number)) != 0


_NAME = re.compile(r"(?!(?:TRUE|FALSE)$)[A-Za-z_][\w.]*")
_PLAIN_IF = _writer(RECORDS["if"].excel)


def _if(args: Sequence[Piece]) -> Piece:
    """A bare name as a condition is compared: inside `INT` a Rust engine takes it for a range."""
    condition, *rest = args
    bare = len(condition.parts) == 1 and isinstance(condition.parts[0], str) and _NAME.fullmatch(condition.parts[0])
    return _PLAIN_IF([binary(condition, "=", Piece(("TRUE",), ATOM), COMPARISON) if bare else condition, *rest])


OPERATIONS: dict[str, Writer] = {name: _writer(record.excel) for name, record in RECORDS.items()}
OPERATIONS |= {"^": _power, "if": _if}

TEXT_OPERATIONS: dict[str, Writer] = {
    name: _writer(record.excel_text) for name, record in RECORDS.items() if record.excel_text
}
"""Comparisons of texts: `=` does not tell upper from lower case."""

_RANGES = {name: record for name, record in RECORDS.items() if record.excel_ranges and "(" not in record.excel}
"""Operators. Functions (`ROUND`, `INT`) are applied to one cell only by some programs, and stand in helper columns."""

ARRAYS = frozenset(name for name, record in _RANGES.items() if not record.partial)
"""Operations that SUMPRODUCT applies to whole ranges in every program, and that have a value for every operand."""

ARRAYS_WITHOUT_GAPS = frozenset(name for name, record in _RANGES.items() if record.partial)
"""The same, but they may have no value: only where every row of the range counts."""
