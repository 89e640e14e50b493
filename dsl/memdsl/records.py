"""Records: frozen dataclasses that are cheap to define and to make.

Freezing at run time triples what a hundred small classes and thousands of objects cost a short command, so the type
checker, which knows a `record` as frozen, keeps them from being changed instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

C = TypeVar("C")


@dataclass_transform(frozen_default=True, eq_default=False)
def record(cls: type[C]) -> type[C]:
    """A dataclass compared by identity that nothing may change."""
    return dataclass(eq=False, repr=False)(cls)
