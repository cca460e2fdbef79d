"""The base of the parsers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from innerspace._arguments import require, shown
from innerspace.exceptions import InvalidInputException
from innerspace.schema.field import SchemaField
from innerspace.schema.schema import Schema


class DataParser(ABC):
    """Turns data into rows of one schema.

    Parameters
    ----------
    schema : Schema
    mapping : dict of SchemaField to str, optional
        Where the value of a field is found, where that is not the field's name.

    Raises
    ------
    InvalidInputException
        If the mapping has a field of another schema, or an argument is of the wrong type.
    """

    def __init__(self, schema: Schema, mapping: Mapping[SchemaField, str] | None = None) -> None:
        owner = type(self).__name__
        self._schema = require(schema, Schema, owner=owner, parameter="schema")
        self._sources: dict[str, str] = {}
        """Where each mapped field is found, by the field's name."""
        if mapping is None:
            return
        if not isinstance(mapping, Mapping):
            raise InvalidInputException(f"{owner}: parameter mapping must be a dict, got {shown(mapping)}.")
        fields = [require(field, SchemaField, owner=owner, parameter="mapping") for field in mapping]
        foreign = [field._qualified_name for field in fields if field.schema_obj is not schema]
        if foreign:
            raise InvalidInputException(f"{foreign} don't belong to the {schema._name} schema.")
        for field, source in mapping.items():
            if not isinstance(source, str) or not source:
                raise InvalidInputException(
                    f"{owner}: parameter mapping must give a name for {field._qualified_name}, got {shown(source)}."
                )
            self._sources[field.name] = source

    @abstractmethod
    def parse(self, data: object) -> object:
        """Return rows by field name: a list of dicts, a DataFrame, or an object with ``__arrow_c_stream__``.

        Raises
        ------
        InvalidInputException
            If the data is of a type that the parser does not take.
        """
