"""Runs the program: whatever happens becomes an exit code and one clear line."""

from __future__ import annotations

import gc
import os
import sys
from itertools import pairwise

import click

from .commands import cli
from .common import Outside, Usage
from .terminal import neutral_streams


def main(arguments: list[str] | None = None) -> None:
    """Runs the program and exits: 0 fine, 1 errors in the spec, 2 wrong use, 3 something outside failed."""
    # A run builds one large model and ends: collecting garbage on the way only costs time.
    gc.set_threshold(200_000, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with neutral_streams():
        code = _run(arguments)
    raise SystemExit(code)


def _run(arguments: list[str] | None) -> int:
    try:
        code = cli.main(arguments, prog_name="memdsl", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as wrong:
        wrong.show(sys.stderr)
        code = _failed(2, "wrong-use", wrong.format_message(), arguments, shown=True)
    except click.Abort:
        print("stopped", file=sys.stderr)
        code = 130
    except Usage as wrong:
        code = _failed(2, "wrong-use", str(wrong), arguments)
    except Outside as failed:
        code = _failed(3, "outside", str(failed), arguments)
    except BrokenPipeError:
        # The reader of the output has gone, as `head` does; what is still to be written goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except RecursionError:
        code = _failed(1, "too-deep", "the spec is nested too deeply", arguments)
    except MemoryError:
        code = _failed(3, "outside", "there is not enough memory for this", arguments)
    except OSError as failed:
        code = _failed(3, "outside", f"{failed.strerror or failed}: {failed.filename or ''}", arguments)
    except Exception as unexpected:
        if "MEMDSL_TRACE" in os.environ:
            raise
        fault = f"{type(unexpected).__name__}: {unexpected}"
        message = f"a fault of the program itself ({fault}); MEMDSL_TRACE=1 shows where"
        code = _failed(3, "program", message, arguments)
    return code if isinstance(code, int) else 0


def _failed(code: int, kind: str, message: str, arguments: list[str] | None, *, shown: bool = False) -> int:
    """Says why a run ended without an answer, also as JSON where that was asked for; its exit code."""
    if not shown:
        print(f"memdsl: {message}", file=sys.stderr)
    given = sys.argv[1:] if arguments is None else arguments
    if "--format=json" in given or ("--format", "json") in pairwise(given):
        import json  # text does not wait for it

        told = {"severity": "error", "code": kind, "message": message, "hint": ""}
        print(json.dumps({"diagnostics": [told]}, indent=2))
    return code


def program() -> None:
    """The command itself: ends at once, as taking a large model apart would only cost time."""
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)
