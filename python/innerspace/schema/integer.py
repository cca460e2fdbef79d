"""The field for whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace.schema.cells import converted, number
from innerspace.schema.condition import INTEGER_FILTERS, Filters
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    import pandas as pd

    from innerspace._definition import FieldType


class Integer(SchemaField):
    """A whole number of 64 bits: an int, or a float without a fraction."""

    TYPE: ClassVar[FieldType] = "integer"
    FILTERS: ClassVar[Filters] = INTEGER_FILTERS

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        from pandas.api.types import is_numeric_dtype

        return column if is_numeric_dtype(column) else converted(column, number)
