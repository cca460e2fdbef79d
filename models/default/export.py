"""Writes a trained run as a model directory: model.json, image.onnx, text.onnx, tokenizer.json.

usage: python export.py RUN.pt DIRECTORY [--fp32]
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from places import EXPORT, WORK
from texts import FOLDER, pretrained, tokenizer
from towers import ImageTower, TextTower, heads
from trunk import Trunk
from weight_only import compress

NAME = "innerspace-default"
LARGEST = 30_000_000  # bytes, of all files together
HALF, RANGE = 127 / 255, 128 / 255
MODEL = {
    "name": NAME,
    "dimension": 384,
    "image": {
        "file": "image.onnx", "input": "pixel_values", "shape": ["batch", 3, 224, 224], "output": "embedding",
        "normalised": True,
        "preprocessing": {"mode": "RGB", "resize": "shortest side to 224, bicubic with antialias",
                          "crop": "centre 224x224", "scale": "x/255", "mean": [HALF] * 3, "std": [RANGE] * 3},
    },
    "text": {"file": "text.onnx", "inputs": ["input_ids", "attention_mask"], "output": "embedding", "normalised": True,
             "tokenizer": "BERT WordPiece, uncased", "max_tokens": 128},
}  # fmt: skip


def towers(run: Path) -> tuple[ImageTower, TextTower]:
    """Return both towers of a trained run."""
    image, text, trunk = heads(run)
    return ImageTower(Trunk(trunk), image).eval(), TextTower(pretrained(), text).eval()


def write(run: Path, folder: Path, small: bool = True) -> None:
    image, text = towers(run)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = WORK / "fp32"
    temporary.mkdir(parents=True, exist_ok=True)
    tokens = tokenizer()(["a blue square", "hello there big world"], padding=True, return_tensors="pt")
    batch = {0: "batch"}
    torch.onnx.export(image, (torch.zeros(2, 3, 224, 224),), str(temporary / "image.onnx"),
                      input_names=["pixel_values"], output_names=["embedding"],
                      dynamic_axes={"pixel_values": batch, "embedding": batch}, opset_version=17,
                      dynamo=False)  # fmt: skip
    both = {0: "batch", 1: "tokens"}
    torch.onnx.export(text, (tokens["input_ids"], tokens["attention_mask"]), str(temporary / "text.onnx"),
                      input_names=["input_ids", "attention_mask"], output_names=["embedding"],
                      dynamic_axes={"input_ids": both, "attention_mask": both, "embedding": batch}, opset_version=17,
                      dynamo=False)  # fmt: skip
    for name in ("image.onnx", "text.onnx"):
        if small:
            compress(temporary / name, folder / name)
        else:
            shutil.copyfile(temporary / name, folder / name)
    shutil.copyfile(FOLDER / "tokenizer.json", folder / "tokenizer.json")
    (folder / "model.json").write_text(json.dumps(MODEL, indent=2) + "\n")
    size = sum(path.stat().st_size for path in folder.iterdir())
    if small and size > LARGEST:
        raise SystemExit(f"{folder} has {size / 1e6:.1f} MB, {LARGEST / 1e6:.0f} are allowed")
    print(f"{folder}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", default=EXPORT)
    parser.add_argument("--fp32", action="store_true", help="leave the weights as they are, to compare with")
    given = parser.parse_args()
    write(given.run, given.folder, not given.fp32)
