"""Pictures and texts a second of the embedded model beside CLIP ViT-B/32 in float32, in one run, by turns.

usage: python speed.py EMBEDDED_DIRECTORY VIT_DIRECTORY     (bench/make_vit_b32.py makes the latter)

ONNX Runtime alone, on all cores, from tensors and token ids: batches of 16 pictures and of 16 texts of 10 tokens.
Decoding and resizing cost both models the same and are not in it.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

REPEATS, SECONDS, BATCH, TOKENS = 5, 1.5, 16, 10


def session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def rate(run: onnxruntime.InferenceSession, image: bool) -> float:
    """Return items a second over about SECONDS."""
    chance, feed = np.random.default_rng(0), {}
    for given in run.get_inputs():
        if image:
            feed[given.name] = chance.standard_normal((BATCH, 3, 224, 224)).astype(np.float32)
        else:
            ones = np.ones((BATCH, TOKENS), np.int64)
            feed[given.name] = ones if "mask" in given.name else chance.integers(1000, 20000, ones.shape)
    run.run(None, feed)
    done, start = 0, time.monotonic()
    while time.monotonic() - start < SECONDS:
        run.run(None, feed)
        done += BATCH
    return done / (time.monotonic() - start)


def main(embedded: Path, vit: Path) -> None:
    towers = {
        "images": (session(embedded / "image.onnx"), session(vit / "onnx/vision_model.onnx")),
        "texts": (session(embedded / "text.onnx"), session(vit / "onnx/text_model.onnx")),
    }
    for name, pair in towers.items():
        rates = [[rate(run, name == "images") for run in pair] for _ in range(REPEATS)]
        small, large = (statistics.median(column) for column in zip(*rates, strict=True))
        print(f"{name} a second: embedded {small:.0f}, ViT-B/32 {large:.0f}, ratio {small / large:.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
