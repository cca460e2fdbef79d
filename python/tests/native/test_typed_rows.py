"""Dict and frame rows of every type of field, as Arrow columns and as rejects beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from innerspace import _rows
from innerspace._definition import FieldInfo, FieldType, SchemaInfo
from innerspace._rows import open_rows

TYPES: list[FieldType] = [
    "integer",
    "float",
    "boolean",
    "timestamp",
    "string_list",
    "float_list",
    "created_at",
    "schema_reference",
]
SCHEMA = SchemaInfo("Item", (FieldInfo("id", "id"), *(FieldInfo(kind, kind, optional=True) for kind in TYPES)))
ARROW = {
    "integer": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.int64(),
    "string_list": pa.list_(pa.string()),
    "float_list": pa.list_(pa.float64()),
    "created_at": pa.int64(),
    "schema_reference": pa.large_string(),
}


def put(kind: str, values: list[Any]) -> tuple[list[Any], list[tuple[int, str]]]:
    """Return the values of a column after the conversion of dict rows, and the rejects."""
    stream = open_rows(SCHEMA, [{"id": row, kind: value} for row, value in enumerate(values)])
    table = pa.table(stream.stream)
    table.validate(full=True)
    assert table.schema.field(kind).type.id == ARROW[kind].id
    return table.column(kind).to_pylist(), [(reject.row, reject.reason) for reject in stream.rejects]


@pytest.mark.parametrize(
    ("kind", "values", "stored"),
    [
        ("integer", [1, -2, 3.0, True, np.int32(5), np.float32(6), 2**63 - 1], [1, -2, 3, 1, 5, 6, 2**63 - 1]),
        ("float", [1, 2.5, True, np.float32(0.5), np.int8(3), -0.0], [1.0, 2.5, 1.0, 0.5, 3.0, -0.0]),
        ("boolean", [True, False, np.bool_(True)], [True, False, True]),
        (
            "timestamp",
            [7, 8.0, datetime(2024, 1, 1, tzinfo=UTC), pd.Timestamp("2024-01-01")],
            [7, 8, *[1704067200] * 2],
        ),
        ("created_at", [1723303545, 0], [1723303545, 0]),
        ("schema_reference", ["a", 7, 7.5], ["a", "7", "7.5"]),
        ("string_list", [["a", "é"], ("b",), [], "c", np.array(["d"])], [["a", "é"], ["b"], [], ["c"], ["d"]]),
        ("float_list", [[1, 2.5], (3,), [], np.array([4, 5], dtype=np.float32)], [[1.0, 2.5], [3.0], [], [4.0, 5.0]]),
    ],
)
def test_values(kind: str, values: list[Any], stored: list[Any]) -> None:
    assert put(kind, [None, *values, None]) == ([None, *stored, None], [])


@pytest.mark.parametrize("kind", sorted(ARROW))
def test_the_missing_values_of_pandas_are_none(kind: str) -> None:
    assert put(kind, [pd.NA, pd.NaT, None]) == ([None] * 3, [])


INVALID = "Invalid value {} for the given field data type FieldDataType.{}"


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("integer", 1.5, INVALID.format(1.5, "INT")),
        ("integer", "12", INVALID.format(12, "INT")),
        ("integer", float("nan"), INVALID.format("nan", "INT")),
        ("integer", [1], INVALID.format("[1]", "INT")),
        ("integer", 2**63, f"{2**63} does not fit into 64 bits"),
        ("integer", 1e300, "does not fit into 64 bits"),
        ("float", "text", INVALID.format("text", "DOUBLE")),
        ("float", float("nan"), "nan is not a finite number: use None for a missing number"),
        ("float", float("-inf"), "-inf is not a finite number"),
        ("float", 10**400, "inf is not a finite number"),
        ("float", 1j, INVALID.format("1j", "DOUBLE")),
        ("boolean", "yes", INVALID.format("yes", "BOOLEAN")),
        ("boolean", 1, INVALID.format(1, "BOOLEAN")),
        ("timestamp", 1.5, INVALID.format(1.5, "INT")),
        ("timestamp", "2024-01-01", INVALID.format("2024-01-01", "INT")),
        ("created_at", "now", INVALID.format("now", "INT")),
        ("schema_reference", ["a"], "an id is a str, an int, a float or a bool, not ['a'] of type list"),
        ("string_list", 7, "a StringList takes a list of str, not 7 of type int"),
        ("string_list", ["a", None], "a StringList takes a list of str"),
        ("string_list", [["a"]], "a StringList takes a list of str"),
        ("string_list", ["\ud800"], "not valid Unicode"),
        ("string_list", {"a"}, "a StringList takes a list of str"),
        ("float_list", 7, "a FloatList takes a list of numbers, not 7 of type int"),
        ("float_list", "abc", "a FloatList takes a list of numbers"),
        ("float_list", [1, "2"], "a FloatList takes a list of numbers"),
        ("float_list", [1, float("nan")], "nan is not a finite number"),
        ("float_list", np.ones((2, 2)), "a FloatList takes a list of numbers"),
        ("float_list", [1, None], "a FloatList takes a list of numbers"),
    ],
)
def test_a_value_of_a_wrong_type_is_null_and_named(kind: str, value: Any, reason: str) -> None:
    values, rejects = put(kind, [None, value])
    assert values == [None, None]
    assert [row for row, _ in rejects] == [1]
    assert reason in rejects[0][1]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("integer", [1, 2, 3]),
        ("float", [0.5, -1.5]),
        # Their sum overflows, and each of them is finite.
        ("float", [1e308, 1e308]),
        ("float_list", [[1e308, 1e308], [0.5]]),
        ("schema_reference", ["a", "é"]),
    ],
)
def test_columns_of_one_type(kind: str, values: list[Any]) -> None:
    assert put(kind, values) == (values, [])


@pytest.mark.parametrize(
    ("kind", "values", "bad"),
    [
        ("integer", [1, 2**63], 1),
        ("float", [0.5, float("inf")], 1),
        ("float_list", [[0.5], [0.5, float("nan")]], 1),
        ("schema_reference", ["\ud800", "a"], 0),
    ],
)
def test_one_bad_value_in_a_column_of_one_type(kind: str, values: list[Any], bad: int) -> None:
    stored, rejects = put(kind, values)
    assert stored == [None if row == bad else value for row, value in enumerate(values)]
    assert [row for row, _ in rejects] == [bad]


def test_long_values_are_shortened_in_reasons() -> None:
    ((_, reason),) = put("float_list", ["x" * 10_000])[1]
    assert len(reason) < 150


def test_frames_of_every_type() -> None:
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "integer": [1.0, None],
            "float": pd.array([1, None], dtype="Int64"),
            "boolean": pd.array([True, None], dtype="boolean"),
            "timestamp": [7, None],
            "string_list": [["x"], None],
            "float_list": [np.array([1.0, 2.0]), None],
        }
    )
    stream = open_rows(SCHEMA, frame)
    first, second = pa.table(stream.stream).to_pylist()
    assert first == {
        "id": "a",
        "integer": 1,
        "float": 1.0,
        "boolean": True,
        "timestamp": 7,
        "string_list": ["x"],
        "float_list": [1.0, 2.0],
    }
    assert set(second.values()) == {"b", None}
    assert stream.rejects == []


def test_rows_without_a_value_keep_the_type() -> None:
    for kind in TYPES:
        assert put(kind, [None] * 9) == ([None] * 9, [])


@pytest.mark.parametrize(
    ("kind", "value", "rows"), [("float_list", [0.5] * 5, 2), ("integer", 1, 11), ("string_list", ["x" * 20] * 2, 2)]
)
def test_numbers_and_lists_count_towards_the_size_of_a_batch(
    monkeypatch: pytest.MonkeyPatch, kind: str, value: Any, rows: int
) -> None:
    monkeypatch.setattr(_rows, "MAX_BATCH_BYTES", 100)
    stream = open_rows(SCHEMA, [{"id": "a", kind: value} for _ in range(30)])
    lengths = [len(chunk) for chunk in pa.table(stream.stream).column(kind).chunks]
    assert sum(lengths) == 30
    assert lengths[0] == rows
