"""The tests of this folder leave the user's cache alone; those of the cache itself choose a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_cache() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEMDSL_NO_CACHE", "1")
        yield
