"""Queries one by one beside `app.query_many`, through the package: python bench/query/many.py [ROWS]

64 queries for the best 10 rows by a vector of 512 numbers, clustered as those of models are. Both ways take turns; the
answers are compared. The library is that of the package, or INNERSPACE_LIBRARY.
"""

from __future__ import annotations

import sys
import time
from statistics import median

import numpy as np
import pyarrow as pa

import innerspace as sl

DIMENSION, QUERIES, ROUNDS, BATCH = 512, 64, 20, 10_000


class Item(sl.Schema):
    id: sl.IdField
    vector: sl.FloatList


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng = np.random.default_rng(1)
    mean, centres = rng.standard_normal(DIMENSION), rng.standard_normal((2000, DIMENSION))

    def vectors(n: int) -> np.ndarray:
        return mean + 0.8 * centres[rng.integers(0, len(centres), n)] + 0.6 * rng.standard_normal((n, DIMENSION))

    item = Item()
    space = sl.CustomSpace(item.vector, length=DIMENSION)
    index = sl.Index(space)
    source = sl.InMemorySource(item)
    query = sl.Query(index).find(item).similar(space.vector, sl.Param("vector")).limit(10)
    with sl.InMemoryExecutor(sources=[source], indices=[index]).run() as app:
        for first in range(0, rows, BATCH):
            numbers = range(first, min(first + BATCH, rows))
            column = pa.FixedSizeListArray.from_arrays(pa.array(vectors(len(numbers)).ravel()), DIMENSION)
            ids = [str(number) for number in numbers]
            source.put(pa.table({"id": ids, "vector": column.cast(pa.list_(pa.float64()))}))
        runs = [{"vector": vector} for vector in vectors(QUERIES).tolist()]
        seconds: dict[str, list[float]] = {"app.query, one by one": [], "app.query_many": []}
        for _ in range(ROUNDS):
            start = time.perf_counter()
            alone = [app.query(query, **params) for params in runs]
            between = time.perf_counter()
            together = app.query_many(query, runs)
            end = time.perf_counter()
            for times, taken in zip(seconds.values(), (between - start, end - between), strict=True):
                times.append(taken)
        for one, other in zip(alone, together, strict=True):
            assert one.to_arrow().equals(other.to_arrow())
    for name, times in seconds.items():
        middle = median(times)
        print(f"{name}: {1000 * middle:.1f} ms, fastest {1000 * min(times):.1f}; {QUERIES / middle:,.0f} queries/s")


if __name__ == "__main__":
    main()
