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
_COMPARED = (*_LATER, "__eq__", "__hash__")


class _Later:
    """Stands for what the dataclass will have under this name, and makes it when it is asked for."""

    def __init__(self, name: str, cls: type, names: tuple[str, ...]) -> None:
        self.name, self.cls, self.names = name, cls, names

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        for name in self.names:
            delattr(self.cls, name)
        compared = self.names is _COMPARED
        dataclass(eq=compared, unsafe_hash=compared, repr=compared)(self.cls)
        return getattr(self.cls if instance is None else instance, self.name)


def _made_later(cls: type[C], names: tuple[str, ...]) -> type[C]:
    for name in names:
        setattr(cls, name, _Later(name, cls, names))
    return cls


@dataclass_transform(frozen_default=True, eq_default=False)
def record(cls: type[C]) -> type[C]:
    """A dataclass compared by identity that nothing may change."""
    return _made_later(cls, _LATER)


@dataclass_transform(frozen_default=True, eq_default=True)
def compared(cls: type[C]) -> type[C]:
    """A dataclass that nothing may change, equal to another with equal fields."""
    return _made_later(cls, _COMPARED)
