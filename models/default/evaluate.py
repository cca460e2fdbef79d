"""Evaluates a model directory (model.json, image.onnx, text.onnx, tokenizer.json) on the fixed evaluation set.

usage: python evaluate.py DIRECTORY RESULT.json
"""

import itertools
import json
import os
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from evaluation_pictures import Evaluated, evaluated, views
from metrics import measured, summary
from numpy.typing import NDArray
from pictures import tensor
from tokenizers import Tokenizer


class Model:
    """Both towers of a directory, called as the package calls them: texts one by one or in batches alike."""

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0))
        self._image, self._text = (
            onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
            for name in ("image", "text")
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(128)

    def images(self, pixels: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        made: NDArray[np.float32] = self._image.run(None, {"pixel_values": np.stack(pixels)})[0]
        return made

    def texts(self, texts: list[str]) -> NDArray[np.float32]:
        out = np.zeros((len(texts), 384), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for at in range(0, len(order), 32):
            chosen = order[at : at + 32]
            codes = self._tokenizer.encode_batch([texts[i] for i in chosen])
            feed = {"input_ids": [c.ids for c in codes], "attention_mask": [c.attention_mask for c in codes]}
            out[chosen] = self._text.run(None, {name: np.array(value, np.int64) for name, value in feed.items()})[0]
        return out


def embedded_pictures(model: Model, rows: list[Evaluated]) -> NDArray[np.float32]:
    """Return the vectors of evaluated pictures [n, 384]."""
    made = []
    shown = views(rows)
    while batch := [tensor(view) for view in itertools.islice(shown, 32)]:
        made.append(model.images(batch))
    return np.concatenate(made)


def main(folder: Path, target: Path) -> None:
    model, rows = Model(folder), evaluated()
    result = measured(rows, embedded_pictures(model, rows), model.texts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result))
    for name, row in summary(result).items():
        print(f"{name:60}", "  ".join(f"{key} {value:.3g}" for key, value in row.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
