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


def _never(_: Sequence[Any]) -> None:
    return None


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
    size : callable or int
        Returns the bytes that a converted value takes, or is what each takes.
    quick : callable
        Returns what ``convert`` returns for each of several values, None where
        they have to be converted one by one.
    """

    convert: Callable[[object], Any]
    array: Callable[[Sequence[Any]], CArray]
    size: Callable[[Any], int] | int
    quick: Callable[[Sequence[Any]], Sequence[Any] | None] = _never

    def sizes(self, values: Sequence[Any]) -> list[int]:
        """Return the bytes that each converted value takes."""
        size = self.size
        if isinstance(size, int):
            return [size] * len(values)
        return [0 if value is None else size(value) for value in values]

    def total(self, values: Sequence[Any]) -> int:
        """Return the bytes that converted values take together."""
        return self.size * len(values) if isinstance(self.size, int) else sum(self.sizes(values))


_TIME = ColumnType(_values.unix_seconds, _arrow.int64_array, 8, _values.quick_integers)
_ID = ColumnType(_values.id_text, _arrow.text_array, len, _values.quick_texts)

COLUMN_TYPES: Mapping[FieldType, ColumnType] = MappingProxyType(
    {
        "id": _ID,
        "schema_reference": _ID,
        "string": ColumnType(_values.text, _arrow.text_array, len, _values.quick_texts),
        "integer": ColumnType(_values.integer, _arrow.int64_array, 8, _values.quick_integers),
        "float": ColumnType(_values.number, _arrow.float64_array, 8, _values.quick_numbers),
        "boolean": ColumnType(_values.boolean, _arrow.bool_array, 1),
        "timestamp": _TIME,
        "created_at": _TIME,
        "string_list": ColumnType(
            _values.text_list, _arrow.text_list_array, lambda texts: 4 * len(texts) + sum(map(len, texts))
        ),
        "float_list": ColumnType(_values.number_list, _arrow.float64_list_array, lambda numbers: 8 * len(numbers)),
    }
)
"""By the type of the field."""
