"""Every row of the shipped networks equals the published definition, at several sizes; and so do their totals."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path

import pytest

from memdsl import driver

ROOT = Path(__file__).parent.parent
TRUTH = Path(__file__).parent / "networks"
SIZES = ("h", "w", "c")
COUNTS = ("weights", "macs", "elements")
TYPES = {
    "conv": "conv",
    "depthwise": "conv",
    "dense": "fc",
    "add": "add",
    "max_pool": "maxpool",
    "global_pool": "avgpool",
    "upsample": "upsample",
    "concat": "concat",
}
VIEWS = {"flatten", "norm"}
# A table's name says the spec, its variant and the size of the image.
VARIANTS = {"resnet50": {"projections": "true"}, "resnet50-v1.5": {"projections": "true", "stride_in_3x3": "true"}}
SIZED = {"yolov3", "resnet50", "mobilenet_v1", "mobilenet_v2"}


def built(spec: str, **settings: str) -> driver.Model:
    path = ROOT / "specs" / f"{spec}.mem"
    source = driver.read(path)
    assert isinstance(source, driver.Source)
    model = driver.build(source, path.parent, path, list(settings.items()))
    assert model.sound, [d.message for d in model.problems]
    return model


def value(model: driver.Model, cell: str) -> float:
    found = model.values.cell(cell)
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize("table", sorted(TRUTH.glob("*x*.csv")), ids=lambda p: p.stem)
def test_every_row_is_that_of_the_published_definition(table: Path) -> None:
    variant, size = table.stem.rsplit("_", 1)
    spec = variant.split("-")[0]
    width, height = size.split("x")
    settings = {"width": width, "height": height} if spec in SIZED else {}
    model = built(spec, **settings, **VARIANTS.get(variant, {}))
    network = model.sheet.instances["yolo" if spec == "yolov3" else "net"].table
    assert network is not None
    kinds, *columns = (model.values.column(network, name) for name in ("kind", *SIZES, *COUNTS))
    rows = [
        i for i, row in enumerate(model.sheet.tables[network].rows) if row.role == "layer" and kinds[i] not in VIEWS
    ]
    # A dense layer over channels alone has no positions: the tables say that it has one.
    ours = [(TYPES[str(kinds[i])], *(1.0 if c[i] is None else c[i] for c in columns)) for i in rows]
    assert ours == [(row["type"], *(float(row[name]) for name in (*SIZES, *COUNTS))) for row in truth(table)]


def test_every_row_of_bert_is_that_of_the_published_definition() -> None:
    """One layer of the encoder stands for twelve; the products of attention are laid out by head in the definition."""
    model = built("bert_base")
    kinds, copies, *columns = (model.values.column("net", name) for name in ("kind", "copies", *COUNTS))
    types = {"embedding": "embedding", "dense": "fc", "matmul": "matmul", "matmul_t": "matmul"}
    ours: list[tuple[object, ...]] = []
    for number, rows in groupby([i for i, kind in enumerate(kinds) if kind in types], lambda i: copies[i]):
        assert isinstance(number, float)
        ours += [(types[str(kinds[i])], *(column[i] for column in columns)) for i in rows] * int(number)
    assert ours == [(r["type"], *(float(r[name]) for name in COUNTS)) for r in truth(TRUTH / "bert_base_128.csv")]
    assert len(ours) == 100


def test_every_row_of_the_gru_layers_is_that_of_the_published_definition() -> None:
    """A step of time, by cell and with the products of input and state apart."""
    rows = [(float(r["weights"]), float(r["macs"])) for r in truth(TRUTH / "gru_speech_1.csv")]
    model = built("gru_speech", steps="1")
    for network, wanted in (
        ("long", rows),
        ("net", [(a + c, b + d) for (a, b), (c, d) in zip(rows[::2], rows[1::2], strict=True)]),
    ):
        weights, macs = model.values.column(network, "weights"), model.values.column(network, "macs")
        assert [(w, m) for w, m in zip(weights, macs, strict=True) if w] == wanted


def truth(table: Path) -> list[dict[str, str]]:
    with table.open() as file:
        return list(csv.DictReader(file))


def test_yolov3_totals_at_two_megapixels() -> None:
    model = built("yolov3")
    convolutions = [i for i, kind in enumerate(model.values.column("yolo", "kind")) if kind == "conv"]
    assert value(model, "naive.weight_bytes") == 61_895_776
    assert value(model, "naive.work") == pytest.approx(399.08e9, rel=1e-5)
    assert sum(model.values.column("yolo", "elements")[i] for i in convolutions) == 474_961_920  # type: ignore[misc]
    assert value(model, "naive.dram_bytes") == 1_018_111_072
    assert value(model, "naive.peak_in_out") == pytest.approx(100.66e6, rel=1e-4)
    assert value(built("yolov3", width="608", height="608"), "naive.peak_in_out") == pytest.approx(17.74e6, rel=1e-3)


@pytest.mark.parametrize(
    ("sram", "megabytes"), [(4, 722.43), (8, 470.84), (16, 336.62), (32, 202.40), (64, 68.19), (1024, 68.19)]
)
def test_yolov3_traffic_against_sram(sram: int, megabytes: float) -> None:
    assert value(built("yolov3", sram=f"{sram} MiB"), "today.dram_bytes") == pytest.approx(megabytes * 1e6, abs=5e3)


@pytest.mark.parametrize(("sram", "megabytes"), [("0 B", 1203.752032), ("8 MiB", 548.916320)])
def test_yolov3_traffic_when_every_reader_counts(sram: str, megabytes: float) -> None:
    assert value(built("yolov3", sram=sram), "careful_today.dram_bytes") == pytest.approx(megabytes * 1e6, abs=1)


def test_resnet50_totals() -> None:
    plain, whole = built("resnet50"), built("resnet50", projections="true")
    assert value(plain, "naive.weight_bytes") == 22_734_016
    assert value(plain, "naive.dram_bytes") == pytest.approx(41.450e6, rel=2e-5)
    assert value(plain, "naive.peak_live") == 1_806_336
    assert value(plain, "naive.peak_copy") == 2_408_448
    assert value(whole, "naive.weight_bytes") == 25_502_912
    assert value(whole, "naive.work") == 3_857_973_248
