"""Which fields a query counts, as the engine is told it."""

from __future__ import annotations

from typing import Any

import pytest
from test_fields import Item

import innerspace as sl

item = Item()
other = type("Other", (sl.Schema,), {"__annotations__": {"id": sl.IdField, "size": sl.Integer}})()
space = sl.NumberSpace([item.number, other.size], 0, 10, sl.Mode.SIMILAR)
index = sl.Index(space, fields=[item.number, item.tags, item.vector, other.size])


def find() -> Any:
    return sl.Query(index).find(item)


def test_fields_and_limit_stand_in_the_query() -> None:
    def facets(query: Any) -> Any:
        return query._compile("i", {space: "n"}).json.get("facets")

    assert facets(find()) is None
    assert facets(find().facets(item.tags)) == {"fields": ["tags"], "limit": 10}
    assert facets(find().facets([item.tags, item.number, item.tags], limit=3)) == {
        "fields": ["tags", "number"],
        "limit": 3,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tags"], "QueryDescriptor.facets(): parameter fields"),
        ([[item.tags, None]], "QueryDescriptor.facets(): parameter fields[1]"),
        ([other.size], "Other.size is not part of the Item schema"),
        ([item.id], "Item.id has no facet"),
        ([item.vector], "Item.vector has no facet"),
        ([item.sold], "Item.sold cannot be counted"),
        ([item.tags, 0], "parameter limit must be an int from 1 to 10000, got int 0"),
        ([item.tags, True], "parameter limit must be an int from 1 to 10000, got bool True"),
        ([item.tags, 2.0], "parameter limit must be an int from 1 to 10000, got float 2.0"),
        ([item.tags, 10_001], "parameter limit must be an int from 1 to 10000"),
    ],
)
def test_mistakes_are_told_in_the_line_that_has_them(arguments: list[Any], message: str) -> None:
    with pytest.raises(sl.InvalidInputException) as failure:
        find().facets(*arguments)
    assert message in str(failure.value)


def test_a_query_has_one_list_of_facets() -> None:
    with pytest.raises(sl.InvalidInputException, match="has a list of facets already"):
        find().facets(item.tags).facets(item.number)
