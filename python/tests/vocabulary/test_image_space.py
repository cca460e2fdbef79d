from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import innerspace as sl


class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    other: sl.Blob
    description: sl.String


class Photo(sl.Schema):
    id: sl.IdField
    photo: sl.Blob | None


@pytest.fixture
def image() -> Image:
    return Image()


def test_definition(image: Image) -> None:
    photo = Photo()
    space = sl.ImageSpace(image=[image.image + image.description, photo.photo, None], model="embedded", salt="second")
    assert space._definition("pictures") == {
        "type": "image_space",
        "name": "pictures",
        "fields": [
            {"schema": "Image", "image": "image", "description": "description"},
            {"schema": "Photo", "image": "photo"},
        ],
        "model": {"name": "embedded", "path": str(Path(sl.__file__).parent / "models" / "embedded")},
        "salt": "second",
    }
    assert repr(space) == "ImageSpace(Image.image + Image.description, Photo.photo, model='embedded')"


def test_field_sets(image: Image) -> None:
    space = sl.ImageSpace(image.image, model="embedded")
    assert (space.image.space, space.image.name) == (space, "image")
    assert (space.description.space, space.description.name) == (space, "description")


@pytest.mark.parametrize("given", ["class", "description", "schema", "name"])
def test_only_pictures(image: Image, given: str) -> None:
    wrong: Any = {"class": Image, "description": image.description, "schema": image, "name": "image"}[given]
    with pytest.raises(sl.InvalidInputException, match=r"'field_list' must be a\(n\) Blob list, got \["):
        sl.ImageSpace(wrong, model="embedded")


@pytest.mark.parametrize("empty", [None, [], [None]])
def test_no_field(empty: Any) -> None:
    with pytest.raises(sl.InvalidInputException, match=r"^ImageSpace field input must not be empty.$"):
        sl.ImageSpace(empty, model="embedded")


def test_one_field_a_schema(image: Image) -> None:
    with pytest.raises(
        sl.InvalidInputException, match=r"Duplicates schemas in the same space are not allowed: .'Image'"
    ):
        sl.ImageSpace([image.image, image.other], model="embedded")


@pytest.mark.parametrize(
    ("argument", "value", "error"),
    [
        ("model_handler", "sentence_transformers", sl.InvalidInputException),
        ("model_handler", sl.ModelHandler.MODAL, sl.FeatureNotSupportedException),
        ("embedding_engine_config", "fp16", sl.InvalidInputException),
        ("model_cache_dir", 7, sl.InvalidInputException),
        ("salt", 7, sl.InvalidInputException),
        ("revision", 7, sl.InvalidInputException),
        ("model", 7, sl.InvalidInputException),
    ],
)
def test_wrong_arguments(image: Image, argument: str, value: object, error: type[Exception]) -> None:
    arguments: dict[str, Any] = {"model": "embedded", argument: value}
    with pytest.raises(error, match=r"parameter|ModelHandler|A model is") as caught:
        sl.ImageSpace(image.image, **arguments)
    assert type(caught.value) is error


@pytest.mark.parametrize("handler", [sl.ModelHandler.SENTENCE_TRANSFORMERS, sl.ModelHandler.OPEN_CLIP])
def test_handlers(image: Image, handler: sl.ModelHandler) -> None:
    assert sl.ImageSpace(image.image, model="embedded", model_handler=handler)._model.name == "embedded"


def test_precision(image: Image) -> None:
    spaces = [sl.ImageSpace(image.image, model="embedded", precision=precision) for precision in ("fp32", "int8", None)]
    models: list[Any] = [space._definition("s")["model"] for space in spaces]
    assert [model.get("precision") for model in models] == [None, "int8", None]
    sl.Index(spaces[:2])
    with pytest.raises(sl.InvalidInputException, match="duplicate spaces"):
        sl.Index([spaces[0], spaces[2]])


def test_a_revision_needs_a_model(image: Image) -> None:
    with pytest.raises(sl.InvalidInputException, match="revision needs a model"):
        sl.ImageSpace(image.image, revision="v1")


class TestIndex:
    def test_duplicates_are_refused(self, image: Image) -> None:
        spaces = [sl.ImageSpace(image.image, model="embedded") for _ in range(2)]
        with pytest.raises(sl.InvalidInputException, match=r"^Index cannot contain duplicate spaces.$"):
            sl.Index(spaces)
        with pytest.raises(sl.InvalidInputException, match=r"^Index cannot contain duplicate spaces.$"):
            sl.Index([spaces[0], spaces[0]])

    def test_salt_tells_them_apart(self, image: Image) -> None:
        sl.Index([sl.ImageSpace(image.image, model="embedded", salt=salt) for salt in ("a", "b")])

    def test_empty(self) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Index must be built on at least 1 space.$"):
            sl.Index([])

    @pytest.mark.parametrize(
        ("wrong", "text"),
        [("x", "parameter spaces must be a Space, got str 'x'"), (["x"], r"parameter spaces\[0\] must be a Space")],
    )
    def test_wrong_spaces(self, wrong: Any, text: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=text):
            sl.Index(wrong)

    def test_wrong_fields(self, image: Image) -> None:
        wrong: Any = ["description"]
        with pytest.raises(sl.InvalidInputException, match=r"parameter fields\[0\] must be a SchemaField, got str"):
            sl.Index(sl.ImageSpace(image.image, model="embedded"), fields=wrong)
