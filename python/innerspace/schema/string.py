"""The field for text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace.schema.cells import converted, text
from innerspace.schema.condition import TEXT_FILTERS, Filters
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    import pandas as pd

    from innerspace._definition import FieldType


class String(SchemaField):
    """A text. Add it to a :class:`Blob` to describe the picture."""

    TYPE: ClassVar[FieldType] = "string"
    FILTERS: ClassVar[Filters] = TEXT_FILTERS

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        from pandas.api.types import is_string_dtype

        if is_string_dtype(column):
            return column
        return converted(column, text)
