"""The engine's definition as plain data: what Python says once and Go compiles.

The JSON form is specified in docs/architecture.md. Spaces write their own node
(``Space._definition``); this module holds what they have in common and knows
nothing of any one space or field type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

FORMAT_VERSION = 1

FieldType = Literal["id", "string", "blob"]

Json = dict[str, object]
"""One JSON object."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a schema."""

    name: str
    type: FieldType
    optional: bool = False

    def to_json(self) -> Json:
        return {"name": self.name, "type": self.type, "optional": self.optional}


@dataclass(frozen=True, slots=True)
class SchemaInfo:
    """A kind of entity and its fields, in the order in which they were declared."""

    name: str
    fields: tuple[FieldInfo, ...]

    @property
    def id_field(self) -> FieldInfo:
        """The one field of type ``"id"``."""
        return next(field for field in self.fields if field.type == "id")

    def to_json(self) -> Json:
        return {
            "type": "schema",
            "name": self.name,
            "fields": [field.to_json() for field in self.fields],
        }


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that has been found: what the user called it and where it lies."""

    name: str
    path: str

    def to_json(self) -> Json:
        return {"name": self.name, "path": self.path}


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """Spaces that are searched together, and the fields that may be filtered."""

    name: str
    spaces: tuple[str, ...]
    fields: tuple[str, ...] = ()

    def to_json(self) -> Json:
        return {
            "type": "index",
            "name": self.name,
            "spaces": list(self.spaces),
            "fields": list(self.fields),
        }


def engine_definition(
    schemas: Sequence[SchemaInfo],
    spaces: Sequence[Json],
    indices: Sequence[IndexInfo],
    options: Mapping[str, object],
) -> Json:
    """Return the definition that opens an engine."""
    return {
        "version": FORMAT_VERSION,
        "schemas": [schema.to_json() for schema in schemas],
        "spaces": list(spaces),
        "indices": [index.to_json() for index in indices],
        "options": dict(options),
    }
