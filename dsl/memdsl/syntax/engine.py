"""The lark parser: made once, on the first text that really must be parsed, and kept in the user's cache."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from lark import Lark, TextSlice, UnexpectedInput, UnexpectedToken
from lark import __version__ as lark_version

from . import cache
from .build import Builder
from .formulas import Refused

RULES: Final = (
    "declaration", "statement", "hardware_statement", "model_statement", "report_statement", "assign", "heading", "row",
    "shown",
)  # fmt: skip


class Unlined(str):
    """A text whose lines lark does not count: it would begin at the first one for each slice, and we count our own."""

    def count(self, *_: object) -> int:
        return 0


class Failure(Exception):
    """Why a piece was not parsed: `expected` terminals at `position`, or the builder's refusal."""

    def __init__(self, position: int, expected: frozenset[str], refused: Refused | None = None) -> None:
        super().__init__(position)
        self.position = position
        self.expected = expected
        self.refused = refused

    def moved(self, offset: int) -> Failure:
        """The same failure in a text of which the parsed one was a part."""
        refused = self.refused
        if refused is not None:
            start, end = refused.span
            refused = Refused(refused.code, refused.message, (start + offset, end + offset), refused.hint)
        return Failure(self.position + offset, self.expected, refused)


class Engine:
    """Parses a slice of a text by one of `RULES`. For many slices of one text, give it as `Unlined`."""

    def __init__(self) -> None:
        self._builder = Builder()
        self._lark = _loaded(self._builder) or _made(self._builder)

    def parse(self, text: str, start: int, end: int, rule: str, written: int | None = None) -> object:
        """`written` is where the author's text ends, when `}` were added behind it."""
        self._builder.written = end if written is None else written
        try:
            return self._lark.parse(TextSlice(text, start, end), start=rule)
        except Refused as refused:
            raise Failure(refused.span[0], frozenset(), refused) from None
        except UnexpectedInput as error:
            raise _failure(error, end) from None


def _failure(error: UnexpectedInput, end: int) -> Failure:
    position = error.pos_in_stream
    if isinstance(error, UnexpectedToken) and (error.token.type == "$END" or position is None):
        position = end
    parser = getattr(error, "interactive_parser", None)
    return Failure(end if position is None else position, frozenset(parser.accepts() if parser is not None else ()))


_engine: Engine | None = None


def engine() -> Engine:
    """The parser of this process, made when it is first needed."""
    global _engine
    if _engine is None:
        _engine = Engine()
    return _engine


def _loaded(builder: Builder) -> Lark | None:
    data = cache.read(cache.entry_name("parser", lark_version))
    if data is None:
        return None
    try:
        made: Lark = Lark.__new__(Lark)._load(io.BytesIO(data), transformer=builder)
        return made
    except Exception:  # whatever is wrong with a stored grammar, a new one can be made
        return None


def _made(builder: Builder) -> Lark:
    grammar = (Path(__file__).parent / "mem.lark").read_text(encoding="utf-8")
    made = Lark(grammar, parser="lalr", lexer="contextual", start=list(RULES), transformer=builder)
    data = io.BytesIO()
    made.save(data, exclude_options={"transformer"})
    cache.write(cache.entry_name("parser", lark_version), data.getvalue())
    return made
