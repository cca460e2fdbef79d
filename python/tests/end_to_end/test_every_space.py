"""Every space and every type of field, through the package and its native library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import innerspace as sl

NOW = 1_700_000_000
DAY = 86_400


class Item(sl.Schema):
    id: sl.IdField
    name: sl.String
    pieces: sl.Integer | None
    price: sl.Float | None
    sold: sl.Boolean | None
    made: sl.Timestamp | None
    tags: sl.StringList | None
    vector: sl.FloatList | None


ROWS: list[dict[str, Any]] = [
    {
        "id": "a",
        "name": "a red circle",
        "pieces": 3,
        "price": 9,
        "sold": True,
        "made": NOW - DAY,
        "tags": ["red", "round"],
        "vector": [1, 0],
    },
    {"id": "b", "name": "a blue square", "pieces": 7.0, "price": 1.5, "sold": False, "made": NOW, "tags": "blue"},
    {"id": "c", "name": "nothing at all", "tags": [], "vector": [0.6, 0.8]},
]


@dataclass
class Shop:
    """An app with one index over five spaces."""

    item: Item
    source: sl.InMemorySource
    spaces: dict[str, Any]
    index: sl.Index
    app: sl.InMemoryApp

    def find(self, **weights: Any) -> Any:
        return sl.Query(self.index, {self.spaces[name]: weight for name, weight in weights.items()}).find(self.item)

    def ids(self, query: Any, **params: Any) -> list[str]:
        return [entry.id for entry in self.app.query(query, **params)]


@pytest.fixture
def shop() -> Iterator[Shop]:
    item = Item()
    spaces: dict[str, Any] = {
        "text": sl.TextSimilaritySpace(item.name, model="embedded"),
        "price": sl.NumberSpace(item.price, 0, 10, sl.Mode.MINIMUM),
        "pieces": sl.NumberSpace(item.pieces, 0, 10, sl.Mode.SIMILAR, scale=sl.LogarithmicScale()),
        "made": sl.RecencySpace(item.made, period_time_list=sl.PeriodTime(timedelta(days=7)), negative_filter=-1.0),
        "tags": sl.CategoricalSimilaritySpace(item.tags, ["red", "blue"], negative_filter=-1.0),
        "vector": sl.CustomSpace(item.vector, length=2),
    }
    index = sl.Index(list(spaces.values()), fields=[item.pieces, item.tags, item.sold])
    source = sl.InMemorySource(item)
    context = {sl.CONTEXT_COMMON: {sl.CONTEXT_COMMON_NOW: NOW}}
    with sl.InMemoryExecutor(source, index, context).run() as app:
        source.put(ROWS)
        yield Shop(item, source, spaces, index, app)


@pytest.mark.filterwarnings("ignore::innerspace.QueryWarning")
class TestResults:
    def test_fields_have_the_types_of_their_schema(self, shop: Shop) -> None:
        by_id = {entry.id: entry.fields for entry in shop.app.query(shop.find(price=1.0).select_all())}
        assert by_id["a"] == {**{k: v for k, v in ROWS[0].items() if k != "id"}, "price": 9.0, "vector": [1.0, 0.0]}
        assert by_id["b"]["pieces"] == 7
        assert [type(value) for value in by_id["b"].values()] == [str, int, float, bool, int, list]
        assert by_id["c"] == {"name": "nothing at all", "tags": [], "vector": [0.6, 0.8]}

    def test_tables(self, shop: Shop) -> None:
        result = shop.app.query(shop.find(price=1.0).select_all())
        table = result.to_arrow()
        assert [table.schema.field(name).type for name in ("pieces", "price", "sold", "tags", "vector")] == [
            pa.int64(),
            pa.float64(),
            pa.bool_(),
            pa.list_(pa.string()),
            pa.list_(pa.float64()),
        ]
        frame = sl.PandasConverter.to_pandas(result).set_index("id")
        assert frame.loc["a", "tags"] == ["red", "round"]
        assert frame.loc["b", "price"] == 1.5
        assert pl.DataFrame(result)["made"].to_list()[0] == NOW

    @pytest.mark.parametrize("limit", [3, 0])
    def test_dtypes_do_not_depend_on_the_rows(self, shop: Shop, limit: int) -> None:
        frame = shop.app.query(shop.find(price=1.0).select_all().limit(sl.Param("n")), n=limit).to_pandas()
        assert [str(dtype) for dtype in frame.dtypes.drop("id")] == [
            "object",
            "Int64",
            "float64",
            "boolean",
            "Int64",
            "object",
            "object",
            "float64",
            "int64",
        ]

    def test_dates(self, shop: Shop) -> None:
        frame = sl.PandasConverter.to_pandas(shop.app.query(shop.find(price=1.0).select("made")))
        dates = sl.PandasConverter.format_date_column(frame, "made", "day")["day"].tolist()
        assert str(dates[0]) == "2023-11-14"


@pytest.mark.filterwarnings("ignore::innerspace.QueryWarning")
class TestSpaces:
    @pytest.mark.parametrize(
        ("space", "value", "best"),
        [("text", "a blue square", "b"), ("pieces", 3, "a"), ("tags", ["blue"], "b"), ("vector", [0.5, 1.0], "c")],
    )
    def test_similar(self, shop: Shop, space: str, value: Any, best: str) -> None:
        query = shop.find().similar(shop.spaces[space], sl.Param("value"))
        assert shop.ids(query, value=value)[0] == best
        assert shop.ids(shop.find().similar(shop.spaces[space], value))[0] == best

    def test_spaces_that_have_no_input(self, shop: Shop) -> None:
        assert shop.ids(shop.find(price=1.0)) == ["b", "a", "c"]
        assert shop.ids(shop.find(made=1.0)) == ["b", "a", "c"]
        assert shop.ids(shop.find(made=-1.0)) != ["b", "a", "c"]

    def test_another_present(self, shop: Shop) -> None:
        query = shop.find(made=1.0).override_now(sl.Param("now"))
        evening, morning = (
            shop.app.query(query, now=now).metadata.search_vector for now in (NOW, NOW - NOW % DAY + 60)
        )
        assert evening == shop.app.query(shop.find(made=1.0)).metadata.search_vector
        assert evening != morning

    def test_like_a_stored_row(self, shop: Shop) -> None:
        query = shop.find().with_vector(shop.item, sl.Param("key"))
        assert [shop.ids(query, key=key)[0] for key in ("a", "b", "c")] == ["a", "b", "c"]
        with pytest.raises(sl.NotFoundException, match="Entity not found for object_id: nosuch"):
            shop.ids(query, key="nosuch")

    def test_filters(self, shop: Shop) -> None:
        item = shop.item
        for condition, ids in (
            (item.pieces > 3, {"b"}),
            ((item.pieces > 3) | item.tags.contains("red"), {"a", "b"}),
            (item.sold.is_(True), {"a"}),
            (item.pieces.not_in_([3]), {"b", "c"}),
            (item.id.in_(sl.Param("ids", default=["c", "zzz"])), {"c"}),
        ):
            assert set(shop.ids(shop.find(price=1.0).filter(condition))) == ids

    def test_a_value_of_a_wrong_type_at_run_time_names_the_param(self, shop: Shop) -> None:
        query = shop.find().similar(shop.spaces["vector"], sl.Param("taste"))
        with pytest.raises(sl.InvalidInputException, match="Wrong dimension of input, expected 2, got 3") as caught:
            shop.ids(query, taste=[1, 2, 3])
        assert caught.value.path == "params.taste"


class TestPuts:
    def test_rows_of_every_kind_give_the_same_vectors(self, shop: Shop) -> None:
        vectors = self.vectors(shop)
        frame = pd.DataFrame(ROWS)
        table = pa.table(
            {
                "id": ["a", "b", "c"],
                "name": [row["name"] for row in ROWS],
                "pieces": pa.array([3, 7, None], pa.int16()),
                "price": pa.array([9, 1.5, None], pa.float32()),
                "sold": [True, False, None],
                "made": pa.array([NOW - DAY, NOW, None], pa.timestamp("s", "UTC")),
                "tags": [["red", "round"], ["blue"], []],
                "vector": pa.array([[1, 0], None, [0.6, 0.8]], pa.list_(pa.float32())),
            }
        )
        for rows in (frame, table, pl.from_arrow(table), (row for row in ROWS)):
            shop.app.delete(shop.item, ["a", "b", "c"])
            shop.source.put(rows)
            assert np.allclose(self.vectors(shop), vectors, atol=1e-6)

    def test_datetimes(self, shop: Shop) -> None:
        when = datetime.fromtimestamp(NOW, UTC)
        with pytest.warns(sl.PutWarning):
            shop.source.put({"id": "b", "name": "x", "made": when})
        result = shop.app.query(shop.find(made=1.0).filter(shop.item.id == "b").select("made"))
        assert result.entries[0].fields == {"made": NOW}

    def test_every_bad_value_is_named(self, shop: Shop) -> None:
        rows = [
            {"id": "x", "name": "x", "pieces": 1.5, "vector": [1, 2, 3]},
            {"id": "y", "name": "y", "price": float("nan"), "tags": 7},
        ]
        report = shop.source.put(rows, on_error="null")
        assert [(error.id, error.field) for error in report.errors] == [
            ("x", "pieces"),
            ("x", "vector"),
            ("y", "price"),
            ("y", "tags"),
        ]
        assert report.stored == 2
        with pytest.raises(sl.PutException, match=r"Invalid value 1.5 for the given field data type FieldDataType.INT"):
            shop.source.put(rows)

    def vectors(self, shop: Shop) -> Any:
        return sl.VectorSampler(shop.app).get_vectors_by_ids(["a", "b", "c"], shop.index, shop.item).vectors


class TestVectorSampler:
    def test_ids_in_the_order_given(self, shop: Shop) -> None:
        sampler = sl.VectorSampler(shop.app)
        every = sampler.get_all_vectors(shop.index, shop.item)
        assert every.id_list == ["a", "b", "c"]
        assert every.vectors.dtype == np.float32
        some = sampler.get_vectors_by_ids(["c", "a"], shop.index, shop.item)
        assert np.array_equal(some.vectors, every.vectors[[2, 0]])
        assert len(sampler.get_vectors_by_ids([], shop.index, shop.item)) == 0
        texts = [str(sampler.get_vectors_by_ids(ids, shop.index, shop.item)) for ids in (["c", "a"], "a")]
        assert texts == ["VectorCollection of 2 vectors.", "VectorCollection of 1 vector."]

    def test_vectors_outlive_the_app(self, shop: Shop) -> None:
        every = sl.VectorSampler(shop.app).get_all_vectors(shop.index, shop.item)
        before = every.vectors.copy()
        shop.app.close()
        assert np.array_equal(every.vectors, before)

    def test_refusals(self, shop: Shop) -> None:
        sampler = sl.VectorSampler(shop.app)
        with pytest.raises(sl.NotFoundException, match=r"^No vector found for Item with id zzz in the given index.$"):
            sampler.get_vectors_by_ids("zzz", shop.index, shop.item)
        with pytest.raises(sl.InvalidInputException, match="is not amongst the executor's indices"):
            sampler.get_all_vectors(sl.Index(shop.spaces["price"]), shop.item)
        with pytest.raises(sl.InvalidInputException, match="parameter app must be an InMemoryApp"):
            sl.VectorSampler("app")  # type: ignore[arg-type]
        shop.app.close()
        with pytest.raises(sl.InvalidStateException, match="closed"):
            sampler.get_all_vectors(shop.index, shop.item)


class TestChunks:
    TEXT = "A red circle here. A blue square there."

    @pytest.fixture
    def pages(self) -> Iterator[Any]:
        item = Item()
        self.space = sl.TextSimilaritySpace(sl.chunk(item.name, chunk_size=25, chunk_overlap=0), model="embedded")
        self.index, self.source, self.item = sl.Index(self.space), sl.InMemorySource(item), item
        with sl.InMemoryExecutor(self.source, self.index).run() as app:
            self.source.put({"id": "a", "name": self.TEXT})
            yield app

    def test_pieces_are_found_and_name_their_row(self, pages: Any) -> None:
        query = sl.Query(self.index).find(self.item).similar(self.space, "A blue square there.").select_all()
        first, *others = pages.query(query).entries
        assert (first.metadata.origin, first.fields) == ("a", {})
        assert first.metadata.score == pytest.approx(1, abs=1e-6)
        assert {(entry.id == "a", entry.metadata.origin) for entry in others} == {(True, None), (False, "a")}

    def test_the_gallery_names_the_row(self, pages: Any) -> None:
        html = pages.query(sl.Query(self.index).find(self.item).select_all())._repr_html_()
        assert html.count("<span>piece of</span>a") == 2
        assert html.count(self.TEXT) == 2  # the row's own card, as text and as title

    def test_vectors(self, pages: Any) -> None:
        sampler = sl.VectorSampler(pages)
        assert sampler.get_all_vectors(self.index, self.item).id_list == ["a"]
        assert len(sampler.get_all_vectors(self.index, self.item, include_chunks=True)) == 3

    def test_pieces_go_with_their_row(self, pages: Any) -> None:
        self.source.put({"id": "a", "name": "short"})
        # The text itself, and the one piece that it is.
        assert len(pages.query(sl.Query(self.index).find(self.item))) == 2
        pages.delete(self.item, "a")
        assert len(pages.query(sl.Query(self.index).find(self.item))) == 0


@pytest.mark.filterwarnings("ignore::innerspace.QueryWarning")
class TestExplain:
    def test_where_each_weight_comes_from(self, shop: Shop) -> None:
        query = (
            shop.find(price=0.5, pieces=sl.Param("w", default=2), made=sl.Param("r"), tags=sl.Param("t"))
            .similar(shop.spaces["text"], sl.Param("text"))
            .similar(shop.spaces["tags"], sl.Param("tag"))
        )
        explanation = shop.app.query(query, text="circle", r=3).explain()
        assert [(space.fields, space.weight, space.reason) for space in explanation.spaces] == [
            (("Item.name",), 1.0, "a .similar clause names it"),
            (("Item.price",), 0.5, "given in the query"),
            (("Item.pieces",), 2.0, "the default of parameter 'w'"),
            (("Item.made",), 3.0, "the value of parameter 'r'"),
            (("Item.tags",), 1.0, "parameter 't' has no value, and a .similar clause names it"),
            (("Item.vector",), 0.0, "nothing in the query names it"),
        ]
        lines = str(explanation).splitlines()
        assert lines[0] == "text_similarity_space_0 (Item.name): weight 1, a .similar clause names it"
        assert lines[1] == "  similar text to parameter 'text', weight 1"
        assert "  similar category to parameter 'tag', weight 1, without effect: it has no value, or weight 0" in lines
        assert lines[-1].endswith("weight 0, nothing in the query names it; it had no part in the scores")

    def test_a_stored_row(self, shop: Shop) -> None:
        explanation = shop.app.query(shop.find(price=0.5).with_vector(shop.item, "a")).explain()
        assert explanation.spaces[0].reason == "the query has a .with_vector clause"
        assert str(explanation).splitlines()[1] == "  with_vector of a value, weight 1"

    def test_one_space(self) -> None:
        item = Item()
        space = sl.NumberSpace(item.price, 0, 10, sl.Mode.MAXIMUM)
        index, source = sl.Index(space), sl.InMemorySource(item)
        with sl.InMemoryExecutor(source, index).run() as app:
            (explained,) = app.query(sl.Query(index, {space: 3}).find(item)).explain().spaces
        assert explained.reason == "without effect: it is the only space of the index"

    def test_html(self, shop: Shop) -> None:
        html = shop.app.query(shop.find().similar(shop.spaces["text"], sl.Param("<b>"), 2), **{"<b>": "x"}).explain()
        assert "similar text to parameter &#x27;&lt;b&gt;&#x27;, weight 2" in html._repr_html_()


@pytest.mark.parametrize(
    ("weights", "scores"),  # of superlinked 37.3.0
    [
        ((1, 0), {"x": 0.309017, "y": 0.707107, "z": 0.987688}),
        ((0, 1), {"x": 0.951057, "y": 0.987688, "z": 0.707107}),
        ((1, 1), {"x": 0.630037, "y": 0.847398, "z": 0.847398}),
        ((1, -1), {"x": -0.32102, "y": -0.140291, "z": 0.140291}),
    ],
)
def test_two_spaces_over_one_field(weights: tuple[int, int], scores: dict[str, float]) -> None:
    item = Item()
    assert item.price is not None
    highest = sl.NumberSpace(item.price, 0, 10, sl.Mode.MAXIMUM)
    nearest = sl.NumberSpace(item.price, 0, 10, sl.Mode.SIMILAR)
    index, source = sl.Index([highest, nearest]), sl.InMemorySource(item)
    query = sl.Query(index, {highest: weights[0], nearest: weights[1]}).find(item).similar(nearest, 4.0)
    with sl.InMemoryExecutor(source, index).run() as app:
        source.put([{"id": name, "name": name, "price": price} for name, price in (("x", 2), ("y", 5), ("z", 9))])
        found = {entry.id: entry.metadata.score for entry in app.query(query)}
    assert found == pytest.approx(scores, abs=2e-6)


def test_equal_spaces_over_one_field_are_refused() -> None:
    item = Item()
    assert item.price is not None
    spaces = [sl.NumberSpace(item.price, 0, 10, sl.Mode.MAXIMUM) for _ in range(2)]
    with pytest.raises(sl.InvalidInputException, match="duplicate spaces"):
        sl.Index(spaces)
