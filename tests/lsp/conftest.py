"""One server for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from editor import Editor


@pytest.fixture(scope="session")
def editor() -> Iterator[Editor]:
    started = Editor()
    yield started
    assert started.stop() == 0
