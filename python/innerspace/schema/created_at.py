"""The field that says when an event happened."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from innerspace.schema.timestamp import Timestamp

if TYPE_CHECKING:
    from innerspace._definition import FieldType
    from innerspace.schema.condition import Filters


class CreatedAtField(Timestamp):
    """When an event happened, as a :class:`Timestamp` says it. Every :class:`EventSchema` has exactly one."""

    TYPE: ClassVar[FieldType] = "created_at"
    FILTERS: ClassVar[Filters] = MappingProxyType({})
