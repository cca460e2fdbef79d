from __future__ import annotations

import copy
import dataclasses
import gc
import pickle
from collections.abc import Callable
from typing import Any

import duckdb
import nanoarrow as na
import polars as pl
import pyarrow as pa
import pytest

from innerspace._table import ResultTable
from innerspace.result import QueryResult

ROWS = [
    {"id": "a", "score": 0.9, "image": b"\x89PNG", "description": None, "contributions": [0.5, 0.4]},
    {"id": "b", "score": -0.1, "image": None, "description": "bé", "contributions": None},
]
Make = Callable[..., QueryResult]


def test_entries_have_only_the_fields_that_are_there(make_result: Make) -> None:
    first, second = make_result(ROWS).entries
    assert (first.id, first.fields) == ("a", {"image": b"\x89PNG"})
    assert (second.id, second.fields) == ("b", {"description": "bé"})
    assert first.metadata.score == 0.9
    assert first.metadata.contributions == (0.5, 0.4)
    assert second.metadata == dataclasses.replace(
        second.metadata, score=-0.1, partial_scores=(), vector_parts=(), contributions=()
    )


def test_a_result_is_a_sequence_of_entries_that_cannot_be_changed(make_result: Make) -> None:
    result = make_result(ROWS)
    assert len(result) == 2
    assert list(result) == list(result.entries)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.entries[0].id = "z"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.metadata.index = "z"  # type: ignore[misc]


def test_metadata(make_result: Make) -> None:
    metadata = make_result(ROWS, params={"text_search": "red", "image_search": None}).metadata
    assert metadata.schema_name == "Image"
    assert metadata.search_vector == (0.6, 0.8)
    assert metadata.search_params == {"text_search": "red", "image_search": None}
    assert [(clause.param, clause.weight, clause.active) for clause in metadata.clauses] == [
        ("image_search", 1.0, True),
        ("text_search", 1.0, True),
    ]
    assert metadata.models[0].name == "embedded"
    assert metadata.rows_searched == 1234


def test_text_of_a_result(make_result: Make) -> None:
    assert str(make_result(ROWS)) == "#1 id:a, object:{'image': <4 bytes>}\n#2 id:b, object:{'description': 'bé'}"
    assert repr(make_result(ROWS)) == "<QueryResult of 2 Image>"


def test_a_result_without_rows(make_result: Make) -> None:
    result = make_result([])
    assert (result.entries, len(result), str(result)) == ((), 0, "")
    assert result.to_arrow().num_rows == 0
    assert list(result.to_pandas().columns) == [
        "image",
        "description",
        "id",
        "similarity_score",
        "rank",
        "contributions",
    ]
    assert str(result.to_pandas()["similarity_score"].dtype) == "float64"


def test_everything_that_takes_arrow_takes_a_result(make_result: Make) -> None:
    result = make_result(ROWS)
    assert pa.table(result).column("id").to_pylist() == ["a", "b"]
    assert pa.schema(result).names[-1] == "contributions"
    assert pl.DataFrame(result)["id"].to_list() == ["a", "b"]
    assert result.to_polars()["similarity_score"].to_list() == [0.9, -0.1]
    relation = duckdb.from_arrow(result.to_arrow())
    assert relation.filter("similarity_score > 0").project("id").fetchall() == [("a",)]
    assert na.ArrayStream(result).read_all().to_pylist()[1]["description"] == "bé"


def test_every_stream_is_fresh_and_none_copies(make_result: Make) -> None:
    result = make_result(ROWS)
    addresses = {pa.table(result).column("image").chunk(0).buffers()[2].address for _ in range(3)}
    assert len(addresses) == 1


def test_data_outlives_the_result(make_result: Make) -> None:
    table = make_result(ROWS).to_arrow()
    gc.collect()
    assert table.column("image").to_pylist() == [b"\x89PNG", None]


def test_a_result_is_copied_by_reference_and_says_why_it_cannot_be_pickled(make_result: Make) -> None:
    result = make_result([{"id": "a", "score": 1.0}])
    assert [entry.id for entry in copy.deepcopy(result)] == ["a"]
    with pytest.raises(TypeError, match="to_arrow"):
        pickle.dumps(result)


def test_to_pandas_has_stable_dtypes(make_result: Make) -> None:
    for rows in (ROWS, []):
        dtypes = make_result(rows).to_pandas().dtypes
        assert [str(dtypes[name]) for name in ("image", "description", "similarity_score", "rank")] == [
            "object",
            "object",
            "float64",
            "int64",
        ]


def batches(values: list[list[int]]) -> QueryResult:
    schema = pa.schema(
        [
            pa.field("id", pa.string(), metadata={"innerspace.role": "id"}),
            pa.field("score", pa.float64(), metadata={"innerspace.role": "score"}),
        ],
        metadata={"innerspace.result": "{}"},
    )
    parts = [
        pa.record_batch(
            [pa.array([str(v) for v in part], pa.string()), pa.array([float(v) for v in part], pa.float64())],
            schema=schema,
        )
        for part in values
    ]
    # A slice has an offset, which a reader has to respect.
    parts = [part.slice(1) for part in parts]
    return QueryResult(ResultTable(na.c_array_stream(pa.RecordBatchReader.from_batches(schema, parts))), {})


def test_several_batches_and_offsets() -> None:
    result = batches([[0, 1, 2], [0], [0, 3]])
    assert [entry.id for entry in result.entries] == ["1", "2", "3"]
    table: Any = result._table
    assert table.role_values("id", 1) == ["1"]
    assert table.role_values("id", 3) == ["1", "2", "3"]
    assert table.role_values("rank") is None
