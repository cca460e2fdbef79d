"""What an index says of approximate search."""

from __future__ import annotations

from typing import Any

import pytest

import innerspace as sl
from innerspace.exceptions import InvalidInputException


class Item(sl.Schema):
    id: sl.IdField
    first: sl.FloatList
    second: sl.FloatList


item = Item()


def index_node(**arguments: Any) -> dict[str, Any]:
    space = sl.CustomSpace(item.first, length=4)
    return dict(sl.Index(space, **arguments)._info("index", {space: "space"}).to_json())


def test_an_index_is_exact_unless_it_is_asked_for() -> None:
    assert "approximate" not in index_node()
    assert "approximate" not in index_node(approximate=False)


def test_what_is_asked_for_is_in_the_definition() -> None:
    default = {"width": None, "recall": None, "neighbours": 16, "build_width": 200}
    assert index_node(approximate=True)["approximate"] == default
    assert index_node(approximate=sl.Approximate(recall=0.95))["approximate"] == {**default, "recall": 0.95}
    named = sl.Approximate(width=50, neighbours=8, build_width=64)
    assert index_node(approximate=named)["approximate"] == {
        "width": 50,
        "recall": None,
        "neighbours": 8,
        "build_width": 64,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "Approximate: parameter width must be an int from 1 to 16384, got int 0."),
        ({"width": 20000}, "Approximate: parameter width must be an int from 1 to 16384, got int 20000."),
        ({"neighbours": 3}, "Approximate: parameter neighbours must be an int from 4 to 64, got int 3."),
        ({"build_width": 1.5}, "Approximate: parameter build_width must be an int from 1 to 16384, got float 1.5."),
        ({"recall": 1}, "Approximate: parameter recall must be a float from 0.5 to below 1, got int 1."),
        ({"recall": "most"}, "Approximate: parameter recall must be a float from 0.5 to below 1, got str 'most'."),
        (
            {"recall": 0.9, "width": 50},
            "Approximate: give one of the parameters recall and width, not both: the width for a recall is found.",
        ),
        ({"width": True}, "Approximate: parameter width must be an int from 1 to 16384, got bool True."),
    ],
)
def test_numbers_out_of_range_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputException) as raised:
        sl.Approximate(**arguments)
    assert str(raised.value) == message


def test_something_else_is_refused() -> None:
    with pytest.raises(InvalidInputException, match="Index: parameter approximate must be an Approximate, got int 5"):
        sl.Index(sl.CustomSpace(item.first, length=4), approximate=5)  # type: ignore[arg-type]
