"""One thread analyses: what nobody waits for ends, and the text that was edited last goes first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from memdsl.cancellation import checkpoint
from memdsl.lsp.server import GaveWay, MemServer


@pytest.fixture
def server() -> Iterator[MemServer]:
    made = MemServer()
    yield made
    made.give_way()
    made.worker.shutdown()


def endless(begun: threading.Event) -> None:
    begun.set()
    while True:
        checkpoint()


async def _begin(server: MemServer, *, idle: bool = False) -> asyncio.Task[None]:
    begun = threading.Event()
    task = asyncio.create_task(server.run(endless, begun, idle=idle))
    await asyncio.to_thread(begun.wait)
    return task


def test_work_that_was_begun_gives_way(server: MemServer) -> None:
    async def edited() -> int:
        task = await _begin(server)
        server.give_way()
        found = await server.run(abs, -1)
        with pytest.raises(GaveWay):
            await task
        return found

    assert asyncio.run(edited()) == 1


def test_work_that_was_cancelled_ends_in_its_thread(server: MemServer) -> None:
    async def edited() -> int:
        task = await _begin(server)
        task.cancel()
        return await server.run(abs, -1)

    assert asyncio.run(edited()) == 1
    assert server.running == []


def test_what_is_idle_gives_way_to_anything(server: MemServer) -> None:
    async def asked() -> int:
        await _begin(server, idle=True)
        return await server.run(abs, -1)

    assert asyncio.run(asked()) == 1
