"""What requests may not do, and how they are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shop import Shop
from starlette.testclient import TestClient

import innerspace as sl
from innerspace.rest.remote_blobs import RemoteBlobs

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS, EVERYTHING = "/api/v1/ingest/shop_item", "/api/v1/search/everything"
JSON = {"content-type": "application/json"}
SQUARE = sl.datasets.shapes()["blue-square"].path


def test_every_bad_row_is_named(client: TestClient, rows: list[dict[str, Any]]) -> None:
    rows = [{**rows[0], "price": "cheap"}, rows[1], {**rows[1], "id": None}]
    answer = client.post(ITEMS, json=rows)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["error"] == "PutException"
    assert problem["detail"] == "2 rows of 3 for schema ShopItem could not be used; nothing of this put was stored."
    assert [(error["row"], error["id"], error["field"]) for error in problem["errors"]] == [
        (0, "a", "price"),
        (2, "", "id"),
    ]
    assert client.post(EVERYTHING, json={}).json()["entries"] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "detail"),
    [
        (ITEMS, 3, 400, "must be a JSON object with the fields of a row"),
        (EVERYTHING, [], 400, "must be a JSON object with the values"),
        (EVERYTHING, {"colour": 1}, 400, "Unknown query parameters: colour."),
        (EVERYTHING, {"price": "x"}, 400, r"params.price: Value \(x\) is of wrong type"),
        (EVERYTHING, {"limit": -2}, 400, "Not a valid limit"),
        (EVERYTHING, {"photo": 7}, 400, "params.photo: A picture in a request is a URL"),
        ("/api/v1/search/like/visitor", {"visitor": "nobody"}, 404, "Entity not found for object_id: nobody"),
        ("/api/v1/search/nothing", {}, 404, "Not Found"),
    ],
)
def test_wrong_requests(client: TestClient, path: str, body: Any, status: int, detail: str) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == status
    problem = answer.json()
    assert problem["status"] == status
    with pytest.raises(AssertionError, match=detail):
        raise AssertionError(problem["detail"])


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"price": NaN}', b'{"price": Infinity}', b"[" * 100_000, b"\xff\xfe", b'"\xff"']
)
def test_what_is_no_json(client: TestClient, body: bytes) -> None:
    answer = client.post(EVERYTHING, content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The body is")


def test_numbers_that_nothing_can_hold(client: TestClient) -> None:
    for number in (b"1e999", b"1" * 400, b"9" * 5000):
        assert client.post(EVERYTHING, content=b'{"price": %s}' % number, headers=JSON).status_code == 400


def test_other_methods_and_types(client: TestClient) -> None:
    answer = client.get(EVERYTHING)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert client.post(EVERYTHING, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("announced", [True, False])
def test_bodies_are_capped(announced: bool) -> None:
    shop = Shop.make(max_body_bytes=1000)

    def pieces() -> Iterator[bytes]:
        yield from [b" " * 600] * 2

    with shop.app, TestClient(shop.app.asgi) as client:
        body = b" " * 1200 if announced else pieces()
        answer = client.post(ITEMS, content=body, headers=JSON)
        assert answer.status_code == 413
        assert "1,000 bytes" in answer.json()["detail"]


def test_a_closed_app() -> None:
    shop = Shop.make()
    shop.app.close()
    with TestClient(shop.app.asgi) as client:
        answer = client.post(EVERYTHING, json={})
    assert (answer.status_code, answer.json()["error"]) == (503, "InvalidStateException")


def test_what_goes_wrong_inside_is_not_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sl.RestApp, "search", lambda *arguments: 1 // 0)
    with TestClient(shop.app.asgi, raise_server_exceptions=False) as client:
        answer = client.post(EVERYTHING, json={})
    assert (answer.status_code, answer.json()["detail"]) == (500, "The server failed; its log says why.")


class TestPictures:
    @pytest.mark.parametrize("picture", [str(SQUARE), f"file://{SQUARE}", f"FILE:{SQUARE}", "../x.png", "a\0b.png"])
    def test_files_may_not_be_named(self, client: TestClient, rows: list[dict[str, Any]], picture: str) -> None:
        answer = client.post(ITEMS, json=[rows[0], {**rows[1], "photo": picture}])
        assert answer.status_code == 403
        (error,) = answer.json()["errors"]
        assert (error["row"], error["id"], error["field"]) == (1, "b", "photo")
        assert "requests may not name files of the server" in error["reason"]
        searched = client.post(EVERYTHING, json={"photo": picture})
        assert searched.status_code == 403
        assert searched.json()["detail"].startswith("params.photo: ")

    def test_a_file_is_not_taken_for_base64(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "abcd").write_bytes(SQUARE.read_bytes())
        monkeypatch.chdir(tmp_path)
        assert RemoteBlobs(None).read("abcd") == (b"i\xb7\x1d", None)

    def test_private_addresses_are_not_asked(self, client: TestClient, rows: list[dict[str, Any]]) -> None:
        answer = client.post(ITEMS, json={**rows[0], "photo": "http://127.0.0.1:9/x.png"})
        assert answer.status_code == 403
        assert client.post(EVERYTHING, json={"photo": "http://127.0.0.1:9/x.png"}).status_code == 403

    @pytest.mark.parametrize("picture", ["http://\udcff/x.png", "data:\udc80", "\udcff.png", "\ud800"])
    def test_texts_that_are_no_unicode(self, client: TestClient, picture: str) -> None:
        body = json.dumps({"photo": picture}).encode()
        answer = client.post(EVERYTHING, content=body, headers=JSON)
        assert (answer.status_code, "no valid Unicode" in answer.json()["detail"]) == (400, True)

    def test_other_schemes(self, client: TestClient) -> None:
        assert client.post(EVERYTHING, json={"photo": "ftp://example.org/x.png"}).status_code == 501

    def test_files_below_the_root(self, tmp_path: Path, rows: list[dict[str, Any]]) -> None:
        root, secret = tmp_path / "pictures", tmp_path / "secret.png"
        (root / "sub").mkdir(parents=True)
        (root / "sub" / "a b.png").write_bytes(SQUARE.read_bytes())
        secret.write_bytes(SQUARE.read_bytes())
        (root / "link.png").symlink_to(secret)
        (root / "inside.png").symlink_to(root / "sub" / "a b.png")
        (root / "loop.png").symlink_to(root / "loop.png")
        shop = Shop.make(blob_root=root)
        with shop.app, TestClient(shop.app.asgi) as client:
            for picture in (
                "sub/a b.png",
                "inside.png",
                "sub/../inside.png",
                str(root / "inside.png"),
                f"file://{root}/sub/a%20b.png",
            ):
                assert client.post(ITEMS, json={**rows[0], "photo": picture}).status_code == 202
                answer = client.post(EVERYTHING, json={"photo": picture}).json()
                assert answer["entries"][0]["fields"]["photo"] == picture
                assert answer["metadata"]["search_params"]["photo"] == picture
            for picture in (
                "../secret.png",
                "link.png",
                str(secret),
                f"file://{secret}",
                f"file://{root}/%2e%2e/secret.png",
                "/etc/passwd",
                "/no/such/file",
            ):
                assert client.post(EVERYTHING, json={"photo": picture}).status_code == 403, picture
            for picture in ("none.png", "sub", "a\0b.png", "x" * 5000 + ".png", "loop.png"):
                assert client.post(EVERYTHING, json={"photo": picture}).status_code == 404, picture
            assert client.post(EVERYTHING, json={"photo": f"file://elsewhere{root}/inside.png"}).status_code == 403


class TestDefinitions:
    def test_paths_that_are_taken(self, shop: Shop) -> None:
        source, query = sl.RestSource(shop.item), next(iter(shop.executor._query_by_path.values()))
        indices = list(shop.executor._indices)
        with pytest.raises(
            sl.InvalidInputException, match=r"^Endpoint duplication detected. The path: /api/v1/ingest/"
        ):
            sl.RestExecutor([source, sl.RestSource(shop.item)], indices, [])
        with pytest.raises(sl.InvalidInputException, match=r"The path: /api/v1/search/everything has been"):
            sl.RestExecutor(source, indices, [query, query])
        with pytest.raises(sl.InvalidInputException, match="is not amongst the executor's indices"):
            sl.RestExecutor(source, sl.Index(sl.NumberSpace(shop.item.price, 0, 1, sl.Mode.SIMILAR)), query)

    @pytest.mark.parametrize("path", ["", "/", "a b", "../x", "a/./b", "{id}", "ä", 7])
    def test_paths_that_are_none(self, path: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="RestDescriptor: parameter query_path"):
            sl.RestDescriptor(query_path=path)

    def test_other_mistakes(self, tmp_path: Path, shop: Shop) -> None:
        query = next(iter(shop.executor._query_by_path.values())).query_descriptor
        with pytest.raises(sl.InvalidInputException, match="needs a path"):
            sl.RestQuery(sl.RestDescriptor(), query)
        with pytest.raises(sl.InvalidInputException, match="must be a folder that exists"):
            sl.RestEndpointConfiguration(blob_root=tmp_path / "none")
        with pytest.raises(sl.InvalidInputException, match="must be an int from 1"):
            sl.RestEndpointConfiguration(max_body_bytes=0)
        with pytest.raises(sl.InvalidInputException, match=r"executors\[0\] must be an InMemoryExecutor"):
            sl.SuperlinkedRegistry.register("executor")  # type: ignore[arg-type]
