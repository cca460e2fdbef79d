"""Vectors to search: what they are like decides how much of a search can be left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

DIMENSION = 512
BLOCK = 50_000


def isotropic(rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield blocks of unit vectors of no structure at all."""
    while True:
        yield normalized(rng.standard_normal((BLOCK, DIMENSION), dtype=np.float32))


def clustered(rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield blocks of unit vectors as models of pictures make them.

    All share a mean (the cosine of two of them is about 0.5), of which two entries are ten times as large
    as others; the rest lies in 2,000 clusters of very different sizes, and its variance falls along the
    axes of a rotated space.
    """
    spectrum = (np.arange(1, DIMENSION + 1) ** -0.5).astype(np.float32)
    axes = np.linalg.qr(rng.standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
    axes = (axes * spectrum).T
    axes /= np.sqrt((axes**2).sum())
    mean = rng.standard_normal(DIMENSION).astype(np.float32)
    mean[rng.choice(DIMENSION, 2, replace=False)] = [10, -10]
    mean /= np.linalg.norm(mean)
    clusters = 2000
    centers = rng.standard_normal((clusters, DIMENSION), dtype=np.float32) @ axes.T
    sizes = 1 / np.arange(1, clusters + 1)
    sizes /= sizes.sum()
    while True:
        of = rng.choice(clusters, BLOCK, p=sizes)
        noise = rng.standard_normal((BLOCK, DIMENSION), dtype=np.float32) @ axes.T
        yield normalized(mean + 0.8 * centers[of] + 0.6 * noise)


def normalized(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors scaled to length 1."""
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


GENERATORS = {"isotropic": isotropic, "clustered": clustered}


def write(folder: Path, kind: str, rows: int, queries: int) -> tuple[Path, Path]:
    """Write vectors and queries of one kind as float32, unless they are there, and return where."""
    vectors_at, queries_at = folder / f"{kind}-{rows}.f32", folder / f"{kind}-{rows}-queries.f32"
    if vectors_at.exists() and queries_at.exists():
        return vectors_at, queries_at
    folder.mkdir(parents=True, exist_ok=True)
    blocks = GENERATORS[kind](np.random.default_rng(7))
    next(blocks)[:queries].tofile(queries_at)
    unfinished = vectors_at.with_suffix(".part")
    with unfinished.open("wb") as file:
        while rows > 0:
            block = next(blocks)[:rows]
            block.tofile(file)
            rows -= len(block)
    unfinished.rename(vectors_at)
    return vectors_at, queries_at
