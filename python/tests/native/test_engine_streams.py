"""Arrow in and out of the engine, memory, threads, and Ctrl-C during a real put."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import nanoarrow as na
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from notebook_app import SCHEMA, definition, python_environment, query

from innerspace._engine import Engine
from innerspace.exceptions import InvalidInputException, PutException
from innerspace.result import QueryResult

Put = Callable[..., Any]
Find = Callable[..., QueryResult]
InUse = Callable[[], tuple[int, int]]


def frames(png: bytes) -> dict[str, Any]:
    data: dict[str, list[Any]] = {"id": [1, 2], "image": [png, None], "description": [None, "a wedge"]}
    table = pa.table(
        {"id": data["id"], "image": pa.array(data["image"], pa.binary()), "description": data["description"]}
    )
    return {
        "pyarrow table": table,
        "pyarrow batch": table.to_batches()[0],
        "pyarrow reader": table.to_reader(),
        "polars": pl.DataFrame(data),
        "duckdb": duckdb.from_arrow(table),
        "pandas": pd.DataFrame(data),
        "pandas of arrow": table.to_pandas(types_mapper=pd.ArrowDtype),
        "nanoarrow": na.ArrayStream(table),
        "views": pa.table(
            {
                "id": data["id"],
                "image": pa.array(data["image"], pa.binary_view()),
                "description": pa.array(data["description"], pa.string_view()),
            }
        ),
        "dictionary": table.set_column(2, "description", table["description"].dictionary_encode()),
    }


@pytest.mark.parametrize("kind", list(frames(b"")))
def test_frames_go_in_as_they_are(put: Put, find: Find, png: bytes, kind: str) -> None:
    report = put(frames(png)[kind])
    assert (report.rows, report.stored, report.errors) == (2, 2, ())
    found = {entry.id: entry.fields for entry in find(image_search=png)}
    assert found == {"1": {"image": png}, "2": {"description": "a wedge"}}


def test_results_go_out_as_they_are(put: Put, find: Find, png: bytes) -> None:
    put([{"id": "a", "image": png}, {"id": "b", "description": "a wedge"}])
    result = find(image_search=png)
    assert pa.table(result).column_names[:5] == ["image", "description", "id", "similarity_score", "rank"]
    assert pl.DataFrame(result)["id"].to_list() == pl.from_arrow(result.to_arrow())["id"].to_list() == ["a", "b"]
    assert result.to_pandas()["image"][0] == png
    assert put(result.to_arrow().select(["id", "image", "description"])).stored == 2


def test_a_stream_is_committed_batch_by_batch(put: Put, find: Find) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"id": ["a", "b"], "description": ["x", "y"]})
        yield pa.record_batch({"id": ["c", None], "description": ["z", "w"]})

    reader = pa.RecordBatchReader.from_batches(
        pa.schema([("id", pa.string()), ("description", pa.string())]), batches()
    )
    with pytest.raises(PutException) as refused:
        put(reader)
    assert refused.value.report.stored == 2
    assert "2 rows of earlier batches are stored" in str(refused.value)
    assert {entry.id for entry in find(text_search="x")} == {"a", "b"}


def test_a_stream_that_fails_says_why(put: Put) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"id": ["a"]})
        raise RuntimeError("the source went away")

    with pytest.raises(InvalidInputException, match="the source went away"):
        put(pa.RecordBatchReader.from_batches(pa.schema([("id", pa.string())]), batches()))


def test_an_object_that_cannot_be_a_stream_says_why(put: Put) -> None:
    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise TypeError("no such luck")

    with pytest.raises(InvalidInputException, match=r"Broken .* TypeError: no such luck"):
        put(Broken())


def test_nothing_is_left_in_use(in_use: InUse, png: bytes) -> None:
    before = in_use()
    for _ in range(20):
        engine = Engine(definition())
        prepared = engine.prepare(query())
        for _ in range(5):
            engine.put(
                SCHEMA,
                [{"id": n, "image": png, "description": "x"} for n in range(5)],
                on_error="raise",
                partial="reset",
            )
            table = prepared.run({"image_search": png}).to_arrow()
            assert table.num_rows == 5
            with pytest.raises(PutException):
                engine.put(SCHEMA, [{"id": None}], on_error="raise", partial="reset")
    del engine, prepared, table
    deadline = time.monotonic() + 10
    while in_use() != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert in_use() == before


def test_many_threads_put_and_query_one_engine(put: Put, engine: Engine, png: bytes) -> None:
    put({"id": "seed", "image": png})
    prepared = engine.prepare(query())
    barrier = threading.Barrier(8)

    def work(number: int) -> int:
        barrier.wait()
        for step in range(5):
            put([{"id": f"{number}-{step}", "image": png, "description": f"{number} {step}"}])
            result = prepared.run({"image_search": png, "text_search": f"{number} {step}"})
            assert f"{number}-{step}" in {entry.id for entry in result}
        return number

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == list(range(8))
    assert len(prepared.run({"image_search": png})) == 41


FIRST_USE = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, {tests!r})
from notebook_app import SCHEMA, definition, query
from innerspace._engine import Engine

engine = Engine(definition())
prepared = engine.prepare(query())
barrier = threading.Barrier(8)

def work(number):
    barrier.wait()
    if number % 2:
        engine.put(SCHEMA, [{{"id": str(number), "description": "x"}}], on_error="raise", partial="reset")
    else:
        prepared.run({{"text_search": "x"}}).to_pandas()

with ThreadPoolExecutor(8) as pool:
    print(len(list(pool.map(work, range(8)))))
"""


def test_many_threads_may_be_the_first_to_use_an_engine(run_python: Callable[..., Any]) -> None:
    done = run_python(FIRST_USE.format(tests=str(Path(__file__).parent)))
    assert done.stdout.split() == ["8"], done.stderr


INTERRUPTED = """
import sys, time
sys.path.insert(0, {tests!r})
from notebook_app import SCHEMA, definition, query
from innerspace._engine import Engine
from innerspace._native import calls
import numpy as np

engine = Engine(definition())
engine.put(SCHEMA, [{{"id": "first", "description": "x"}}], on_error="raise", partial="reset")
noise = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
rows = [{{"id": f"n{{n}}", "image": noise ^ (n & 255) ^ (n >> 8)}} for n in range(3000)]
put = calls.engine_put

def putting(*arguments):
    print("putting", flush=True)
    return put(*arguments)

calls.engine_put = putting
try:
    engine.put(SCHEMA, rows, on_error="raise", partial="reset")
    print("finished")
except KeyboardInterrupt:
    print("interrupted", time.monotonic(), flush=True)
    print(*(entry.id for entry in engine.prepare(query()).run({{"text_search": "x"}})), flush=True)
"""


def interrupt_a_put() -> float:
    """Run the script above, send it SIGINT in the middle of its put; return how long it took to notice, in seconds."""
    child = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", INTERRUPTED.format(tests=str(Path(__file__).parent))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=python_environment(),
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "putting\n", child.communicate()[1]
    time.sleep(0.3)
    sent = time.monotonic()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    said, stored = out.splitlines()
    assert said.startswith("interrupted"), out
    assert stored == "first"
    return float(said.split()[1]) - sent


def test_ctrl_c_stops_a_put_within_a_second_and_loses_nothing() -> None:
    # What is stored is checked every time; the time is the best of three, for machines that are busy with other things.
    assert any(interrupt_a_put() < 1 for _ in range(3))
