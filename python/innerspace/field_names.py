"""The names of fields that a query returns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from innerspace.exceptions import InvalidInputException
from innerspace.operand import OperandKind, wrong_type
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    from innerspace.schema.schema import Schema


class FieldNames(OperandKind):
    """Names of fields of one schema to return; the id is always returned and needs no naming.

    Parameters
    ----------
    schema : Schema
    excluded : collection of SchemaField
        Fields that the index does not store.
    """

    def __init__(self, schema: Schema, excluded: Collection[SchemaField] = ()) -> None:
        self._schema = schema
        self._excluded = {field.name for field in excluded if field.schema_obj is schema}

    def check(self, value: object) -> list[str]:
        """Return the names without repetition, in the order given."""
        given = [value] if isinstance(value, (str, SchemaField)) else value
        if not isinstance(given, Sequence) or isinstance(given, (bytes, bytearray)):
            raise wrong_type(value, "A list of str")
        names = [self._name(item) for item in given]
        unknown = [name for name in names if name not in self._schema._fields and name != "id"]
        if unknown:
            raise InvalidInputException(f"Fields {', '.join(unknown)} not found in schema {self._schema._name}.")
        excluded = [name for name in names if name in self._excluded]
        if excluded:
            raise InvalidInputException(f"Fields {excluded} cannot be selected as they are not stored.")
        id_names = {"id", self._schema._id_field.name}
        return list(dict.fromkeys(name for name in names if name not in id_names))

    def _name(self, item: object) -> str:
        if isinstance(item, SchemaField):
            if item.schema_obj is not self._schema:
                raise InvalidInputException(f"{item._qualified_name} is not part of the {self._schema._name} schema.")
            return item.name
        if isinstance(item, str):
            return item
        raise wrong_type(item, "A single str", "A field")
