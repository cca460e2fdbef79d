"""What ``put`` is given, as one Arrow stream and the values that could not be put into it.

Dicts and pandas frames are converted by the type of each field, in record
batches of at most 64 MiB; whatever has ``__arrow_c_stream__`` is handed on as it
is. A value of the wrong type becomes null in the batch and a reject beside it,
which the engine merges into its report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, Any

import nanoarrow as na

from innerspace import _arrow
from innerspace._cells import ImageCell, UnusableValueError, image_cell
from innerspace._column_types import COLUMN_TYPES, ColumnType
from innerspace._columns import ColumnSource, DictRows, FrameRows, has_python_objects, is_arrow_backed, is_pandas_frame
from innerspace._values import is_none
from innerspace.exceptions import InvalidInputException, Status

if TYPE_CHECKING:
    from nanoarrow.c_array import CArray

    from innerspace._definition import SchemaInfo

MAX_BATCH_BYTES = 64 << 20
"""The values of a record batch are at most this much together; one larger row makes a batch of its own."""

_MAX_BATCH_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class Reject:
    """A value that its column could not carry."""

    row: int
    id: str
    field: str
    reason: str

    def to_json(self) -> dict[str, object]:
        return {
            "row": self.row,
            "id": self.id,
            "field": self.field,
            "status": int(Status.INVALID_INPUT),
            "reason": self.reason,
        }


@dataclass(slots=True)
class RowStream:
    """Rows on their way to the engine.

    Attributes
    ----------
    stream : object
        Has ``__arrow_c_stream__``; may be used once.
    rejects : list of Reject
    rows : int or None
        How many rows there are; None for a stream that does not say. The batches
        of such a stream are committed one by one, in bounded memory.
    """

    stream: Any
    rejects: list[Reject] = field(default_factory=list)
    rows: int | None = None


def open_rows(schema: SchemaInfo, rows: object, *, upright: bool = True) -> RowStream:
    """Return the stream for what ``put`` was given.

    Parameters
    ----------
    schema : SchemaInfo
    rows : Mapping, sequence of Mapping, pandas.DataFrame, or object with ``__arrow_c_stream__``
        By field name. Names that the schema does not have stay in the stream,
        so that the report can name them.
    upright : bool, default True
        See :func:`innerspace._cells.image_cell`.

    Raises
    ------
    InvalidInputException
        If it is none of these, or a frame with two columns of one name.
    """
    if isinstance(rows, Mapping):
        return _converted(schema, DictRows(schema, [rows]), upright)
    if is_pandas_frame(rows):
        if is_arrow_backed(rows):
            return RowStream(rows.reset_index(drop=True), [], len(rows))
        return _converted(schema, FrameRows(schema, rows), upright)
    if has_python_objects(rows):
        return _converted(schema, DictRows(schema, rows.fill_nan(None).to_dicts()), upright)
    if hasattr(rows, "__arrow_c_stream__"):
        return RowStream(rows, [], _known_length(rows))
    if isinstance(rows, Sequence) and not isinstance(rows, (str, bytes, bytearray, memoryview)):
        return _converted(schema, DictRows(schema, rows), upright)
    raise InvalidInputException(
        f"put takes a dict, a list of dicts, a pandas DataFrame or an object with __arrow_c_stream__ "
        f"(polars, pyarrow, duckdb), not a value of type {type(rows).__name__}"
    )


def repeatable(rows: object) -> object:
    """Return rows that may be put more than once: a stream, which can be read but once, is read into memory.

    Raises
    ------
    InvalidInputException
        If the stream fails.
    """
    if is_pandas_frame(rows) or not hasattr(rows, "__arrow_c_stream__") or _known_length(rows) is not None:
        return rows
    try:
        return na.ArrayStream(rows).read_all()
    except Exception as error:
        raise InvalidInputException(f"the rows could not be read from {type(rows).__name__}: {error}") from error


def image_stream(runs: Sequence[Mapping[str, ImageCell]]) -> Any:
    """Return a stream of a row a run with a column for each image; null where a run has none."""
    names = sorted({name for images in runs for name in images})
    columns = {name: _arrow.image_array([images.get(name) for images in runs]) for name in names}
    return _arrow.array_stream([_arrow.record_batch(len(runs), columns)])


def _known_length(rows: Any) -> int | None:
    """Return the rows of a table that has them in memory; None for a stream, whose rows would have to be computed."""
    # len() would do for tables too, but runs the whole query of a duckdb relation.
    for name in ("num_rows", "height"):
        length = getattr(rows, name, None)
        if isinstance(length, int):
            return length
    return None


def _converted(schema: SchemaInfo, source: ColumnSource, upright: bool) -> RowStream:
    conversion = _Conversion(schema, source, upright)
    stream = _arrow.array_stream(list(conversion.batches()))
    return RowStream(stream, conversion.rejects, source.rows)


class _Conversion:
    """Turns a column source into record batches, and collects what does not fit."""

    def __init__(self, schema: SchemaInfo, source: ColumnSource, upright: bool) -> None:
        self._source = source
        self._upright = upright
        self._id = schema.id_field.name
        present = [field for field in schema.fields if field.name in source.fields]
        self._images = [field.name for field in present if field.type == "blob"]
        self._columns = {field.name: COLUMN_TYPES[field.type] for field in present if field.type != "blob"}
        self.rejects: list[Reject] = []
        self._carried: dict[int, list[tuple[ImageCell | None, str]]] = {}

    def batches(self) -> Iterator[CArray]:
        start, total = 0, self._source.rows
        while True:
            start, batch = self._batch(start, min(start + _MAX_BATCH_ROWS, total))
            yield batch
            if start >= total:
                return

    def _batch(self, start: int, stop: int) -> tuple[int, CArray]:
        """Return the end of the next batch, which has at least one row where there are any, and the batch."""
        bad = [(row, self._id, why) for row, why in self._source.misshapen.items() if start <= row < stop]
        images, stop = self._image_cells(start, stop, bad)
        converted = {
            name: _each(self._source.values(name, start, stop), kind, name, start, bad)
            for name, kind in self._columns.items()
        }
        count = _fitting([(converted[name], kind) for name, kind in self._columns.items()], stop - start)
        stop = start + count
        self._report(bad, converted.get(self._id, []), start, stop)
        columns = {name: kind.array(converted[name][:count]) for name, kind in self._columns.items()}
        columns |= {name: _arrow.image_array(cells[:count]) for name, cells in images.items()}
        columns |= {name: _arrow.null_array(count) for name in self._source.unknown}
        return stop, _arrow.record_batch(count, columns)

    def _image_cells(
        self, start: int, stop: int, bad: list[tuple[int, str, str]]
    ) -> tuple[dict[str, list[ImageCell | None]], int]:
        """Convert row by row until the batch is full: raw pixels exist only while their batch is built."""
        cells: dict[str, list[ImageCell | None]] = {name: [] for name in self._images}
        if not self._images:
            return cells, stop
        given = [self._source.values(name, start, stop) for name in self._images]
        size = 0
        for row, values in enumerate(zip(*given, strict=True), start):
            if row in self._carried:
                converted = self._carried.pop(row)
            else:
                converted = [self._image_cell(value) for value in values]
            size += sum(len(cell.data) for cell, _ in converted if cell is not None)
            if size > MAX_BATCH_BYTES and row > start:
                # It opens the next batch; converting it again would decode its pictures twice.
                self._carried = {row: converted}
                return cells, row
            for name, (cell, reason) in zip(self._images, converted, strict=True):
                cells[name].append(cell)
                if reason:
                    bad.append((row, name, reason))
        return cells, stop

    def _image_cell(self, value: object) -> tuple[ImageCell | None, str]:
        """Return the cell, or None and why there is none: an empty reason where no value was given."""
        if is_none(value):
            return None, ""
        try:
            return image_cell(value, upright=self._upright), ""
        except UnusableValueError as error:
            return None, str(error)

    def _report(self, bad: list[tuple[int, str, str]], ids: Sequence[bytes | None], start: int, stop: int) -> None:
        for row, name, reason in sorted(bad, key=lambda entry: entry[0]):
            if row < stop:
                identity = ids[row - start] if ids else None
                self.rejects.append(Reject(row, (identity or b"").decode(), name, reason))


def _each(values: list[Any], kind: ColumnType, name: str, start: int, bad: list[tuple[int, str, str]]) -> Sequence[Any]:
    """Convert a column; a value that cannot be converted is None and noted."""
    quick = kind.quick(values)
    if quick is not None:
        return quick
    converted: list[Any] = []
    for row, value in enumerate(values, start):
        try:
            converted.append(None if is_none(value) else kind.convert(value))
        except UnusableValueError as error:
            converted.append(None)
            bad.append((row, name, str(error)))
    return converted


def _fitting(columns: list[tuple[Sequence[Any], ColumnType]], rows: int) -> int:
    """Return how many of the rows fit into one batch, at least one where there is one."""
    if sum(kind.total(values) for values, kind in columns) <= MAX_BATCH_BYTES:
        return rows
    totals = accumulate(map(sum, zip(*(kind.sizes(values) for values, kind in columns), strict=True)))
    return max(1, sum(1 for _ in takewhile(lambda total: total <= MAX_BATCH_BYTES, totals)))
