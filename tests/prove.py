"""The searches of schedules against brute force, at length: `make prove`, `python tests/prove.py GRAPHS LAYERS`.

Small random networks of up to 12 rows: every partition, what stays, cut, number of items together. Small random layers,
ordinary and strange: every tiling. What is found must be the least, cost what a replay counts, and fit.
"""

from __future__ import annotations

import sys
import time

from schedule import partitions, test_tiling


def main(graphs: int, layers: int) -> None:
    begin = time.perf_counter()
    for seed in range(layers):
        test_tiling.prove(seed)
        test_tiling.prove(seed, strange=True)
    print(f"{layers} ordinary and {layers} strange layers, 0 bad, {time.perf_counter() - begin:.0f} s", flush=True)
    begin = time.perf_counter()
    cut = 0
    for seed in range(graphs):
        rows = 6 + seed % 7
        goal = ("bytes", "bytes", "energy", "time")[seed % 4]
        cut += partitions.prove(seed, rows, seed % 2 == 1, goal, 4 if seed % 5 == 4 and rows < 8 else 1)
        if seed % 50 == 49 or seed == graphs - 1:
            taken = time.perf_counter() - begin
            print(f"{seed + 1} networks, 0 bad, {cut} schedules in strips, {taken:.0f} s", flush=True)


if __name__ == "__main__":
    main(*[int(word) for word in (sys.argv[1:] or ["300", "500"])])
