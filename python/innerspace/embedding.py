"""Vectors of texts and images that were not stored."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from innerspace._table import ResultTable


class EmbeddingResult:
    """The outcome for each input, in order.

    Like a :class:`~innerspace.result.QueryResult` it is Arrow data, with the
    columns ``vector`` (list of float32, null where an input failed), ``tokens`` and ``error``.
    """

    def __init__(self, table: ResultTable) -> None:
        self._table = table

    @cached_property
    def vectors(self) -> tuple[tuple[float, ...] | None, ...]:
        """The vectors, None where an input failed or was None."""
        return tuple(None if vector is None else tuple(vector) for vector in self._named("vector"))

    @cached_property
    def errors(self) -> tuple[str | None, ...]:
        """Why an input failed, None where it did not."""
        return tuple(self._named("error"))

    @cached_property
    def tokens(self) -> tuple[int | None, ...]:
        """How many tokens a text has, None for images."""
        return tuple(self._named("tokens"))

    def __len__(self) -> int:
        return self._table.rows

    def to_numpy(self) -> NDArray[numpy.float32]:
        """Return the vectors as an array of shape (inputs, dimension); NaN where an input failed."""
        import numpy as np

        width = max((len(vector) for vector in self.vectors if vector is not None), default=0)
        empty = (float("nan"),) * width
        return np.array([empty if vector is None else vector for vector in self.vectors], dtype=np.float32).reshape(
            len(self), width
        )

    def __arrow_c_schema__(self) -> object:
        return self._table.schema_capsule()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.stream_capsule(requested_schema)

    def _named(self, name: str) -> list[Any]:
        column = next(column for column in self._table.columns if column.name == name)
        return self._table.values(column)
