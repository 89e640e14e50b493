"""The commands of `memdsl`: their arguments, options and help. What one does stands in a module of its own."""

from __future__ import annotations

from pathlib import Path

import click

from ..version import VERSION
from . import complete
from .common import Chosen, Usage
from .options import SCENARIO, SCENARIOS, SET, SPEC, SPECS, TEMPLATE, Setting, formats

DEFAULT = click.core.ParameterSource.DEFAULT
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class _Commands(click.Group):
    """Commands by their names, and by the other spelling of one."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, "optimise" if cmd_name == "optimize" else cmd_name)


@click.group(cls=_Commands, context_settings=CONTEXT)
@click.version_option(VERSION, prog_name="memdsl")
def cli() -> None:
    """Model the memory traffic, time and energy of networks on inference hardware.

    \b
    memdsl new my_chip                                 a complete spec to start from
    memdsl report specs/yolov3.mem                     workbook, PDF and HTML into reports/
    memdsl check specs/                                every claim: holds, disputed or FAILS
    memdsl eval specs/yolov3.mem today.dram_bytes      one number
    memdsl explain specs/yolov3.mem today.dram_bytes --in sram

    The shell completes commands, files and the names in a spec after this line in ~/.bashrc (or zsh_source in
    ~/.zshrc; fish: _MEMDSL_COMPLETE=fish_source memdsl > ~/.config/fish/completions/memdsl.fish):

    \b
    eval "$(_MEMDSL_COMPLETE=bash_source memdsl)"
    """


@cli.command()
@SPECS
@click.option(
    "-o", "folder", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Where to write."
)
@click.option(
    "--format",
    "form",
    show_default="xlsx,pdf,html",
    help="Which files, by comma: xlsx, pdf, html; csv, svg, png for each chart.",
)
@click.option("--book", type=click.Path(path_type=Path), metavar="FILE.xlsx",
              help="One workbook of all SPECs, side by side, instead.")  # fmt: skip
@TEMPLATE
@click.option("--paper", type=click.Choice(("a4", "letter")), default="a4", show_default=True, help="For the PDF.")
@SET
@SCENARIOS
@click.pass_context
def report(
    ctx: click.Context, specs: tuple[str, ...], folder: Path, form: str | None, book: Path | None,
    template: Path | None, paper: str, settings: tuple[tuple[str, str], ...], scenarios: tuple[str, ...],
) -> int:  # fmt: skip
    """Write the workbook, the PDF and the live HTML page of each SPEC.

    `--format svg,png` writes each chart as a file of its own, for slides; `csv` the data of each. PNG needs the extra
    `png`: pip install 'memdsl[png]'.

    `--book` writes one workbook of several specs, or of one under several scenarios: each a live model with inputs of
    its own, and their results side by side in front.

    \b
    memdsl report specs/yolov3.mem
    memdsl report specs/yolov3.mem -o out --format xlsx --set 'sram=16 MiB'
    memdsl report specs/yolov3.mem -o slides --format svg,png
    memdsl report specs/yolov3.mem specs/resnet50.mem --book two.xlsx
    memdsl report specs/yolov3.mem --scenario roomy --scenario small --book rooms.xlsx
    """
    if book is not None:
        from .book import run as bind

        given = [name for name in ("folder", "template", "paper") if ctx.get_parameter_source(name) != DEFAULT]
        return bind(specs, book, form, settings, scenarios, given)
    if len(scenarios) > 1:
        raise Usage("several scenarios need --book FILE.xlsx, which puts them into one workbook")
    from .report import look_of, run

    return run(specs, folder, form, Chosen(settings, next(iter(scenarios), None)), look_of(template, paper))


@cli.command()
@SPECS
@formats("text", "json", default="text")
def check(specs: tuple[str, ...], form: str) -> int:
    """Check each SPEC: its errors, and whether its claims hold.

    \b
    memdsl check specs/yolov3.mem
    memdsl check specs/ --format json
    """
    from .check import run

    return run(specs, form)


@cli.command(name="eval")
@SPEC
@click.argument("cells", metavar="[CELL]…", nargs=-1, shell_complete=complete.cells)
@SET
@SCENARIO
@formats("text", "json", "csv", default="text")
def evaluate(
    spec: str, cells: tuple[str, ...], settings: tuple[tuple[str, str], ...], scenario: str | None, form: str
) -> int:
    """Print the values of CELLs, which may be any expressions; without one, all parameters and totals.

    \b
    memdsl eval specs/yolov3.mem today.dram_bytes --set 'sram=16 MiB'
    memdsl eval specs/yolov3.mem "sum(today.layers.macs)" today.layers.out_bytes --format json
    """
    from .evaluate import run

    return run(spec, cells, Chosen(settings, scenario), form)


@cli.command()
@SPEC
@click.argument("cell", metavar="CELL", shell_complete=complete.cells)
@click.option(
    "--in",
    "inputs",
    metavar="A,B",
    default="",
    help="The inputs to keep as symbols; without it, the parameters.",
    shell_complete=complete.inputs,
)
@SET
@SCENARIO
@formats("text", "latex", "json", default="text")
@click.option(
    "--as",
    "language",
    type=click.Choice(("python", "c", "julia", "rust", "latex", "mathml", "sympy")),
    help="Print the closed form alone: as a function of the inputs, in base units, or in a notation.",
)
def explain(
    spec: str,
    cell: str,
    inputs: str,
    settings: tuple[tuple[str, str], ...],
    scenario: str | None,
    form: str,
    language: str | None,
) -> int:
    """Print the closed form of CELL in chosen inputs, its breakpoints, and its formulas down to the inputs.

    \b
    memdsl explain specs/yolov3.mem today.dram_bytes --in sram
    memdsl explain specs/yolov3.mem "sum(today.layers.macs)" --in width,height --format latex
    memdsl explain specs/yolov3.mem today.dram_bytes --in sram --as c
    """
    from .explain import run

    return run(spec, cell, inputs, Chosen(settings, scenario), form, language)


@cli.command()
@click.argument("name", metavar="[NAME]", default="")
@click.option(
    "--starter",
    metavar="STARTER",
    default="",
    help="What to start from; without NAME all are listed.",
    shell_complete=complete.starters,
)
def new(name: str, starter: str) -> int:
    """Write NAME.mem, a complete spec to start from: a network on a chip, unless another starter is named.

    \b
    memdsl new
    memdsl new my_chip
    memdsl new kernels --starter roofline
    """
    from .new import names, run

    if starter and starter not in names():
        raise Usage(f"there is no starter {starter}; there are {', '.join(names())}")
    return run(name, starter)


@cli.command()
@SPEC
@click.option("--format", "form", default="", help="Write these files again at each save, by comma, as for `report`.")
@click.option(
    "-o", "folder", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Where to write."
)
@TEMPLATE
@SET
@SCENARIO
def watch(
    spec: str, form: str, folder: Path, template: Path | None, settings: tuple[tuple[str, str], ...],
    scenario: str | None,
) -> int:  # fmt: skip
    """Check SPEC at each save, of it and of the files that it uses, and print what changed; Ctrl-C ends.

    \b
    memdsl watch specs/yolov3.mem
    memdsl watch specs/yolov3.mem --format html -o out
    """
    from .watch import run

    return run(spec, Chosen(settings, scenario), folder, form, template)


@cli.command()
@SPEC
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: any that is free.")
@TEMPLATE
@SET
@SCENARIO
def serve(
    spec: str, port: int, template: Path | None, settings: tuple[tuple[str, str], ...], scenario: str | None
) -> int:
    """Show the live page of SPEC in the browser, beside an editor; both follow each save. Only this machine is served.

    \b
    memdsl serve specs/yolov3.mem
    memdsl serve specs/yolov3.mem --port 0 --set 'sram=16 MiB'
    """
    from .serve import run

    return run(spec, Chosen(settings, scenario), port, template)


@cli.command()
@click.argument("first", metavar="A", shell_complete=complete.files)
@click.argument("second", metavar="[B]", default="", shell_complete=complete.files)
@click.option(
    "--scenario",
    "scenarios",
    metavar="NAME",
    multiple=True,
    help="Compare under a scenario; twice: one for each side.",
    shell_complete=complete.scenarios,
)
@SET
@formats("text", "json", default="text")
def diff(first: str, second: str, scenarios: tuple[str, ...], settings: tuple[tuple[str, str], ...], form: str) -> int:
    """Print what differs between A and B: inputs, structure, results, rows, claims.

    A and B are specs, or REV:path for a spec as a git revision has it. Without B, A as declared is compared with A
    under --scenario or --set; without these, the last commit of A with A as it stands.

    \b
    memdsl diff specs/yolov3.mem specs/resnet50.mem
    memdsl diff specs/yolov3.mem --scenario roomy
    memdsl diff specs/yolov3.mem --scenario roomy --scenario small
    memdsl diff specs/yolov3.mem --set 'sram=16 MiB' --format json
    memdsl diff HEAD:specs/yolov3.mem specs/yolov3.mem
    """
    from .diff import run

    return run(first, second, scenarios, settings, form)


@cli.command()
@click.argument("name", metavar="[NAME]", default="", shell_complete=complete.library)
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Write a page for each module into this folder.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown", "html"]), help="[default: text, with -o html]"
)
def doc(name: str, folder: Path | None, form: str | None) -> int:
    """Print the reference of the standard library: kinds, models, hardware, with their formulas and sources.

    NAME is a module, a name in it, a .mem file of your own, or the code of a diagnostic; without it all names are
    listed, and with -o the pages of all modules are written.

    \b
    memdsl doc
    memdsl doc conv
    memdsl doc traffic.spilled
    memdsl doc unit-mismatch
    memdsl doc std.traffic --format json
    memdsl doc std.traffic -o pages
    """
    from .doc import run

    return run(name, form or ("html" if folder is not None else "text"), folder)


@cli.command(name="fmt")
@SPECS
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 when a SPEC is not formatted.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; print what would change.")
def fmt(specs: tuple[str, ...], only_check: bool, show_diff: bool) -> int:
    """Put each SPEC into the canonical layout; comments and blank lines stay where they are.

    `-` reads standard input and prints the result. A SPEC with a syntax error is left alone.

    \b
    memdsl fmt specs/
    memdsl fmt specs/yolov3.mem --diff
    memdsl fmt specs/ --check
    """
    from .format import run

    return run(specs, only_check, show_diff)


@cli.command()
@SPEC
@click.option("--write", is_flag=True, help="Write the values found into the spec, the fit as their source.")
@SET
@SCENARIO
@formats("text", "json", default="text")
def fit(spec: str, write: bool, settings: tuple[tuple[str, str], ...], scenario: str | None, form: str) -> int:
    """Find inputs from measured data, for every `fit` of a spec.

    Every third point is held out and reported apart. Needs SciPy: pip install 'memdsl[fit]'.

    \b
    memdsl fit specs/measured_gpus.mem
    memdsl fit specs/measured_gpus.mem --write
    """
    from .fit import run

    return run(spec, Chosen(settings, scenario), write, form)


@cli.command()
@SPEC
@click.argument("model", metavar="MODEL")
@click.option("--minimise", type=click.Choice(("bytes", "time", "energy")), default="bytes", show_default=True,
              help="DRAM traffic, or the time or the energy of one pass.")  # fmt: skip
@click.option("--write", is_flag=True, help="Put the schedule at the end of SPEC, in the place of one found before.")
@SET
@SCENARIO
@formats("text", "mem", "json", default="text")
def optimise(
    spec: str, model: str, minimise: str, write: bool, settings: tuple[tuple[str, str], ...], scenario: str | None,
    form: str,
) -> int:  # fmt: skip
    """Find the best schedule of MODEL's network on its hardware: which rows run together, what stays on the chip.

    It is the least of all runs of rows in the order in which they stand, with every choice of what stays; rows alone
    are tiled exactly. What is printed is a table and a model that follows it, as a person would write them.

    \b
    memdsl optimise specs/yolov3.mem today
    memdsl optimise specs/yolov3.mem today --set sram="16 MiB" --format mem
    memdsl optimise specs/vgg16.mem today --minimise time --write
    """
    from .optimise import run

    return run(spec, model, minimise, write, Chosen(settings, scenario), form)


@cli.command()
@SPEC
@click.argument("condition", metavar="CONDITION", shell_complete=complete.cells)
@click.option(
    "--for", "name", metavar="NAME", required=True, shell_complete=complete.inputs, help="The input to find values of."
)
@SET
@SCENARIO
@formats("text", "json", default="text")
def solve(
    spec: str, condition: str, name: str, settings: tuple[tuple[str, str], ...], scenario: str | None, form: str
) -> int:
    """Print the values of one input at which CONDITION holds, exactly: intervals, steps, break-even points.

    CONDITION compares cells and values with <= >= == != < >, joined by `and`.

    \b
    memdsl solve specs/yolov3.mem "today.dram_bytes <= 300 MB" --for sram
    memdsl solve specs/yolov3.mem "today.time <= 120 ms and saved >= 50%" --for width
    memdsl solve specs/yolov3.mem "today.energy < naive.energy" --for chip.dram.energy --format json
    """
    from .solve import run

    return run(spec, condition, name, Chosen(settings, scenario), form)


@cli.command()
@SPEC
@click.argument("cells", metavar="CELL…", nargs=-1, required=True, shell_complete=complete.cells)
@click.option(
    "--to",
    metavar="A,B",
    default="",
    shell_complete=complete.inputs,
    help="The inputs to look at; else all it rests on.",
)
@click.option("--by", metavar="SHARE", help="How far to change each: 10%. Without it, its uncertainty, else 10%.")
@SET
@SCENARIO
@formats("text", "json", default="text")
def sensitivity(
    spec: str,
    cells: tuple[str, ...],
    to: str,
    by: str | None,
    settings: tuple[tuple[str, str], ...],
    scenario: str | None,
    form: str,
) -> int:
    """Rank what moves each CELL: elasticities, the cell with each input lower and higher, the next steps.

    \b
    memdsl sensitivity specs/yolov3.mem today.dram_bytes
    memdsl sensitivity specs/yolov3.mem today.energy today.time --to sram,width,chip.dram.energy --by 20%
    """
    from .sensitivity import run

    return run(spec, cells, to, by, Chosen(settings, scenario), form)


@cli.command()
@SPEC
@click.option("--over", metavar="NAME=VALUES", multiple=True, required=True, help="A..B:STEP, A..B*FACTOR or A,B,C.")
@click.option("--cells", metavar="CELL,CELL", multiple=True, help="What to compute; else what the inputs change.")
@click.option(
    "--pareto", metavar="CELL,CELL", default="", help="Only the front of these, each small, or large after `max:`."
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to write: a .parquet or a .csv file.")
@click.option("--scheduler", metavar="ADDRESS", default="", help="Compute on the workers of this Dask scheduler.")
@SET
@SCENARIO
@formats("text", "json", "csv", default="text")
def sweep(
    spec: str,
    over: tuple[str, ...],
    cells: tuple[str, ...],
    pareto: str,
    out: Path | None,
    scheduler: str,
    settings: tuple[tuple[str, str], ...],
    scenario: str | None,
    form: str,
) -> int:
    """Compute CELLs at every combination of the values of some inputs.

    \b
    memdsl sweep specs/yolov3.mem --over 'sram=1 MiB..64 MiB*2' --cells today.dram_bytes,today.time
    memdsl sweep specs/yolov3.mem --over width=320..4096:32 --over 'sram=0 B..64 MiB:64 KiB' --out a.csv
    memdsl sweep specs/yolov3.mem --over 'sram=1 MiB..64 MiB:1 MiB' --pareto sram,today.dram_bytes,max:today.rate
    """
    from .sweep import run

    return run(spec, over, cells, pareto, out, scheduler, Chosen(settings, scenario), form)


@cli.command(name="import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "-o", "target", metavar="SPEC", type=click.Path(path_type=Path), help="Write the spec here, not to standard output."
)
@click.option("--batch", type=click.IntRange(1, 1_000_000), help="Items of a batch.")
@click.option("--set", "settings", type=Setting(), multiple=True, help="An open size of the network: --set height=640.")
@click.option("--chip", metavar="NAME", default="", help="A chip of std.chips instead of `edge`.")
@click.option(
    "--explain", is_flag=True, help="List the nodes of the file behind each row, and what became of the others."
)
def import_network(
    file: Path, target: Path | None, batch: int | None, settings: tuple[tuple[str, str], ...], chip: str, explain: bool
) -> int:
    """Write a network's own FILE as a readable spec: blocks found, repetitions folded, open sizes as inputs.

    The spec claims what the file says, counted from the file: work, weights, sizes. `report`, `check`, `eval` and
    `diff` take such a FILE in the place of a spec.

    \b
    memdsl import resnet50.onnx -o resnet50.mem
    memdsl import detector.onnx --batch 4 --set height=640 --set width=640
    memdsl report resnet50.onnx
    """
    from .importing import run

    return run(file, target, batch, settings, chip, explain)


@cli.command()
@click.argument("book", metavar="BOOK.xlsx|CHANGES.json", type=click.Path(path_type=Path))
@click.option("--into", "spec", metavar="SPEC", type=click.Path(path_type=Path), help="The spec that it was made from.")
@click.option("--dry-run", is_flag=True, help="Show the changes and write nothing.")
def pull(book: Path, spec: Path | None, dry_run: bool) -> int:
    """Write what was changed in a workbook, inputs and scenarios, into the spec that it was made from.

    \b
    memdsl pull reports/yolov3.xlsx --into specs/yolov3.mem --dry-run
    memdsl pull reports/yolov3.xlsx --into specs/yolov3.mem
    """
    from .pull import run

    return run(book, spec, dry_run)


@cli.command(name="lsp")
@click.option("--stdio", is_flag=True, help="Accepted for editors that say so; there is no other way.")
def language_server(stdio: bool) -> int:
    """Serve an editor: the language server protocol on standard input and output.

    Editors start it. It needs the extra `lsp`: pip install 'memdsl[lsp]'.

    \b
    memdsl lsp
    """
    from .lsp import run

    return run()


@cli.command()
@SPEC
@click.argument("cells", metavar="CELL…", nargs=-1, required=True, shell_complete=complete.cells)
@click.option(
    "--samples", type=click.IntRange(100, 1_000_000), default=1 << 15, show_default=True, help="How many are drawn."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same numbers.")
@SET
@SCENARIO
@formats("text", "json", default="text")
def uncertainty(
    spec: str,
    cells: tuple[str, ...],
    samples: int,
    seed: int,
    settings: tuple[tuple[str, str], ...],
    scenario: str | None,
    form: str,
) -> int:
    """Print how sure each CELL is, given how sure the inputs are: mean, P5, P50, P95, interval, what contributes.

    An input says how sure it is with `± 20%`, or with `~ uniform(…)`, `normal(…)`, `lognormal(…)` or `one of …`.

    \b
    memdsl uncertainty specs/follow_the_memory.mem resnet.energy
    memdsl uncertainty specs/follow_the_memory.mem resnet.energy --samples 100000 --seed 7
    """
    from .uncertainty import run

    return run(spec, cells, samples, seed, Chosen(settings, scenario), form)
