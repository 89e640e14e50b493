"""Files that use files: where paths lead, whose names are whose, and what a run may set."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl import driver
from memdsl.diagnostics import Source


def build(folder: Path, files: dict[str, str], *settings: tuple[str, str]) -> driver.Model:
    """The model of `main.mem` among the given files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    source = driver.read(folder / "main.mem")
    assert isinstance(source, Source)
    return driver.build(source, folder, folder / "main.mem", settings)


def codes(model: driver.Model) -> list[str]:
    return [found.code for found in model.diagnostics]


def test_a_path_leads_from_the_file_that_names_it(tmp_path: Path) -> None:
    files = {
        "main.mem": 'use "deep/one.mem"\na = from_one + from_two',
        "deep/one.mem": 'use "two.mem"\nuse "../top.mem"\nfrom_one = from_two * 10 + top',
        "deep/two.mem": "from_two = 2",
        "top.mem": "top = 500",
    }
    model = build(tmp_path, files)
    assert codes(model) == ["unknown-name"]  # what a used file uses is its own business
    files["main.mem"] = 'use "deep/one.mem"\nuse "deep/two.mem"\na = from_one + from_two'
    assert build(tmp_path, files).values.cell("a") == 522


@pytest.mark.parametrize("path", ["../secret.mem", "link.mem", "/etc/hostname", "deep/../../secret.mem"])
def test_nothing_outside_the_folder_of_the_spec_is_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.mem").write_text("secret = 1\n")
    folder = tmp_path / "spec"
    folder.mkdir()
    (folder / "link.mem").symlink_to(tmp_path / "secret.mem")
    model = build(folder, {"main.mem": f'use "{path}"\na = secret', "deep/x.mem": "b = 1"})
    assert "outside-folder" in codes(model)
    assert "a" not in {cell for cell in model.sheet.cells if model.sheet.cells[cell].formula.span.source.name == path}


def test_files_of_one_name_keep_their_cells_apart(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        {
            "main.mem": 'use "a/chip.mem" as one\nuse "b/chip.mem" as two\nuse std.hardware\n'
            "hardware chip = edge()\nsum_ = one.peak + two.peak + chip.peak / 1 MAC * 1 s",
            "a/chip.mem": "peak = 1",
            "b/chip.mem": "peak = 2",
        },
    )
    assert codes(model) == []
    assert model.values.cell("sum_") == 3 + 4096 * 933e6


def test_a_name_of_the_spec_stands_before_one_that_it_uses(tmp_path: Path) -> None:
    model = build(tmp_path, {"main.mem": 'use "other.mem"\nsize = 7\na = size', "other.mem": "size = 1\nb = size"})
    assert codes(model) == []
    assert model.values.cell("a") == 7


STRUCTURE = """
use std.layers
use std.traffic
use std.hardware
option depth = 2 from 1 to 9
network net(image[h, w, c]) { a = image -> conv(8) -> depth * conv(8) }
hardware chip = edge()
model m = winograd(net([8, 8, 3]), chip, least = 4)
rows_made = count(m.layers)
claim rows_made = 3
"""


def test_an_option_that_is_set_makes_another_structure(tmp_path: Path) -> None:
    model = build(tmp_path, {"main.mem": STRUCTURE}, ("depth", "5"))
    assert codes(model) == []
    assert model.values.cell("rows_made") == 6
    assert len(model.sheet.tables["m"].rows) == 7


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("depth", "10", "out-of-range"),
        ("depth", "1.5", "bad-count"),
        ("depth", "nothing", "unknown-name"),
        ("m.least", "1", "param-in-structure"),
        ("m.batch", "2 B", "unit-mismatch"),
        ("m.work", "2 MAC", "computed-cell"),
        ("m", "2", "not-a-number"),
    ],
)
def test_what_a_run_may_not_set(tmp_path: Path, name: str, value: str, code: str) -> None:
    assert codes(build(tmp_path, {"main.mem": STRUCTURE}, (name, value))) == [code]


def test_an_argument_is_an_input(tmp_path: Path) -> None:
    plain, larger = (build(tmp_path, {"main.mem": STRUCTURE}, *s) for s in ((), (("m.batch", "3"),)))
    assert larger.values.cell("m.work") == 3 * plain.values.cell("m.work")  # type: ignore[operator]
