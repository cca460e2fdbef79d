"""The field for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace.schema.cells import converted, number
from innerspace.schema.condition import FLOAT_FILTERS, Filters
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    import pandas as pd

    from innerspace._definition import FieldType


class Float(SchemaField):
    """A finite number: a float or an int. Filters can order it, but not compare it for equality."""

    TYPE: ClassVar[FieldType] = "float"
    FILTERS: ClassVar[Filters] = FLOAT_FILTERS

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        from pandas.api.types import is_numeric_dtype

        return column if is_numeric_dtype(column) else converted(column, number)
