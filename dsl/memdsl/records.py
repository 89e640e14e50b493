"""Records: dataclasses that nothing may change, made when they are first needed.

Defining a dataclass costs half a millisecond, and a short command meets hundreds of which it uses a third: the methods
are made at the first instance (or the first look at the fields). The type checker, which knows a `record` as frozen,
keeps them from being changed; freezing at run time would double what thousands of objects cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

C = TypeVar("C")
_LATER = ("__init__", "__dataclass_fields__", "__match_args__")


class _Later:
    """Stands for what the dataclass will have under this name, and makes it when it is asked for."""

    def __init__(self, name: str, cls: type) -> None:
        self.name, self.cls = name, cls

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        for name in _LATER:
            delattr(self.cls, name)
        dataclass(eq=False, repr=False)(self.cls)
        return getattr(self.cls if instance is None else instance, self.name)


@dataclass_transform(frozen_default=True, eq_default=False)
def record(cls: type[C]) -> type[C]:
    """A dataclass compared by identity that nothing may change."""
    for name in _LATER:
        setattr(cls, name, _Later(name, cls))
    return cls
