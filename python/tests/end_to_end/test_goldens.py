"""The five queries of the reference's image example, against recorded numbers.

The tiny CLIP's were recorded from the reference itself, with its own pixels; the
embedded model's from ONNX Runtime and Pillow in Python. Tolerance 1e-4.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import innerspace as sl

TESTDATA = Path(__file__).parents[3] / "testdata"
LABELS = ["blue-circle", "blue-square", "red-circle", "red-rectangle", "red-circle-with-black-frame"]
TINY = json.loads((TESTDATA / "goldens" / "tiny_clip_image_space.json").read_text())
EMBEDDED = json.loads((TESTDATA / "goldens" / "embedded.json").read_text())
QUERIES: list[dict[str, Any]] = [
    {"image": "blue-square"},
    {"image": "blue-square"},
    {"text": "black frame around a red circle"},
    {"image": "blue-square", "text": "red circle"},
    {"image": "blue-square", "image_weight": 0.1, "text": "red circle", "text_weight": 1.0},
]


class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String


def picture(label: str) -> Path:
    return TESTDATA / "images" / f"{label}.png"


def answers(model: str | Path, options: sl.Options) -> Iterator[sl.QueryResult]:
    """Run the example: one query before the descriptions are put, four after."""
    image = Image()
    space = sl.ImageSpace(image=image.image + image.description, model=model)
    index = sl.Index(space)
    source = sl.InMemorySource(image)
    query = (
        sl.Query(index, weights={space: 1.0})
        .find(image)
        .similar(space.image, sl.Param("image"), sl.Param("image_weight"))
        .similar(space.description, sl.Param("text"), sl.Param("text_weight"))
    )
    with sl.InMemoryExecutor(source, index, options=options).run() as app:
        source.put([{"id": label, "image": picture(label)} for label in LABELS])
        for number, params in enumerate(QUERIES):
            if number == 1:
                source.put(
                    [
                        {"id": label, "image": picture(label), "description": TINY["descriptions"][label]}
                        for label in LABELS
                    ]
                )
            yield app.query(query, **(params | ({"image": picture(params["image"])} if "image" in params else {})))


def check(result: sl.QueryResult, expected: list[tuple[str, float]]) -> None:
    assert [entry.id for entry in result.entries] == [label for label, _ in expected]
    assert [entry.metadata.score for entry in result.entries] == pytest.approx(
        [score for _, score in expected], abs=1e-4
    )


def test_tiny_clip_equals_the_reference() -> None:
    recorded = TINY["tiny"]["fp32"]["reference"]["queries"]
    results = list(answers(TESTDATA / "models" / "tiny-clip", sl.Options(pixels="reference")))
    assert len(results) == len(recorded) == 5
    for result, expected in zip(results, recorded, strict=True):
        check(result, [(row["id"], row["score"]) for row in expected["rows"]])
        assert list(result.metadata.search_vector) == pytest.approx(expected["search_vector"], abs=1e-4)


def test_the_embedded_model_gives_its_tables() -> None:
    results = list(answers("embedded", sl.Options()))
    assert len(results) == len(EMBEDDED["tables"]) == 5
    for result, expected in zip(results, EMBEDDED["tables"].values(), strict=True):
        check(result, expected)
