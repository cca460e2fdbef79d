"""Approximate search beside hnswlib, usearch and faiss: how much of the ten best is found, in what time.

    python bench/approximate/run.py --rows 100000 --kind clustered

needs numpy and the libraries to compare with (measured with hnswlib 0.8.0, usearch 2.26.6, faiss-cpu 1.15.1). Indices
are kept in ``--folder`` and only searched the next time, so that building and searching can be measured apart. All
search with one thread and build with all. What a build took of the processors is the figure to compare where others use
them too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "search"))
import data  # noqa: E402

WIDTHS = [10, 20, 40, 80, 160, 320, 640]
LIMIT = 10
THREADS = len(os.sched_getaffinity(0))
BUILD_WIDTH = 200

Find = Callable[[np.ndarray], np.ndarray]


def weighted(rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield blocks of vectors of two spaces, independent of each other, as an index of both stores them."""
    first, second = data.clustered(rng), data.clustered(rng)
    half = data.DIMENSION // 2
    while True:
        parts = [data.normalized(next(space)[:, :half].copy()) for space in (first, second)]
        yield np.concatenate(parts, axis=1) / np.float32(np.sqrt(2))


def uneven(rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield blocks of clustered vectors of different lengths."""
    for block in data.clustered(rng):
        yield block * np.exp(0.3 * rng.standard_normal((len(block), 1), dtype=np.float32))


data.GENERATORS |= {"weighted": weighted, "uneven": uneven}


def spent() -> np.ndarray:
    """Return the time now and what this process used of the processors, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return np.array([time.perf_counter(), usage.ru_utime + usage.ru_stime])


def keep_seconds(path: Path, seconds: np.ndarray) -> None:
    """Keep what a build took beside its index."""
    path.with_name(path.name + ".seconds").write_text(" ".join(map(str, seconds)))


def kept_seconds(path: Path) -> dict[str, float]:
    """Return what a build took: a file of an earlier version has no time of the processors."""
    seconds = [*map(float, path.with_name(path.name + ".seconds").read_text().split()), float("nan")]
    return {"build_seconds": seconds[0], "build_processor_seconds": seconds[1]}


class Hnswlib:
    """hnswlib, by inner product."""

    def build(self, vectors: np.ndarray, path: Path, build_width: int) -> None:
        """Build and keep an index."""
        import hnswlib

        index = hnswlib.Index("ip", vectors.shape[1])
        index.init_index(len(vectors), M=16, ef_construction=build_width, random_seed=1)
        index.set_num_threads(THREADS)
        index.add_items(vectors)
        self.built = spent()
        index.save_index(str(path))

    def open(self, path: Path, dimension: int) -> Callable[[int], Find]:
        """Return what makes a search of a width."""
        import hnswlib

        index = hnswlib.Index("ip", dimension)
        index.load_index(str(path))
        index.set_num_threads(1)

        def search(width: int) -> Find:
            index.set_ef(width)
            return lambda query: index.knn_query(query, LIMIT)[0][0]

        return search


class Usearch:
    """usearch, by inner product, on vectors of a precision."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def _index(self, dimension: int, build_width: int):
        from usearch.index import Index

        return Index(ndim=dimension, metric="ip", dtype=self.dtype, connectivity=16, expansion_add=build_width)

    def build(self, vectors: np.ndarray, path: Path, build_width: int) -> None:
        """Build and keep an index."""
        index = self._index(vectors.shape[1], build_width)
        index.add(np.arange(len(vectors)), vectors, threads=THREADS)
        self.built = spent()
        index.save(str(path))

    def open(self, path: Path, dimension: int) -> Callable[[int], Find]:
        """Return what makes a search of a width."""
        index = self._index(dimension, BUILD_WIDTH)
        index.load(str(path))

        def search(width: int) -> Find:
            index.expansion_search = width
            return lambda query: index.search(query[0], LIMIT, threads=1).keys

        return search


class Faiss:
    """faiss' HNSW, by inner product."""

    def build(self, vectors: np.ndarray, path: Path, build_width: int) -> None:
        """Build and keep an index."""
        import faiss

        faiss.omp_set_num_threads(THREADS)
        index = faiss.IndexHNSWFlat(vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = build_width
        index.add(vectors)
        self.built = spent()
        faiss.write_index(index, str(path))

    def open(self, path: Path, dimension: int) -> Callable[[int], Find]:
        """Return what makes a search of a width."""
        import faiss

        faiss.omp_set_num_threads(1)
        index = faiss.read_index(str(path))
        if index.d != dimension:
            raise ValueError(f"{path} is of other vectors; delete it")

        def search(width: int) -> Find:
            index.hnsw.efSearch = width
            return lambda query: index.search(query, LIMIT)[1][0]

        return search


PEERS = {"hnswlib": Hnswlib(), "usearch f32": Usearch("f32"), "usearch i8": Usearch("i8"), "faiss": Faiss()}


def peer(name: str, vectors: np.ndarray, queries: np.ndarray, path: Path, widths: list[int], build_width: int) -> dict:
    """Build a peer's index where it is not there, and search it."""
    if not path.exists():
        started = spent()
        PEERS[name].build(vectors, path, build_width)
        keep_seconds(path, PEERS[name].built - started)
    report = kept_seconds(path) | {"bytes": path.stat().st_size, "curve": []}
    if widths:
        scores = queries @ vectors.T
        tenth = np.partition(scores, -LIMIT, axis=1)[:, -LIMIT]
        search = PEERS[name].open(path, vectors.shape[1])
        for width in widths:
            find, times, found = search(width), [], 0
            for i in range(len(queries)):
                query = queries[i : i + 1]
                started = time.perf_counter()
                keys = find(query)
                times.append(1e6 * (time.perf_counter() - started))
                found += int((scores[i][np.asarray(keys, dtype=np.int64)] >= tenth[i] - 1e-6).sum())
            point = {"width": width, "recall": found / LIMIT / len(queries)}
            report["curve"].append(point | {"p50": np.median(times), "p99": np.quantile(times, 0.99)})
    return report


def ours(vectors_at: Path, queries_at: Path, path: Path, widths: list[int], arguments: list[str]) -> dict:
    """Build our graph where it is not there, and search it."""
    command = [
        str(path.parent / "approximate"),
        "-vectors",
        str(vectors_at),
        "-queries",
        str(queries_at),
        "-index",
        str(path),
    ]
    command += ["-widths", ",".join(map(str, widths)), *arguments]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if "build_seconds" in report:
        keep_seconds(path, np.array([report["build_seconds"], report["build_processor_seconds"]]))
    report["bytes"] += vectors_at.stat().st_size
    return report | kept_seconds(path)


def main() -> None:
    """Measure and print a table of each library."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kind", choices=data.GENERATORS, default="clustered")
    parser.add_argument("--folder", type=Path, default=HERE.parent.parent / "build" / "approximate")
    parser.add_argument("--only", nargs="*", default=["innerspace", *PEERS], help="libraries")
    parser.add_argument("--build", action="store_true", help="build only")
    parser.add_argument("--build-width", type=int, default=BUILD_WIDTH, help="what it has other names for elsewhere")
    parser.add_argument("--weights", type=float, nargs=2, default=[1, 1], help="of the two spaces of the kind weighted")
    parser.add_argument(
        "--passing", type=int, default=100, help="percent of the rows that a filter lets pass (ours only)"
    )
    parser.add_argument("--queries", type=int, default=500)
    parsed = parser.parse_args()

    vectors_at, queries_at = data.write(parsed.folder, parsed.kind, parsed.rows, parsed.queries)
    subprocess.run(["go", "build", "-o", str(parsed.folder / "approximate"), "."], cwd=HERE, check=True)
    vectors = np.fromfile(vectors_at, np.float32).reshape(-1, data.DIMENSION)
    queries = np.fromfile(queries_at, np.float32).reshape(-1, data.DIMENSION)
    if parsed.kind == "weighted":
        half = data.DIMENSION // 2
        queries[:, :half] *= parsed.weights[0]
        queries[:, half:] *= parsed.weights[1]
        queries_at = queries_at.with_suffix(".weighted")
        data.normalized(queries).tofile(queries_at)
    widths = [] if parsed.build else WIDTHS
    for name in parsed.only:
        path = parsed.folder / f"{parsed.kind}-{parsed.rows}.{name.replace(' ', '-')}"
        if parsed.build_width != BUILD_WIDTH:
            path = path.with_name(f"{path.name}-{parsed.build_width}")
        if name == "innerspace":
            report = ours(
                vectors_at,
                queries_at,
                path,
                widths,
                ["-passing", str(parsed.passing), "-build-width", str(parsed.build_width)],
            )
        else:
            report = peer(name, vectors, queries, path, widths, parsed.build_width)
        print(
            f"{name:12} built in {report['build_seconds']:6.1f} s ({report['build_processor_seconds']:.0f} s of the "
            f"processors), {report['bytes'] / 1e6:6.0f} MB with the vectors",
            end="",
        )
        print(f"; exact {report['exact_p50']:.0f} us" if widths and "exact_p50" in report else "", flush=True)
        for point in report["curve"]:
            times = f"p50 {point['p50']:7.0f} us  p99 {point['p99']:7.0f} us"
            print(f"    width {point['width']:4}  recall {point['recall']:.4f}  {times}", flush=True)


if __name__ == "__main__":
    main()
