"""What the shell offers after a TAB: files, and the names of the spec that the line names already.

A spec that cannot be read offers nothing; whatever goes wrong here is silent, as the line is not finished yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    from .. import driver


def files(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Any file: the shell itself knows them best."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="file")]


def cells(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Cells with their labels, and the columns of a model once its rows are named."""
    model = _model(context)
    if model is None:
        return []
    found = [(c.id, c.label) for c in model.sheet.cells.values() if c.role != "argument"]
    for table in model.sheet.tables.values():
        rows = f"{table.id}.layers." if table.role == "model" else f"{table.id}."
        if begun.startswith(rows):
            found += [(rows + c.name, c.label) for c in table.columns.values() if c.role == "column"]
    return _offered(found, begun)


def inputs(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Inputs by their path; in a list by comma, the one that is being written."""
    model = _model(context)
    before, comma, last = begun.rpartition(",")
    found = [(i.path, i.label) for i in model.sheet.inputs.values()] if model is not None else []
    return _offered([(before + comma + path, label) for path, label in found if path.startswith(last)], begun)


def settings(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Inputs with the `=` that follows."""
    model = _model(context)
    found = [(f"{i.path}=", i.label) for i in model.sheet.inputs.values()] if model is not None else []
    return _offered(found, begun)


def scenarios(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    model = _model(context)
    found = [(s.name, s.label) for s in model.sheet.scenarios.values()] if model is not None else []
    return _offered(found, begun)


def library(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Modules of the library, what they declare, and the codes of diagnostics."""
    from ..reference import read_library
    from ..reference.codes import meanings

    modules = read_library().modules
    declared = [(d.name, d.label) for m in modules for d in m.declarations]
    codes = [(code, meaning.means.strip()) for code, meaning in meanings().items()]
    return _offered([(m.name, m.title) for m in modules] + declared + codes, begun)


def starters(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    from .new import names

    return _offered([(name, "") for name in names()], begun)


def _offered(found: Iterable[tuple[str, str]], begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem  # only a shell that asks waits for it

    return [CompletionItem(name, help=label) for name, label in dict(found).items() if name.startswith(begun)]


def _model(context: click.Context) -> driver.CheckedSpec | None:
    """The spec that the line names; behind an option that has no value yet, it is among the words that are left."""
    from .. import driver
    from ..diagnostics import Source

    named = [context.params.get(name) for name in ("spec", "specs", "first")]
    said = [word for value in named if value for word in (value if isinstance(value, tuple) else (value,))]
    with suppress(Exception):  # a line in the making may name anything
        path = Path([*said, *context.args][0])
        source = driver.read(path)
        if isinstance(source, Source):
            return driver.build(source, path.parent, path)
    return None
