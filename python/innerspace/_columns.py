"""Rows as a user gives them, seen column by column: a list of dicts or a pandas DataFrame.

A column source hands out the Python values of one field for a range of rows,
None where there is none. What a value means for its field is decided elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    from innerspace._definition import SchemaInfo


class ColumnSource(Protocol):
    """Rows that can be read column by column."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    @property
    def fields(self) -> Sequence[str]:
        """The id and the fields that at least one row may have, in schema order."""

    @property
    def unknown(self) -> Sequence[str]:
        """The names that the schema does not have, in order of appearance."""

    def values(self, field: str, start: int, stop: int) -> list[Any]:
        """Return the field's values in these rows, None where there is none."""

    @property
    def misshapen(self) -> Mapping[int, str]:
        """The rows that are no rows at all, and why."""


class DictRows:
    """A list of dicts by field name. A missing key and None are the same: no value."""

    def __init__(self, schema: SchemaInfo, rows: Sequence[Mapping[str, object]]) -> None:
        # A thing that is no mapping is read as a row without values, and reported.
        self.misshapen: dict[int, str] = {
            position: f"a row is a dict from field name to value, not a value of type {type(row).__name__}"
            for position, row in enumerate(rows)
            if not isinstance(row, Mapping)
        }
        self._mappings = [row if isinstance(row, Mapping) else {} for row in rows] if self.misshapen else rows
        known = {field.name for field in schema.fields}
        names = dict.fromkeys(chain.from_iterable(self._mappings))
        self.rows = len(rows)
        self.fields = [field.name for field in schema.fields if field.name in names or field.type == "id"]
        self.unknown = [str(name) for name in names if name not in known]

    def values(self, field: str, start: int, stop: int) -> list[Any]:
        return [row.get(field) for row in self._mappings[start:stop]]


class FrameRows:
    """A pandas DataFrame. None, NaN, NaT and pandas.NA mean: no value. Its index is not read."""

    def __init__(self, schema: SchemaInfo, frame: Any) -> None:
        known = {field.name for field in schema.fields}
        names = [str(name) for name in frame.columns]
        self._position: dict[str, int] = {}
        for position, name in enumerate(names):
            if name in known and name in self._position:
                raise InvalidInputException(
                    f"the DataFrame has {names.count(name)} columns named {name!r}: rename or drop all but one"
                )
            self._position.setdefault(name, position)
        self._frame = frame
        self.misshapen: dict[int, str] = {}
        self.rows = len(frame)
        self.fields = [field.name for field in schema.fields if field.name in self._position or field.type == "id"]
        self.unknown = [name for name in self._position if name not in known]

    def values(self, field: str, start: int, stop: int) -> list[Any]:
        if field not in self._position:
            return [None] * (stop - start)
        column = self._frame.iloc[start:stop, self._position[field]]
        values: list[Any] = column.tolist()
        missing = column.isna()
        if not missing.any():
            return values
        return [None if absent else value for value, absent in zip(values, missing.tolist(), strict=True)]


def is_pandas_frame(value: object) -> TypeGuard[Any]:
    """Tell whether a value is a ``pandas.DataFrame``; pandas is not imported for it."""
    frame = getattr(sys.modules.get("pandas"), "DataFrame", None)
    return frame is not None and isinstance(value, frame)


def is_arrow_backed(frame: Any) -> bool:
    """Tell whether every column of a pandas DataFrame is Arrow memory already."""
    import pandas as pd

    return len(frame.columns) > 0 and all(isinstance(dtype, pd.ArrowDtype) for dtype in frame.dtypes)


def has_python_objects(value: object) -> TypeGuard[Any]:
    """Tell whether a value is a ``polars.DataFrame`` with Python objects, of which Arrow gets the addresses."""
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(value, polars.DataFrame) and polars.Object in value.dtypes
