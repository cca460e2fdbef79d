"""Facets, through the package and its native library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import innerspace as sl


class Shirt(sl.Schema):
    id: sl.IdField
    colour: sl.String | None
    sizes: sl.StringList
    price: sl.Float
    pieces: sl.Integer
    new: sl.Boolean
    made: sl.Timestamp | None


shirt = Shirt()
price_space = sl.NumberSpace(shirt.price, min_value=0, max_value=100, mode=sl.Mode.MINIMUM)
index = sl.Index(price_space, fields=[shirt.colour, shirt.sizes, shirt.price, shirt.pieces, shirt.new, shirt.made])
find = sl.Query(index).find(shirt)
ALL = [shirt.colour, shirt.sizes, shirt.price, shirt.pieces, shirt.new, shirt.made]


@pytest.fixture(scope="module")
def shop() -> Iterator[sl.InMemoryApp]:
    source = sl.InMemorySource(shirt)
    with sl.InMemoryExecutor(sources=[source], indices=[index]).run() as app:
        rows: list[dict[str, Any]] = [
            {"id": "a", "colour": "red", "sizes": ["S", "M"], "price": 10, "pieces": 3, "new": True, "made": 100},
            {"id": "b", "colour": "blue", "sizes": ["M"], "price": 30.5, "pieces": -2, "new": False},
            {"id": "c", "colour": "red", "sizes": [], "price": 20, "pieces": 7, "new": True},
            {"id": "d", "sizes": ["M", "L"], "price": 40, "pieces": 0, "new": True},
        ]
        source.put(rows)
        yield app


def test_all_rows_are_counted_whatever_the_limit(shop: sl.InMemoryApp) -> None:
    result = shop.query(find.facets(ALL).limit(1))
    assert len(result) == 1
    facets = result.facets
    assert list(facets) == ["colour", "sizes", "price", "pieces", "new", "made"]
    assert list(facets["colour"].counts.items()) == [("red", 2), ("blue", 1)]
    assert (facets["colour"].rows, facets["colour"].distinct, facets["colour"].min) == (3, 2, None)
    assert list(facets["sizes"].counts.items()) == [("M", 3), ("L", 1), ("S", 1)]
    assert facets["new"].counts == {True: 3, False: 1}
    assert (facets["price"].min, facets["price"].max, facets["price"].rows) == (10.0, 40.0, 4)
    assert isinstance(facets["price"].min, float)
    assert facets["price"].counts == {}
    assert (facets["pieces"].min, facets["pieces"].max) == (-2, 7)
    assert (facets["made"].min, facets["made"].max, facets["made"].rows) == (100, 100, 1)


def test_filters_narrow_what_is_counted(shop: sl.InMemoryApp) -> None:
    query = find.facets([shirt.colour, shirt.made, shirt.sizes], limit=1).filter(shirt.price > sl.Param("above"))
    facets = shop.query(query, above=25).facets
    assert facets["colour"].counts == {"blue": 1}
    assert facets["sizes"].counts == {"M": 2}
    assert facets["sizes"].distinct == 2
    assert (facets["made"].min, facets["made"].max, facets["made"].rows) == (None, None, 0)
    assert shop.query(query, above=99).facets["colour"].counts == {}
    assert shop.query(find).facets == {}
