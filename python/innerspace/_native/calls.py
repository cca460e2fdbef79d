"""The functions of the C ABI as Python functions: bytes and integers in, bytes and integers out.

A stream argument is the address of a caller-owned ``ArrowArrayStream``. Every
function raises what :func:`innerspace._native.errors.raise_for` raises, and
leaves the GIL while it is in the library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import byref, c_int64, c_uint64, c_void_p

from innerspace._native.errors import raise_for
from innerspace._native.library import library
from innerspace._native.signatures import Buffer, ErrorStruct


def engine_open(definition: bytes, task: int = 0) -> int:
    """Open an engine; return its handle. The task, if any, watches and stops it."""
    return _handle_of("innerspace_engine_open_with_task", definition, len(definition), task)


def engine_put(engine: int, options: bytes, stream: int, task: int) -> bytes:
    """Put the rows of a stream, which is consumed in every case; return the report as JSON."""
    return _bytes_of("innerspace_engine_put", engine, options, len(options), stream, task)


def engine_delete(engine: int, request: bytes) -> bytes:
    """Delete entities; return the report as JSON."""
    return _bytes_of("innerspace_engine_delete", engine, request, len(request))


def engine_embed(engine: int, request: bytes, stream: int, task: int, result: int) -> None:
    """Embed the inputs of a stream, which is consumed; write the result's stream to ``result``."""
    _call("innerspace_engine_embed", engine, request, len(request), stream, task, result)


def engine_vectors(engine: int, request: bytes, result: int) -> None:
    """Write the stream of stored vectors to ``result``."""
    _call("innerspace_engine_vectors", engine, request, len(request), result)


def engine_recall(engine: int, request: bytes, task: int) -> bytes:
    """Measure an approximate index; return the report as JSON."""
    return _bytes_of("innerspace_engine_recall", engine, request, len(request), task)


def engine_describe(engine: int) -> bytes:
    """Return what the engine holds, as JSON."""
    return _bytes_of("innerspace_engine_describe", engine)


def engine_compact(engine: int, task: int) -> bytes:
    """Compact the store of an engine; return the report as JSON."""
    return _bytes_of("innerspace_engine_compact", engine, task)


def store_maintain(request: bytes, task: int) -> bytes:
    """Look after a store; return the report as JSON."""
    return _bytes_of("innerspace_store_maintain", request, len(request), task)


def query_prepare(engine: int, query: bytes) -> int:
    """Compile a query; return its handle."""
    return _handle_of("innerspace_query_prepare", engine, query, len(query))


def query_run(prepared: int, params: bytes, stream: int | None, task: int, result: int) -> None:
    """Run a query; ``stream`` (or None) carries its images. Write the result's stream to ``result``."""
    _call("innerspace_query_run", prepared, params, len(params), stream, task, result)


def query_run_many(prepared: int, params: bytes, stream: int | None, task: int, results: Sequence[int]) -> None:
    """Run a query once for each of ``results`` and write its stream there; ``stream`` carries the images."""
    places = (c_void_p * len(results))(*results)
    _call("innerspace_query_run_many", prepared, params, len(params), stream, task, places, len(results))


def task_new() -> int:
    """Return the handle of a new task."""
    return _handle_of("innerspace_task_new")


def task_progress(task: int) -> tuple[int, int]:
    """Return how much of a task's call is done and its total, 0 where that is unknown."""
    done, total = c_int64(), c_int64()
    _call("innerspace_task_progress", task, byref(done), byref(total))
    return done.value, total.value


def task_cancel(task: int) -> None:
    """Stop a task's call as soon as it can."""
    _call("innerspace_task_cancel", task)


def close(handle: int) -> None:
    """Close an engine, a prepared query or a task."""
    _call("innerspace_close", handle)


def image_thumbnail(data: bytes, max_side: int) -> bytes:
    """Return a small encoded copy of an encoded picture, at most ``max_side`` pixels a side."""
    return _bytes_of("innerspace_image_thumbnail", data, len(data), max_side)


def memory_in_use() -> tuple[int, int]:
    """Return the bytes given out by the library's Arrow allocator, and the open handles."""
    size, handles = c_int64(), c_int64()
    _call("innerspace_memory_in_use", byref(size), byref(handles))
    return size.value, handles.value


def _call(name: str, *arguments: object) -> None:
    loaded = library()
    error = ErrorStruct()
    function: Callable[..., int] = getattr(loaded, name)
    raise_for(function(*arguments, byref(error)), error, loaded)


def _handle_of(name: str, *arguments: object) -> int:
    handle = c_uint64()
    _call(name, *arguments, byref(handle))
    return handle.value


def _bytes_of(name: str, *arguments: object) -> bytes:
    buffer = Buffer()
    _call(name, *arguments, byref(buffer))
    try:
        return buffer.to_bytes()
    finally:
        library().innerspace_buffer_free(byref(buffer))
