"""Small faults put in by hand, one at a time: the tests of what they touch must notice each. `make mutants`.

A mutant is a file, a text in it, and what stands there instead; beside it the tests that have to fail.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dsl" / "memdsl"
PATIENCE = 600
"""Seconds after which the tests of a mutant, which take seconds, are taken to run without end."""

RECORDS = "tests/test_operations.py"
PROOFS = "tests/symbolic/test_proofs.py"
FORMS = "tests/symbolic/test_normal_form.py tests/symbolic/test_breakpoints.py"
DRAWN = "tests/test_generated_specs.py"
UNITS = "tests/test_units.py tests/dimensions"

MUTANTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "sheet/operations.py": (
        RECORDS,
        [
            ("a - whole > 1 - abs(a) * NEAR", "a - whole > 2 - abs(a) * NEAR"),
            ("return 0 - floor(-a)", "return 0 - floor(-a) + 1"),
            ("rest >= 0.5 or (whole", "rest > 0.5 or (whole"),
            ("whole += 1 if a > 0 else -1", "whole += 1"),
            ("if a < 0 and b != int(b):", "if a < 0 and b == int(b):"),
            ("if a == 0 and b < 0:", "if a == 0 and b > 0:"),
            ("return min(max(x, low), high)", "return max(min(x, high), low)"),
            ('javascript="a(i) / finite(b(i))"', 'javascript="b(i) / finite(a(i))"'),
            ('javascript="a(i) / finite(b(i))"', 'javascript="a(i) / b(i)"'),
            ('defined=lambda f, a, b: f("!=", b, 0)', 'defined=lambda f, a, b: f("!=", a, 0)'),
            ('f("or", f("!=", a, 0), f(">=", b, 0))', 'f("or", f("!=", a, 0), f(">", b, 0))'),
            ('f("*", b, f("^", a, f("-", b, 1)))', 'f("*", b, f("^", a, f("-", b, 2)))'),
            ('"-a(i)",', '"a(i)",'),
            ("slopes=(lambda f, a: -1,)", "slopes=(lambda f, a: 1,)"),
            ("range=negate_range", "range=lambda a: a"),
            ('many=_folded("minimum")', 'many=_folded("maximum")'),
            ("(y < x ? y : x)", "(y > x ? y : x)"),
            ("range=smallest", "range=largest"),
            ('f("/", 0.5, f("sqrt", a))', 'f("/", 0.25, f("sqrt", a))'),
            ("inverse=lambda value: 2.0**value", "inverse=lambda value: 2.0*value"),
            ('f("/", 1 / math.log(2), a)', 'f("/", math.log(2), a)'),
            ('lowered=lambda f, a: f("max", a, f("neg", a))', 'lowered=lambda f, a: f("min", a, f("neg", a))'),
            ('f("min", f("max", x, low), high)', 'f("max", f("min", x, high), low)'),
            ('f("floor", f("+", a, 0.5))', 'f("floor", f("+", a, 0.25))'),
            ('"Math.sqrt(a(i))"', '"Math.cbrt(a(i))"'),
            ('"Math.log2(a(i))"', '"Math.log10(a(i))"'),
            ('javascript="finite(a(i)) ** finite(b(i))"', 'javascript="a(i) ** b(i)"'),
        ],
    ),
    "sheet/intervals.py": (
        PROOFS,
        [
            ("low, high = a[0] + b[0], a[1] + b[1]", "low, high = a[0] + b[0], a[1]"),
            ("return -a[1], -a[0]", "return -a[0], -a[1]"),
            ("if a[0] >= 0 and b[0] >= 0:", "if a[0] >= 0 or b[0] >= 0:"),
            ("return (_ZERO if high >= 0 else ends[0]), ends[1]", "return ends[0], ends[1]"),
            ("if low >= 0 or exponent % 2:", "if low >= 0 or exponent:"),
            (
                "return max(r[0] for r in ranges), max(r[1] for r in ranges)",
                "return max(r[0] for r in ranges), min(r[1] for r in ranges)",
            ),
            (
                "return min(r[0] for r in ranges), min(r[1] for r in ranges)",
                "return max(r[0] for r in ranges), min(r[1] for r in ranges)",
            ),
            (
                "        if low >= 0:\n            return _inverse(high), inf",
                "        if low >= 0:\n            return _inverse(high), high",
            ),
            ("return (_ZERO, inf) if a[0] >= 0 else EVERYTHING", "return (_ZERO, inf)"),
            (
                "return at(max(a[0], low), -1), at(max(a[1], low), 1)",
                "return at(max(a[0], low), -1), at(max(a[0], low), 1)",
            ),
        ],
    ),
    "symbolic/roots.py": (
        PROOFS,
        [
            ("inside = b * b - 4 * a * c", "inside = b * b - 2 * a * c"),
            ("return [(-b - root) / (2 * a), (-b + root) / (2 * a)]", "return [(-b + root) / (2 * a)]"),
            ("roots = [-terms[0] / terms[1]]", "roots = [terms[0] / terms[1]]"),
            ("ends = [left, *real_roots(slope, left, right), right]", "ends = [left, right]"),
            ("if root is not None:\n            found.append(root)", "if root is None:\n            found.append(a)"),
            ("if low <= root <= high", "if low < root < high"),
        ],
    ),
    "symbolic/domain.py": (
        DRAWN,
        [
            ("return space.either(space.opposite(condition), then)", "return space.both(condition, then)"),
            ("branches = zip((yes, no), args[1:], strict=True)", "branches = zip((no, yes), args[1:], strict=True)"),
            ("return ALWAYS if exponent >= 0 else", "return ALWAYS if exponent else"),
            ("case, part in branches if case != NEVER", "case, part in branches if case == NEVER"),
            ('_NEED_A_ROW = ("max", "min", "mean", "argmax", "first")', '_NEED_A_ROW = ("max", "min")'),
            ('(yes if op == "and" else no, args[1])', '(no if op == "and" else yes, args[1])'),
        ],
    ),
    "evaluate/compile.py": (
        DRAWN,
        [
            ("if value != value:", "if value is None:"),
            (
                '"if": lambda c, a, b: lambda i: a(i) if c(i) else b(i)',
                '"if": lambda c, a, b: lambda i: b(i) if c(i) else a(i)',
            ),
            ('"and": lambda a, b: lambda i: a(i) and b(i)', '"and": lambda a, b: lambda i: b(i) and a(i)'),
            ("if where is None or where(i):", "if where is None or not where(i):"),
        ],
    ),
    "analysis/sweep/vector_compiler.py": (
        DRAWN,
        [
            ("active.fault(missing[key])", "pass"),
            ("active.fault(missing[slot, index])", "pass"),
            ("with active.only(np.logical_not(test)):", "with active.only(test):"),
        ],
    ),
    "js/machine.js": (
        DRAWN,
        [
            ("if (value !== value || value === Infinity", "if (value === Infinity"),
            ('  if (value !== value) throw new NoValue("there is no value");\n', ""),
            ("way > 0 ? values[k] > values[best]", "way > 0 ? values[k] >= values[best]"),
            ("if (!weight) throw", "if (weight) throw"),
        ],
    ),
    "dimensions/formulas.py": (
        UNITS,
        [
            ("return Quantity(multiply(known[0], known[1]))", "return Quantity(divide(known[0], known[1]))"),
            ("return Quantity(divide(known[0], known[1]))", "return Quantity(multiply(known[0], known[1]))"),
            ("if dimension != NONE:", "if dimension == NONE:"),
            ("elif found not in (ANY, kind):", "elif found in (ANY, kind):"),
        ],
    ),
}


def faults() -> Iterator[tuple[Path, str, str, str]]:
    for name, (tests, changes) in MUTANTS.items():
        for before, after in changes:
            yield PACKAGE / name, before, after, tests


def survives(path: Path, before: str, after: str, tests: str) -> bool:
    """Whether the tests pass although the fault is there; the file is put back whatever happens."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) >= 1, f"{path.name} has no `{before}`: the mutant is out of date"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests.split()]
    if tests == DRAWN:
        command += ["-k", "every_meaning"]
    try:
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        env = {**os.environ, "PYTHONPATH": str(ROOT / "dsl"), "PYTHONDONTWRITEBYTECODE": "1", "TEST_PROFILE": "noticed"}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=PATIENCE)
        return done.returncode == 0
    except subprocess.TimeoutExpired:  # tests that never end are noticed
        return False
    finally:
        path.write_text(text, encoding="utf-8")


def main() -> int:
    listed = [*faults()]
    alive = []
    for path, before, after, tests in listed:
        if survives(path, before, after, tests):
            alive.append(f"{path.relative_to(PACKAGE)}: `{before}` -> `{after}`")
            print(f"alive: {alive[-1]}", flush=True)
    print(f"{len(listed) - len(alive)} of {len(listed)} mutants killed")
    return 1 if alive else 0


if __name__ == "__main__":
    raise SystemExit(main())
