"""The field for True and False."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace.schema.cells import boolean, converted
from innerspace.schema.condition import BOOLEAN_FILTERS, Filters
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    import pandas as pd

    from innerspace._definition import FieldType


class Boolean(SchemaField):
    """True or False."""

    TYPE: ClassVar[FieldType] = "boolean"
    FILTERS: ClassVar[Filters] = BOOLEAN_FILTERS

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        return converted(column, boolean)
