from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model_files import MODEL_FILES, TINY

import innerspace as sl
from innerspace import _hub
from innerspace._hub.layouts import IMAGE_HALF, TEXT_HALF, WHOLE, expected, precisions, select
from innerspace.model_resolution import resolve

if TYPE_CHECKING:
    from fake_hub import FakeHub

    from innerspace._hub.layouts import PrecisionName

SMALL = TINY.parent / "small"
UNWANTED = ("README.md", "pytorch_model.bin", "tf_model.h5", "onnx/model.onnx", "openvino/openvino_model.bin")
SUFFIXED = [
    f"onnx/{tower}_model{suffix}.onnx"
    for tower in ("text", "vision")
    for suffix in ("", "_fp16", "_int8", "_quantized", "_q4", "_bnb4")
]
SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
INDEX = "model.safetensors.index.json"
BESIDE = [name for name in MODEL_FILES if not name.endswith(".onnx")]


@pytest.mark.parametrize(
    ("precision", "suffixes", "chosen"),
    [
        ("fp32", ["", "_fp16", "_int8"], ""),
        ("fp16", ["", "_fp16", "_int8"], "_fp16"),
        ("int8", ["", "_fp16", "_int8", "_quantized"], "_int8"),
        ("int8", ["", "_quantized", "_q4"], "_quantized"),
        ("int8", ["", "_fp16"], ""),
    ],
)
def test_graphs_of_a_precision(precision: PrecisionName, suffixes: list[str], chosen: str) -> None:
    graphs = [f"onnx/{tower}_model{suffix}.onnx" for tower in ("text", "vision") for suffix in suffixes]
    selection = select([*BESIDE, *graphs, *UNWANTED], precision)
    assert selection is not None
    assert selection.layout == "transformers.js"
    assert selection.files[-2:] == (f"onnx/text_model{chosen}.onnx", f"onnx/vision_model{chosen}.onnx")
    assert sorted(selection.files[:-2]) == sorted(BESIDE)


@pytest.mark.parametrize(
    ("precision", "suffixes"), [("fp32", ["_fp16", "_int8"]), ("fp16", ["", "_int8"]), ("int8", ["_fp16"])]
)
def test_a_precision_that_is_not_there(precision: PrecisionName, suffixes: list[str]) -> None:
    graphs = [f"onnx/{tower}_model{suffix}.onnx" for tower in ("text", "vision") for suffix in suffixes]
    assert select([*BESIDE, *graphs], precision) is None


def test_precisions() -> None:
    assert precisions([*BESIDE, *SUFFIXED]) == ("fp32", "fp16", "int8")
    assert precisions(MODEL_FILES) == ("fp32", "int8")
    assert precisions(["config.json"]) == ()


@pytest.mark.parametrize("missing", sorted({*MODEL_FILES} - {"special_tokens_map.json", "tokenizer_config.json"}))
def test_an_incomplete_model_is_none(missing: str) -> None:
    assert select([name for name in MODEL_FILES if name != missing], "fp32") is None


def test_int8_is_made_where_there_is_known_to_be_none() -> None:
    fallback = [
        f"onnx/{tower}_model{suffix}.onnx" for tower in ("text", "vision") for suffix in ("_int8", "_quantized")
    ]
    listed = select(MODEL_FILES, "int8")
    assert listed is not None
    assert sorted(listed.absent) == sorted(fallback)
    assert select(MODEL_FILES, "int8", absent=[]) is select(MODEL_FILES, "int8", absent=fallback[:-1]) is None
    assert select(MODEL_FILES, "int8", absent=fallback) == listed
    assert select([*MODEL_FILES, fallback[0]], "int8") is None


def test_what_was_fetched_before_does_not_decide_which_files_run(hub: FakeHub, small: dict[str, bytes]) -> None:
    quantised = {f"onnx/{tower}_model_quantized.onnx": b"int8" for tower in ("text", "vision")}
    hub.add("owner/with", {**small, **quantised})
    hub.add("owner/without", small)
    for name in ("owner/with", "owner/without"):
        assert resolve(name).precision == "fp32"
    chosen = {name: _hub.find(_hub.parse(name), "int8").files[-1] for name in ("owner/with", "owner/without")}
    assert chosen == {
        "owner/with": "onnx/vision_model_quantized.onnx",
        "owner/without": "onnx/vision_model.onnx",
    }
    hub.close()
    assert {name: _hub.find(_hub.parse(name), "int8").files[-1] for name in chosen} == chosen
    assert resolve("owner/without", precision="int8").to_json()["precision"] == "int8"


def test_external_data_of_both_spellings() -> None:
    data = ["onnx/text_model.onnx_data", "onnx/vision_model.onnx.data"]
    selection = select([*MODEL_FILES, *data, "onnx/text_model_fp16.onnx_data"], "fp32")
    assert selection is not None
    assert list(selection.files[-4:-2]) == data


@pytest.mark.parametrize(
    ("names", "complete"),
    [
        (
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
            True,
        ),
        (["model-00001-of-00002.safetensors", "model.safetensors.index.json"], False),
        (["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"], False),
        (["model.safetensors.index.json"], False),
    ],
)
def test_weights_in_several_files(names: list[str], complete: bool) -> None:
    selection = select([*BESIDE, *names], "fp32")
    assert (selection is not None) is complete
    if selection is not None:
        assert list(selection.files[-3:]) == names
        assert select([*BESIDE, *names], "fp16") is None


def test_vocabulary_and_merges_serve_where_there_is_no_tokenizer() -> None:
    without = ["config.json", "preprocessor_config.json", "model.safetensors", "vocab.json", "merges.txt"]
    bare, whole = select(without, "fp32"), select([*without, "tokenizer.json"], "fp32")
    assert bare is not None
    assert whole is not None
    assert {"vocab.json", "merges.txt"} <= set(bare.files)
    assert not {"vocab.json", "merges.txt"} & set(whole.files)


def test_halves() -> None:
    image, text = ["model.onnx", "preprocessor_config.json"], ["model.onnx", "tokenizer.json", "config.json"]
    assert select(image, "fp32") is select(text, "fp32") is None
    chosen = [select(image, "fp32", IMAGE_HALF), select(text, "fp32", TEXT_HALF)]
    assert [None if half is None else sorted(half.files) for half in chosen] == [sorted(image), sorted(text)]


def test_what_is_looked_for() -> None:
    described = expected()
    assert "transformers.js: onnx/text_model.onnx, onnx/vision_model.onnx, config.json" in described
    assert all(f"{layout.name}: " in described for layout in WHOLE)
    assert (
        "model.safetensors, config.json, preprocessor_config.json, tokenizer.json or vocab.json and merges.txt"
        in described
    )


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def moved(moves: dict[str, str]) -> dict[str, bytes]:
    files = files_of(TINY)
    return {target: files[source] for target, source in moves.items()}


REPOSITORIES = {
    f"{parent.name}/{directory.name}": files_of(directory)
    for parent in (SMALL, SMALL.parent / "exported")
    for directory in sorted(parent.iterdir())
    if directory.is_dir()
} | {"tiny-clip": files_of(TINY)}


def vector_of(model: str | Path, precision: PrecisionName = "fp32") -> tuple[str, tuple[float, ...]]:
    """Return a model's fingerprint, which is of both its towers, and the vector of a text."""

    class Page(sl.Schema):
        id: sl.IdField
        title: sl.String

    page = Page()
    space = sl.TextSimilaritySpace(page.title, model=model, precision=precision)
    index = sl.Index(space)
    with sl.InMemoryExecutor(sources=[sl.InMemorySource(page)], indices=[index]).run() as app:
        (vector,) = app.embed(space, texts=["a red circle"]).vectors
        (described,) = app.describe()["models"]
    assert vector is not None
    return described["fingerprint"], vector


@pytest.mark.parametrize(
    ("kind", "precision"),
    [*((kind, "fp32") for kind in sorted(REPOSITORIES)), ("exported/clip", "fp16"), ("exported/clip", "int8")],
)
def test_what_is_fetched_is_what_the_engine_needs(
    hub: FakeHub, tmp_path: Path, kind: str, precision: PrecisionName
) -> None:
    for name, content in REPOSITORIES[kind].items():
        path = tmp_path / "whole" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    hub.add("owner/model", {**REPOSITORIES[kind], **dict.fromkeys(UNWANTED, b"unwanted")})
    fetched = Path(resolve("owner/model", precision=precision).path)
    assert not {*UNWANTED, "goldens.json"} & {path.relative_to(fetched).as_posix() for path in fetched.rglob("*")}
    assert vector_of("owner/model", precision) == vector_of(tmp_path / "whole", precision)


def test_halves_in_two_repositories(hub: FakeHub) -> None:
    settings, tokens = "preprocessor_config.json", "tokenizer.json"
    hub.add("Qdrant/clip-ViT-B-32-vision", moved({"model.onnx": "onnx/vision_model.onnx", settings: settings}))
    hub.add("Qdrant/clip-ViT-B-32-text", moved({"model.onnx": "onnx/text_model.onnx", tokens: tokens}))
    found = resolve("Qdrant/clip-ViT-B-32")
    assert (found.name, Path(found.path).parent.parent.name, Path(found.text_path).parent.parent.name) == (
        "Qdrant/clip-ViT-B-32",
        "models--Qdrant--clip-ViT-B-32-vision",
        "models--Qdrant--clip-ViT-B-32-text",
    )
    assert vector_of("Qdrant/clip-ViT-B-32")[1] == vector_of(TINY)[1]
    hub.close()
    assert resolve("Qdrant/clip-ViT-B-32-text").path == found.path
