"""The base of all field types. A new type of field is a new file beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace._definition import FieldInfo, FieldType

if TYPE_CHECKING:
    import pandas as pd

    from innerspace.schema.schema import Schema


class SchemaField:
    """A field of one schema object.

    Fields are made by their schema, from the annotations of its class; they
    are used to say what a space embeds or what a query returns.

    Attributes
    ----------
    name : str
        The name of the annotation.
    schema_obj : Schema
        The schema object that the field belongs to.
    nullable : bool
        Whether the annotation was ``T | None``.
    """

    TYPE: ClassVar[FieldType]

    def __init__(self, name: str, schema_obj: Schema, nullable: bool = False) -> None:
        self.name = name
        self.schema_obj = schema_obj
        self.nullable = nullable

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._qualified_name})"

    @property
    def _qualified_name(self) -> str:
        return f"{type(self.schema_obj).__name__}.{self.name}"

    def _info(self) -> FieldInfo:
        return FieldInfo(name=self.name, type=self.TYPE, optional=self.nullable)

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Convert a column of a data frame to values that the field takes; missing ones stay missing."""
        return column
