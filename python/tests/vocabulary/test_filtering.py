"""The clauses of queries that filter, look at stored vectors, and say what counts as now."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_fields import Item

import innerspace as sl

item = Item()
other = type("Other", (sl.Schema,), {"__annotations__": {"id": sl.IdField, "size": sl.Integer}})()
space = sl.NumberSpace([item.number, other.size], 0, 10, sl.Mode.SIMILAR)
category = sl.CategoricalSimilaritySpace(item.tags, ["red"])
index = sl.Index([space, category], fields=[item.number, item.tags, other.size], fields_to_exclude=[item.sold])
NAMES: dict[Any, str] = {space: "n", category: "c"}


def find() -> Any:
    return sl.Query(index).find(item)


def compiled(query: Any) -> Any:
    return query._compile("i", NAMES)


class TestFilter:
    def test_all_filters_hold_and_one_of_those_that_or_joins(self) -> None:
        query = find().filter(item.number > 3).filter((item.tags.contains("a")) | (item.id == sl.Param("key")))
        assert compiled(query).json["filters"] == [
            {"any": [{"field": "number", "operator": "gt", "value": {"value": 3}}]},
            {
                "any": [
                    {"field": "tags", "operator": "contains", "value": {"value": ["a"]}},
                    {"field": "id", "operator": "eq", "value": {"param": "key"}},
                ]
            },
        ]

    def test_a_query_without_filters_has_none(self) -> None:
        assert "filters" not in compiled(find()).json

    def test_params(self) -> None:
        query = compiled(
            find()
            .filter(item.number == sl.Param("n", default=7, options=[7, 8]))
            .filter(item.number.in_(sl.Param("list")))
        )
        assert query.json["filters"][0]["any"][0]["value"] == {"param": "n", "default": 7, "options": [7, 8]}
        assert query.bind({"n": np.int64(8), "list": (1, 2)}) == {"n": 8, "list": [1, 2]}
        assert query.bind({"n": None}) == {}
        for wrong, text in (
            ({"n": 9}, "is not allowed"),
            ({"list": 7}, r"Allowed types are: \['A list of int\(s\)'\]"),
        ):
            with pytest.raises(sl.InvalidInputException, match=text):
                query.bind(wrong)
        number = compiled(find().filter(item.number == sl.Param("n")))
        with pytest.raises(
            sl.InvalidInputException, match=r"Value \(2.5\) is of wrong type. Allowed types are: \['A single int'\]$"
        ):
            number.bind({"n": 2.5})

    def test_one_param_in_places_of_several_kinds(self) -> None:
        number, name = sl.Param("number"), sl.Param("name")
        clauses = [
            lambda query: query.similar(space, number, weight=number),
            lambda query: query.filter(item.number == number),
            lambda query: query.limit(number),
            lambda query: query.similar(category, name),
            lambda query: query.filter(item.tags.contains(name)),
            lambda query: query.with_vector(item, name),
        ]
        for order in (clauses, clauses[::-1]):
            query = find()
            for clause in order:
                query = clause(query)
            bound = compiled(query).bind({"number": 3, "name": "a"})
            assert bound == {"number": 3, "name": "a"}
            assert type(bound["number"]) is int

    @pytest.mark.parametrize(
        ("condition", "text"),
        [
            (lambda: other.size == 3, r"^Other.size is not part of the Item schema.$"),
            (lambda: item.name == "x", r"^Unindexed fields with filter found: \['Item.name'\]\. Fields that"),
            (lambda: (item.number > 3) | (item.name == "x"), r"^Unindexed fields with filter found: \['Item.name'\]"),
            (lambda: True, r"parameter condition must compare a field with a value or a Param, .* got bool True\.$"),
            (lambda: item.number == item.number, "must compare a field with a value or a Param"),
        ],
    )
    def test_refusals(self, condition: Any, text: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=text):
            find().filter(condition())


class TestWithVector:
    @pytest.mark.parametrize(
        ("arguments", "clause"),
        [
            (("a",), {"schema": "Item", "id": {"value": "a"}, "weight": {"value": 1.0}}),
            ((7, 2), {"schema": "Item", "id": {"value": "7"}, "weight": {"value": 2.0}}),
            ((None, None), {"schema": "Item", "id": {"value": None}, "weight": {"value": 1.0}}),
            (
                (sl.Param("key"), {space: 0.5, category: sl.Param("w", default=1)}),
                {
                    "schema": "Item",
                    "id": {"param": "key"},
                    "weights": [
                        {"space": "n", "weight": {"value": 0.5}},
                        {"space": "c", "weight": {"param": "w", "default": 1.0}},
                    ],
                },
            ),
        ],
    )
    def test_clause(self, arguments: Any, clause: dict[str, Any]) -> None:
        query = find().with_vector(item, *arguments)
        assert compiled(query).json["clauses"] == [{"type": "with_vector", **clause}]

    def test_a_vector_of_another_schema(self) -> None:
        assert compiled(find().with_vector(other, "a")).json["clauses"][0]["schema"] == "Other"

    def test_only_one(self) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^The query has a with_vector already"):
            find().with_vector(item, "a").with_vector(item, "b")

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (("Item", "a"), "parameter schema must be a Schema, got str 'Item'"),
            ((Item(), "a"), r"^Index doesn't have the schema \(Item\) of with_vector.$"),
            ((item, ["a"]), "is of wrong type"),
            ((item, "a", "x"), r"Value \(x\) is of wrong type"),
            ((item, "a", {"n": 1}), r"parameter weight must be a Space, got str 'n'"),
            ((item, "a", {space: "x"}), r"Value \(x\) is of wrong type"),
            (
                (item, "a", {sl.NumberSpace(item.price, 0, 1, sl.Mode.SIMILAR): 1}),
                r"^Space isn't present in the index: NumberSpace.$",
            ),
        ],
    )
    def test_refusals(self, arguments: Any, text: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=text):
            find().with_vector(*arguments)


class TestNow:
    @pytest.mark.parametrize(
        ("now", "written"),
        [(7, {"value": 7}), (np.int32(7), {"value": 7}), (sl.Param("t"), {"param": "t"}), (None, None)],
    )
    def test_override(self, now: Any, written: Any) -> None:
        assert compiled(find().override_now(now)).json.get("override_now") == written

    @pytest.mark.parametrize("now", ["x", 1.5, True])
    def test_wrong(self, now: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"is of wrong type. Allowed types are: \['A single int'\]"):
            find().override_now(now)

    def test_twice(self) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^The query has a time that counts as now already"):
            find().override_now(1).override_now(2)


class TestSelect:
    def test_excluded_fields(self) -> None:
        for fields in (["sold"], item.sold, sl.Param("f", default=["sold"])):
            with pytest.raises(
                sl.InvalidInputException, match=r"^Fields \['sold'\] cannot be selected as they are not stored.$"
            ):
                find().select(fields)

    def test_a_param_with_an_excluded_field(self) -> None:
        with pytest.raises(sl.InvalidInputException, match="cannot be selected as they are not stored"):
            compiled(find().select(sl.Param("f"))).bind({"f": ["sold"]})


class TestUserConfig:
    def test_metadata(self) -> None:
        query = find().replace_user_config(sl.QueryUserConfig(with_metadata=True))
        assert compiled(query).json["partial_scores"] is True
        assert "partial_scores" not in compiled(query.replace_user_config(sl.QueryUserConfig())).json

    def test_wrong(self) -> None:
        with pytest.raises(sl.InvalidInputException, match="parameter query_user_config must be a QueryUserConfig"):
            find().replace_user_config({"with_metadata": True})
        with pytest.raises(sl.InvalidInputException, match="parameter with_metadata must be a bool, got int 1"):
            sl.QueryUserConfig(with_metadata=1)  # type: ignore[arg-type]
