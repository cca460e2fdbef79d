"""Puts and searches over HTTP give what they give in Python, under the reference's paths and JSON."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import pytest
from shop import NOW, Shop

import innerspace as sl
from innerspace.rest.source import snake_case

if TYPE_CHECKING:
    from starlette.testclient import TestClient

ITEMS, EVERYTHING = "/api/v1/ingest/shop_item", "/api/v1/search/everything"
SQUARE = sl.datasets.shapes()["blue-square"].path


def test_the_paths(shop: Shop, client: TestClient) -> None:
    assert shop.app.paths == (
        ITEMS,
        "/api/v1/ingest/visitor",
        "/api/v1/ingest/click",
        EVERYTHING,
        "/api/v1/search/like/visitor",
    )
    assert client.get("/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("name", "path"),
    [("MyHTTPItem", "my_http_item"), ("ItemV2X", "item_v2_x"), ("Item2", "item_2"), ("A1b", "a1b"), ("Item", "item")],
)
def test_a_schema_name_as_a_path(name: str, path: str) -> None:
    assert snake_case(name) == path


def test_one_row_or_several_are_stored(client: TestClient, rows: list[dict[str, Any]]) -> None:
    one = client.post(ITEMS, json={**rows[0], "unknown": 1})
    assert one.status_code == 202
    assert one.json() == {"schema": "ShopItem", "rows": 1, "stored": 1, "warnings": one.json()["warnings"]}
    assert "unknown" in one.json()["warnings"][0]
    assert client.post(ITEMS, json=rows).json()["stored"] == 2
    assert client.post(ITEMS, json=[]).json()["stored"] == 0
    assert [entry["id"] for entry in client.post(EVERYTHING, json={}).json()["entries"]] == ["a", "b"]


def test_an_answer_has_the_references_shape(shop: Shop, client: TestClient, rows: list[dict[str, Any]]) -> None:
    client.post(ITEMS, json=rows)
    answer = client.post(EVERYTHING, json={"price": 7.5, "limit": 1}).json()
    query = shop.executor._query_by_path[EVERYTHING].query_descriptor
    result = shop.app.query(query, price=7.5, limit=1)
    (entry,) = answer["entries"]
    assert set(answer) == {"entries", "metadata"}
    assert set(answer["metadata"]) == {"schema_name", "search_vector", "search_params"}
    assert set(entry) == {"id", "fields", "metadata"}
    assert (entry["id"], entry["fields"]) == (result.entries[0].id, result.entries[0].fields)
    metadata = result.entries[0].metadata
    assert entry["metadata"] == {
        "score": metadata.score,
        "partial_scores": list(metadata.partial_scores),
        "vector_parts": [list(part) for part in metadata.vector_parts],
    }
    assert answer["metadata"]["schema_name"] == "ShopItem"
    assert answer["metadata"]["search_vector"] == pytest.approx(result.metadata.search_vector)


def test_search_params_have_what_stands_in_the_query_too(client: TestClient) -> None:
    params = client.post(EVERYTHING, json={"price": 7.5, "below": 9}).json()["metadata"]["search_params"]
    assert params == {
        "price": 7.5,
        "price_weight": 2.0,
        "similar_filter_number_space_0_number_value_param__": 4,
        "similar_filter_number_space_0_number_weight_param__": 1.0,
        "similar_filter_categorical_similarity_space_0_category_value_param__": ["red"],
        "similar_filter_categorical_similarity_space_0_category_weight_param__": 0.5,
        "photo": None,
        "similar_filter_image_space_0_image_weight_param__": 1.0,
        "below": 9,
        "hard_filter_tags_not_contain_param__": ["sale"],
        "limit": None,
        "radius_param__": None,
        "select_param__": ["name", "price", "made", "colours", "tags", "photo"],
        "overridden_now_param__": NOW,
        "space_weight_text_similarity_space_0_param__": 1.0,
        "space_weight_number_space_0_param__": 1.0,
        "recency": 0.5,
        "space_weight_categorical_similarity_space_0_param__": 1.0,
        "space_weight_image_space_0_param__": 1.0,
    }


def test_events_and_stored_rows(client: TestClient, rows: list[dict[str, Any]]) -> None:
    client.post(ITEMS, json=rows)
    client.post("/api/v1/ingest/visitor", json={"id": "v"})
    click = {"id": "1", "created_at": NOW - 10, "visitor": "v", "item": "b", "kind": "read"}
    assert client.post("/api/v1/ingest/click", json=click).status_code == 202
    answer = client.post("/api/v1/search/like/visitor", json={"visitor": "v"}).json()
    assert [entry["id"] for entry in answer["entries"]] == ["b", "a"]
    assert answer["entries"][0]["fields"] == {"name": "blue square"}
    params = answer["metadata"]["search_params"]
    assert params["visitor"] == "v"
    assert params["with_vector_id_text_similarity_space_0_param__"] == 0.5
    assert params["with_vector_id_number_space_0_param__"] == 1.0
    assert params["select_param__"] == ["name"]


def test_pictures_are_given_as_content_and_come_back_as_none(client: TestClient, rows: list[dict[str, Any]]) -> None:
    content = base64.b64encode(SQUARE.read_bytes()).decode()
    pictures = [content, f"data:image/png;base64,{content}"]
    given = [{**row, "photo": picture} for row, picture in zip(rows, pictures, strict=True)]
    assert client.post(ITEMS, json=given).status_code == 202
    answer = client.post(EVERYTHING, json={"photo": content}).json()
    assert [entry["fields"]["photo"] for entry in answer["entries"]] == [None, None]
    assert answer["metadata"]["search_params"]["photo"] is None
    # The picture itself counts 1/5 of each score: all five spaces take part.
    assert [entry["metadata"]["partial_scores"][4] for entry in answer["entries"]] == pytest.approx(
        [answer["entries"][0]["metadata"]["partial_scores"][4]] * 2
    )
    assert answer["entries"][0]["metadata"]["partial_scores"][4] > 0.05


def test_pictures_that_python_put_come_back_as_their_path(
    shop: Shop, client: TestClient, rows: list[dict[str, Any]]
) -> None:
    def photos() -> dict[str, Any]:
        entries = client.post(EVERYTHING, json={}).json()["entries"]
        return {entry["id"]: entry["fields"].get("photo") for entry in entries}

    shop.source.put([{**rows[0], "photo": SQUARE}, {**rows[1], "photo": str(SQUARE)}])
    assert photos() == {"a": str(SQUARE), "b": str(SQUARE)}
    with pytest.warns(sl.PutWarning):
        shop.source.put({**rows[0]})
    shop.source.put({**rows[1], "photo": sl.datasets.shapes()["red-circle"].pil()})
    assert photos() == {"a": str(SQUARE), "b": None}
    with pytest.raises(sl.PutException):
        shop.source.put({**rows[1], "photo": "/no/such/picture.png"})
    shop.app.delete(shop.item, "a")
    shop.source.put(rows[0])
    assert photos() == {"a": None, "b": None}


def test_an_asgi_app_is_made_once_and_runs_beside_python(shop: Shop, rows: list[dict[str, Any]]) -> None:
    assert shop.app.asgi is shop.app.asgi
    shop.source.put(rows)
    query = shop.executor._query_by_path[EVERYTHING].query_descriptor
    assert len(asyncio.run(shop.app.async_query(query))) == 2


def test_other_roots(rows: list[dict[str, Any]]) -> None:
    shop = Shop.make(api_root_path="shop/", ingest_path_prefix="/rows", query_path_prefix="find")
    with shop.app:
        assert shop.app.paths[0] == "/shop/rows/shop_item"
        assert shop.app.paths[-1] == "/shop/find/like/visitor"


def test_mapped_fields() -> None:
    class Note(sl.Schema):
        id: sl.IdField
        stars: sl.Float

    note = Note()
    space = sl.NumberSpace(note.stars, 0, 5, sl.Mode.MAXIMUM)
    index = sl.Index(space)
    parser = sl.JsonParser(note, mapping={note.id: "key", note.stars: "rating.stars"})
    source = sl.RestSource(note, parser, sl.RestDescriptor(source_path="notes"))
    query = sl.RestQuery(sl.RestDescriptor("best"), sl.Query(index, {space: 1}).find(note).select_all())
    from starlette.testclient import TestClient

    with sl.RestExecutor(source, index, query).run() as app, TestClient(app.asgi) as client:
        assert client.post("/api/v1/ingest/notes", json={"key": 7, "rating": {"stars": 3}}).status_code == 202
        (entry,) = client.post("/api/v1/search/best", json={}).json()["entries"]
        assert (entry["id"], entry["fields"]) == ("7", {"stars": 3.0})
