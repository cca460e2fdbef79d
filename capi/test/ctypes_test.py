"""Calls the library from many Python threads, with Python behind the Arrow streams. Needs no package but ctypes.

Environment: LIBRARY, TESTDATA, INNERSPACE_ORT_LIBRARY. The last line says "N passed, M failed".
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import threading
import traceback
from ctypes import byref, c_char_p, c_int32, c_int64, c_size_t, c_uint64, c_void_p
from pathlib import Path

from ctypes_arrow import ArrowArrayStream, TextTable, read_texts

TESTDATA = Path(os.environ["TESTDATA"])
PICTURES = ["blue-square", "blue-circle", "red-circle", "red-rectangle", "red-circle-with-black-frame"]
library = ctypes.CDLL(os.environ["LIBRARY"])


class Buffer(ctypes.Structure):
    """``innerspace_buffer``."""

    _fields_ = (("data", c_void_p), ("size", c_size_t))


class Error(ctypes.Structure):
    """``innerspace_error``."""

    _fields_ = (("status", c_int32), ("message", Buffer), ("path", Buffer), ("detail", Buffer))


class Failure(Exception):
    """A call that failed, with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def call(name: str, *arguments: object) -> None:
    """Call a function; raise Failure where it fails."""
    error = Error()
    given: list[object] = []
    for argument in arguments:
        if isinstance(argument, bytes):
            given += [c_char_p(argument), c_size_t(len(argument))]
        else:
            given.append(c_uint64(argument) if isinstance(argument, int) else argument)
    status = getattr(library, f"innerspace_{name}")(*given, byref(error))
    if status != 0:
        message = ctypes.string_at(error.message.data, error.message.size).decode()
        library.innerspace_error_free(byref(error))
        assert status == error.status or error.status == 0
        raise Failure(status, message)


def opened(name: str, *arguments: object) -> int:
    """Call a function that writes a handle."""
    handle = c_uint64()
    call(name, *arguments, byref(handle))
    return handle.value


def written(name: str, *arguments: object) -> object:
    """Call a function that writes JSON."""
    buffer = Buffer()
    call(name, *arguments, byref(buffer))
    value = json.loads(ctypes.string_at(buffer.data, buffer.size))
    library.innerspace_buffer_free(byref(buffer))
    return value


def open_engine() -> int:
    """Open an engine on the tiny CLIP."""
    field = {"schema": "Image", "image": "image", "description": "description"}
    model = {"name": "tiny-clip", "path": str(TESTDATA / "models/tiny-clip")}
    fields = [
        {"name": "id", "type": "id"},
        {"name": "image", "type": "blob"},
        {"name": "description", "type": "string"},
    ]
    definition = {
        "version": 1,
        "schemas": [{"type": "schema", "name": "Image", "fields": fields}],
        "spaces": [{"type": "image_space", "name": "space", "fields": [field], "model": model}],
        "indices": [{"type": "index", "name": "index", "spaces": ["space"], "fields": []}],
        "options": {"onnxruntime_library": os.environ["INNERSPACE_ORT_LIBRARY"], "threads": 1},
    }
    return opened("engine_open", json.dumps(definition).encode())


def prepare(engine: int) -> int:
    """Prepare a query by text that selects everything."""
    clause = {
        "type": "similar",
        "space": "space",
        "field": "description",
        "value": {"param": "text"},
        "weight": {"value": 1.0},
    }
    query = {
        "version": 1,
        "type": "query",
        "index": "index",
        "schema": "Image",
        "clauses": [clause],
        "select": {"type": "all"},
    }
    return opened("query_prepare", engine, json.dumps(query).encode())


def put(engine: int, stream: ArrowArrayStream) -> dict[str, object]:
    """Put the rows of a stream."""
    return written("engine_put", engine, b'{"schema": "Image"}', byref(stream), 0)  # type: ignore[return-value]


def put_pictures(engine: int) -> TextTable:
    """Put the five pictures by path."""
    paths = [str(TESTDATA / f"images/{name}.png") for name in PICTURES]
    table = TextTable({"id": PICTURES, "image": paths, "description": [f"This is a {name}." for name in PICTURES]})
    report = put(engine, table.stream)
    assert report["stored"] == 5, report
    return table


def run(query: int, text: str) -> ArrowArrayStream:
    """Run the query."""
    result = ArrowArrayStream()
    call("query_run", query, json.dumps({"text": text}).encode(), None, 0, byref(result))
    return result


def in_use() -> tuple[int, int]:
    """Return the bytes and the handles in use."""
    size, handles = c_int64(), c_int64()
    call("memory_in_use", byref(size), byref(handles))
    return size.value, handles.value


def test_python_produces_the_rows() -> None:
    engine = open_engine()
    table = put_pictures(engine)
    assert table.released == 1
    query = prepare(engine)
    assert sorted(read_texts(run(query, "a circle"), "id")) == sorted(PICTURES)
    call("close", query)
    call("close", engine)


def test_a_result_is_good_as_rows() -> None:
    first, second = open_engine(), open_engine()
    put_pictures(first)
    query = prepare(first)
    result = run(query, "a circle")
    call("close", query)
    call("close", first)  # the result does not need its engine
    report = put(second, result)
    assert report["stored"] == 5, report
    assert not result.release, "the stream was consumed"
    query = prepare(second)
    assert sorted(read_texts(run(query, "a circle"), "id")) == sorted(PICTURES)
    call("close", query)
    call("close", second)


def test_threads() -> None:
    shared = open_engine()
    put_pictures(shared)
    problems: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            for turn in range(6):
                query, own = prepare(shared), open_engine()
                put_pictures(shared if (seed + turn) % 2 else own)
                assert sorted(read_texts(run(query, f"text {seed} {turn}"), "id")) == sorted(PICTURES)
                call("close", own)
                call("close", query)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    call("close", shared)
    assert not problems, problems


def test_closing_under_way() -> None:
    engine = open_engine()
    put_pictures(engine)
    query = prepare(engine)
    statuses: list[int] = []

    def work() -> None:
        try:
            while True:
                read_texts(run(query, "a circle"), "id")
        except Failure as failure:
            statuses.append(failure.status)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    call("close", engine)
    for thread in threads:
        thread.join()
    call("close", query)
    assert statuses == [8] * 8, statuses


def main() -> int:
    library.innerspace_buffer_free.restype = library.innerspace_error_free.restype = None
    tests = [test for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    for test in tests:
        try:
            test()
            assert in_use() == (0, 0), in_use()
        except BaseException:
            failed += 1
            print("FAIL", test.__name__)
            traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
