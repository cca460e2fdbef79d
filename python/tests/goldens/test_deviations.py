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


def outcomes(name: str, *, without: frozenset[int] = frozenset(), folder: str = "cases") -> dict[int, dict[str, Any]]:
    """Run a case, leaving out some steps; return what each of the others gives."""
    case = load(name, folder)
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


@pytest.mark.parametrize(
    ("name", "steps"), [("random_1001", [2]), ("random_1003", [4]), ("random_1014", [6]), ("random_1022", [5, 6])]
)
def test_categories_of_a_stored_row_stand_beside_named_ones(name: str, steps: list[int]) -> None:
    got = outcomes(name, folder="random")
    for number in steps:
        expected = load(name, "random")["steps"][number]["expect"]["error"]
        assert "having different negative filter values" in expected["message"]
        assert "rows" in got[number]


def test_of_two_errors_one_is_named() -> None:
    assert outcomes("random_1018", folder="random")[2]["error"]["class"] == "InvalidInputException"


class TestStoredCategoriesBesideNamedOnes:
    """What the deviation above means: both the stored row's and the named categories score."""

    def scores(self, **with_vector: Any) -> dict[str, float]:
        class Item(sl.Schema):
            id: sl.IdField
            tags: sl.StringList

        item = Item()
        space = sl.CategoricalSimilaritySpace(item.tags, ["red", "green", "blue"], negative_filter=-0.5)
        source, index = sl.InMemorySource(item), sl.Index(space)
        with sl.InMemoryExecutor(source, index).run() as app:
            source.put([{"id": name, "tags": [name]} for name in ("red", "green", "blue")])
            query = sl.Query(index).find(item).similar(space, "green")
            if with_vector:
                query = query.with_vector(item, **with_vector)
            return {entry.id: entry.metadata.score for entry in app.query(query)}

    def test_both_score(self) -> None:
        assert max(self.scores(), key=self.scores().__getitem__) == "green"
        both = self.scores(id_param="red")
        assert both["green"] > both["red"] > both["blue"]
        heavy = self.scores(id_param="red", weight=9.0)
        assert heavy["red"] > heavy["green"] > heavy["blue"]
