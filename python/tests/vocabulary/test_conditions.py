from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_fields import Event, Item

import innerspace as sl

item, event = Item(), Event()


def written(condition: Any) -> list[tuple[str, str, Any]]:
    return [(c.field.name, c.operator.word, c.operand) for c in condition._comparisons]


@pytest.mark.parametrize(
    ("condition", "comparison"),
    [
        (item.id == "a", ("id", "eq", "a")),
        (item.id != 7, ("id", "ne", "7")),
        (item.id.in_(["a", 7]), ("id", "in", ["a", "7"])),
        (item.name == "x", ("name", "eq", "x")),
        (item.name.not_in_(("x", "y")), ("name", "not_in", ["x", "y"])),
        (item.name.in_({"y", "x"}), ("name", "in", ["x", "y"])),
        (item.name.in_([]), ("name", "in", [])),
        (item.number == 7, ("number", "eq", 7)),
        (item.number >= np.int64(7), ("number", "ge", 7)),
        (item.number < 7, ("number", "lt", 7)),
        (item.number.in_(np.array([1, 2])), ("number", "in", [1, 2])),
        (item.price > 1, ("price", "gt", 1.0)),
        (item.price <= 1.5, ("price", "le", 1.5)),
        (item.sold == True, ("sold", "eq", True)),  # noqa: E712 - the field makes a condition of it
        (item.sold.is_(np.bool_(False)), ("sold", "eq", False)),
        (item.sold.is_not_(True), ("sold", "ne", True)),
        (item.made > 7, ("made", "gt", 7)),
        (item.tags.contains("a"), ("tags", "contains", ["a"])),
        (item.tags.not_contains(["a", "b"]), ("tags", "not_contains", ["a", "b"])),
        (item.tags.contains_all(["a", "b"]), ("tags", "contains_all", ["a", "b"])),
    ],
)
def test_comparisons(condition: Any, comparison: tuple[str, str, Any]) -> None:
    assert written(condition) == [comparison]


def test_or_joins() -> None:
    joined = [("number", "lt", 1), ("number", "gt", 9), ("name", "eq", "x")]
    assert written((item.number < 1) | (item.number > 9) | (item.name == "x")) == joined
    assert written((item.number < 1).or_(item.number > 9).or_(item.name == "x")) == joined


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: item.price == 1.0, "Field price doesn't support be_equal_to operation."),
        (lambda: item.price != 1.0, "Field price doesn't support be_not_equal_to operation."),
        (lambda: item.name > "a", "Field name doesn't support be_greater_than operation."),
        (lambda: item.vector == [1.0], "Field vector doesn't support be_equal_to operation."),
        (lambda: item.tags == "a", "Field tags doesn't support be_equal_to operation."),
        (lambda: item.number.contains(1), "Field number doesn't support contain operation."),
        (lambda: item.number.is_(True), "Field number doesn't support be operation."),
        (lambda: item.sold > True, "Field sold doesn't support be_greater_than operation."),
        (lambda: item.picture == "x", "Field picture doesn't support be_equal_to operation."),
        (lambda: event.created_at > 7, "Field created_at doesn't support be_greater_than operation."),
        (lambda: event.item == "a", "Field item doesn't support be_equal_to operation."),
        (lambda: item.id > "a", "Field id doesn't support be_greater_than operation."),
    ],
)
def test_operators_that_a_type_does_not_know(make: Any, text: str) -> None:
    with pytest.raises(sl.InvalidInputException) as caught:
        make()
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: item.number == "x", "Unsupported filter operand type: str, expected int or Param."),
        (lambda: item.number == 2.5, "Unsupported filter operand type: float, expected int or Param."),
        (lambda: item.number.in_(7), "Unsupported filter operand type: int, expected list of int or Param."),
        (lambda: item.number.in_(["x"]), "Unsupported filter operand type: list, expected list of int or Param."),
        (lambda: item.name == None, "Unsupported filter operand type: NoneType, expected str or Param."),  # noqa: E711
        (lambda: item.name.in_("abc"), "Unsupported filter operand type: str, expected list of str or Param."),
        (lambda: item.price > float("nan"), "Unsupported filter operand type: float, expected float or Param."),
        (lambda: item.sold == 1, "Unsupported filter operand type: int, expected bool or Param."),
        (lambda: item.tags.contains(7), "Unsupported filter operand type: int, expected str, list or Param."),
    ],
)
def test_operands_of_a_wrong_type(make: Any, text: str) -> None:
    with pytest.raises(sl.InvalidInputException) as caught:
        make()
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: (item.number < 1) & (item.number > 0), r"cannot be joined with &: call \.filter\(\) once for each"),
        (lambda: ~(item.number < 1), "cannot be negated with ~"),
        (lambda: (item.number < 1) and (item.number > 0), r"neither true nor false .* \.filter\(\) twice"),
        (lambda: not item.number < 1, "neither true nor false"),
        (lambda: (item.number < 1) | True, r"Only conditions on fields can be joined with \|, got bool True"),
        (lambda: True | (item.number < 1), r"Only conditions on fields can be joined with \|"),
    ],
)
def test_what_conditions_cannot_do(make: Any, text: str) -> None:
    with pytest.raises(sl.InvalidInputException, match=text):
        make()
