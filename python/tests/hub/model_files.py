"""The repository that the fake hub serves, and what a model's directory has in it."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = "Xenova/clip-vit-base-patch32"
FOLDER = "models--Xenova--clip-vit-base-patch32"
TINY = Path(__file__).parents[3] / "testdata" / "models" / "tiny-clip"
MODEL_FILES = (
    "config.json",
    "onnx/text_model.onnx",
    "onnx/vision_model.onnx",
    "preprocessor_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
)


def files_below(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())
