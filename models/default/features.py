"""Runs every picture through the trunk once and keeps what the rest is learned from, as float16.

usage: python features.py TRUNK [PART...]     (TRUNK: pretrained or tuned)

Writes features/TRUNK/PART.npz with `gap`, `last`, `levels`, `colours`, and PART.json about the rows. Parts: `plain`
(what is learned from, whole on white), `varied1` and on (other views of it), `shapes` (rendered scenes), `evaluated`
(the fixed evaluation set). What is there is kept.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from concepts import ONLY_EVALUATED
from evaluation_pictures import evaluated, views
from numpy.typing import NDArray
from pictures import opened, plain, tensor, varied
from places import RAW, WORK, features
from shapes import scene
from torch import Tensor, nn
from trunk import FEATURES, Trunk

PARTS = ("plain", "evaluated", "shapes", "varied1", "varied2", "varied3")
SCENES = 6000
BATCH = 32


class Outputs(nn.Module):
    """The trunk with its features in order, as an exported graph has them."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        given = self.trunk(pixels)
        return tuple(given[name] for name in FEATURES)


def session(trunk: str) -> onnxruntime.InferenceSession:
    path = features(trunk) / "trunk.onnx"
    if not path.exists():
        torch.onnx.export(Outputs(Trunk(trunk)).eval(), (torch.zeros(2, 3, 224, 224),), str(path),
                          input_names=["pixels"], output_names=list(FEATURES),
                          dynamic_axes={n: {0: "b"} for n in ("pixels", *FEATURES)},
                          opset_version=17, dynamo=False)  # fmt: skip
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def through(run: onnxruntime.InferenceSession, pixels: Iterator[NDArray[np.float32]]) -> dict[str, NDArray[np.float16]]:
    """Return the trunk's outputs for pictures that come one at a time."""
    kept: dict[str, list[NDArray[np.float16]]] = {name: [] for name in FEATURES}
    batch: list[NDArray[np.float32]] = []
    start = time.monotonic()

    def flush() -> None:
        for name, value in zip(FEATURES, run.run(None, {"pixels": np.stack(batch)}), strict=True):
            kept[name].append(value.astype(np.float16))
        batch.clear()

    for one in pixels:
        batch.append(one)
        if len(batch) == BATCH:
            flush()
            if len(kept["gap"]) % 50 == 0:
                print(f"  {len(kept['gap']) * BATCH} after {time.monotonic() - start:.0f} s", flush=True)
    if batch:
        flush()
    return {name: np.concatenate(values) for name, values in kept.items()}


def make(target: Path, jobs: list[Any], view: Callable[[Any], NDArray[np.float32]], run: onnxruntime.InferenceSession,
         rows: list[Any]) -> None:  # fmt: skip
    if target.exists():
        return
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        # Handed out piecewise: the pool would otherwise hold every picture at once.
        pieces = (piece for at in range(0, len(jobs), 256) for piece in pool.map(view, jobs[at : at + 256]))
        kept = through(run, pieces)
    unfinished = target.with_suffix(".part.npz")
    np.savez(unfinished, **kept)
    unfinished.rename(target)
    target.with_suffix(".json").write_text(json.dumps(rows))
    print(f"{target.stem}: {len(jobs)} pictures in {time.monotonic() - start:.0f} s", flush=True)


def main(trunk: str, parts: list[str]) -> None:
    features(trunk).mkdir(parents=True, exist_ok=True)
    items, run = json.loads((WORK / "items.json").read_text()), session(trunk)
    unused = [f"emoji-{vendor}" for vendor in ONLY_EVALUATED]
    learned = [i for i, item in enumerate(items) if item["split"] == "train" and item["source"] not in unused]
    for part in parts:
        target = features(trunk) / f"{part}.npz"
        if part == "plain":
            make(target, learned, lambda i: tensor(plain(opened(RAW / items[i]["path"]))), run, learned)
        elif part == "evaluated":
            rows = evaluated()
            make(target, list(views(rows)), tensor, run, [asdict(row) for row in rows])
        elif part == "shapes":
            scenes = [scene(random.Random(seed)) for seed in range(SCENES)]
            make(
                target,
                scenes,
                lambda s: tensor(s.picture),
                run,
                [[s.captions, s.colour, s.shape, s.kind] for s in scenes],
            )
        else:
            number = int(part.removeprefix("varied"))
            # Flags differ little from vendor to vendor: the plain view of each is enough.
            some = [i for i in learned if not items[i]["flag"]]

            def view(i: int, number: int = number) -> NDArray[np.float32]:
                return tensor(varied(opened(RAW / items[i]["path"]), random.Random(i * 97 + number)))

            make(target, some, view, run, some)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] or list(PARTS))
