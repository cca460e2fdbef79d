"""The engine's definition as plain data: what Python says once and Go compiles.

The JSON form is specified in docs/architecture.md. Spaces write their own node
(``Space._definition``); this module holds what they have in common and knows
nothing of any one space or field type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

FORMAT_VERSION = 1

FieldType = Literal[
    "id",
    "string",
    "blob",
    "integer",
    "float",
    "boolean",
    "timestamp",
    "string_list",
    "float_list",
    "created_at",
    "schema_reference",
]

Json = dict[str, object]
"""One JSON object."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a schema; a reference names the schema whose ids it holds."""

    name: str
    type: FieldType
    optional: bool = False
    references: str | None = None

    def to_json(self) -> Json:
        info: Json = {"name": self.name, "type": self.type, "optional": self.optional}
        if self.references is not None:
            info["references"] = self.references
        return info


@dataclass(frozen=True, slots=True)
class SchemaInfo:
    """A kind of entity and its fields, in the order in which they were declared."""

    name: str
    fields: tuple[FieldInfo, ...]
    type: Literal["schema", "event_schema"] = "schema"

    @property
    def id_field(self) -> FieldInfo:
        """The one field of type ``"id"``."""
        return next(info for info in self.fields if info.type == "id")

    def to_json(self) -> Json:
        return {
            "type": self.type,
            "name": self.name,
            "fields": [info.to_json() for info in self.fields],
        }


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that has been found: what the user called it, where it lies, and in which precision it runs.

    Attributes
    ----------
    name, path : str
    text_path : str
        Where its text half lies, if that is another directory; else empty.
    precision : str
        ``"fp32"``, ``"fp16"`` or ``"int8"``.
    """

    name: str
    path: str
    text_path: str = ""
    precision: str = "fp32"

    def to_json(self) -> Json:
        json: Json = {"name": self.name, "path": self.path}
        if self.text_path:
            json["text_path"] = self.text_path
        if self.precision != "fp32":
            json["precision"] = self.precision
        return json


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """Spaces that are searched together, and the fields that may be filtered."""

    name: str
    spaces: tuple[str, ...]
    fields: tuple[str, ...] = ()
    fields_to_exclude: tuple[str, ...] = ()
    events: Mapping[str, object] = field(default_factory=dict)
    """The effects of events and how they are weighed; empty for an index without effects."""
    approximate: Mapping[str, object] = field(default_factory=dict)
    """How it is searched approximately; empty where it is searched exactly."""

    def to_json(self) -> Json:
        info: Json = {
            "type": "index",
            "name": self.name,
            "spaces": list(self.spaces),
            "fields": list(self.fields),
        }
        if self.fields_to_exclude:
            info["fields_to_exclude"] = list(self.fields_to_exclude)
        if self.approximate:
            info["approximate"] = dict(self.approximate)
        return {**info, **self.events}


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
