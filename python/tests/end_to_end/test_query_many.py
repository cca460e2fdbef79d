"""Many runs of a query in one call give what they give one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import innerspace as sl
from innerspace.exceptions import InvalidInputException, InvalidStateException, LimitExceededException

if TYPE_CHECKING:
    from search import Search

    from innerspace.query import QueryDescriptor


class Item(sl.Schema):
    id: sl.IdField
    price: sl.Integer
    taste: sl.FloatList
    smell: sl.FloatList


@dataclass
class Shop:
    app: sl.InMemoryApp
    query: QueryDescriptor

    def alone(self, runs: list[dict[str, Any]]) -> list[sl.QueryResult]:
        return [self.app.query(self.query, **params) for params in runs]


LENGTH = 128
_RNG = np.random.default_rng(9)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    item = Item()
    taste, smell = sl.CustomSpace(item.taste, length=LENGTH), sl.CustomSpace(item.smell, length=LENGTH)
    index = sl.Index([taste, smell], fields=[item.price])
    source = sl.InMemorySource(item)
    query = (
        sl.Query(index, weights={taste: sl.Param("taste_weight"), smell: sl.Param("smell_weight")})
        .find(item)
        .similar(taste.vector, sl.Param("taste"))
        .similar(smell.vector, sl.Param("smell"))
        .filter(item.price >= sl.Param("least"))
        .select([item.price])
        .limit(sl.Param("limit", default=5))
    )
    with sl.InMemoryExecutor(sources=[source], indices=[index]).run() as app:
        vectors = _RNG.standard_normal((1000, 2, LENGTH))
        source.put([{"id": str(i), "price": i % 40, "taste": a, "smell": b} for i, (a, b) in enumerate(vectors)])
        yield Shop(app, query)


def assert_same(together: list[sl.QueryResult], alone: list[sl.QueryResult]) -> None:
    assert len(together) == len(alone)
    for one, other in zip(together, alone, strict=True):
        assert one.to_arrow().equals(other.to_arrow())
        assert one.metadata == other.metadata


def test_runs_are_those_one_by_one(shop: Shop) -> None:
    runs: list[dict[str, Any]] = [{"taste": vector} for vector in _RNG.standard_normal((70, LENGTH))]
    runs[3] |= {"least": 30}
    runs[4] |= {"least": 1000}
    runs[5] |= {"taste_weight": 0.2, "smell_weight": -1.0, "smell": [0.5] * LENGTH}
    runs[6] |= {"limit": None, "smell": _RNG.standard_normal(LENGTH).tolist()}
    runs[7] |= {"limit": -1}
    runs[8] = {}
    together = shop.app.query_many(shop.query, runs)
    assert_same(together, shop.alone(runs))
    assert [len(together[i].entries) for i in (2, 3, 4, 6, 7)] == [5, 5, 0, 5, 1000]
    assert_same(shop.app.query_many(shop.query, iter(runs[:2])), together[:2])
    assert shop.app.query_many(shop.query, []) == []


def test_runs_may_have_pictures(search: Search) -> None:
    search.source.put([search.row(shape.id) for shape in sl.datasets.shapes()])
    shapes = list(sl.datasets.shapes())
    runs: list[dict[str, Any]] = [
        {"image": shapes[0].pil()},
        {"text": "a blue circle"},
        {"image": shapes[2].pil(), "text": "a star", "text_weight": 0.5},
    ]
    together = search.app.query_many(search.query, runs)
    assert_same(together, [search.ask(**params) for params in runs])
    assert together[0].entries[0].id != together[2].entries[0].id


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        ({"colour": 1}, r"^params\[2\]: Unknown query parameters: colour\."),
        ({"taste": "sweet"}, r"^params\[2\]\.taste: "),
        ({"taste": [0.5, float("nan")]}, r"^params\[2\]\.taste"),
        ({"taste": [0.5]}, r"^params\[2\]\.taste: "),
        ({"limit": -2}, r"^params\[2\]\.limit: "),
        (["taste"], r"^params\[2\]: a run takes a dict"),
        ({1: 2}, r"^params\[2\]: a run takes a dict"),
    ],
    ids=str,
)
def test_a_mistake_names_its_run(shop: Shop, bad: Any, path: str) -> None:
    with pytest.raises(InvalidInputException, match=path):
        shop.app.query_many(shop.query, [{}, {}, bad, {}])


@pytest.mark.parametrize("params", [{"limit": 3}, "limit", 3, None], ids=str)
def test_what_is_no_list_of_runs_is_refused(shop: Shop, params: Any) -> None:
    with pytest.raises(InvalidInputException, match=r"^params: query_many takes a list with a dict"):
        shop.app.query_many(shop.query, params)


def test_there_is_an_end_to_the_runs_of_a_call(shop: Shop) -> None:
    with pytest.raises(LimitExceededException, match="at most 4096 times in one call, got 4097"):
        shop.app.query_many(shop.query, [{}] * 4097)


def test_a_closed_app_refuses(search: Search) -> None:
    search.app.close()
    with pytest.raises(InvalidStateException, match="closed"):
        search.app.query_many(search.query, [])
