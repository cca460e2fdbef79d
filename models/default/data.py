"""What is learned from, in memory: pictures, scenes and photographs that only ImageNet's classifier knows."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from places import WORK, features
from torch import Tensor
from trunk import FEATURES, pretrained

VIEWS = ("plain", "varied1", "varied2", "varied3")


@dataclass
class Learned:
    """Rows of features, and for each row the captions (numbers of texts, weights) and the concept that it shows."""

    features: dict[str, NDArray[np.float16]]
    captions: list[tuple[NDArray[np.int64], NDArray[np.float64]]]
    concepts: NDArray[np.int64]
    weights: NDArray[np.float64]
    names: NDArray[np.int64]
    about: list[Any] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.concepts)

    def chosen(self, at: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return features of rows as float32."""
        return {name: torch.from_numpy(value[at].astype(np.float32)) for name, value in self.features.items()}


def texts() -> tuple[dict[str, int], Tensor]:
    with np.load(WORK / "texts.npz") as stored:
        return {text: i for i, text in enumerate(stored["texts"].tolist())}, torch.from_numpy(stored["vectors"])


def load(trunk: str, name: str) -> tuple[dict[str, NDArray[np.float16]], list[Any]]:
    with np.load(features(trunk) / f"{name}.npz") as stored:
        kept = {key: stored[key] for key in FEATURES}
    return kept, json.loads((features(trunk) / f"{name}.json").read_text())


def pictures(trunk: str, number_of: dict[str, int], chosen: Callable[[str], bool]) -> Learned:
    """Return the pictures of concepts whose key is `chosen`."""
    items, said = (
        json.loads((WORK / "items.json").read_text()),
        json.loads((WORK / "captions.json").read_text())["items"],
    )
    parts = [load(trunk, view) for view in VIEWS]
    kept = [np.array([chosen(items[i]["key"]) for i in part]) for _, part in parts]
    rows = [i for (_, part), keep in zip(parts, kept, strict=True) for i, k in zip(part, keep, strict=True) if k]
    seen = {
        name: np.concatenate([stored[name][keep] for (stored, _), keep in zip(parts, kept, strict=True)])
        for name in parts[0][0]
    }
    concept_of = {key: n for n, key in enumerate(dict.fromkeys(items[i]["key"] for i in rows))}
    concepts = np.array([concept_of[items[i]["key"]] for i in rows])
    # A concept with a hundred pictures is drawn ten times as often as one with one; flags seldom, since they are many.
    weights = 1 / np.sqrt(np.bincount(concepts)[concepts])
    weights *= np.array([0.3 if items[i]["flag"] else 0.8 if items[i]["source"] == "clip-art" else 1.0 for i in rows])
    captions = []
    for i in rows:
        share = np.array([weight for _, weight in said[i]])
        captions.append((np.array([number_of[text] for text, _ in said[i]]), share / share.sum()))
    names = np.array([number_of[said[i][0][0]] for i in rows])
    return Learned(seen, captions, concepts, weights / weights.sum(), names, rows)


def scenes(trunk: str, number_of: dict[str, int]) -> Learned:
    seen, about = load(trunk, "shapes")
    captions = [(np.array([number_of[t] for t in row[0]]), np.full(len(row[0]), 1 / len(row[0]))) for row in about]
    names = np.array([number_of[row[0][0]] for row in about])
    return Learned(seen, captions, np.arange(len(about)), np.full(len(about), 1 / len(about)), names, about)


class Photographs:
    """Draws what the trunk would give for a photograph of a class, from the classifier's weights alone.

    The classifier's weight of a class says which features speak for it; how features vary together is taken from the
    pictures that are learned from. No photograph is needed.
    """

    def __init__(self, learned: Learned, chance: np.random.Generator) -> None:
        gap = torch.from_numpy(learned.features["gap"][::2].astype(np.float32))
        self._mean, covariance = gap.mean(0), torch.cov(gap.T)
        weight = pretrained()._fc.weight.detach()
        apart = weight - weight.mean(0)
        values, vectors = torch.linalg.eigh(covariance)
        self._far = apart @ covariance
        self._near = apart @ ((vectors * values.clamp(min=0).sqrt()) @ vectors.T)
        self._rest = gap[torch.from_numpy(chance.permutation(len(gap))[:6000])] - self._mean
        self._chance = chance

    def drawn(self, classes: NDArray[np.int64]) -> Tensor:
        """Return head features [n, 1280] for n classes."""
        count = len(classes)

        def column(low: float, high: float) -> Tensor:
            return torch.from_numpy(self._chance.uniform(low, high, (count, 1)).astype(np.float32))

        near = column(2.5, 6)
        far = near[torch.from_numpy(self._chance.permutation(count))]
        noise = self._rest[torch.from_numpy(self._chance.integers(0, len(self._rest), count))] * column(0.1, 0.6)
        return (self._mean + near * self._near[classes] + far * self._far[classes] + noise).clamp(0, 6)
