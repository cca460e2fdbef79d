from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image

from innerspace import _rows
from innerspace._definition import FieldInfo, SchemaInfo
from innerspace._rows import RowStream, open_rows
from innerspace.exceptions import InvalidInputException


def read(stream: RowStream) -> list[dict[str, Any]]:
    return pa.table(stream.stream).to_pylist()


def rejects(stream: RowStream) -> list[tuple[int, str, str]]:
    return [(reject.row, reject.id, reject.field) for reject in stream.rejects]


def text_cell(text: str) -> dict[str, Any]:
    return {"kind": 0, "data": text.encode(), "mode": "", "width": 0, "height": 0}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (7, "7"),
        (7.5, "7.5"),
        (1e300, "1e+300"),
        (True, "True"),
        (np.int64(7), "7"),
        (np.float64(7.5), "7.5"),
        (np.bool_(False), "False"),
        (np.str_("b"), "b"),
        (None, None),
        (float("nan"), None),
        ("  ", "  "),
        ("", ""),
    ],
)
def test_ids_become_text_as_python_says_them(schema: SchemaInfo, value: object, text: str | None) -> None:
    stream = open_rows(schema, [{"id": value}])
    assert read(stream) == [{"id": text}]
    assert stream.rejects == []


def test_dicts_become_columns_of_the_fields_they_have(schema: SchemaInfo) -> None:
    stream = open_rows(schema, [{"id": "a", "image": "x.png", "more": 1}, {"id": "b", "image": None}, {"id": "c"}])
    assert read(stream) == [
        {"id": "a", "image": text_cell("x.png"), "more": None},
        {"id": "b", "image": None, "more": None},
        {"id": "c", "image": None, "more": None},
    ]
    assert (stream.rows, stream.rejects) == (3, [])


def test_one_dict_is_one_row(schema: SchemaInfo) -> None:
    assert read(open_rows(schema, {"id": "a", "description": "é"})) == [{"id": "a", "description": "é"}]


@pytest.mark.parametrize("rows", [[], (), pd.DataFrame(), pd.DataFrame({"id": []})])
def test_no_rows_are_an_empty_stream_with_an_id(schema: SchemaInfo, rows: object) -> None:
    stream = open_rows(schema, rows)
    table = pa.table(stream.stream)
    assert (table.column_names, table.num_rows, stream.rows) == (["id"], 0, 0)


def test_rows_without_an_id_column_have_null_ids(schema: SchemaInfo) -> None:
    assert read(open_rows(schema, [{}, {"description": "x"}])) == [
        {"id": None, "description": None},
        {"id": None, "description": "x"},
    ]


def test_wrong_values_are_null_and_named_in_row_order(schema: SchemaInfo) -> None:
    stream = open_rows(
        schema,
        [
            {"id": "a", "description": 7, "image": 7},
            {"id": [1], "description": "x"},
            {"id": "c", "description": float("nan"), "image": float("nan")},
            "no row",
            {"id": float("inf")},
            {"id": "f", "description": "\ud800"},
        ],
    )
    assert rejects(stream) == [
        (0, "a", "image"),
        (0, "a", "description"),
        (1, "", "id"),
        (2, "c", "image"),
        (2, "c", "description"),
        (3, "", "id"),
        (4, "", "id"),
        (5, "f", "description"),
    ]
    rows = read(stream)
    assert [row["id"] for row in rows] == ["a", None, "c", None, None, "f"]
    assert [row["description"] for row in rows] == [None, "x", None, None, None, None]
    assert "int" in stream.rejects[1].reason
    assert "str()" in stream.rejects[1].reason
    assert "None" in stream.rejects[4].reason
    assert stream.rejects[0].to_json()["status"] == 1


def test_frames_are_read_by_column_and_know_missing_values(schema: SchemaInfo) -> None:
    pixels = np.zeros((2, 2), dtype=np.uint8)
    frame = pd.DataFrame(
        {
            "id": pd.array([1, 2, None, 4], dtype="Int64"),
            "image": [pixels, None, float("nan"), "x.png"],
            "description": ["x", pd.NA, pd.NaT, 7],
            "more": [1, 2, 3, 4],
        },
        index=[9, 9, 9, 9],
    )
    stream = open_rows(schema, frame)
    rows = read(stream)
    assert [row["id"] for row in rows] == ["1", "2", None, "4"]
    assert [row["description"] for row in rows] == ["x", None, None, None]
    assert [row["image"] and row["image"]["kind"] for row in rows] == [3, None, None, 0]
    assert {row["more"] for row in rows} == {None}
    assert rejects(stream) == [(3, "4", "description")]


@pytest.mark.parametrize("dtype", ["str", "string", "category", "object"])
def test_every_text_dtype_of_pandas_is_text(schema: SchemaInfo, dtype: str) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "description": pd.Series(["x", None], dtype=dtype)})
    assert read(open_rows(schema, frame)) == [{"id": "a", "description": "x"}, {"id": "b", "description": None}]


def test_ids_of_number_columns(schema: SchemaInfo) -> None:
    assert [row["id"] for row in read(open_rows(schema, pd.DataFrame({"id": [1.0, float("nan")]})))] == ["1.0", None]
    assert [row["id"] for row in read(open_rows(schema, pd.DataFrame({"id": [True, False]})))] == ["True", "False"]


def test_two_columns_of_one_name_are_refused(schema: SchemaInfo) -> None:
    frame = pd.DataFrame([["a", "b"]], columns=["id", "id"])
    with pytest.raises(InvalidInputException, match="2 columns named 'id'"):
        open_rows(schema, frame)


def test_an_arrow_backed_frame_is_handed_on_without_its_index(schema: SchemaInfo) -> None:
    frame = pa.table({"id": ["a"], "image": [b"x"]}).to_pandas(types_mapper=pd.ArrowDtype).set_index(pd.Index([5]))
    stream = open_rows(schema, frame)
    assert read(stream) == [{"id": "a", "image": b"x"}]
    assert stream.rows == 1


def test_tables_are_handed_on_as_they_are(schema: SchemaInfo) -> None:
    for table in (pa.table({"id": ["a"]}), pl.DataFrame({"id": ["a"]})):
        stream = open_rows(schema, table)
        assert stream.stream is table
        assert stream.rows == 1


def test_python_objects_in_a_polars_frame_are_read_as_they_are(schema: SchemaInfo) -> None:
    pictures = pl.Series([Image.new("L", (2, 1), 7), None], dtype=pl.Object)
    stream = open_rows(schema, pl.DataFrame({"id": [1.5, float("nan")], "image": pictures}))
    first, second = read(stream)
    assert (first["id"], second["id"]) == ("1.5", None)
    assert (first["image"]["data"], first["image"]["mode"], second["image"]) == (b"\7\7", "L", None)


def test_a_stream_that_does_not_know_its_rows_is_committed_by_batch(schema: SchemaInfo) -> None:
    reader = pa.table({"id": ["a"]}).to_reader()
    assert open_rows(schema, reader).rows is None


@pytest.mark.parametrize("rows", [None, 7, "text", b"bytes", {"a", "b"}])
def test_anything_else_is_refused(schema: SchemaInfo, rows: object) -> None:
    with pytest.raises(InvalidInputException, match=f"not a value of type {type(rows).__name__}"):
        open_rows(schema, rows)


def chunks(stream: RowStream) -> list[list[str]]:
    return [chunk.to_pylist() for chunk in pa.table(stream.stream).column("id").chunks]


@pytest.mark.parametrize("field", ["image", "description"])
@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([40, 40, 40, 40, 40], [["0", "1"], ["2", "3"], ["4"]]),
        ([101, 10, 101], [["0"], ["1"], ["2"]]),
        ([50, 50, 1], [["0", "1"], ["2"]]),
    ],
)
def test_batches_hold_no_more_than_their_limit(
    schema: SchemaInfo, monkeypatch: pytest.MonkeyPatch, field: str, sizes: list[int], expected: list[list[str]]
) -> None:
    # Ids are text too: one byte each here, room for which is added.
    monkeypatch.setattr(_rows, "MAX_BATCH_BYTES", 100 if field == "image" else 102)
    rows = [{"id": row, field: b"x" * size if field == "image" else "x" * size} for row, size in enumerate(sizes)]
    stream = open_rows(schema, rows)
    assert chunks(stream) == expected


def test_a_row_is_converted_and_reported_once_wherever_batches_end(
    schema: SchemaInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_rows, "MAX_BATCH_BYTES", 100)
    rows = [{"id": f"{row}", "image": b"x" * 60 if row % 3 else 7, "description": "y" * 45} for row in range(20)]
    stream = open_rows(schema, rows)
    assert [row["id"] for row in read(stream)] == [f"{row}" for row in range(20)]
    assert [reject.row for reject in stream.rejects] == list(range(0, 20, 3))


def test_the_id_may_have_any_name() -> None:
    schema = SchemaInfo("Image", (FieldInfo("key", "id"), FieldInfo("id", "string")))
    assert read(open_rows(schema, [{"key": 1, "id": "x"}])) == [{"key": "1", "id": "x"}]


def test_long_lists_are_cut_by_rows_too(schema: SchemaInfo) -> None:
    rows = [{"id": row, "description": None if row % 2 else "x"} for row in range(40_000)]
    stream = open_rows(schema, rows)
    table = pa.table(stream.stream)
    table.validate(full=True)
    assert table.column("id").to_pylist() == [str(row) for row in range(40_000)]
    assert table.column("description").null_count == 20_000
    assert table.column("id").num_chunks == 3
