"""The base of all field types. A new type of field is a new file beside this one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from innerspace._definition import FieldInfo, FieldType
from innerspace.schema.condition import Condition, Filters, Operator, compare

if TYPE_CHECKING:
    import pandas as pd

    from innerspace.schema.schema import Schema


class SchemaField:
    """A field of one schema object.

    Fields are made by their schema, from the annotations of its class; they
    are used to say what a space embeds, what a query returns, and what it
    filters by: comparing a field with a value or a :class:`~innerspace.Param`
    gives a condition for ``.filter()``. Which comparisons a field knows depends
    on its type; the others raise an :class:`~innerspace.InvalidInputException`.

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
    FILTERS: ClassVar[Filters] = MappingProxyType({})

    def __init__(self, name: str, schema_obj: Schema, nullable: bool = False) -> None:
        self.name = name
        self.schema_obj = schema_obj
        self.nullable = nullable

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._qualified_name})"

    # A field is itself and no other: it is a key of dicts and a member of sets.
    __hash__ = object.__hash__

    # Against another field, == answers at once, for lists and tuples of fields ask it.
    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        if isinstance(other, SchemaField):
            return self is other  # type: ignore[return-value]
        return self._compare(Operator.EQUAL, other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        if isinstance(other, SchemaField):
            return self is not other  # type: ignore[return-value]
        return self._compare(Operator.NOT_EQUAL, other)

    def __gt__(self, other: object) -> Condition:
        return self._compare(Operator.GREATER, other)

    def __lt__(self, other: object) -> Condition:
        return self._compare(Operator.LESS, other)

    def __ge__(self, other: object) -> Condition:
        return self._compare(Operator.GREATER_OR_EQUAL, other)

    def __le__(self, other: object) -> Condition:
        return self._compare(Operator.LESS_OR_EQUAL, other)

    def in_(self, values: object) -> Condition:
        """Return the condition that the field's value is one of a list."""
        return self._compare(Operator.IN, values)

    def not_in_(self, values: object) -> Condition:
        """Return the condition that the field's value is none of a list; it holds where there is no value."""
        return self._compare(Operator.NOT_IN, values)

    def contains(self, values: object) -> Condition:
        """Return the condition that the field's list has a value, or one of a list of values."""
        return self._compare(Operator.CONTAINS, values)

    def not_contains(self, values: object) -> Condition:
        """Return the condition that the field's list has none of the values; it fails where there is no list."""
        return self._compare(Operator.NOT_CONTAINS, values)

    def contains_all(self, values: object) -> Condition:
        """Return the condition that the field's list has all of the values."""
        return self._compare(Operator.CONTAINS_ALL, values)

    def is_(self, value: object) -> Condition:
        """Return the condition that the field is True, or is False."""
        return self._compare(Operator.IS, value)

    def is_not_(self, value: object) -> Condition:
        """Return the condition that the field is not True, or is not False; it holds where there is no value."""
        return self._compare(Operator.IS_NOT, value)

    @property
    def _qualified_name(self) -> str:
        return f"{type(self.schema_obj).__name__}.{self.name}"

    def _info(self) -> FieldInfo:
        return FieldInfo(name=self.name, type=self.TYPE, optional=self.nullable)

    def _compare(self, operator: Operator, operand: object) -> Condition:
        return compare(self, operator, operand, self.FILTERS)

    def _from_column(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Convert a column of a data frame to values that the field takes; missing ones stay missing."""
        return column
