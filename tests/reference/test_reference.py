"""The reference is made from the library: all of it, each name with its words and its unit, formulas that mean it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from memdsl.diagnostics import Problems, Source
from memdsl.reference import Declaration, Library, Module, find, read_library, to_json, to_markdown, to_text
from memdsl.reference.entries import Condition, Entry
from memdsl.reference.maths import shape
from memdsl.resolve.texts import LIBRARY, library_names
from memdsl.symbolic.writers import LatexWriter, TextWriter
from memdsl.syntax import parse, parse_expression, tree

ROOT = Path(__file__).parent.parent.parent
NOT_DECLARED = (tree.Use, tree.Require, tree.Claim, tree.Report, tree.Scenario)


@cache
def library() -> Library:
    return read_library()


def declarations() -> Iterator[tuple[Module, Declaration]]:
    for module in library().modules:
        yield from ((module, declaration) for declaration in module.declarations)


def entries() -> Iterator[tuple[str, Entry]]:
    for module, declaration in declarations():
        for part in declaration.parts:
            yield from ((f"{module.name}.{declaration.name} {part.title}: {e.name}", e) for e in part.entries)


def test_everything_in_the_library_is_in_the_reference() -> None:
    for stem in library_names():
        text = (LIBRARY / f"{stem}.mem").read_text(encoding="utf-8")
        statements = [s for s in parse(Source(stem, text), Problems()).statements if not isinstance(s, NOT_DECLARED)]
        (module,) = [m for m in library().modules if m.name == f"std.{stem}"]
        assert [d.name for d in module.declarations] == [getattr(s, "name", "layer") for s in statements]
        told = sum(len(part.entries) for d in module.declarations for part in d.parts)
        assert told == sum(1 for _ in cells(statements))


def cells(part: object) -> Iterator[tree.Cell | tree.Function]:
    if isinstance(part, (list, tuple)):
        for inner in part:
            yield from cells(inner)
    elif isinstance(part, (tree.Cell, tree.Function)):
        yield part
    elif hasattr(part, "body"):
        yield from cells(part.body)


def test_every_module_and_declaration_says_what_it_is() -> None:
    assert [m.name for m in library().modules if not m.title] == []
    assert [f"{m.name}.{d.name}" for m, d in declarations() if not d.label] == []


def test_every_column_total_and_figure_says_what_it_is() -> None:
    assert [where for where, entry in entries() if not entry.label] == []


def test_the_library_is_sound_so_that_every_unit_is_known() -> None:
    assert [f"{d.span.source.text[d.span.start : d.span.end]}: {d.message}" for d in library().faults] == []
    wanted = {"std.traffic.traffic Totals: dram_bytes": "B", "std.hardware.edge Figures: peak": "MAC/s"}
    assert wanted.items() <= {where: entry.unit for where, entry in entries()}.items()


def test_arguments_say_what_they_take() -> None:
    (found,) = find(library().modules, "std.traffic.traffic")
    (model,) = found.declarations
    taken = {a.name: (a.what, a.unit, a.default) for a in model.arguments}
    assert taken["net"] == ("network", "", "")
    assert taken["hw"] == ("hardware", "", "")
    assert taken["act"] == ("", "B", "8 bit")


def test_a_constant_of_a_hardware_without_a_source_is_marked() -> None:
    (found,) = find(library().modules, "edge.clock")
    ((entry,),) = (part.entries for part in found.declarations[0].parts)
    assert (entry.role, entry.source) == ("assumed", "")
    sourced = [e for _, e in entries() if e.source]
    assert sourced
    assert all(e.role != "assumed" for e in sourced)


def test_an_override_is_marked_and_keeps_the_words_of_its_base() -> None:
    (found,) = find(library().modules, "careful.fetched")
    (entry,) = found.declarations[0].parts[0].entries
    assert (entry.role, entry.label) == ("override", "Bytes of activations read from DRAM")


@pytest.mark.parametrize("name", ["std.layers", "layers", "conv", "std.layers.conv", "conv.weights", "weights"])
def test_a_name_is_found(name: str) -> None:
    found = find(library().modules, name)
    assert any(f.module.name == "std.layers" and any(d.name == "conv" for d in f.declarations) for f in found)


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        ("(a + b) * c / d", "(a + b)·c/d", r"\frac{\left( \mathrm{a} + \mathrm{b} \right)\,\mathrm{c}}{\mathrm{d}}"),
        ("a - (b - c)", "a - (b - c)", r"\mathrm{a} - \left( \mathrm{b} - \mathrm{c} \right)"),
        ("-a ^ 2", "-a^2", r"-{\mathrm{a}}^{2}"),
        ("16 GB/s * t", "(16 GB/s)·t", r"\left( 16\,\mathrm{GB/s} \right)\,\mathrm{t}"),
        ("sum(T.x where T.y > 0)", "sum(T.x where T.y > 0)", r"\sum_{\mathrm{T.y} > 0} \mathrm{T.x}"),
        ("sum(r in T where r.y > 0, r.x)", "sum(r in T where r.y > 0, r.x)", None),
        ("first(m in hw.memories where a <= m.b)", "first(m in hw.memories where a <= m.b)", None),
        ("min(xs.c) == max(xs.c)", "min(xs.c) == max(xs.c)", r"\min \mathrm{xs.c} = \max \mathrm{xs.c}"),
        ('if not a then "x" else "y"', '"x" if not a else "y"', None),
        (
            "clamp(abs(x), 0, 1)",
            "clamp(abs(x), 0, 1)",
            r"\mathrm{clamp} \left( \left| \mathrm{x} \right|, 0, 1 \right)",
        ),
    ],
)
def test_formulas_as_mathematics(formula: str, text: str, latex: str | None) -> None:
    import ziamath

    node = parse_expression(Source("x", formula), Problems())
    assert node is not None
    made = shape(node, formula)
    assert TextWriter().write(made) == text
    written = LatexWriter().write(made)
    assert latex is None or written == latex
    assert ziamath.Latex(written).svg().startswith("<svg")


def test_every_formula_of_the_library_can_be_typeset() -> None:
    import ziamath
    from latex2mathml.converter import convert

    formulas: list[Entry | Condition] = [entry for _, entry in entries()]
    formulas += [c for _, d in declarations() for part in d.parts for c in part.conditions]
    written = {LatexWriter().write(f.shape) for f in formulas if f.shape is not None}
    assert len(written) > 50
    for latex in sorted(written, key=len):
        assert convert(latex).startswith("<math"), latex
    for latex in sorted(written, key=len)[::25]:  # drawing takes far longer than reading
        assert ziamath.Latex(latex).svg().startswith("<svg"), latex


def test_the_formats_say_the_same() -> None:
    for module in library().modules:
        text = to_text(module, module.declarations)
        markdown = to_markdown(module, module.declarations)
        told = json.dumps(to_json(module, module.declarations))
        for declaration in module.declarations:
            for part in declaration.parts:
                for entry in part.entries:
                    assert re.search(rf"^    {entry.name}\b", text, re.MULTILINE)
                    assert f"| `{entry.name}` |" in markdown
                    assert json.dumps(entry.formula) in told


def doc(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "memdsl", "doc", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT / "dsl"), "HOME": "/tmp"},
    )


def test_pages_and_their_index(tmp_path: Path) -> None:
    done = doc("std.traffic", "-o", str(tmp_path / "pages"))
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (tmp_path / "pages").iterdir()} == {"std.traffic.html", "index.html"}
    page = (tmp_path / "pages" / "std.traffic.html").read_text(encoding="utf-8")
    assert page.count("<svg") > 10
    index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#]+)(?:#([^"]+))?"', index)
    assert {file for file, _ in links} == {"index.html", *(f"std.{stem}.html" for stem in library_names())}
    inside = [anchor for file, anchor in links if file == "std.traffic.html" and anchor]
    assert "model-careful" in inside
    assert all(f'id="{anchor}"' in page for anchor in inside)


def test_a_file_of_ones_own_is_documented(tmp_path: Path) -> None:
    (tmp_path / "mine.mem").write_text(
        '"My kinds"\nlayer twice(x[h, w, c]) -> x "<b>Two</b> of it" {\n  macs = 2 * x.elements * 1 MAC  "Work"\n}\n'
    )
    done = doc(str(tmp_path / "mine.mem"))
    assert done.returncode == 0, done.stderr
    assert "macs [MAC]  Work\n        = 2·x.elements·(1 MAC)" in done.stdout
    page = doc(str(tmp_path / "mine.mem"), "--format", "html").stdout
    assert "&lt;b&gt;Two" in page
    assert "<b>" not in page


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    done = doc("convv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `conv`?" in done.stderr
    (tmp_path / "bad.mem").write_text("layer (\n")
    done = doc(str(tmp_path / "bad.mem"))
    assert done.returncode == 1
    assert "bad.mem:1:" in done.stderr
    assert doc(str(tmp_path / "none.mem")).returncode == 1
