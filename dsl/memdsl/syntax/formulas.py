"""Makes the expression nodes of `tree.py` while lark reduces: one method for each rule (or alias) of `mem.lark`.

Lark needs nothing but the methods, so that this module does not import it. Offsets are those of the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from ..cancellation import checkpoint
from ..records import record
from . import tree

if TYPE_CHECKING:

    class Token(str):
        """What the builder needs of `lark.Token`."""

        type: str
        start_pos: int
        end_pos: int


MAX_DEPTH: Final = 200
MAX_DIGITS: Final = 100
MAX_EXPONENT: Final = 300
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)$")

Built = TypeVar("Built")


class Refused(Exception):
    """A statement that the grammar takes and the language does not."""

    def __init__(self, code: str, message: str, span: tree.Offsets, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint


def _spread(method: Callable[..., Built], data: object, children: list[object], meta: object) -> Built:
    checkpoint()
    return method(*children)


def takes_children(cls: type[Built]) -> type[Built]:
    """Lark then calls each method with the children of its rule as arguments."""
    for name, method in vars(cls).items():
        if not name.startswith("_") and callable(method):
            method.visit_wrapper = _spread
    return cls


def place(token: Token) -> tree.Offsets:
    return token.start_pos, token.end_pos


def end_of(*parts: Token | tree.Node | None) -> int:
    """The end of the last part that was written."""
    for part in reversed(parts):
        if isinstance(part, tree.Node):
            return part.span[1]
        if part is not None:
            return part.end_pos
    raise AssertionError("a rule without parts")


def bounded(start: int, end: int, *parts: tree.Node | None) -> tree.Offsets:
    """The span of a statement, refused when a formula in it is too deep: later passes walk formulas by recursion.

    Each level takes a character at least, so that a short statement need not be looked at.
    """
    if end - start > MAX_DEPTH:
        level = [part for part in parts if part is not None]
        depth = 0
        while level:
            depth += 1
            if depth > MAX_DEPTH:
                raise Refused(
                    "too-deep",
                    f"this formula nests more than {MAX_DEPTH} levels deep",
                    (start, end),
                    "give parts of it names of their own, or use `sum` over a table",
                )
            level = [child for node in level for child in _children(node)]
    return start, end


def _children(node: tree.Node) -> Iterator[tree.Node]:
    for value in vars(node).values():
        if isinstance(value, tree.Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, tree.Node))


@record
class Counted(tree.Node):
    """`(i in n)` before a block that is repeated."""

    binder: str
    count: tree.Expression


@takes_children
class FormulaBuilder:
    """The fused transformer, as far as expressions go."""

    def conditional(
        self, word: Token, test: tree.Expression, yes: tree.Expression, no: tree.Expression
    ) -> tree.Conditional:
        return tree.Conditional((word.start_pos, no.span[1]), test, yes, no)

    def pipe(self, of: tree.Expression, stage: tuple[Counted | tree.Expression | None, tree.Call]) -> tree.Pipe:
        count, call = stage
        span = (of.span[0], call.span[1])
        if isinstance(count, Counted):
            return tree.Pipe(span, of, count.count, call, count.binder)
        return tree.Pipe(span, of, count, call)

    def stage(
        self, count: Counted | tree.Expression | None, star: Token | None, call: tree.Call
    ) -> tuple[Counted | tree.Expression | None, tree.Call]:
        return count, call

    def counted(self, opening: Token, name: Token, in_word: Token, count: tree.Expression, closing: Token) -> Counted:
        return Counted((opening.start_pos, closing.end_pos), str(name), count)

    def binary(self, left: tree.Expression, op: Token, right: tree.Expression) -> tree.Operation:
        return tree.Operation((left.span[0], right.span[1]), str(op), (left, right), place(op))

    def prefix(self, op: Token, operand: tree.Expression) -> tree.Operation:
        sign = "neg" if op == "-" else "not"
        return tree.Operation((op.start_pos, operand.span[1]), sign, (operand,), place(op))

    def parenthesised(self, opening: Token, inner: tree.Expression, closing: Token) -> tree.Expression:
        """The node itself, its span widened: what encloses it must begin and end at the parentheses."""
        return replace(inner, span=(opening.start_pos, closing.end_pos))

    def member(self, of: tree.Expression, name: Token) -> tree.Member:
        return tree.Member((of.span[0], name.end_pos), of, str(name), place(name))

    def index(self, of: tree.Expression, opening: Token, key: tree.Expression, closing: Token) -> tree.Index:
        return tree.Index((of.span[0], closing.end_pos), of, key)

    def name(self, name: Token) -> tree.Name:
        return tree.Name((name.start_pos, name.end_pos), str(name))

    def string(self, string: Token) -> tree.String:
        return tree.String(place(string), str(string)[1:-1])

    def truth(self, word: Token) -> tree.Truth:
        return tree.Truth(place(word), word == "true")

    def list(self, opening: Token, *rest: tree.Expression | Token | None) -> tree.ListOf:
        items = tuple(item for item in rest if isinstance(item, tree.Expression))
        return tree.ListOf((opening.start_pos, end_of(rest[-1])), items)

    def call(self, of: tree.Expression, opening: Token, *rest: tree.Argument | Token | None) -> tree.Call:
        arguments = tuple(item for item in rest if isinstance(item, tree.Argument))
        return tree.Call((of.span[0], end_of(rest[-1])), of, arguments)

    def argument(self, value: tree.Expression, where: tree.Expression | None) -> tree.Argument:
        return tree.Argument((value.span[0], end_of(value, where)), value, where=where)

    def named_argument(self, name: Token, equal: Token, value: tree.Expression) -> tree.Argument:
        return tree.Argument((name.start_pos, value.span[1]), value, name=str(name))

    def bound_argument(
        self, name: Token, in_word: Token, value: tree.Expression, where: tree.Expression | None
    ) -> tree.Argument:
        return tree.Argument((name.start_pos, end_of(value, where)), value, binder=str(name), where=where)

    def number(self, digits: Token, unit: Token | None) -> tree.Number:
        if len(digits) > MAX_DIGITS:
            raise Refused("bad-number", f"a number has at most {MAX_DIGITS} digits", place(digits))
        exponent = _EXPONENT.search(digits)
        if exponent is not None and abs(int(exponent[1])) > MAX_EXPONENT:
            message = f"the exponent of a number is at most {MAX_EXPONENT}"
            raise Refused("bad-number", message, place(digits), "choose a larger unit")
        text, end = str(digits).replace("_", ""), digits.end_pos
        if unit is None:
            return tree.Number((digits.start_pos, end), text, "", (end, end))
        return tree.Number((digits.start_pos, unit.end_pos), text, str(unit), place(unit))

    def unit(self, unit: Token) -> tree.UnitText:
        return tree.UnitText(place(unit), str(unit))
