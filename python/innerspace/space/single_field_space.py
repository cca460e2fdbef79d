"""What the spaces of one field a schema have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from innerspace._arguments import require
from innerspace.exceptions import InvalidInputException
from innerspace.space.field_set import SpaceFieldSet
from innerspace.space.space import Space, check_one_field_per_schema

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.operand import OperandKind
    from innerspace.schema.field import SchemaField
    from innerspace.schema.schema import Schema


class SingleFieldSpace(Space):
    """The base of the spaces that embed one field of each of their schemas.

    Parameters
    ----------
    fields : field, or a sequence of fields and None
        At most one a schema.
    kind : OperandKind
        What a query may look for.
    salt : str, optional
    may_be_empty : bool, default False
        Whether the space may have no field at all.
    """

    FIELD: ClassVar[str]
    """What the space calls its field, in definitions and in queries."""
    ACCEPTS: ClassVar[tuple[type[SchemaField], ...]]
    """The types of its fields."""
    ACCEPTED: ClassVar[str]
    """What these types are called together in messages."""

    def __init__(self, fields: object, kind: OperandKind, salt: str | None, *, may_be_empty: bool = False) -> None:
        owner = type(self).__name__
        given: list[Any] = [
            field for field in (fields if isinstance(fields, (list, tuple)) else [fields]) if field is not None
        ]
        if not all(isinstance(field, self.ACCEPTS) for field in given):
            raise InvalidInputException(f"'field_list' must be a(n) {self.ACCEPTED} list, got {given}")
        self._fields: tuple[SchemaField, ...] = tuple(given)
        if self._fields or not may_be_empty:
            check_one_field_per_schema(self._schemas, space=owner)
        if salt is not None:
            require(salt, str, owner=owner, parameter="salt")
        self._salt = salt
        self._field_set = SpaceFieldSet(self, self.FIELD, kind)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(field._qualified_name for field in self._fields)})"

    @property
    def _schemas(self) -> tuple[Schema, ...]:
        return tuple(field.schema_obj for field in self._fields)

    def _definition(self, name: str) -> Json:
        definition: Json = {
            "type": self.KIND,
            "name": name,
            "fields": [self._field_definition(field) for field in self._fields],
            **self._settings(),
        }
        if self._salt is not None:
            definition["salt"] = self._salt
        return definition

    def _field_definition(self, field: SchemaField) -> Json:
        return {"schema": field.schema_obj._name, self.FIELD: field.name}

    def _settings(self) -> Json:
        """Return what the space's node of the definition has beside its fields."""
        raise NotImplementedError

    def _signature(self) -> tuple[object, ...]:
        return (self.KIND, frozenset(self._fields), repr(self._settings()), self._salt)

    def _similar_field_set(self) -> SpaceFieldSet:
        return self._field_set

    def _refuse_similar(self) -> InvalidInputException:
        return InvalidInputException(
            f"Similar clause is not possible for {type(self).__name__} as the space configuration implies it."
        )
