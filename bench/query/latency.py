"""Times a whole query from Python: 10,000 rows, a vector of 384 numbers given, the ten best back.

    python bench/query/latency.py [--rows N] [--reference PYTHON]

PYTHON is the interpreter of an environment with superlinked 37.3.0; it runs the same rows and the same query in turn
with innerspace. Printed are the median and the 95th percentile in milliseconds of

    query     app.query(...): a result whose Arrow stream is ready (superlinked: its entries)
    rows      the same, and the rows as Python objects
    pandas    the same, and the rows as a pandas table
"""

import argparse
import importlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

DIMENSION = 384
LIMIT = 10


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=10_000)
    arguments.add_argument("--repeats", type=int, default=300)
    arguments.add_argument("--reference", metavar="PYTHON")
    arguments.add_argument("--worker", choices=("innerspace", "superlinked"), help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.worker:
        print(json.dumps(measure(given.worker, given.rows, given.repeats)))
        return
    interpreters = {"innerspace": sys.executable}
    if given.reference:
        interpreters["superlinked"] = given.reference
    print(f"{given.rows} rows of {DIMENSION} dimensions, limit {LIMIT}: median, 95th percentile, ms\n")
    for package, python in interpreters.items():
        command = [python, __file__, "--worker", package, "--rows", str(given.rows), "--repeats", str(given.repeats)]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for name, (median, late) in json.loads(answer.stdout.splitlines()[-1]).items():
            print(f"| {package} | {name} | {median:.3f} | {late:.3f} |")


def measure(package: str, rows: int, repeats: int) -> dict[str, tuple[float, float]]:
    """Return the median and the 95th percentile of each thing that is timed."""
    sl: Any = importlib.import_module("innerspace" if package == "innerspace" else "superlinked.framework")
    app, query = build(sl, rows)
    vectors = [random_vector() for _ in range(32)]
    asked = iter(range(10**9))

    def ask() -> Any:
        return app.query(query, v=vectors[next(asked) % len(vectors)])

    def rows_of(result: Any) -> Any:
        return result.entries

    def pandas_of(result: Any) -> Any:
        return result.to_pandas() if package == "innerspace" else sl.PandasConverter.to_pandas(result)

    times = max(10, repeats if package == "innerspace" else repeats // 10)
    return {
        "query": timed(ask, times),
        "rows": timed(lambda: rows_of(ask()), times),
        "pandas": timed(lambda: pandas_of(ask()), times),
    }


def build(sl: Any, rows: int) -> tuple[Any, Any]:
    """Return an app with so many rows, and a query of it."""

    class Item(sl.Schema):  # type: ignore[misc]  # of the package that is measured
        id: sl.IdField
        name: sl.String
        price: sl.Float
        vector: sl.FloatList

    item = Item()
    space = sl.CustomSpace(vector=item.vector, length=DIMENSION)
    index = sl.Index(space, fields=[item.price])
    source = sl.InMemorySource(item)
    app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
    for first in range(0, rows, 1000):
        source.put(
            [
                {"id": str(i), "name": f"item {i}", "price": float(i % 100), "vector": random_vector()}
                for i in range(first, min(rows, first + 1000))
            ]
        )
    query = sl.Query(index).find(item).similar(space.vector, sl.Param("v")).select([item.name, item.price]).limit(LIMIT)
    return app, query


def random_vector() -> list[float]:
    return [random.gauss(0, 1) for _ in range(DIMENSION)]


def timed(call: Callable[[], Any], times: int) -> tuple[float, float]:
    """Return the median and the 95th percentile of a call, in milliseconds."""
    for _ in range(min(20, times)):
        call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - start))
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 95 // 100]


if __name__ == "__main__":
    main()
