"""The field that tells entities apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from innerspace.schema.condition import ID_FILTERS, Filters
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    from innerspace._definition import FieldType


class IdField(SchemaField):
    """The id of an entity: a str, or an int, float or bool that is turned into text.

    Every schema has exactly one, under any name. Queries may filter by it
    without its being listed in ``Index(fields=...)``.
    """

    TYPE: ClassVar[FieldType] = "id"
    FILTERS: ClassVar[Filters] = ID_FILTERS
