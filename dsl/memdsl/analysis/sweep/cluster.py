"""A sweep on a Dask cluster: blocks go to the workers, results come back in the order of the points.

Only what the caller has taken is let go of, and no more blocks are under way than the workers need, so that memory is
bounded on both sides. The scheduler computes again what a lost worker had.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from .engine import Sweep
from .grid import Array, Block
from .sinks import MissingPackage

BLOCK = 1 << 20
"""Points of one task: what a task costs beside its work must not matter."""
_CONNECTING = 10
_AHEAD = 3
"""Seconds to wait for a scheduler, and tasks under way for each thread of the cluster."""


class ClusterError(Exception):
    """The cluster cannot be reached, or was lost on the way."""


def computed(sweep: Sweep, block: Block) -> list[Array]:
    """What a worker does."""
    return sweep.compute(block)


def _given(sweep: Sweep) -> Sweep:
    return sweep


class Cluster:
    """A connection to a scheduler."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise MissingPackage(
                '--scheduler needs Dask, which the extra `dask` brings: pip install "memdsl[dask]"'
            ) from None
        self.address = address
        try:
            self.client: Any = Client(address, timeout=_CONNECTING, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise ClusterError(f"there is no Dask scheduler at {address}: {_first_line(error)}") from None

    def close(self) -> None:
        self.client.close(timeout=_CONNECTING)

    def run(self, sweep: Sweep) -> Iterator[tuple[Block, list[Array]]]:
        """Every block in order, with its values. ClusterError when the scheduler is lost or a task fails for good."""
        waiting: deque[tuple[Block, Any]] = deque()
        try:
            # As a task and not as data: whoever loses it can be given it again.
            shared = self.client.submit(_given, sweep, pure=False)
            ahead = _AHEAD * max(1, sum(self.client.nthreads().values()))
            for block in sweep.grid.blocks(BLOCK):
                waiting.append((block, self.client.submit(computed, shared, block, pure=False)))
                if len(waiting) >= ahead:
                    yield self._first(waiting)
            while waiting:
                yield self._first(waiting)
        except (OSError, TimeoutError) as error:
            raise ClusterError(f"the Dask cluster at {self.address} was lost: {_first_line(error)}") from None
        finally:
            for _, future in waiting:
                future.cancel()

    def _first(self, waiting: deque[tuple[Block, Any]]) -> tuple[Block, list[Array]]:
        from distributed import CancelledError
        from distributed.scheduler import KilledWorker

        block, future = waiting[0]
        try:
            values: list[Array] = future.result()
        except (CancelledError, KilledWorker) as error:
            raise ClusterError(f"the Dask cluster at {self.address} was lost: {_first_line(error)}") from None
        waiting.popleft()
        return block, values


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
