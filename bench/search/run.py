"""Exact search beside NumPy, faiss and usearch: the same vectors and queries, in one run.

In an environment with ``pip install numpy==2.4.6 faiss-cpu==1.15.1 usearch==2.26.6``, and with Go:
``python bench/search/run.py [--rows 10000 100000 1000000] [--kinds isotropic clustered] [--json FILE]``.
A million rows take 12 GB of memory. Compare numbers of one run only: what a scan takes is what the
machine's memory gives at the moment.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import data
import faiss
import numpy as np
import usearch.index

K = 10
BATCH = 64
SECONDS = 3.0
ROOT = Path(__file__).resolve().parents[2]

Search = Callable[[np.ndarray], np.ndarray]
"""Queries to the rows of the hits of each."""


def with_numpy(vectors: np.ndarray) -> Search:
    """Return a search by a product with all vectors."""

    def search(queries: np.ndarray) -> np.ndarray:
        scores = queries @ vectors.T
        some = np.argpartition(scores, -K, axis=1)[:, -K:]
        order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1)
        return np.take_along_axis(some, order, axis=1)

    return search


def with_faiss(index: faiss.Index, threads: int) -> Search:
    """Return a search of a faiss index by some threads."""

    def search(queries: np.ndarray) -> np.ndarray:
        faiss.omp_set_num_threads(threads)
        return index.search(queries, K)[1]

    return search


def with_usearch(vectors: np.ndarray) -> Search:
    """Return usearch's search of a matrix."""
    metric = usearch.index.MetricKind.IP
    return lambda queries: usearch.index.search(vectors, queries, K, metric, exact=True).keys.reshape(len(queries), K)


def measured(search: Search, queries: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Time queries alone and in batches, for some seconds each, and compare their hits with the exact ones."""
    search(queries[:2])
    times, found = [], []
    started = time.perf_counter()
    for query in queries:
        before = time.perf_counter()
        found.append(search(query[None])[0])
        times.append(time.perf_counter() - before)
        if time.perf_counter() - started > SECONDS:
            break
    rates = []
    started = time.perf_counter()
    while len(rates) < 3 and (not rates or time.perf_counter() - started < SECONDS):
        before = time.perf_counter()
        search(queries[:BATCH])
        rates.append(BATCH / (time.perf_counter() - before))
    return {
        "single_p50_ms": 1000 * float(np.median(times)),
        "single_p10_ms": 1000 * float(np.quantile(times, 0.1)),
        "batch_queries_per_second": float(np.median(rates)),
        "batch_best_queries_per_second": max(rates),
        "recall": recall(np.array(found), truth),
    }


def recall(found: np.ndarray, truth: np.ndarray) -> float:
    """Return the share of the exact hits that were found."""
    return float(np.mean([len(set(a) & set(b)) / K for a, b in zip(found.tolist(), truth.tolist(), strict=False)]))


def ours(binary: Path, vectors_at: Path, queries_at: Path, rows: int) -> dict:
    """Run the Go side, which compares its answers with those of scoring all vectors, to the bit."""
    repeats = "1" if rows > 300_000 else "3"
    command = [binary, "-vectors", vectors_at, "-queries", queries_at, "-dimension", str(data.DIMENSION)]
    command += ["-k", str(K), "-batch", str(BATCH), "-repeats", repeats, "-filters"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(binary: Path, folder: Path, kind: str, rows: int) -> dict[str, dict]:
    """Measure everything on one set of vectors."""
    vectors_at, queries_at = data.write(folder, kind, rows, 256)
    vectors = np.fromfile(vectors_at, np.float32).reshape(-1, data.DIMENSION)
    queries = np.fromfile(queries_at, np.float32).reshape(-1, data.DIMENSION)
    truth = np.concatenate([with_numpy(vectors)(queries[at : at + 8]) for at in range(0, BATCH, 8)])
    results = {"innerspace": ours(binary, vectors_at, queries_at, rows)}
    results["innerspace"]["recall"] = recall(np.array(results["innerspace"].pop("rows")), truth)
    results["NumPy"] = measured(with_numpy(vectors), queries, truth)
    threads = list(range(1, faiss.omp_get_max_threads() + 1))
    flat = faiss.IndexFlatIP(data.DIMENSION)
    flat.add(vectors)
    results["faiss IndexFlatIP"] = best([measured(with_faiss(flat, n), queries, truth) for n in threads])
    del flat
    coded = faiss.IndexScalarQuantizer(data.DIMENSION, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    coded.train(vectors[:100_000])
    coded.add(vectors)
    results["faiss SQ8"] = best([measured(with_faiss(coded, n), queries, truth) for n in threads])
    del coded
    results["usearch, exact"] = measured(with_usearch(vectors), queries, truth)
    return results


def best(results: list[dict[str, float]]) -> dict[str, float]:
    """Return the better of each figure."""
    return {key: (min if key.endswith("ms") else max)(result[key] for result in results) for key in results[0]}


def show(kind: str, rows: int, results: dict[str, dict]) -> None:
    """Print rows of a table."""
    for name, result in results.items():
        single = f"{result['single_p50_ms']:.3g} ms ({result['single_p10_ms']:.3g})"
        rate = f"{result['batch_queries_per_second']:,.0f} ({result['batch_best_queries_per_second']:,.0f})"
        print(f"| {kind} | {rows:,} | {name} | {single} | {rate} | {result['recall']:.4f} |", flush=True)
    mine = results["innerspace"]
    filters = ", ".join(
        f"{100 * part['share']:.0f} %: {part['p50_ms']:.3g} ms ({part['p10_ms']:.3g})" for part in mine["filtered"]
    )
    same = mine["same_as_plain"] and all(part["same_as_plain"] for part in mine["filtered"])
    plain = mine["plain_p50_ms"]
    print(f"filtered: {filters}; scoring all vectors {plain:.3g} ms; the same to the bit: {same}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--kinds", nargs="+", default=list(data.GENERATORS))
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "search", help="where vectors are kept")
    parser.add_argument("--json", type=Path, help="where all figures go")
    arguments = parser.parse_args()
    binary = ROOT / "build" / "search-bench"
    subprocess.run(["go", "build", "-o", binary, "./bench/search"], cwd=ROOT, check=True)
    print("| vectors | rows | | one query, p50 (p10) | batch of 64, queries/s (best) | recall@10 |")
    print("|---|---|---|---|---|---|")
    everything = {}
    for kind in arguments.kinds:
        for rows in arguments.rows:
            results = compare(binary, arguments.folder, kind, rows)
            show(kind, rows, results)
            everything[f"{kind} {rows}"] = results
    if arguments.json:
        arguments.json.write_text(json.dumps(everything))


if __name__ == "__main__":
    main()
