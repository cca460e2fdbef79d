"""Natural-language queries with the real client against a stub of a model."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from stub_model import StubModel, running

import innerspace as sl

if TYPE_CHECKING:
    from innerspace.query import QueryDescriptor


class Hotel(sl.Schema):
    id: sl.IdField
    name: sl.String
    price: sl.Float
    stars: sl.Integer
    tags: sl.StringList
    view: sl.FloatList | None


hotel = Hotel()
name = sl.TextSimilaritySpace(hotel.name, model="embedded")
price = sl.NumberSpace(hotel.price, 0, 500, sl.Mode.MINIMUM)
tags = sl.CategoricalSimilaritySpace(hotel.tags, ["quiet", "pool", "sea"])
view = sl.CustomSpace(hotel.view, length=2)
index = sl.Index([name, price, tags, view], fields=[hotel.price, hotel.stars, hotel.tags, hotel.name])
ROWS = [
    {"id": "a", "name": "harbour inn", "price": 90.0, "stars": 3, "tags": ["sea"]},
    {"id": "b", "name": "garden lodge", "price": 40.0, "stars": 4, "tags": ["quiet"]},
    {"id": "c", "name": "palace", "price": 400.0, "stars": 5, "tags": ["pool", "sea"]},
]


@pytest.fixture(scope="module")
def app() -> Iterator[sl.InMemoryApp]:
    source = sl.InMemorySource(hotel)
    with sl.InMemoryExecutor(source, index).run() as made:
        source.put(ROWS)
        yield made


@pytest.fixture
def model() -> Iterator[StubModel]:
    with running(StubModel()) as made:
        yield made


def config(model: StubModel, **options: Any) -> sl.OpenAIClientConfig:
    options = {"max_retries": 0, "base_url": model.address, **options}
    return sl.OpenAIClientConfig("secret-key", "stub", **options)


def query(model: StubModel, **options: Any) -> QueryDescriptor:
    return (
        sl.Query(index, {price: sl.Param("cheapness", "Importance of a low price.", default=0.5)})
        .find(hotel)
        .similar(tags, sl.Param("wishes", "What the hotel should have."), weight=2.0)
        .similar(name, sl.Param("words"))
        .similar(view, sl.Param("view"))
        .filter(hotel.price <= sl.Param("at_most", "Highest price a night in euros."))
        .filter(hotel.stars == sl.Param("stars", options=[3, 4, 5]))
        .filter(hotel.tags.contains(sl.Param("must_have")))
        .select(sl.Param("fields", default=["name"]))
        .limit(sl.Param("limit", default=10))
        .radius(sl.Param("radius"))
        .with_natural_query(sl.Param("sentence"), config(model, **options), sl.Param("tone", default="Be brief."))
    )


def ids(result: sl.QueryResult) -> list[str]:
    return [entry.id for entry in result.entries]


def test_a_sentence_becomes_values(app: sl.InMemoryApp, model: StubModel) -> None:
    model.reply = {"wishes": ["sea"], "at_most": 100, "limit": 2.0, "cheapness": None}
    result = app.query(query(model), sentence="by the sea, at most 100 a night, two of them")
    assert ids(result) == ["a", "b"]
    params = result.metadata.search_params
    assert (params["wishes"], params["at_most"], params["limit"], params["cheapness"]) == (["sea"], 100, 2, 0.5)
    assert params["words"] is None
    assert model.keys == ["Bearer secret-key"]


def test_what_the_model_is_told(app: sl.InMemoryApp, model: StubModel) -> None:
    app.query(query(model), sentence="by the sea")
    (request,) = model.requests
    system, user = request["messages"]
    assert (user["role"], user["content"]) == ("user", "by the sea")
    assert "Hotel, which have the fields id, name, price, stars, tags, view" in system["content"]
    assert system["content"].endswith("\n\nBe brief.")
    assert (request["model"], request["temperature"]) == ("stub", 0.0)
    assert request["response_format"]["type"] == "json_schema"
    assert request["response_format"]["json_schema"]["strict"] is True
    schema = model.schema
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == set(schema["properties"])
    properties = schema["properties"]
    assert set(properties) == {
        *("cheapness", "wishes", "words", "view", "at_most"),
        *("stars", "must_have", "fields", "limit", "radius"),
    }
    types = {key: value.get("type") for key, value in properties.items()}
    assert types["cheapness"] == types["at_most"] == types["radius"] == ["number", "null"]
    assert types["words"] == ["string", "null"]
    assert types["limit"] == ["integer", "null"]
    assert properties["stars"]["enum"] == [3, 4, 5, None]
    for key, items in (("wishes", "string"), ("must_have", "string"), ("view", "number"), ("fields", "string")):
        assert properties[key]["anyOf"] == [{"type": "array", "items": {"type": items}}, {"type": "null"}]
    assert properties["at_most"]["description"].startswith("Highest price a night in euros. ")
    assert properties["cheapness"]["description"].endswith(" Null stands for 0.5.")


def test_what_is_given_wins(app: sl.InMemoryApp, model: StubModel) -> None:
    model.reply = {"at_most": 100, "limit": 1, "stars": 5}
    result = app.query(query(model), sentence="cheap", at_most=500, stars=5)
    assert ids(result) == ["c"]
    assert result.metadata.search_params["at_most"] == 500
    assert not {"at_most", "stars"} & set(model.schema["properties"])


@pytest.mark.filterwarnings("ignore::innerspace.QueryWarning")
def test_nobody_is_asked_in_vain(app: sl.InMemoryApp, model: StubModel) -> None:
    for sentence in (None, "", "  "):
        assert len(app.query(query(model), sentence=sentence)) == 3
    closed = sl.Query(index).find(hotel).limit(2).with_natural_query("two of them", config(model))
    assert len(app.query(closed)) == 2
    with pytest.raises(sl.InvalidInputException, match="Unknown query parameters: nonsense"):
        app.query(query(model), sentence="by the sea", nonsense=1)
    with pytest.raises(sl.InvalidInputException, match="wrong type"):
        app.query(query(model), sentence="by the sea", at_most="x")
    with pytest.raises(sl.InvalidInputException, match="wrong type") as caught:
        app.query(query(model), sentence=7)
    assert caught.value.path == "params.sentence"
    assert model.requests == []


def test_pictures_are_not_for_the_model_to_give(model: StubModel) -> None:
    class Photo(sl.Schema):
        id: sl.IdField
        image: sl.Blob

    photo = Photo()
    space = sl.ImageSpace(photo.image, model="embedded")
    only = sl.Index(space)
    asked = (
        sl.Query(only)
        .find(photo)
        .similar(space.image, sl.Param("picture"))
        .similar(space.description, sl.Param("words"))
        .with_natural_query(sl.Param("sentence"), config(model))
    )
    with sl.InMemoryExecutor(sl.InMemorySource(photo), only).run() as app:
        app.query(asked, sentence="a red circle")
    assert set(model.schema["properties"]) == {"words"}


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("Sure! Here it is.", r"answered with no JSON object but with 'Sure! Here it is.'"),
        ("", "answered with no JSON object"),
        ("[]", "answered with no JSON object"),
        ("[" * 100_000, "answered with no JSON object"),
        ({"colour": "red"}, "named parameters that the query does not have: colour"),
        (
            {"stars": 2},
            r"params.stars: .*a value that the query cannot take: Value 2 is not allowed for parameter stars",
        ),
        ({"at_most": "100"}, r"params.at_most: .*cannot take: Value \(100\) is of wrong type"),
        ({"limit": 2.5}, r"params.limit: .*cannot take"),
        ({"radius": 7}, r"params.radius: .*Not a valid Radius value"),
        ({"view": [1, 2, 3]}, r"params.view: .*Wrong dimension of input, expected 2, got 3"),
        ({"cheapness": True}, r"params.cheapness: .*cannot take"),
        ({"fields": ["secrets"]}, r"params.fields: .*Fields secrets not found in schema Hotel"),
        ('{"at_most": NaN}', r"params.at_most: .*finite number"),
    ],
)
def test_answers_that_are_of_no_use(app: sl.InMemoryApp, model: StubModel, reply: Any, message: str) -> None:
    model.reply = reply
    with pytest.raises(sl.UnexpectedResponseException, match=message):
        app.query(query(model), sentence="by the sea")


def test_a_refusal_and_an_answer_that_breaks_off(app: sl.InMemoryApp, model: StubModel) -> None:
    model.refusal = "I would rather not."
    with pytest.raises(sl.UnexpectedResponseException, match="refused: I would rather not"):
        app.query(query(model), sentence="by the sea")
    model.refusal, model.finish_reason, model.reply = None, "length", '{"at_most": 10'
    with pytest.raises(sl.UnexpectedResponseException, match="broke its answer off"):
        app.query(query(model), sentence="by the sea")


@pytest.mark.parametrize(
    ("status", "document", "message"),
    [
        (401, {"error": {"message": "wrong key secret-key"}}, "HTTP status 401: .*wrong key …"),
        (404, {"error": {"message": "no such model"}}, "HTTP status 404: .*no such model"),
        (500, b"oops", "HTTP status 500"),
        (200, {}, "no chat completion"),
        (200, {"choices": []}, "no chat completion"),
        (200, b"<html>", "'stub'"),
    ],
)
def test_endpoints_that_fail(app: sl.InMemoryApp, model: StubModel, status: int, document: Any, message: str) -> None:
    model.reply = lambda request: (status, document)
    with pytest.raises(sl.UnexpectedResponseException, match=message) as caught:
        app.query(query(model), sentence="by the sea")
    assert "secret-key" not in str(caught.value)


def test_endpoints_that_do_not_answer(app: sl.InMemoryApp, model: StubModel) -> None:
    enough = threading.Event()

    def wait(request: dict[str, Any]) -> tuple[int, Any]:
        enough.wait(20)
        return 200, {}

    model.reply = wait
    with pytest.raises(sl.RequestTimeoutException, match=r"did not answer within 0.2 s"):
        app.query(query(model, timeout=0.2), sentence="by the sea")
    enough.set()
    with pytest.raises(sl.UnexpectedResponseException, match=r"cannot be reached at http://127.0.0.1:9"):
        app.query(query(model, base_url="http://127.0.0.1:9/v1"), sentence="by the sea")


def test_busy_endpoints_are_asked_again(app: sl.InMemoryApp, model: StubModel) -> None:
    plain = StubModel()

    def busy_once(request: dict[str, Any]) -> tuple[int, Any]:
        return plain.answer(request) if len(model.requests) > 1 else (503, {"error": {"message": "busy"}})

    model.reply = busy_once
    assert len(app.query(query(model, max_retries=1), sentence="by the sea")) == 3


def test_async_and_http(model: StubModel) -> None:
    from starlette.testclient import TestClient

    model.reply = {"at_most": 50}
    source = sl.RestSource(hotel)
    served = sl.RestQuery(sl.RestDescriptor("hotels"), query(model, temperature=None))
    with sl.RestExecutor(source, index, served).run() as app, TestClient(app.asgi) as client:
        source.put(ROWS)
        answer = client.post("/api/v1/search/hotels", json={"sentence": "cheap"}).json()
        assert [entry["id"] for entry in answer["entries"]] == ["b"]
        assert answer["metadata"]["search_params"]["sentence"] == "cheap"
        assert answer["metadata"]["search_params"]["at_most"] == 50
        assert "temperature" not in model.requests[0]
        assert ids(asyncio.run(app.async_query(served.query_descriptor, sentence="cheap"))) == ["b"]
        model.reply = "nonsense"
        assert client.post("/api/v1/search/hotels", json={"sentence": "cheap"}).status_code == 502


def test_mistakes_in_the_definition(model: StubModel) -> None:
    found = sl.Query(index).find(hotel)
    with pytest.raises(sl.InvalidInputException, match="parameter client_config must be an OpenAIClientConfig"):
        found.with_natural_query("x", "gpt")  # type: ignore[arg-type]
    with pytest.raises(sl.InvalidInputException, match="wrong type"):
        found.with_natural_query(7, config(model))  # type: ignore[arg-type]
    with pytest.raises(sl.InvalidInputException, match="has a natural query already"):
        query(model).with_natural_query("x", config(model))
    for wrong in ({"timeout": 0}, {"max_retries": -1}, {"base_url": 7}, {"temperature": "hot"}):
        with pytest.raises(sl.InvalidInputException, match=f"OpenAIClientConfig: parameter {next(iter(wrong))} must"):
            config(model, **wrong)
    with pytest.raises(sl.InvalidInputException, match="api_key must be a non-empty str"):
        sl.OpenAIClientConfig("", "stub")


def test_the_key_is_not_shown(model: StubModel) -> None:
    assert "secret-key" not in repr(config(model))


def test_the_client_is_imported_when_it_is_needed() -> None:
    program = (
        "import sys, innerspace, json; innerspace.OpenAIClientConfig('key', 'model');"
        "heavy = ('openai', 'pydantic', 'httpx', 'starlette', 'uvicorn');"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == []


def test_without_the_client(app: sl.InMemoryApp, model: StubModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(sl.FeatureNotSupportedException, match=r"pip install 'innerspace\[nlq\]'"):
        app.query(query(model), sentence="by the sea")
