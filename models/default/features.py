"""Runs every picture through the trunk once and keeps what the rest is learned from, as float16.

usage: python features.py [PART...]

Writes features/PART.npz with `maps`, `levels`, `colours`, `gap`, `last`, and PART.json about the rows. Parts: `plain`
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
from typing import Any

import numpy as np
import onnxruntime
import torch
from concepts import ONLY_EVALUATED
from evaluation_pictures import evaluated, views
from numpy.typing import NDArray
from pictures import opened, plain, tensor, varied
from places import FEATURES, RAW, WORK
from shapes import scene
from torch import Tensor, nn
from trunk import Early, Late, pretrained

OUTPUTS = ("maps", "levels", "colours", "gap", "last")
PARTS = ("plain", "evaluated", "shapes", "varied1", "varied2", "varied3")
SCENES = 6000
BATCH = 32


class Both(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        net = pretrained()
        self.early, self.late = Early(net), Late(net)

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        maps, levels, colours = self.early(pixels)
        return maps, levels, colours, *self.late(maps)


def session() -> onnxruntime.InferenceSession:
    path = WORK / "trunk.onnx"
    if not path.exists():
        torch.onnx.export(Both().eval(), (torch.zeros(2, 3, 224, 224),), str(path), input_names=["pixels"],
                          output_names=list(OUTPUTS), dynamic_axes={n: {0: "b"} for n in ("pixels", *OUTPUTS)},
                          opset_version=17, dynamo=False)  # fmt: skip
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def through(run: onnxruntime.InferenceSession, pixels: Iterator[NDArray[np.float32]]) -> dict[str, NDArray[np.float16]]:
    """Return the trunk's outputs for pictures that come one at a time."""
    kept: dict[str, list[NDArray[np.float16]]] = {name: [] for name in OUTPUTS}
    batch: list[NDArray[np.float32]] = []
    start = time.monotonic()

    def flush() -> None:
        for name, value in zip(OUTPUTS, run.run(None, {"pixels": np.stack(batch)}), strict=True):
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


def make(name: str, jobs: list[Any], view: Callable[[Any], NDArray[np.float32]], run: onnxruntime.InferenceSession,
         rows: list[Any]) -> None:  # fmt: skip
    target = FEATURES / f"{name}.npz"
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
    print(f"{name}: {len(jobs)} pictures in {time.monotonic() - start:.0f} s", flush=True)


def main(parts: list[str]) -> None:
    FEATURES.mkdir(parents=True, exist_ok=True)
    items, run = json.loads((WORK / "items.json").read_text()), session()
    unused = [f"emoji-{vendor}" for vendor in ONLY_EVALUATED]
    learned = [i for i, item in enumerate(items) if item["split"] == "train" and item["source"] not in unused]
    for part in parts:
        if part == "plain":
            make(part, learned, lambda i: tensor(plain(opened(RAW / items[i]["path"]))), run, learned)
        elif part == "evaluated":
            rows = evaluated()
            make(part, list(views(rows)), tensor, run, [asdict(row) for row in rows])
        elif part == "shapes":
            scenes = [scene(random.Random(seed)) for seed in range(SCENES)]
            make(
                part,
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

            make(part, some, view, run, some)


if __name__ == "__main__":
    main(sys.argv[1:] or list(PARTS))
