"""What the tests of the native half share: an engine with the embedded model, results made by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nanoarrow as na
import pyarrow as pa
import pytest
from notebook_app import SCHEMA, definition, python_environment, query

from innerspace._engine import Engine
from innerspace._native import calls
from innerspace._table import ResultTable
from innerspace.result import QueryResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from innerspace._definition import SchemaInfo


@pytest.fixture
def schema() -> SchemaInfo:
    return SCHEMA


@pytest.fixture(scope="session")
def open_engine() -> Iterator[Engine]:
    with Engine(definition()) as opened:
        yield opened


@pytest.fixture
def engine(open_engine: Engine) -> Iterator[Engine]:
    """An engine without rows; opening one for every test would take most of the tests' time."""
    yield open_engine
    left = [entry.id for entry in open_engine.prepare(query()).run({"text_search": "x"})]
    assert open_engine.delete("Image", left).deleted == len(left)


@pytest.fixture
def find(engine: Engine) -> Callable[..., QueryResult]:
    """Runs the notebook's query on the engine."""
    prepared = engine.prepare(query())
    return lambda **params: prepared.run(params)


@pytest.fixture
def put(engine: Engine) -> Callable[..., Any]:
    def put(rows: object, *, on_error: str = "raise", partial: str = "reset") -> Any:
        return engine.put(SCHEMA, rows, on_error=on_error, partial=partial)

    return put


@pytest.fixture(scope="session")
def png() -> bytes:
    """A small picture that the library encoded itself."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def make_result() -> Callable[..., QueryResult]:
    """Makes a result as the engine would, from columns given here."""

    def make(
        rows: Sequence[Mapping[str, Any]],
        *,
        clauses: Sequence[str] = ("image_search", "text_search"),
        params: Mapping[str, object] | None = None,
        fields: Sequence[tuple[str, str]] = (("image", "blob"), ("description", "string")),
        schema_name: str = "Image",
        calibrated: Sequence[str] = (),
    ) -> QueryResult:
        columns: list[tuple[pa.Field, list[Any]]] = []
        for name, kind in fields:
            arrow = pa.large_binary() if kind == "blob" else pa.string()
            meta = {"innerspace.role": "field", "innerspace.type": kind}
            columns.append((pa.field(name, arrow, metadata=meta), [row.get(name) for row in rows]))
        for name, role, arrow, values in (
            ("id", "id", pa.string(), [row["id"] for row in rows]),
            ("similarity_score", "score", pa.float64(), [row["score"] for row in rows]),
            ("rank", "rank", pa.int64(), list(range(len(rows)))),
            ("contributions", "contributions", pa.list_(pa.float64()), [row.get("contributions") for row in rows]),
        ):
            columns.append((pa.field(name, arrow, metadata={"innerspace.role": role}), values))
        if calibrated:
            likely = pa.field("likely", pa.list_(pa.float64()), metadata={"innerspace.role": "calibrated_scores"})
            columns.append((likely, [row["calibrated"] for row in rows]))
        info = {
            "schema_name": schema_name,
            "search_vector": [0.6, 0.8],
            "search_params": dict(params or {}),
            "index": "index",
            "spaces": ["pictures"],
            "calibrated_spaces": list(calibrated),
            "clauses": [
                {"space": "pictures", "field": "image", "param": name, "weight": 1.0, "active": True}
                for name in clauses
            ],
            "models": [{"name": "embedded", "fingerprint": "0123456789abcdef", "dimension": 2}],
            "truncated": [],
            "rows_searched": 1234,
        }
        schema = pa.schema([field for field, _ in columns], metadata={"innerspace.result": json.dumps(info)})
        table = pa.table([pa.array(values, field.type) for field, values in columns], schema=schema)
        return QueryResult(ResultTable(na.c_array_stream(table)), {})

    return make


@pytest.fixture
def in_use() -> Callable[[], tuple[int, int]]:
    """The library's bytes and handles in use, after Python's garbage is collected."""
    import gc

    def measure() -> tuple[int, int]:
        gc.collect()
        return calls.memory_in_use()

    return measure


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs code in a fresh interpreter that finds this package."""

    def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", code],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=python_environment(**environment),
        )

    return run
