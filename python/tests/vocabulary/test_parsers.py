from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import innerspace as sl


class Item(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String


@pytest.fixture
def item() -> Item:
    return Item()


def cells(column: pd.Series[Any]) -> list[Any]:
    """The values, with None for whatever this version of pandas keeps for missing ones."""
    return [None if pd.api.types.is_scalar(cell) and pd.isna(cell) else cell for cell in column.tolist()]


class ArrowStream:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise AssertionError("the parser must not read the stream")


class TestJsonParser:
    @pytest.mark.parametrize(
        "data",
        [
            [{"id": 1}, {"id": 2}],
            ({"id": 1}, {"id": 2}),
            ({"id": number} for number in (1, 2)),
            {1: {"id": 1}, 2: {"id": 2}}.values(),
        ],
    )
    def test_iterables(self, item: Item, data: Any) -> None:
        assert sl.JsonParser(item).parse(data) == [{"id": 1}, {"id": 2}]

    def test_one_dict(self, item: Item) -> None:
        assert sl.JsonParser(item).parse({"id": 1, "x": 2}) == [{"id": 1, "x": 2}]

    def test_empty(self, item: Item) -> None:
        assert sl.JsonParser(item).parse([]) == []

    def test_an_arrow_stream_is_handed_on(self, item: Item) -> None:
        stream = ArrowStream()
        assert sl.JsonParser(item).parse(stream) is stream

    def test_a_lazy_frame_is_to_be_collected(self, item: Item) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"LazyFrame.* Call its collect\(\) first\.$"):
            sl.JsonParser(item).parse(pl.LazyFrame({"id": ["a"]}))

    def test_a_row_that_is_no_dict_is_left_for_the_report(self, item: Item) -> None:
        rows = [{"id": 1}, "two"]
        assert sl.JsonParser(item, mapping={item.id: "key"}).parse(rows) == [{"id": 1} | {"id": None}, "two"]
        assert sl.JsonParser(item).parse(rows) == rows

    @pytest.mark.parametrize("data", ["rows.json", b"{}", 7, None, object()])
    def test_no_rows(self, item: Item, data: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^The data must be a dict, dicts in a list"):
            sl.JsonParser(item).parse(data)

    @pytest.mark.parametrize(
        ("row", "parsed"),
        [
            (
                {"key": "a", "meta": {"text": {"en": "cat"}}, "image": "x.png"},
                {"id": "a", "description": "cat", "image": "x.png"},
            ),
            ({"key": "a", "meta": {}}, {"id": "a", "description": None}),
            ({"key": "a", "meta": 3.0}, {"id": "a", "description": None}),
            ({"key": "a", "meta": {"text": "cat"}}, {"id": "a", "description": None}),
            (
                {"key": "a", "meta.text.en": "cat"},
                {"id": "a", "description": None, "meta.text.en": "cat"},
            ),
            ({"key": "a", "description": "not this"}, {"id": "a", "description": None}),
            ({"key": "a", "other": 1}, {"id": "a", "description": None, "other": 1}),
        ],
    )
    def test_mapping(self, item: Item, row: dict[str, Any], parsed: dict[str, Any]) -> None:
        parser = sl.JsonParser(item, mapping={item.id: "key", item.description: "meta.text.en"})
        assert parser.parse(row) == [parsed]

    @pytest.mark.parametrize("data", [pd.DataFrame({"id": [1]}), ArrowStream()])
    def test_the_mapping_is_for_dicts(self, item: Item, data: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^The mapping of a JsonParser is not applied to"):
            sl.JsonParser(item, mapping={item.description: "text"}).parse(data)

    def test_a_frame_whose_columns_are_fields(self, item: Item) -> None:
        parsed: Any = sl.JsonParser(item).parse(pd.DataFrame({"id": [1, 2], "description": ["a", None]}))
        assert list(parsed.columns) == ["id", "description"]
        assert (cells(parsed["id"]), cells(parsed["description"])) == ([1, 2], ["a", None])


class TestDataFrameParser:
    def test_mapping_and_conversion(self, item: Item) -> None:
        frame = pd.DataFrame(
            {"key": [1, 2, 4.5], "title": ["a", None, 5], "extra": [1, 2, 3], "image": [b"x", None, "y"]}
        )
        before = frame.copy()
        parsed = sl.DataFrameParser(item, mapping={item.id: "key", item.description: "title"}).parse(frame)
        assert list(parsed.columns) == ["id", "image", "description", "extra"]
        assert parsed["id"].tolist() == [1.0, 2.0, 4.5]
        assert cells(parsed["description"]) == ["a", None, "5"]
        assert cells(parsed["image"]) == [b"x", None, "y"]
        pd.testing.assert_frame_equal(frame, before)

    @pytest.mark.parametrize(
        ("column", "texts"),
        [
            ([1, 2], ["1", "2"]),
            ([1.5, np.nan], ["1.5", None]),
            ([True, False], ["True", "False"]),
            (pd.array([1, None], "Int64"), ["1", None]),
            (pd.Categorical(["a", None]), ["a", None]),
            (pd.array(["a", None], "string"), ["a", None]),
            ([pd.NaT, "a"], [None, "a"]),
        ],
    )
    def test_texts(self, item: Item, column: Any, texts: list[str | None]) -> None:
        parsed = sl.DataFrameParser(item).parse(pd.DataFrame({"id": ["x", "y"], "description": column}))
        assert cells(parsed["description"]) == texts

    def test_the_index_is_kept_apart(self, item: Item) -> None:
        frame = pd.DataFrame({"id": ["x", "y"]}, index=[7, 7])
        assert sl.DataFrameParser(item).parse(frame)["id"].tolist() == ["x", "y"]

    @pytest.mark.parametrize("ids", [["a", "a"], [1, "1"], [2.5, 2.5]])
    def test_duplicate_ids(self, item: Item, ids: list[Any]) -> None:
        with pytest.raises(sl.InvalidInputException) as caught:
            sl.DataFrameParser(item).parse(pd.DataFrame({"id": ids}))
        assert str(caught.value) == f"Multiple rows have the same id: {ids[1]}"

    def test_missing_ids_are_left_for_the_report(self, item: Item) -> None:
        assert len(sl.DataFrameParser(item).parse(pd.DataFrame({"id": [None, None]}))) == 2

    @pytest.mark.parametrize("parser", [sl.JsonParser, sl.DataFrameParser])
    def test_no_id_column(self, item: Item, parser: Any) -> None:
        with pytest.raises(
            sl.InvalidInputException,
            match=r"^No key column in supplied dataframe. Create a unique id column .*\. Expected 'id'",
        ):
            parser(item).parse(pd.DataFrame({"description": ["a"]}))

    def test_a_column_that_the_mapping_names_is_missing(self, item: Item) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"no columns \['title'\], which the mapping names; it has"):
            sl.DataFrameParser(item, mapping={item.description: "title"}).parse(pd.DataFrame({"id": ["a"]}))

    def test_two_columns_of_one_name(self, item: Item) -> None:
        frame = pd.DataFrame([["a", 1, 2]], columns=["id", "description", "description"])
        with pytest.raises(sl.InvalidInputException, match=r"got twice: \['description'\]"):
            sl.DataFrameParser(item).parse(frame)

    @pytest.mark.parametrize("data", [[{"id": 1}], {"id": [1]}, ArrowStream()])
    def test_something_else(self, item: Item, data: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^A DataFrameParser takes a pandas DataFrame, got"):
            sl.DataFrameParser(item).parse(data)


@pytest.mark.parametrize("parser", [sl.JsonParser, sl.DataFrameParser])
class TestMapping:
    def test_foreign_field(self, item: Item, parser: Any) -> None:
        with pytest.raises(sl.InvalidInputException) as caught:
            parser(item, mapping={Item().image: "x"})
        assert str(caught.value) == "['Item.image'] don't belong to the Item schema."

    @pytest.mark.parametrize("mapping", [["x"], {"image": "x"}])
    def test_wrong_types(self, item: Item, parser: Any, mapping: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="parameter mapping must be"):
            parser(item, mapping=mapping)

    @pytest.mark.parametrize("source", [7, "", None])
    def test_wrong_sources(self, item: Item, parser: Any, source: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"parameter mapping must give a name for Item\.image"):
            parser(item, mapping={item.image: source})

    def test_wrong_schema(self, item: Item, parser: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="parameter schema must be a Schema, got str 'x'"):
            parser("x")
