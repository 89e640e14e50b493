"""The options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import complete


class Setting(click.ParamType):  # type: ignore[type-arg]
    """`NAME=VALUE`: an input and a constant expression."""

    name = "NAME=VALUE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, equals, text = value.partition("=")
        if not equals or not name.strip() or not text.strip():
            self.fail(f"write NAME=VALUE, such as sram=16MiB, not {value!r}", param, ctx)
        return name.strip(), text.strip()


SPECS = click.argument("specs", metavar="SPEC…", nargs=-1, required=True, shell_complete=complete.files)
SPEC = click.argument("spec", metavar="SPEC", shell_complete=complete.files)
SET = click.option(
    "--set",
    "settings",
    type=Setting(),
    multiple=True,
    help="Set an input for this run: --set 'sram=16 MiB'.",
    shell_complete=complete.settings,
)
SCENARIOS = click.option(
    "--scenario",
    "scenarios",
    metavar="NAME",
    multiple=True,
    help="Use the inputs of a scenario; with --book several, a part each.",
    shell_complete=complete.scenarios,
)
SCENARIO = click.option(
    "--scenario", metavar="NAME", help="Use the inputs of a scenario of the spec.", shell_complete=complete.scenarios
)

TEMPLATE = click.option(
    "--template",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    metavar="DIR",
    help="A folder with your own report.html, report.css, extra.css or logo.svg.",
)


def formats(*names: str, default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option("--format", "form", type=click.Choice(names), default=default, show_default=True)
