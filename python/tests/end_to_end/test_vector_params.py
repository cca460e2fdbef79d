"""Vectors that a query is given: in any form, and in the same words back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

import innerspace as sl

if TYPE_CHECKING:
    from innerspace.query import QueryDescriptor


class Item(sl.Schema):
    id: sl.IdField
    taste: sl.FloatList


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[sl.InMemoryApp, QueryDescriptor]]:
    """An app of three rows, and a query for a vector."""
    item = Item()
    space = sl.CustomSpace(item.taste, length=3)
    index = sl.Index(space)
    source = sl.InMemorySource(item)
    with sl.InMemoryExecutor(sources=[source], indices=[index]).run() as app:
        source.put([{"id": name, "taste": taste} for name, taste in zip("abc", np.eye(3), strict=True)])
        yield app, sl.Query(index).find(item).similar(space.vector, sl.Param("v")).select_all()


@pytest.mark.parametrize(
    "vector",
    [
        [0.1, 0.2, 0.7],
        (0.1, 0.2, 0.7),
        np.array([0.1, 0.2, 0.7]),
        [np.float64(0.1), 0.2, 0.7],
        [1, 2, 7],
        [1.0, 2, 7.0],
        [1e308, 1.5e308, 1.7e308],  # finite, though their sum is not
        [-0.0, 0.0, 5e-324],
    ],
    ids=str,
)
def test_a_vector_may_have_any_form(asked: tuple[sl.InMemoryApp, QueryDescriptor], vector: list[float]) -> None:
    app, query = asked
    result = app.query(query, v=vector)
    largest = max(map(float, vector))
    expected = [float(x) / largest for x in vector]
    expected = [x / math.hypot(*expected) for x in expected]
    assert result.metadata.search_vector == pytest.approx(expected)
    assert result.entries[0].id == "c"
    assert result.metadata.search_params == {"v": [float(x) for x in vector]}


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None, "1", [1.0]])
def test_what_is_no_number_is_refused_by_name(asked: tuple[sl.InMemoryApp, QueryDescriptor], bad: object) -> None:
    app, query = asked
    with pytest.raises(sl.InvalidInputException, match=r"params\.v"):
        app.query(query, v=[0.1, bad, 0.2])
