"""The Arrow memory of a result: read by column, handed on without a copy.

Knows Arrow and the roles of a result's columns (docs/architecture.md, "Results
out"); knows nothing of queries or of how a result is shown. Neither pyarrow nor
numpy is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import nanoarrow as na
from nanoarrow.c_array_stream import CArrayStream

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_ROLE = b"innerspace.role"
_TYPE = b"innerspace.type"
_RESULT = b"innerspace.result"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result.

    Attributes
    ----------
    position : int
    name : str
    role : str
        ``"field"``, ``"id"``, ``"score"``, ``"rank"``, ``"origin"``, ``"partial_scores"``,
        ``"vector_parts"`` or ``"contributions"``.
    type : str
        Of a field: as in its schema's definition, ``"blob"`` for encoded pictures; else empty.
    """

    position: int
    name: str
    role: str
    type: str = ""

    @property
    def is_blob(self) -> bool:
        """Whether its values are encoded pictures."""
        return self.type == "blob"


class ResultTable:
    """Record batches of one schema, all in memory.

    Parameters
    ----------
    stream : nanoarrow CArrayStream
        Is read to its end.
    """

    def __init__(self, stream: CArrayStream) -> None:
        self._schema = stream.get_schema()
        self._batches = []
        while True:
            try:
                batch = stream.get_next()
            except StopIteration:
                break
            self._batches.append(batch)
        self.rows: int = sum(batch.length for batch in self._batches)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a result is memory of the engine and cannot be pickled; pickle its to_arrow() or to_pandas()")

    def __deepcopy__(self, memo: object) -> ResultTable:
        return self

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in order."""
        return tuple(_column(position, child) for position, child in enumerate(self._schema.children))

    @property
    def info(self) -> bytes:
        """What the engine says about the result, as JSON."""
        value: bytes = dict(self._schema.metadata.items())[_RESULT]
        return value

    def with_role(self, role: str) -> tuple[Column, ...]:
        """Return the columns of a role, in order."""
        return tuple(column for column in self.columns if column.role == role)

    def values(self, column: Column, stop: int | None = None) -> list[Any]:
        """Return the Python values of a column's first rows (all if ``stop`` is None); None is null."""
        left = self.rows if stop is None else min(stop, self.rows)
        values: list[Any] = []
        for batch in self._batches:
            count = min(left, batch.length)
            if count:
                values += na.Array(batch.child(column.position)[batch.offset : batch.offset + count]).to_pylist()
            left -= count
        return values

    def matrix(self, column: Column) -> NDArray[numpy.float32]:
        """Return a column of lists of float32, all of one length, as an array with a row each."""
        import numpy as np

        parts = [np.empty(0, dtype=np.float32)]
        for batch in self._batches:
            lists = batch.child(column.position).view()
            ends = np.asarray(lists.buffer(1))[batch.offset : batch.offset + batch.length + 1]
            if batch.length:
                parts.append(np.asarray(lists.child(0).buffer(1))[ends[0] : ends[-1]])
        values = np.concatenate(parts)
        return values.reshape(self.rows, len(values) // max(self.rows, 1))

    def role_values(self, role: str, stop: int | None = None) -> list[Any] | None:
        """Return the values of the only column of a role, None where the result has none."""
        columns = self.with_role(role)
        return self.values(columns[0], stop) if columns else None

    def schema_capsule(self) -> object:
        """Return a capsule of the Arrow schema."""
        return self._schema.__arrow_c_schema__()

    def stream_capsule(self, requested_schema: object = None) -> object:
        """Return a capsule of a new stream over the same memory."""
        stream = CArrayStream.from_c_arrays(list(self._batches), self._schema, move=False, validate=False)
        return stream.__arrow_c_stream__(requested_schema)


def _column(position: int, schema: Any) -> Column:
    metadata = dict(schema.metadata.items()) if schema.metadata is not None else {}
    return Column(position, schema.name, metadata.get(_ROLE, b"field").decode(), metadata.get(_TYPE, b"").decode())
