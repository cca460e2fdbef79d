from __future__ import annotations

from copy import copy
from typing import Any, ClassVar, Optional

import pytest

import innerspace as sl
from innerspace._definition import FieldInfo, SchemaInfo


def schema_class(annotations: dict[str, Any], base: type = sl.Schema) -> type[Any]:
    return type("Item", (base,), {"__annotations__": annotations})


class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String | None


def test_fields_are_bound_in_order() -> None:
    image = Image()
    assert image._info() == SchemaInfo(
        "Image",
        (
            FieldInfo("id", "id", False),
            FieldInfo("image", "blob", False),
            FieldInfo("description", "string", True),
        ),
    )
    assert (type(image.image), image.image.name, image.image.schema_obj) == (sl.Blob, "image", image)
    assert repr(image) == "Image(id: IdField, image: Blob, description: String | None)"


def test_a_field_that_is_not_there() -> None:
    image = Image()
    with pytest.raises(AttributeError, match=r"^The schema Image has no field 'title'; its fields are id, image, desc"):
        _ = image.title  # type: ignore[attr-defined]
    assert not hasattr(image, "title")
    assert copy(image).image is image.image


def test_definition() -> None:
    assert Image()._info().to_json() == {
        "type": "schema",
        "name": "Image",
        "fields": [
            {"name": "id", "type": "id", "optional": False},
            {"name": "image", "type": "blob", "optional": False},
            {"name": "description", "type": "string", "optional": True},
        ],
    }


def test_two_instances_have_their_own_fields() -> None:
    assert Image().image is not Image().image


@pytest.mark.parametrize(
    "annotation",
    [sl.String | None, Optional[sl.String], None | sl.String, "sl.String | None", "Optional[sl.String]"],  # noqa: UP045
)
def test_optional_in_every_spelling(annotation: Any) -> None:
    item = schema_class({"id": sl.IdField, "text": annotation})()
    assert (type(item.text), item.text.nullable) == (sl.String, True)


def test_names_that_only_the_defining_function_knows() -> None:
    from innerspace import framework as local_name

    class Item(local_name.Schema):
        key: local_name.IdField
        text: local_name.String | None

    assert repr(Item()) == "Item(key: IdField, text: String | None)"


def test_inheritance() -> None:
    class Described(sl.Schema):
        description: sl.String

    class Photo(Described):
        id: sl.IdField
        photo: sl.Blob

    class Portrait(Photo):
        description: sl.String | None

    assert [field.name for field in Photo()._info().fields] == ["description", "id", "photo"]
    assert Portrait().description is not None
    assert repr(Portrait()) == "Portrait(description: String | None, id: IdField, photo: Blob)"


def test_class_variables_are_no_fields() -> None:
    class Item(sl.Schema):
        id: sl.IdField
        table: ClassVar[str] = "items"

    assert [field.name for field in Item()._info().fields] == ["id"]


@pytest.mark.parametrize(
    ("annotations", "error", "text"),
    [
        (
            {"id": sl.IdField, "n": int},
            sl.InvalidInputException,
            "A schema cannot have non-SchemaField attributes, got ['int']",
        ),
        (
            {"id": sl.IdField, "n": int | None},
            sl.InvalidInputException,
            "A schema cannot have non-SchemaField attributes, got ['int']",
        ),
        (
            {"id": sl.IdField, "n": "list[str]"},
            sl.InvalidInputException,
            "A schema cannot have non-SchemaField attributes, got ['list']",
        ),
        (
            {"id": sl.IdField, "k": sl.IdField},
            sl.InvalidInputException,
            "A schema must have exactly 1 id, got 2 (['id', 'k']).",
        ),
        ({"text": sl.String}, sl.InvalidInputException, "A schema must have exactly 1 id, got 0 ([])."),
        ({}, sl.InvalidInputException, "A schema must have exactly 1 id, got 0 ([])."),
        (
            {"key": sl.IdField, "id": sl.String},
            sl.InvalidInputException,
            "A schema cannot have a non-IdField named 'id'.",
        ),
        (
            {"id": sl.IdField, "both": sl.String | sl.Blob},
            sl.InvalidStateException,
            "An attribute of a schema can only have one optional or mandatory type-annotation.",
        ),
        (
            {"id": sl.IdField | None},
            sl.InvalidInputException,
            "The id of a schema cannot be optional, got id: IdField | None.",
        ),
        (
            {"id": sl.IdField, "_fields": sl.String},
            sl.InvalidInputException,
            "The name of a schema field cannot begin with an underscore, got ['_fields'].",
        ),
    ],
)
def test_wrong_annotations(annotations: dict[str, Any], error: type[Exception], text: str) -> None:
    item = schema_class(annotations)
    with pytest.raises(error) as caught:
        item()
    assert str(caught.value) == text
    assert type(caught.value) is error


def test_an_annotation_that_names_nothing_is_named_where_it_stands() -> None:
    with pytest.raises(sl.InvalidInputException, match=r"'sl\.Blop' of Item\.image cannot be resolved"):
        schema_class({"id": sl.IdField, "image": "sl.Blop"})


def test_the_base_class_is_no_schema() -> None:
    with pytest.raises(sl.InvalidInputException, match="derive from it"):
        sl.Schema()


class TestDescribedBlob:
    def test_either_order(self) -> None:
        image = Image()
        for described in (image.image + image.description, image.description + image.image):
            assert (described.blob, described.description) == (image.image, image.description)

    def test_only_a_text_describes(self) -> None:
        image = Image()
        with pytest.raises(sl.InvalidInputException, match=r"Only a String field can describe Image\.image, got Blob"):
            image.image + image.image

    def test_only_of_the_same_object(self) -> None:
        with pytest.raises(sl.InvalidInputException, match="both must be fields of the same schema object"):
            Image().image + Image().description
