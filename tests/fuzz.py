"""Input from strangers by the thousand: `make fuzz` (python tests/fuzz.py [CAMPAIGN…] --cases N --seed S).

Whatever a file, an edit, a request or a message holds, it is taken or refused within a time and a memory, without a
fault of the program. A seeded part of every campaign is in `test_fuzz.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent / "dsl"))

from fuzzing import commands, desk, editor, kills, meanings
from memdsl.cli.main import main

MOST_SECONDS = 10.0
MOST_MEMORY = 2_000_000_000
_HANGS = 90

SESSIONS: dict[str, Callable[[random.Random, Path], str]] = {
    "edits": editor.of_edits,
    "messages": editor.of_messages,
    "requests": desk.of_requests,
}
"""Each carries out one case in a folder and says what is wrong."""
CAMPAIGNS = (*commands.CAMPAIGNS, *SESSIONS)
OTHERS = ("meanings", "kill")


@dataclass(frozen=True)
class Finding:
    campaign: str
    seed: int
    command: commands.Command
    what: str


class Hangs(BaseException):
    """Beyond all limits."""


def run(command: commands.Command) -> int:
    """The exit code of a command."""
    try:
        main(list(command))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def case(name: str, seed: int) -> Finding | None:
    """One case of a campaign; what is wrong with it."""
    chance = random.Random(f"{name} {seed}")
    before, wrong, code = os.getcwd(), "", 0
    command: commands.Command = ()
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace", write_through=True)
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        # A session has threads of its own; beside a command there may be some of a session before it.
        clock = time.process_time if name in SESSIONS else time.thread_time
        start = clock()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                if name in SESSIONS:
                    wrong = SESSIONS[name](chance, Path(place))
                else:
                    command = commands.CAMPAIGNS[name](chance, Path(place))
                    start = clock()
                    code = run(command)
        except Hangs:
            wrong = f"more than {_HANGS} s"
        except Exception as fault:
            wrong = f"{type(fault).__name__}: {fault}"
        finally:
            os.chdir(before)
    spent = clock() - start
    out.flush()
    said = out.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]
    wrong = wrong or _wrong(code, said, session=name in SESSIONS)
    if not wrong and spent > MOST_SECONDS:
        wrong = f"{spent:.0f} s"
    return Finding(name, seed, command, wrong) if wrong else None


def _wrong(code: int, said: str, *, session: bool) -> str:
    """What is wrong with how a command ended, or with what a session left on the console."""
    if session and said.strip():
        return f"on the console: {said.strip()[-300:]}"
    if "fault of the program" in said or "Traceback (most" in said:
        return said.strip()[-300:]
    if code not in (0, 1, 2, 3):
        return f"code {code}"
    if code and not said.strip():
        return f"code {code}, and nothing said"
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", said):
        return "a control character was printed"
    return ""


def campaign(name: str, seeds: range) -> Iterator[Finding]:
    for seed in seeds:
        found = case(name, seed)
        if found is not None:
            yield found


def _hang(number: int, frame: object) -> None:
    raise Hangs


def findings(name: str, cases: int, first: int) -> Iterator[Finding]:
    """What a campaign finds, as it finds it."""
    if name == "kill":
        yield from (Finding(name, *one) for one in kills.killed(cases, first))
    elif name == "meanings":
        for at in range(first, first + cases, meanings.AT_ONCE):
            seeds = range(at, min(at + meanings.AT_ONCE, first + cases))
            yield from (Finding(name, at, (), what) for what in meanings.differences(seeds))
    else:
        for seed in range(first, first + cases):
            signal.alarm(_HANGS)
            one = case(name, seed)
            signal.alarm(0)
            if one is not None:
                yield one


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("campaigns", nargs="*", default=[*CAMPAIGNS, *OTHERS])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _hang)
    wrong = 0
    for name in asked.campaigns:
        cases = min(asked.cases, 200) if name == "kill" else asked.cases
        start, found = time.perf_counter(), 0
        for one in findings(name, cases, asked.seed):
            found += 1
            print(f"  {one.campaign} {one.seed}: {' '.join(one.command)}\n    {one.what}", flush=True)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        wrong += found + (most > MOST_MEMORY)
        spent = time.perf_counter() - start
        print(f"{name}: {cases:,} cases, {found} found, {spent:.0f} s, {most / 1e6:,.0f} MB at most", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(_main())
