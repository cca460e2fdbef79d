"""What the column of each type of field is: how a value enters it, its Arrow array, and how large a value is.

Pictures are not here: their cells are made row by row (see :mod:`innerspace._rows`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from innerspace import _arrow, _values

if TYPE_CHECKING:
    from nanoarrow.c_array import CArray

    from innerspace._definition import FieldType


@dataclass(frozen=True, slots=True)
class ColumnType:
    """One type of column.

    Attributes
    ----------
    convert : callable
        Returns what a Python value is in the column, None for no value, or
        raises :class:`~innerspace._cells.UnusableValueError`.
    array : callable
        Makes the Arrow array of converted values.
    size : callable
        Returns the bytes that a converted value takes.
    is_text : bool
        Whether a str is in the column as its UTF-8.
    """

    convert: Callable[[object], Any]
    array: Callable[[Sequence[Any]], CArray]
    size: Callable[[Any], int]
    is_text: bool = False


def _number_size(_: object) -> int:
    return 8


_TIME = ColumnType(_values.unix_seconds, _arrow.int64_array, _number_size)
_ID = ColumnType(_values.id_text, _arrow.text_array, len, is_text=True)

COLUMN_TYPES: Mapping[FieldType, ColumnType] = MappingProxyType(
    {
        "id": _ID,
        "schema_reference": _ID,
        "string": ColumnType(_values.text, _arrow.text_array, len, is_text=True),
        "integer": ColumnType(_values.integer, _arrow.int64_array, _number_size),
        "float": ColumnType(_values.number, _arrow.float64_array, _number_size),
        "boolean": ColumnType(_values.boolean, _arrow.bool_array, _number_size),
        "timestamp": _TIME,
        "created_at": _TIME,
        "string_list": ColumnType(
            _values.text_list, _arrow.text_list_array, lambda texts: sum(len(text) + 4 for text in texts)
        ),
        "float_list": ColumnType(_values.number_list, _arrow.float64_list_array, lambda numbers: 8 * len(numbers)),
    }
)
"""By the type of the field."""
