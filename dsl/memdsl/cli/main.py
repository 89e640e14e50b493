"""Runs the program: whatever happens becomes an exit code and one clear line."""

from __future__ import annotations

import gc
import os
import sys

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
        code = 2
    except click.Abort:
        print("stopped", file=sys.stderr)
        code = 130
    except Usage as wrong:
        print(f"memdsl: {wrong}", file=sys.stderr)
        code = 2
    except Outside as failed:
        print(f"memdsl: {failed}", file=sys.stderr)
        code = 3
    except BrokenPipeError:
        # The reader of the output has gone, as `head` does; what is still to be written goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except RecursionError:
        print("memdsl: the spec is nested too deeply", file=sys.stderr)
        code = 1
    except MemoryError:
        print("memdsl: there is not enough memory for this", file=sys.stderr)
        code = 3
    except OSError as failed:
        print(f"memdsl: {failed.strerror or failed}: {failed.filename or ''}", file=sys.stderr)
        code = 3
    except Exception as unexpected:
        if "MEMDSL_TRACE" in os.environ:
            raise
        fault = f"{type(unexpected).__name__}: {unexpected}"
        print(f"memdsl: a fault of the program itself ({fault}); MEMDSL_TRACE=1 shows where", file=sys.stderr)
        code = 3
    return code if isinstance(code, int) else 0


def program() -> None:
    """The command itself: ends at once, as taking a large model apart would only cost time."""
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1)
