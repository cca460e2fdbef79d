"""An open engine: Python values in, reports and results out."""

from __future__ import annotations

import json
import logging
import math
import sys
import warnings
from array import array
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from innerspace import _arrow, _values
from innerspace._cells import ImageCell, UnusableValueError, image_cell
from innerspace._native import calls
from innerspace._native.capsule import stream_address
from innerspace._native.errors import NativeFailure
from innerspace._native.handle import Handle
from innerspace._native.interruptible import call_interruptibly
from innerspace._native.library import runtime_path
from innerspace._progress import ProgressBar, wanted
from innerspace._rows import image_stream, open_rows
from innerspace._table import ResultTable
from innerspace.embedding import EmbeddingResult
from innerspace.exceptions import InnerspaceException, InvalidInputException, PutException
from innerspace.explanation import fields_of
from innerspace.local_store import StoreWarning
from innerspace.operand import is_list_of_finite_floats
from innerspace.query.runs import in_run
from innerspace.report import CompactionReport, DeleteReport, PutReport
from innerspace.result import QueryResult

if TYPE_CHECKING:
    import numpy
    from nanoarrow.c_array_stream import CArrayStream
    from numpy.typing import NDArray

    from innerspace._definition import SchemaInfo


_logger = logging.getLogger("innerspace")


class Engine:
    """An open engine. Usable from many threads; closed with its last reference at the latest.

    Parameters
    ----------
    definition : Mapping
        As in docs/architecture.md. ONNX Runtime is the package's own where it names none.

    Raises
    ------
    InvalidInputException
        If the definition or a model directory is wrong.
    InvalidStateException
        If the library is missing, or this process was forked after it was loaded.
    FeatureNotSupportedException
        If the device is ``"cuda"`` and ONNX Runtime cannot use it.
    """

    def __init__(self, definition: Mapping[str, object]) -> None:
        options = dict(definition.get("options") or {})  # type: ignore[call-overload]  # a Mapping by contract
        device = str(options.get("device", "cpu"))
        options.setdefault("onnxruntime_library", str(runtime_path(device)))
        self._space_fields = fields_of(definition)
        self._handle = Handle(_opened(_json({**definition, "options": options}), options.get("store")), "the app")
        self._upright = options.get("pixels", "faithful") == "faithful"
        spaces: list[dict[str, Any]] = definition["spaces"]  # type: ignore[assignment]  # by contract
        self._image_spaces = frozenset(space["name"] for space in spaces if space["type"] == "image_space")
        self._vector_spaces = frozenset(space["name"] for space in spaces if space["type"] == "custom_space")
        if device == "auto":
            self._log_fallback()
        if options.get("store"):
            self._warn_of_removals()

    def put(self, schema: SchemaInfo, rows: object, *, on_error: str, partial: str) -> PutReport:
        """Store rows and embed them.

        Parameters
        ----------
        schema : SchemaInfo
        rows : object
            See :func:`innerspace._rows.open_rows`.
        on_error : {"raise", "skip", "null"}
        partial : {"reset", "merge"}

        Raises
        ------
        PutException
            If ``on_error`` is ``"raise"`` and a row cannot be used.
        KeyboardInterrupt
            On Ctrl-C, once the engine has stopped: nothing of this put is stored
            (of a stream: what its earlier batches held).
        """
        given = open_rows(schema, rows, upright=self._upright)
        options = {
            "schema": schema.name,
            "on_error": on_error,
            "partial": partial,
            "rejects": [reject.to_json() for reject in given.rejects],
            "per_batch": given.rows is None,
            "total_rows": given.rows or 0,
        }
        capsule = _capsule_of(given.stream)
        engine, request = self._handle.value, _json(options)
        bar = ProgressBar(schema.name, "row") if wanted() else None
        complete = False
        try:
            report = call_interruptibly(
                lambda task: calls.engine_put(engine, request, stream_address(capsule), task),
                bar.update if bar is not None else None,
            )
            complete = True
        except NativeFailure as failure:
            refused = PutReport.from_json(json.loads(failure.detail))
            if not refused.errors:
                raise failure.error from None
            raise PutException(refused.refusal(), path=failure.error.path, report=refused) from None
        finally:
            if bar is not None:
                bar.close(complete=complete)
        return PutReport.from_json(json.loads(report))

    def delete(self, schema: str, ids: Sequence[str]) -> DeleteReport:
        """Delete entities by id; ids that are not there are reported, not refused."""
        report = json.loads(calls.engine_delete(self._handle.value, _json({"schema": schema, "ids": list(ids)})))
        return DeleteReport(report["deleted"], tuple(report["missing"] or ()))

    def compact(self) -> CompactionReport:
        """Give the room of deleted and replaced rows back to the disk."""
        engine = self._handle.value
        return CompactionReport.from_json(
            json.loads(call_interruptibly(lambda task: calls.engine_compact(engine, task)))
        )

    def prepare(self, query: Mapping[str, object]) -> PreparedQuery:
        """Compile a query (docs/architecture.md)."""
        return PreparedQuery(self, query)

    def embed(
        self, space: str, *, images: Iterable[object] | None = None, texts: Iterable[str | None] | None = None
    ) -> EmbeddingResult:
        """Return the vectors of images or of texts in a space, without storing anything.

        Raises
        ------
        InvalidInputException
            If not exactly one of the two is given, it is one value and not several, or a value is none.
        """
        if (images is None) == (texts is None):
            raise InvalidInputException("embed takes images or texts, and not both")
        if images is not None:
            given = _several("images", images)
            name, column = "image", _arrow.image_array([self._cell(f"images[{n}]", i) for n, i in enumerate(given)])
        else:
            given = _several("texts", texts)
            name, column = "text", _arrow.text_array([_text(f"texts[{n}]", t) for n, t in enumerate(given)])
        batch = _arrow.record_batch(column.length, {name: column})
        capsule = _capsule_of(_arrow.array_stream([batch]))
        engine, request, result = self._handle.value, _json({"space": space}), _arrow.empty_stream()
        call_interruptibly(
            lambda task: calls.engine_embed(engine, request, stream_address(capsule), task, result._addr())
        )
        return EmbeddingResult(ResultTable(result))

    def vectors(
        self, schema: str, index: str, ids: Sequence[str] | None, *, include_chunks: bool = False
    ) -> tuple[list[str], NDArray[numpy.float32]]:
        """Return stored vectors: the ids, and a row of the matrix for each.

        Parameters
        ----------
        schema, index : str
        ids : sequence of str, optional
            All entities of the schema, in order of id, if None.
        include_chunks : bool, default False
            Whether the pieces of chunked texts are among all entities.

        Raises
        ------
        NotFoundException
            If there is no such index or schema, or an id has no vector.
        """
        request: dict[str, object] = {"schema": schema, "index": index, "include_chunks": include_chunks}
        if ids is not None:
            request["ids"] = list(ids)
        result = _arrow.empty_stream()
        calls.engine_vectors(self._handle.value, _json(request), result._addr())
        table = ResultTable(result)
        names, vectors = table.columns
        return table.values(names), table.matrix(vectors)

    def recall(self, schema: str, index: str, *, queries: int, limit: int) -> dict[str, Any]:
        """Measure what an approximate index finds of what the exact search does."""
        engine = self._handle.value
        request = _json({"schema": schema, "index": index, "queries": queries, "limit": limit})
        report: dict[str, Any] = json.loads(call_interruptibly(lambda task: calls.engine_recall(engine, request, task)))
        return report

    def describe(self) -> dict[str, Any]:
        """Return what the engine holds and runs: rows, models, versions, cache counters."""
        description: dict[str, Any] = json.loads(calls.engine_describe(self._handle.value))
        return description

    def close(self) -> None:
        """Free its memory. Calls in flight finish first; closing twice does nothing."""
        self._handle.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _warn_of_removals(self) -> None:
        for removed in self.describe()["store"]["removed"]:
            warnings.warn(removed[0].upper() + removed[1:] + ".", StoreWarning, stacklevel=6)

    def _log_fallback(self) -> None:
        reasons = dict.fromkeys(model["device_fallback"] for model in self.describe()["models"])
        reasons.pop("", None)
        if reasons:
            reason = " ".join("; ".join(reasons).split())  # one line, whatever ONNX Runtime says
            _logger.warning("the models run on the processor: %s", reason)

    def _cell(self, where: str, value: object) -> ImageCell | None:
        if value is None:
            return None
        try:
            return image_cell(value, upright=self._upright)
        except UnusableValueError as error:
            raise InvalidInputException(str(error), path=where) from None


class PreparedQuery:
    """A compiled query of one engine; runs any number of times, from any thread."""

    def __init__(self, engine: Engine, query: Mapping[str, Any]) -> None:
        self._engine = engine
        self._handle = Handle(calls.query_prepare(engine._handle.value, _json(query)), "the query")
        # "image" and "vector" are the spaces' own words for what they take, whatever the schema calls the field.
        self._image_params = _params_of(query, "image", engine._image_spaces)
        self._vector_params = _params_of(query, "vector", engine._vector_spaces)

    def run(self, params: Mapping[str, object]) -> QueryResult:
        """Run the query.

        Parameters
        ----------
        params : Mapping
            The parameters' values: what JSON holds, numpy scalars, and images
            where a clause compares with an image. None means not given.

        Raises
        ------
        InvalidInputException
            If a parameter is unknown or its value wrong; the error's path names it.
        """
        values = self._values(params)
        capsule = _capsule_of(image_stream([values.images])) if values.images else None
        prepared, request, result = self._handle.value, _json(values.scalars), _arrow.empty_stream()

        def run(task: int) -> None:
            stream = stream_address(capsule) if capsule is not None else None
            calls.query_run(prepared, request, stream, task, result._addr())

        call_interruptibly(run)
        return self._result(result, values)

    def run_many(self, runs: Sequence[Mapping[str, object]]) -> list[QueryResult]:
        """Run the query once for each of several sets of values, in one call.

        Raises
        ------
        InvalidInputException
            As :meth:`run`; the error's path begins with the number of the run: ``params[3]``.
        LimitExceededException
            If there are more runs than the engine takes in one call.
        """
        values = []
        for number, params in enumerate(runs):
            with in_run(number):
                values.append(self._values(params))
        images = [each.images for each in values]
        capsule = _capsule_of(image_stream(images)) if any(images) else None
        prepared, request = self._handle.value, _json([each.scalars for each in values])
        results = [_arrow.empty_stream() for _ in values]

        def run(task: int) -> None:
            stream = stream_address(capsule) if capsule is not None else None
            calls.query_run_many(prepared, request, stream, task, [result._addr() for result in results])

        call_interruptibly(run)
        return [self._result(result, each) for result, each in zip(results, values, strict=True)]

    def _values(self, params: Mapping[str, object]) -> _RunValues:
        values = _RunValues({}, {}, {})
        for name, value in params.items():
            if name in self._vector_params and is_list_of_finite_floats(value):
                values.scalars[name] = _packed(value)
                values.given[name] = value
            elif name in self._image_params and value is not None:
                cell = self._engine._cell(name, value)
                if cell is not None:
                    values.images[name] = cell
                    values.given[name] = value
            else:
                values.scalars[name] = _json_value(name, value)
        return values

    def _result(self, stream: CArrayStream, values: _RunValues) -> QueryResult:
        return QueryResult(ResultTable(stream), values.given, self._engine._space_fields)


@dataclass(frozen=True, slots=True)
class _RunValues:
    """The parameters of a run: for JSON, pictures, and those that cross in another form than the user gave."""

    scalars: dict[str, object]
    images: dict[str, ImageCell]
    given: dict[str, object]


def _opened(definition: bytes, store: object) -> int:
    """Open an engine; with a store, which may have to be extended, it can be watched and stopped."""
    if not store:
        return calls.engine_open(definition)
    bar = ProgressBar("extending the store", "row", may_be_nothing=True) if wanted() else None
    opened: list[int] = []
    complete = False
    try:
        call_interruptibly(
            lambda task: opened.append(calls.engine_open(definition, task)), bar.update if bar is not None else None
        )
        complete = True
    finally:
        if bar is not None:
            bar.close(complete=complete)
        if not complete:
            # Ctrl-C came when all was done: nobody will have this engine, which would keep the store to itself.
            for handle in opened:
                calls.close(handle)
    return opened[0]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _params_of(query: Mapping[str, Any], field: str, spaces: frozenset[str]) -> frozenset[str]:
    """Return the parameters of a query that a field of one of the spaces is compared with."""
    return frozenset(
        clause["value"]["param"]
        for clause in query.get("clauses", ())
        if clause["type"] == "similar"
        and "param" in clause["value"]
        and clause["field"] == field
        and clause["space"] in spaces
    )


def _packed(numbers: list[float]) -> dict[str, str]:
    """Return numbers in the form of JSON that takes a tenth of the time that digits take (docs/architecture.md)."""
    packed = array("d", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return {"float64": b64encode(packed).decode("ascii")}


def _json_value(name: str, value: object) -> object:
    """Return a parameter's value as JSON holds it."""
    value = _values.plain(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        _text(name, value)
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInputException(f"{value} is not a finite number", path=name)
        return value
    if isinstance(value, (list, tuple)):
        return [_json_value(f"{name}[{position}]", item) for position, item in enumerate(value)]
    raise InvalidInputException(
        f"a value of type {type(value).__name__} cannot be used here; it takes a text or a number", path=name
    )


def _several(name: str, values: object) -> Iterable[Any]:
    """Refuse one text, picture or frame in place of several: iterating over it would embed something else."""
    if (
        isinstance(values, Iterable)
        and not isinstance(values, (str, bytes, bytearray, memoryview, Mapping))
        and getattr(values, "ndim", 1) not in (0, 2, 3)
    ):
        return values
    raise InvalidInputException(
        f"{name} takes several values in a list, not one value of type {type(values).__name__}; write {name}=[...]"
    )


def _text(where: str, value: object) -> bytes | None:
    try:
        return _values.text(value)
    except UnusableValueError as error:
        raise InvalidInputException(str(error), path=where) from None


def _capsule_of(rows: Any) -> Any:
    """Return the capsule of an Arrow stream; what goes wrong in making it is said in one sentence."""
    try:
        # Given though it has a default: polars before 1.4 has none.
        return rows.__arrow_c_stream__(None)
    except InnerspaceException:
        raise
    except Exception as error:
        raise InvalidInputException(
            f"{type(rows).__name__} could not be given out as an Arrow stream: {type(error).__name__}: {error}"
        ) from error
