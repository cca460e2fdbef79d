"""Whatever a user puts in, or looks for: it is taken, or refused in words. Nothing else escapes."""

from __future__ import annotations

import decimal
import fractions
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import innerspace as sl
from innerspace import _values, operand
from innerspace._column_types import COLUMN_TYPES
from innerspace._definition import FieldInfo, FieldType, SchemaInfo
from innerspace._rows import open_rows
from innerspace.field_names import FieldNames

TYPES: list[FieldType] = sorted(COLUMN_TYPES)
ODD = [
    float("nan"),
    float("-inf"),
    2**80,
    10**400,
    1j,
    "",
    "\ud800",
    b"x",
    bytearray(b"x"),
    decimal.Decimal("1.5"),
    decimal.Decimal("NaN"),
    decimal.Decimal("sNaN"),
    fractions.Fraction(1, 3),
    datetime.max,
    datetime.min,
    date(2024, 1, 1),
    timedelta(1),
    np.nan,
    np.float32(0.5),
    np.int8(-1),
    np.uint64(2**64 - 1),
    np.bool_(True),
    np.str_("a"),
    np.datetime64("2024-01-01"),
    np.arange(3),
    np.ones((2, 2)),
    np.array(5),
    np.array(["a"]),
    np.array([None]),
    pd.NA,
    pd.NaT,
    pd.Timestamp("2024-01-01", tz="UTC"),
    pd.Series([1, 2]),
    pd.DataFrame({"a": [1]}),
    [],
    [None],
    [pd.NA],
    [[1]],
    [b"x"],
    ("a", 1),
    {"a": 1},
    {"a"},
    object(),
    int,
    len,
    range(3),
]
# Its digits are more than Python writes, so that Hypothesis cannot show it.
HUGE = 10**5000
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.sampled_from(ODD)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=2)),
    max_leaves=5,
)


def put(kind: FieldType, column: list[Any]) -> tuple[list[Any], set[int]]:
    """Return what is stored of a column, and the rows that are refused."""
    schema = SchemaInfo("Item", (FieldInfo("key", "id"), FieldInfo("it", kind)))
    stream = open_rows(schema, [{"key": row, "it": value} for row, value in enumerate(column)])
    stored = pa.table(stream.stream).column("it").to_pylist()
    assert all(reject.field == "it" and 10 < len(reject.reason) < 300 for reject in stream.rejects)
    return stored, {reject.row for reject in stream.rejects}


def check(kind: FieldType, column: list[Any]) -> None:
    stored, refused = put(kind, column)
    for row, value in enumerate(column):
        if value is None or value is pd.NA or value is pd.NaT:
            assert stored[row] is None
            assert row not in refused
        elif row in refused:
            assert stored[row] is None
        else:
            # A missing id or reference is for the engine to name.
            assert stored[row] is not None or (kind in ("id", "schema_reference") and _values.is_missing(value))


@pytest.mark.parametrize("kind", TYPES)
def test_odd_values(kind: FieldType) -> None:
    check(kind, ODD)
    for value in [*ODD, HUGE]:
        check(kind, [value])


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=20, deadline=None)
@given(column=st.lists(values, min_size=1, max_size=5))
def test_any_column(kind: FieldType, column: list[Any]) -> None:
    check(kind, column)


def test_odd_values_in_frames() -> None:
    for value in [*ODD, HUGE]:
        if isinstance(value, decimal.Decimal) and value.is_snan():
            continue  # pandas itself cannot tell whether it is missing
        frame = pd.DataFrame({"id": ["a"]})
        for field in item._fields.values():
            if field.TYPE != "id":
                frame[field.name] = pd.Series([value], dtype=object)
        parsed = sl.DataFrameParser(item).parse(frame)
        assert len(pa.table(open_rows(item._info(), parsed).stream)) == 1


class Item(sl.Schema):
    id: sl.IdField
    name: sl.String
    number: sl.Integer
    price: sl.Float
    sold: sl.Boolean
    made: sl.Timestamp
    tags: sl.StringList


item = Item()
COMPARISONS = [
    (field, method)
    for field in item._fields.values()
    for method in ("__eq__", "__ne__", "__gt__", "__le__", "in_", "not_in_", "contains", "contains_all", "is_")
]


def taken(check: Callable[[], Any]) -> bool:
    """Tell whether a value is taken; a refusal is short."""
    try:
        check()
    except sl.InvalidInputException as error:
        if len(str(error)) > 600:
            raise
        return False
    return True


@settings(max_examples=200, deadline=None)
@given(comparison=st.sampled_from(COMPARISONS), value=values)
def test_conditions(comparison: tuple[Any, str], value: Any) -> None:
    field, method = comparison
    if taken(lambda: getattr(field, method)(value)):
        (made,) = getattr(field, method)(value)._comparisons
        assert made.kind.check(made.operand) == made.operand
        json.dumps(made.operand, allow_nan=False)


def test_odd_operands() -> None:
    for field, method in COMPARISONS:
        for value in [*ODD, HUGE]:
            taken(lambda field=field, method=method, value=value: getattr(field, method)(value))  # type: ignore[misc]


KINDS = [
    operand.NUMBER,
    operand.CATEGORIES,
    operand.Vector(2),
    operand.ENTITY_ID,
    operand.UNIX_TIME,
    operand.WEIGHT,
    operand.LIMIT,
    operand.RADIUS,
    operand.TEXT,
    FieldNames(item),
]


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(KINDS), value=values.filter(lambda value: value is not None))
def test_what_queries_take(kind: Any, value: Any) -> None:
    if taken(lambda: kind.check(value)):
        checked = kind.check(value)
        assert kind.check(checked) == checked
        json.dumps(checked, allow_nan=False)


def test_odd_values_in_queries() -> None:
    for kind in KINDS:
        for value in [*ODD, HUGE]:
            taken(lambda kind=kind, value=value: kind.check(value))  # type: ignore[misc]
