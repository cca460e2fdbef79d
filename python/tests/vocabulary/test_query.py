from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from recording import Image, RecordingEngine, World

import innerspace as sl

if TYPE_CHECKING:
    from innerspace.query import QueryDescriptor


def compiled(world: World, query: QueryDescriptor) -> dict[str, Any]:
    definition = world.executor._definition
    return dict(query._compile(definition.index_names[world.index], definition.space_names).json)


def test_the_notebooks_query(world: World) -> None:
    query = (
        sl.Query(world.index, weights={world.space: 1.0})
        .find(world.schema)
        .similar(world.space.image, sl.Param("image_search"), sl.Param("image_weight"))
        .similar(world.space.description, sl.Param("text_search"), sl.Param("text_weight", default=1))
        .select_all(metadata=[world.space])
        .limit(10)
        .radius(sl.Param("r"))
        .include_metadata()
    )
    written = compiled(world, query)
    assert written == {
        "version": 1,
        "type": "query",
        "index": "index_0",
        "schema": "Image",
        "space_weights": [{"space": "image_space_0", "weight": {"value": 1.0}}],
        "clauses": [
            {
                "type": "similar",
                "space": "image_space_0",
                "field": "image",
                "value": {"param": "image_search"},
                "weight": {"param": "image_weight"},
            },
            {
                "type": "similar",
                "space": "image_space_0",
                "field": "description",
                "value": {"param": "text_search"},
                "weight": {"param": "text_weight", "default": 1.0},
            },
        ],
        "select": {"type": "all"},
        "vector_parts": ["image_space_0"],
        "limit": {"value": 10},
        "radius": {"param": "r"},
        "partial_scores": True,
        "contribution_rows": 100,
    }
    assert json.loads(json.dumps(written)) == written


def test_a_query_without_clauses(world: World) -> None:
    assert compiled(world, world.find()) == {
        "version": 1,
        "type": "query",
        "index": "index_0",
        "schema": "Image",
        "space_weights": [],
        "clauses": [],
        "contribution_rows": 100,
    }


def test_methods_return_new_queries(world: World) -> None:
    start = world.find()
    limited = start.limit(3)
    assert limited is not start
    assert "limit" not in compiled(world, start)
    assert compiled(world, limited)["limit"] == {"value": 3}


class TestSelect:
    @pytest.mark.parametrize(
        ("fields", "names"),
        [
            (["description", "image"], ["description", "image"]),
            ("image", ["image"]),
            (["id", "image"], ["image"]),
            (["image", "image"], ["image"]),
            ([], []),
            (None, []),
        ],
    )
    def test_names(self, world: World, fields: Any, names: list[str]) -> None:
        assert compiled(world, world.find().select(fields))["select"] == {"type": "fields", "fields": {"value": names}}

    def test_field_objects(self, world: World) -> None:
        query = world.find().select([world.schema.description, "image"])
        assert compiled(world, query)["select"]["fields"] == {"value": ["description", "image"]}

    def test_param(self, world: World) -> None:
        query = world.find().select(sl.Param("fields", default=["image"]))
        assert compiled(world, query)["select"]["fields"] == {"param": "fields", "default": ["image"]}

    @pytest.mark.parametrize("fields", [["nope"], sl.Param("f", default=["nope"])])
    def test_unknown(self, world: World, fields: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Fields nope not found in schema Image.$"):
            world.find().select(fields)

    def test_foreign_field(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Image.image is not part of the Image schema.$"):
            world.find().select(Image().image)

    @pytest.mark.parametrize("fields", [7, [7], {"image": 1}, b"image"])
    def test_wrong_types(self, world: World, fields: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="is of wrong type"):
            world.find().select(fields)

    def test_twice(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^The query has a select already"):
            world.find().select_all().select(["image"])

    def test_metadata_of_another_index(self, world: World) -> None:
        other = sl.ImageSpace(world.schema.image, model="embedded", salt="other")
        with pytest.raises(sl.InvalidInputException, match=r"^Space isn't present in the index: ImageSpace.$"):
            world.find().select_all(metadata=other)


class TestLimitAndRadius:
    @pytest.mark.parametrize(("limit", "written"), [(None, None), (0, None), (-1, None), (1, 1), (np.int64(5), 5)])
    def test_limit(self, world: World, limit: Any, written: int | None) -> None:
        json = compiled(world, world.find().limit(limit))
        assert json.get("limit") == (None if written is None else {"value": written})

    @pytest.mark.parametrize("limit", [-2, 2.5, 2.0, "3", True, sl.Param("limit", default=-2)])
    def test_wrong_limit(self, world: World, limit: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"Not a valid limit|is of wrong type"):
            world.find().limit(limit)

    @pytest.mark.parametrize(("radius", "written"), [(None, None), (0, None), (0.0, None), (1, 1.0), (0.25, 0.25)])
    def test_radius(self, world: World, radius: Any, written: float | None) -> None:
        json = compiled(world, world.find().radius(radius))
        assert json.get("radius") == (None if written is None else {"value": written})

    @pytest.mark.parametrize("radius", [1.5, -0.1, math.nan, math.inf])
    def test_radius_out_of_range(self, world: World, radius: float) -> None:
        with pytest.raises(sl.InvalidInputException) as caught:
            world.find().radius(radius)
        assert str(caught.value) == f"Not a valid Radius value ({radius}). It should be between 1 and 0."

    def test_radius_that_no_float_holds(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Not a valid Radius value \(inf\)"):
            world.find().radius(10**400)

    @pytest.mark.parametrize("method", ["limit", "radius"])
    def test_twice(self, world: World, method: str) -> None:
        query = getattr(world.find(), method)(1)
        with pytest.raises(sl.InvalidInputException, match=f"^The query has a {method} already"):
            getattr(query, method)(1)


class TestWeights:
    def test_twice(self, world: World) -> None:
        query = sl.Query(world.index, weights={world.space: 1.0}).find(world.schema)
        with pytest.raises(sl.InvalidInputException) as caught:
            query.space_weights({world.space: 2.0})
        assert str(caught.value) == (
            "Attempted to bound space weight(s) for ImageSpace space(s) in Query multiple times."
        )

    def test_a_space_of_another_index(self, world: World) -> None:
        other = sl.ImageSpace(world.schema.image, model="embedded", salt="other")
        for build in (lambda: sl.Query(world.index, {other: 1}), lambda: world.find().space_weights({other: 1})):
            with pytest.raises(sl.InvalidInputException, match=r"^Space isn't present in the index: ImageSpace.$"):
                build()

    @pytest.mark.parametrize("weight", ["x", None, True, [1.0], math.nan, math.inf, -math.inf, 10**400])
    def test_wrong_weights(self, world: World, weight: Any) -> None:
        if weight is None:  # as where the space is not named
            assert compiled(world, world.find().space_weights({world.space: None}))["space_weights"] == []
            return
        for build in (
            lambda: world.find().space_weights({world.space: weight}),
            lambda: world.find().similar(world.space.description, "x", weight),
            lambda: world.find().similar(world.space.description, "x", sl.Param("w", default=weight)),
        ):
            with pytest.raises(sl.InvalidInputException, match=r"is of wrong type|must be a finite number"):
                build()

    def test_the_references_text(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException) as caught:
            sl.Query(world.index, weights={world.space: "x"})  # type: ignore[dict-item]
        assert str(caught.value) == "Value (x) is of wrong type. Allowed types are: ['A single float|int']"

    @pytest.mark.parametrize("weights", [[1.0], 1.0, {"space": 1.0}])
    def test_no_dict_of_spaces(self, world: World, weights: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="Query: parameter weights must be"):
            sl.Query(world.index, weights=weights)

    @pytest.mark.parametrize("weight", [2, np.float32(2), np.int64(2)])
    def test_every_number_becomes_a_float(self, world: World, weight: Any) -> None:
        json = compiled(world, world.find().space_weights({world.space: weight}))
        assert json["space_weights"] == [{"space": "image_space_0", "weight": {"value": 2.0}}]


class TestSimilar:
    def test_the_space_itself_is_refused(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"similar\(space.image, ...\)"):
            world.find().similar(world.space, "x")

    @pytest.mark.parametrize("wrong", ["image", None, sl.Param("image")])
    def test_something_else_is_refused(self, world: World, wrong: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="must be a space, or a part of one such"):
            world.find().similar(wrong, "x")

    def test_a_space_of_another_index(self, world: World) -> None:
        other = sl.ImageSpace(world.schema.image, model="embedded", salt="other")
        with pytest.raises(sl.InvalidInputException, match=r"^Space isn't present in the index: ImageSpace.$"):
            world.find().similar(other.image, "x")

    def test_a_space_that_does_not_know_the_schema(self, world: World) -> None:
        class Photo(sl.Schema):
            id: sl.IdField
            photo: sl.Blob

        photo = Photo()
        other = sl.ImageSpace(photo.photo, model="embedded")
        query = sl.Query(sl.Index([world.space, other])).find(photo)
        with pytest.raises(sl.InvalidInputException) as caught:
            query.similar(world.space.image, "x")
        assert str(caught.value) == f"'find' ({Photo}) is not in similarity field's schema types."

    @pytest.mark.parametrize("value", [7, b"red", ["red"], True])
    def test_no_text(self, world: World, value: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"is of wrong type. Allowed types are: \['A single str'\]"):
            world.find().similar(world.space.description, value)

    @pytest.mark.parametrize("value", [7, 1.5, {"image": "x"}, True])
    def test_no_picture(self, world: World, value: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="'A single str', 'A single Image'"):
            world.find().similar(world.space.image, value)

    def test_none_stays_a_clause_without_a_value(self, world: World) -> None:
        query = world.find().similar(world.space.image, None).similar(world.space.description, None, None)  # type: ignore[arg-type]
        assert [(clause["value"], clause["weight"]) for clause in compiled(world, query)["clauses"]] == [
            ({"value": None}, {"value": 1.0}),
            ({"value": None}, {"value": 1.0}),
        ]

    def test_an_empty_text_is_a_text(self, world: World) -> None:
        query = world.find().similar(world.space.description, "")
        assert compiled(world, query)["clauses"][0]["value"] == {"value": ""}


class TestFind:
    def test_schema_of_no_space(self, world: World) -> None:
        class U(sl.Schema):
            id: sl.IdField

        with pytest.raises(sl.InvalidInputException, match=r"^Index doesn't have the queried schema \(U\)$"):
            sl.Query(world.index).find(U())

    def test_the_class_in_place_of_the_instance(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"got the class Image. Make an instance: Image\(\)\."):
            sl.Query(world.index).find(Image)  # type: ignore[arg-type]

    def test_wrong_index(self) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Query: parameter index must be an Index, got str 'x'.$"):
            sl.Query("x")  # type: ignore[arg-type]


class TestParams:
    @pytest.fixture
    def app(self, world: World, engines: list[RecordingEngine]) -> sl.InMemoryApp:
        return world.executor.run()

    def run(self, world: World, app: sl.InMemoryApp, query: QueryDescriptor, **params: Any) -> dict[str, Any]:
        result: Any = app.query(query, **params)
        return dict(result.runs[-1])

    def test_unknown(self, world: World, app: sl.InMemoryApp) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Unknown query parameters: a, zzz.$"):
            app.query(world.find().limit(sl.Param("n")), zzz=1, a=None, n=3)

    def test_values_are_checked_where_they_are_used(self, world: World, app: sl.InMemoryApp) -> None:
        query = world.find().similar(world.space.description, sl.Param("text"), sl.Param("weight"))
        for params, text in (
            ({"text": 7}, "params.text: Value (7) is of wrong type. Allowed types are: ['A single str']"),
            ({"weight": "1"}, "params.weight: Value (1) is of wrong type. Allowed types are: ['A single float|int']"),
            ({"weight": math.nan}, "params.weight: A weight must be a finite number, got nan."),
        ):
            with pytest.raises(sl.InvalidInputException) as caught:
                app.query(query, **params)
            assert str(caught.value) == text

    def test_values_in_their_final_form(self, world: World, app: sl.InMemoryApp) -> None:
        query = world.find().similar(world.space.description, sl.Param("text"), sl.Param("weight"))
        assert self.run(world, app, query, text="red", weight=np.float32(2)) == {"text": "red", "weight": 2.0}

    def test_none_is_not_given(self, world: World, app: sl.InMemoryApp) -> None:
        query = world.find().similar(world.space.description, sl.Param("text", default="red"))
        assert self.run(world, app, query, text=None) == {}

    def test_options(self, world: World, app: sl.InMemoryApp) -> None:
        param = sl.Param("v", options=[1.0, 2.0])
        query = world.find().similar(world.space.description, "x", param)
        assert compiled(world, query)["clauses"][0]["weight"] == {"param": "v", "options": [1.0, 2.0]}
        assert self.run(world, app, query, v=2) == {"v": 2.0}
        with pytest.raises(sl.InvalidInputException) as caught:
            app.query(query, v=3.0)
        assert str(caught.value) == "Value 3.0 is not allowed for parameter v. Allowed values are: {1.0, 2.0}"

    def test_the_default_is_checked_against_the_options(self) -> None:
        with pytest.raises(sl.InvalidInputException) as caught:
            sl.Param("v", default=2.5, options=[1.0])
        assert str(caught.value) == "Value 2.5 is not allowed for parameter v. Allowed values are: {1.0}"

    @pytest.mark.parametrize(
        "arguments",
        [{"name": 7}, {"name": ""}, {"name": "x__"}, {"name": "x", "options": 7}, {"name": "x", "options": "abc"}],
    )
    def test_wrong_arguments(self, arguments: dict[str, Any]) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Param: "):
            sl.Param(**arguments)

    def test_a_picture_in_the_query_travels_beside_it(self, world: World, app: sl.InMemoryApp) -> None:
        picture = np.zeros((2, 2, 3), np.uint8)
        query = world.find().similar(world.space.image, picture).similar(world.space.image, "x.png")
        assert [clause["value"] for clause in compiled(world, query)["clauses"]] == [
            {"param": "image_param_0__"},
            {"param": "image_param_1__"},
        ]
        bound = self.run(world, app, query)
        assert bound["image_param_0__"] is picture
        assert bound["image_param_1__"] == "x.png"

    def test_a_picture_as_the_default(self, world: World, app: sl.InMemoryApp) -> None:
        picture, other = np.zeros((2, 2, 3), np.uint8), np.ones((2, 2, 3), np.uint8)
        query = world.find().similar(world.space.image, sl.Param("image", default=picture, options=[picture, other]))
        assert compiled(world, query)["clauses"][0]["value"] == {"param": "image"}
        assert self.run(world, app, query)["image"] is picture
        assert self.run(world, app, query, image=None)["image"] is picture
        assert self.run(world, app, query, image=other)["image"] is other
        with pytest.raises(sl.InvalidInputException, match="is not allowed for parameter image"):
            app.query(query, image=picture.copy())

    def test_one_param_for_several_weights(self, world: World, app: sl.InMemoryApp) -> None:
        weight = sl.Param("w", default=2)
        query = world.find().similar(world.space.description, "a", weight).similar(world.space.description, "b", weight)
        operands = [clause["weight"] for clause in compiled(world, query)["clauses"]]
        assert operands == [{"param": "w", "default": 2.0}] * 2
        assert self.run(world, app, query, w=3) == {"w": 3.0}

    def test_two_params_of_one_name_must_agree(self, world: World) -> None:
        query = world.find().similar(world.space.description, "a", sl.Param("w", default=1))
        compiled(world, query.similar(world.space.description, "b", sl.Param("w", default=1)))
        with pytest.raises(sl.InvalidInputException, match="two parameters named 'w' with different defaults"):
            compiled(world, query.similar(world.space.description, "b", sl.Param("w", default=2)))

    def test_one_name_for_a_picture_and_a_text_is_refused(self, world: World) -> None:
        query = world.find().similar(world.space.image, sl.Param("q")).similar(world.space.description, sl.Param("q"))
        with pytest.raises(sl.InvalidInputException, match="stands for a picture in one place"):
            compiled(world, query)
