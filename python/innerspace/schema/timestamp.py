"""The field for points in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace.schema.cells import converted, unix_seconds
from innerspace.schema.condition import INTEGER_FILTERS, Filters
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    import pandas as pd

    from innerspace._definition import FieldType


class Timestamp(SchemaField):
    """A point in time: whole seconds since 1970-01-01 UTC as an int, or a ``datetime``.

    A ``datetime`` without a time zone is local time; a pandas ``Timestamp`` without one is UTC.
    """

    TYPE: ClassVar[FieldType] = "timestamp"
    FILTERS: ClassVar[Filters] = INTEGER_FILTERS

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        return converted(column, unix_seconds)
