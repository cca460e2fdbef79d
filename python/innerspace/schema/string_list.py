"""The field for lists of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace.schema.cells import converted, items
from innerspace.schema.condition import TEXT_LIST_FILTERS, Filters
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    import pandas as pd

    from innerspace._definition import FieldType


class StringList(SchemaField):
    """A list of texts; a single text is a list of one."""

    TYPE: ClassVar[FieldType] = "string_list"
    FILTERS: ClassVar[Filters] = TEXT_LIST_FILTERS

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        return converted(column, items)
