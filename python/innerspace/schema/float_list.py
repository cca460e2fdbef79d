"""The field for vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace.schema.cells import converted, items
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    import pandas as pd

    from innerspace._definition import FieldType


class FloatList(SchemaField):
    """A list of finite numbers, such as a vector: a list, a tuple or an array of one dimension."""

    TYPE: ClassVar[FieldType] = "float_list"

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        return converted(column, items)
