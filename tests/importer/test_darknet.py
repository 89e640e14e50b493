"""Darknet's `.cfg`: YOLOv3 written as its definition has it comes in with the rows of the spec that a person wrote."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import memdsl
from memdsl.importer import ImportFault, Options, read

SPECS = Path(__file__).parent.parent.parent / "specs"


def conv(filters: int, size: int = 3, stride: int = 1) -> str:
    return f"[convolutional]\nfilters={filters}\nsize={size}\nstride={stride}\npad=1\nactivation=leaky\n"


def yolov3() -> str:
    """The layers of Redmon and Farhadi 2018: Darknet-53, then three scales of detection."""
    parts = ["[net]\nwidth=416\nheight=416\nchannels=3\n# a comment\n", conv(32)]
    for filters, count in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        parts.append(conv(filters, stride=2))
        parts += [conv(filters // 2, 1) + conv(filters) + "[shortcut]\nfrom=-3\nactivation=linear\n"] * count
    for wide, route in ((512, ""), (256, "-1, 61"), (128, "-1, 36")):
        if route:
            parts.append(f"[route]\nlayers=-4\n{conv(wide, 1)}[upsample]\nstride=2\n[route]\nlayers={route}\n")
        parts += [conv(wide, 1) + conv(2 * wide)] * 3
        parts.append("[convolutional]\nsize=1\nstride=1\npad=1\nfilters=255\nactivation=linear\n[yolo]\nmask=0,1,2\n")
    return "\n".join(parts)


def rows(spec: memdsl.Spec, network: str) -> Counter[tuple[object, ...]]:
    model = spec.model
    table = model.sheet.tables[model.sheet.instances[network].table or ""]
    columns = [model.values.column(table.id, name) for name in ("h", "w", "c", "macs", "weights")]
    return Counter((row.kind, *(column[i] for column in columns)) for i, row in enumerate(table.rows))


def test_yolov3_has_the_rows_of_the_spec_at_three_sizes(tmp_path: Path) -> None:
    path = tmp_path / "yolov3.cfg"
    path.write_text(yolov3())
    imported, written = memdsl.read_network(path), memdsl.load(SPECS / "yolov3.mem")
    for height, width in ((416, 416), (608, 608), (1024, 2048)):
        ours = rows(imported.at(height=height, width=width), "net")
        assert ours == rows(written.at(height=height, width=width), "yolo")
        assert sum(ours.values()) == 103
    assert imported.text is not None
    assert "8 * residual()" in imported.text
    assert "multiple of 32" in imported.text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("does not begin with [net]", "[network2]\n[net]\nheight=4"),
        ("line 1: [net] has no height and width", "[net]\n[convolutional]\n"),
        ("line 4: [route] reads layer 7, which is not before it", "[net]\nheight=8\nwidth=8\n[route]\nlayers=7"),
        ("line 4: [convolutional]: size is 'x' and no number", "[net]\nheight=8\nwidth=8\n[convolutional]\nsize=x"),
        ("line 4: [convolutional] has size 3, stride 0", "[net]\nheight=8\nwidth=8\n[convolutional]\nsize=3\nstride=0"),
        ("the file has no layers", "[net]\nheight=8\nwidth=8\n"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(said: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "made.cfg"
    path.write_text(text)
    with pytest.raises(ImportFault) as fault:
        read(path, Options())
    assert said in str(fault.value)
