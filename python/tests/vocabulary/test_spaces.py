from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from test_fields import Event, Item

import innerspace as sl

item = Item()
OTHER = type("Other", (sl.Schema,), {"__annotations__": {"id": sl.IdField, "size": sl.Integer, "text": sl.String}})()


def number_space(
    field: Any = item.price, low: Any = 0, high: Any = 10, mode: Any = sl.Mode.SIMILAR, **more: Any
) -> Any:
    return sl.NumberSpace(field, min_value=low, max_value=high, mode=mode, **more)


def categories(field: Any = item.tags, **more: Any) -> Any:
    return sl.CategoricalSimilaritySpace(field, **{"categories": ["red", "blue"], **more})


class TestDefinitions:
    @pytest.mark.parametrize(
        ("space", "definition"),
        [
            (
                number_space(),
                {
                    "type": "number_space",
                    "fields": [{"schema": "Item", "number": "price"}],
                    "min_value": 0.0,
                    "max_value": 10.0,
                    "mode": "similar",
                    "scale": "linear",
                    "aggregation": "average",
                    "negative_filter": 0.0,
                },
            ),
            (
                number_space(
                    [item.number, None, OTHER.size],
                    mode=sl.Mode.MINIMUM,
                    scale=sl.LogarithmicScale(),
                    aggregation_mode=sl.InputAggregationMode.INPUT_MAXIMUM,
                    negative_filter=-2,
                    salt="s",
                ),
                {
                    "type": "number_space",
                    "fields": [{"schema": "Item", "number": "number"}, {"schema": "Other", "number": "size"}],
                    "min_value": 0.0,
                    "max_value": 10.0,
                    "mode": "minimum",
                    "scale": "logarithmic",
                    "aggregation": "maximum",
                    "negative_filter": -2.0,
                    "salt": "s",
                },
            ),
            (
                sl.RecencySpace(item.made),
                {
                    "type": "recency_space",
                    "fields": [{"schema": "Item", "timestamp": "made"}],
                    "periods": [{"seconds": 1209600, "weight": 1.0}],
                    "offset_seconds": 0,
                    "aggregation": "average",
                    "negative_filter": 0.0,
                },
            ),
            (
                sl.RecencySpace(
                    item.made,
                    timedelta(hours=10),
                    [sl.PeriodTime(timedelta(days=3), 2), sl.PeriodTime(timedelta(hours=1), weight=0.5)],
                    sl.InputAggregationMode.INPUT_MINIMUM,
                    -0.5,
                ),
                {
                    "type": "recency_space",
                    "fields": [{"schema": "Item", "timestamp": "made"}],
                    "periods": [{"seconds": 3600, "weight": 0.5}, {"seconds": 259200, "weight": 2.0}],
                    "offset_seconds": 36000,
                    "aggregation": "minimum",
                    "negative_filter": -0.5,
                },
            ),
            (
                categories([item.tags, OTHER.text], negative_filter=-1, uncategorized_as_category=False),
                {
                    "type": "categorical_similarity_space",
                    "fields": [{"schema": "Item", "category": "tags"}, {"schema": "Other", "category": "text"}],
                    "categories": ["red", "blue"],
                    "negative_filter": -1.0,
                    "uncategorized_as_category": False,
                },
            ),
            (
                sl.CustomSpace(item.vector, length=4, description="d"),
                {
                    "type": "custom_space",
                    "fields": [{"schema": "Item", "vector": "vector"}],
                    "length": 4,
                    "description": "d",
                },
            ),
        ],
    )
    def test_node(self, space: Any, definition: dict[str, Any]) -> None:
        assert space._definition("s") == definition | {"name": "s"}

    @pytest.mark.parametrize(("precision", "stated"), [("int8", "int8"), ("fp32", None), (None, None)])
    def test_precision_of_texts(self, precision: Any, stated: str | None) -> None:
        space = sl.TextSimilaritySpace(item.name, "embedded", precision=precision)
        definition: Any = space._definition("s")
        assert definition["model"].get("precision") == stated

    def test_text(self) -> None:
        space = sl.TextSimilaritySpace([sl.chunk(item.name, 100, 10, [";"], ["\t"]), OTHER.text], model="embedded")
        definition: Any = space._definition("s")
        assert definition["type"] == "text_similarity_space"
        assert definition["model"]["name"] == "embedded"
        assert definition["fields"] == [
            {
                "schema": "Item",
                "text": "name",
                "chunk": {
                    "size": 100,
                    "overlap": 10,
                    "separators_dropped": ["\t"],
                    "separators_kept": [";"],
                },
            },
            {"schema": "Other", "text": "text"},
        ]

    def test_chunk_defaults(self) -> None:
        assert sl.chunk(item.name)._definition() == {
            "size": 250,
            "overlap": 20,
            "separators_dropped": ["\n"],
            "separators_kept": [".", "!", "?"],
        }
        assert sl.chunk(item.name, chunk_size=10).overlap == 9

    def test_a_space_without_fields(self) -> None:
        assert number_space([])._definition("s")["fields"] == []
        assert sl.RecencySpace([None])._schemas == ()

    def test_equal_spaces_cannot_share_an_index(self) -> None:
        for make in (number_space, categories):
            with pytest.raises(sl.InvalidInputException, match=r"^Index cannot contain duplicate spaces.$"):
                sl.Index([make(), make()])
            sl.Index([make(), make(salt="s"), make(negative_filter=-1)])


class TestRefusals:
    @pytest.mark.parametrize(
        ("make", "text"),
        [
            (
                lambda: number_space(low=5.0, high=5.0),
                "The maximum value (5.0) should be greater than the minimum value (5.0).",
            ),
            (
                lambda: number_space(low=-1, scale=sl.LogarithmicScale()),
                "Min value must be 0 or higher when using logarithmic scale.",
            ),
            (
                lambda: number_space(negative_filter=0.5),
                "The negative filter value should not be more than 0. Value is: 0.5",
            ),
            (lambda: number_space([None], mode=sl.Mode.MAXIMUM), "NumberSpace field input must not be empty."),
            (
                lambda: number_space([item.number, item.price]),
                "Duplicates schemas in the same space are not allowed: ['Item']",
            ),
            (lambda: number_space(item.name), "'field_list' must be a(n) Number list, got [String(Item.name)]"),
            (lambda: number_space(Item), "'field_list' must be a(n) Number list, got"),
            (lambda: number_space(item.made), "'field_list' must be a(n) Number list, got"),
            (lambda: number_space(low="0"), "NumberSpace: parameter min_value must be a finite number, got str '0'."),
            (lambda: number_space(high=float("inf")), "NumberSpace: parameter max_value must be a finite number"),
            (lambda: number_space(mode="maximum"), "NumberSpace: parameter mode must be a Mode, got str 'maximum'."),
            (lambda: number_space(scale=sl.LinearScale), "NumberSpace: parameter scale must be a Scale"),
            (lambda: number_space(salt=7), "NumberSpace: parameter salt must be a str, got int 7."),
            (lambda: sl.RecencySpace(item.number), "'field_list' must be a(n) Timestamp list, got"),
            (lambda: sl.RecencySpace(Event().created_at), "'field_list' must be a(n) Timestamp list, got"),
            (
                lambda: sl.RecencySpace(item.made, timedelta(hours=24)),
                "Time period hour offset must be less than a day.",
            ),
            (
                lambda: sl.RecencySpace(item.made, period_time_list=[]),
                "Normalization length cannot be zero.",
            ),
            (
                lambda: sl.RecencySpace(item.made, period_time_list=sl.PeriodTime(timedelta(1), 0)),
                "Normalization length cannot be zero.",
            ),
            (
                lambda: sl.PeriodTime(timedelta(0)),
                "Period_time parameter must be a positive time period, at least 1 seconds. "
                "Got 0:00:00 which is 0 seconds.",
            ),
            (lambda: sl.PeriodTime(timedelta(days=-1)), "Period_time parameter must be a positive time period"),
            (lambda: sl.PeriodTime(7), "PeriodTime: parameter period_time must be a timedelta, got int 7."),
            (lambda: categories(categories="red"), "'categories' must be a `list`, got str"),
            (lambda: categories(categories=[1]), "CategoricalSimilaritySpace: parameter categories[0] must be a str"),
            (lambda: categories(categories=[]), "CategoricalSimilaritySpace: parameter categories must not be empty."),
            (lambda: categories(item.price), "'field_list' must be a(n) String or StringList list, got"),
            (lambda: categories(None), "CategoricalSimilaritySpace field input must not be empty."),
            (lambda: categories(uncategorized_as_category=1), "CategoricalSimilaritySpace: parameter uncategorized"),
            (
                lambda: sl.CustomSpace(item.price, 4),
                "'field_list' must be a(n) FloatList list, got [Float(Item.price)]",
            ),
            (lambda: sl.CustomSpace(item.vector, 0), "CustomSpace: parameter length must be an int from 1 to 65536"),
            (lambda: sl.CustomSpace(item.vector, True), "CustomSpace: parameter length must be an int from 1"),
            (lambda: sl.CustomSpace(item.vector, 4, 7), "CustomSpace: parameter description must be a str"),
            (lambda: sl.TextSimilaritySpace(item.price, "embedded"), "'field_list' must be a(n) String list, got"),
            (
                lambda: sl.TextSimilaritySpace(item.name, "embedded", -1),
                "TextSimilaritySpace: parameter cache_size must",
            ),
            (lambda: sl.chunk(item.price), "chunk: parameter text must be a String, got Float"),
            (lambda: sl.chunk(item.name, 0), "chunk: parameter chunk_size must be an int of at least 1, got int 0."),
            (lambda: sl.chunk(item.name, 10, 10), "chunk: the overlap (10) must be less than the size (10)."),
            (
                lambda: sl.chunk(item.name, None, None, [""]),
                "chunk: parameter split_chars_keep must not have an empty text.",
            ),
            (
                lambda: sl.chunk(item.name, None, None, None, [7]),
                "chunk: parameter split_chars_remove[0] must be a str",
            ),
        ],
    )
    def test_arguments(self, make: Any, text: str) -> None:
        with pytest.raises(sl.InvalidInputException) as caught:
            make()
        assert str(caught.value).startswith(text)

    def test_a_model_handler_that_is_not_there(self) -> None:
        with pytest.raises(sl.FeatureNotSupportedException, match=r"TextModelHandler\.MODAL is not available"):
            sl.TextSimilaritySpace(item.name, "embedded", model_handler=sl.TextModelHandler.MODAL)

    @pytest.mark.parametrize(
        ("negative_filter", "weight", "text"), [(0.5, 1.0, "negative_filter=0.5"), (0.0, -1.0, "negative weight")]
    )
    def test_what_recency_warns_of(self, negative_filter: float, weight: float, text: str) -> None:
        with pytest.warns(UserWarning, match=text) as caught:
            sl.RecencySpace(
                item.made, period_time_list=sl.PeriodTime(timedelta(1), weight), negative_filter=negative_filter
            )
        assert caught[0].filename == __file__


class TestSimilar:
    """What a query may look for in each space."""

    def operand(self, space: Any, value: Any) -> Any:
        query: Any = sl.Query(sl.Index(space)).find(item).similar(space, value)
        return query._compile("i", {space: "s"}).json["clauses"][0]

    @pytest.mark.parametrize(
        ("space", "field", "value", "written"),
        [
            (number_space(), "number", 7, 7.0),
            (number_space(), "number", True, 1.0),
            (number_space(), "number", np.float32(0.5), 0.5),
            (categories(), "category", "red", "red"),
            (categories(), "category", ("red", "never seen"), ["red", "never seen"]),
            (categories(), "category", [], []),
            (sl.CustomSpace(item.vector, 2), "vector", [1, 2.5], [1.0, 2.5]),
            (sl.CustomSpace(item.vector, 2), "vector", np.array([1.0, 2.0]), [1.0, 2.0]),
            (sl.CustomSpace(item.vector, 1), "vector", 3, [3.0]),
            (sl.TextSimilaritySpace(item.name, "embedded"), "text", "", ""),
        ],
    )
    def test_values(self, space: Any, field: str, value: Any, written: Any) -> None:
        clause = self.operand(space, value)
        assert (clause["field"], clause["value"]) == (field, {"value": written})
        by_name: Any = sl.Query(sl.Index(space)).find(item).similar(getattr(space, field), value)
        assert by_name._compile("i", {space: "s"}).json["clauses"] == [clause]

    @pytest.mark.parametrize(
        ("space", "value", "text"),
        [
            (number_space(), "text", "Value (text) is of wrong type. Allowed types are: ['A single float|int']"),
            (number_space(), float("nan"), "A value must be a finite number, got nan."),
            (number_space(), 10**400, "A value must be a finite number, got inf."),
            (categories(), 7, "Value (7) is of wrong type. Allowed types are: ['A single str', 'A list of str(s)']"),
            (categories(), ["red", 7], "Value (list ['red', 7]) is of wrong type."),
            (
                sl.CustomSpace(item.vector, 4),
                "text",
                "Value (text) is of wrong type. Allowed types are: ['A list of float|int(s)']",
            ),
            (sl.CustomSpace(item.vector, 4), [1.0, 1.0, 1.0], "Wrong dimension of input, expected 4, got 3"),
            (sl.CustomSpace(item.vector, 4), 3.0, "Wrong dimension of input, expected 4, got 1"),
            (sl.CustomSpace(item.vector, 2), [1, float("inf")], "A value must be a finite number, got inf."),
            (sl.TextSimilaritySpace(item.name, "embedded"), 7, "Value (7) is of wrong type."),
        ],
    )
    def test_wrong_values(self, space: Any, value: Any, text: str) -> None:
        for given in (value, sl.Param("p", default=value)):
            with pytest.raises(sl.InvalidInputException) as caught:
                sl.Query(sl.Index(space)).find(item).similar(space, given)
            assert str(caught.value).startswith(text)

    @pytest.mark.parametrize(
        "space", [number_space(mode=sl.Mode.MAXIMUM), number_space(mode=sl.Mode.MINIMUM), sl.RecencySpace(item.made)]
    )
    def test_spaces_that_say_themselves_what_is_wanted(self, space: Any) -> None:
        name = type(space).__name__
        with pytest.raises(
            sl.InvalidInputException,
            match=f"^Similar clause is not possible for {name} as the space configuration implies it.$",
        ):
            sl.Query(sl.Index(space)).find(item).similar(space, 1)
