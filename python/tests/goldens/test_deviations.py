"""What our steps give where they differ from the reference's on purpose."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pandas as pd
import pytest
from case import World, load
from comparison import difference
from steps import outcome

import innerspace as sl


def outcomes(name: str, *, without: frozenset[int] = frozenset()) -> dict[int, dict[str, Any]]:
    """Run a case, leaving out some steps; return what each of the others gives."""
    case = load(name)
    world = World(case)
    with world.app:
        return {number: outcome(world, step) for number, step in enumerate(case["steps"]) if number not in without}


def with_float_lists(expected: dict[str, Any]) -> dict[str, Any]:
    """Return an expectation in which the numbers of lists are floats."""
    changed = deepcopy(expected)
    for row in changed.get("rows", []):
        row["fields"] = {
            name: [float(item) for item in value] if isinstance(value, list) and name == "v" else value
            for name, value in row["fields"].items()
        }
    return changed


@pytest.mark.parametrize("name", ["custom_basic", "custom_two_clauses", "radius"])
def test_all_is_the_same_but_that_float_lists_hold_floats(name: str, deviations: dict[str, str]) -> None:
    expected = [step["expect"] for step in load(name)["steps"]]
    for number, got in outcomes(name).items():
        assert difference(with_float_lists(expected[number]), got) is None
        if f"{name}/{number}" in deviations:
            row = next(row for row in got["rows"] if row["id"] == "ints")
            assert [type(item) for item in row["fields"]["v"]] == [float] * 4


class TestWholeNumbersInAFloatColumn:
    def test_they_are_taken(self) -> None:
        got = outcomes("dataframe")
        assert got[0] == {"ok": True}
        first = {row["id"]: row["fields"] for row in got[3]["rows"]}
        assert first["1"] == {"x": 1.5, "n": 1, "c": ["red"], "name": "a"}
        assert first["2"] == {}
        assert first["3"] == {"x": 7.0, "n": 3, "c": ["green"], "name": "5"}

    def test_all_else_is_the_same(self) -> None:
        steps = load("dataframe")["steps"]
        for number, got in outcomes("dataframe", without=frozenset({0})).items():
            assert difference(steps[number]["expect"], got) is None

    def test_a_fraction_is_refused(self) -> None:
        world = World(load("dataframe"))
        with pytest.raises(sl.PutException, match=r"Invalid value 4.5 for the given field data type FieldDataType.INT"):
            world.sources["Item"].put(pd.DataFrame({"key": ["a"], "n": [4.5]}))


def test_a_limit_below_minus_one_is_refused() -> None:
    got = outcomes("ties_and_limit")[8]
    assert got["error"]["class"] == "InvalidInputException"
    assert got["error"]["message"].startswith("Not a valid limit (-2).")
