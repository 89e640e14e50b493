"""What a report asks at some values is computed once: page, PDF and workbook show the same answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from ..evaluate import Values

P = ParamSpec("P")
Answer = TypeVar("Answer")


def remembered(make: Callable[P, Answer]) -> Callable[P, Answer]:
    """A function whose last arguments are values and a statement of the report: the same answer to the same."""
    kept: WeakKeyDictionary[Values, dict[int, tuple[object, Answer]]] = WeakKeyDictionary()

    @wraps(make)
    def once(*args: P.args, **kwargs: P.kwargs) -> Answer:
        values, item = cast("tuple[Values, object]", args[-2:])
        known = kept.setdefault(values, {})
        if id(item) not in known:  # kept beside its answer, so that the number stays its own
            known[id(item)] = (item, make(*args, **kwargs))
        return known[id(item)][1]

    return once
