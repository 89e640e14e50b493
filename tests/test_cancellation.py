"""Work that is cancelled ends at the checkpoint that comes next, and leaves nothing behind that other work meets."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdsl.cancellation import Cancelled, cancellable, checkpoint
from memdsl.lsp.forms import find_forms
from memdsl.lsp.snapshot import Snapshot
from memdsl.report import Report
from memdsl.version import VERSION

SPEC = """"A small network"
use std.layers
use std.traffic
use std.hardware
param side = 64 px multiple of 32 from 32 px to 512 px
param sram = 64 KiB from 0 B to 1 MiB
network net(image[h, w, c]) {
  a = image -> conv(8, stride = 2)
  b = a -> conv(8) -> add(a)
}
hardware chip = edge(sram = sram)
model today = traffic(net([side, side, 3]), chip)
pairs = sum(r in today.layers, sum(s in today.layers, s.macs * r.macs / 1 MAC))
claim pairs > 0 MAC
report {
  equation today.dram_bytes in sram
  sensitivity of today.time to sram
  grid today.dram_bytes over sram = 16 KiB..1 MiB times 4
}
"""


def everything() -> tuple[str, dict[str, str], list[str]]:
    """All that the editor and the desk compute of a spec."""
    snapshot = Snapshot.of(SPEC, Path("a.mem"))
    find_forms(snapshot)
    page = Report(snapshot.model, command="", version=VERSION).page()  # type: ignore[arg-type]
    return page, snapshot.forms, [d.message for d in snapshot.problems]


class Ends:
    """Cancelled at one of the checkpoints."""

    def __init__(self, at: int) -> None:
        self.at, self.passed = at, 0

    def __call__(self) -> bool:
        self.passed += 1
        return self.passed > self.at


def test_work_ends_at_any_checkpoint_and_can_be_done_again() -> None:
    whole, counted = everything(), Ends(1 << 60)
    with cancellable(counted):
        assert everything() == whole
    assert counted.passed > 1_000
    for at in range(0, counted.passed, counted.passed // 4):
        with pytest.raises(Cancelled), cancellable(Ends(at)):
            everything()
    assert everything() == whole


def test_only_what_runs_inside_is_cancelled() -> None:
    with pytest.raises(Cancelled), cancellable(lambda: True):
        checkpoint()
    checkpoint()
    with cancellable(lambda: True):
        with cancellable(lambda: False):
            checkpoint()
        with pytest.raises(Cancelled):
            checkpoint()
