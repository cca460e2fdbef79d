"""The field by which an event says whom it is about."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from innerspace._arguments import shown
from innerspace._definition import FieldInfo, FieldType
from innerspace.exceptions import InvalidInputException
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    from innerspace.schema.schema import Schema

SchemaT = TypeVar("SchemaT")


class SchemaReference(SchemaField, Generic[SchemaT]):
    """The id of an entity of another schema; only in an :class:`EventSchema`.

    Multiplied by a number it says how strongly an event counts:
    ``Effect(space, event.user, 0.5 * event.item, event.kind == "seen")``.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    >>> class Event(sl.EventSchema):
    ...     id: sl.IdField
    ...     created_at: sl.CreatedAtField
    ...     item: sl.SchemaReference[Item]
    >>> 0.5 * Event().item
    MultipliedSchemaReference(schema_reference=SchemaReference(Event.item), multiplier=0.5)
    """

    TYPE: ClassVar[FieldType] = "schema_reference"

    def __init__(self, name: str, schema_obj: Schema, nullable: bool, references: type[Schema]) -> None:
        super().__init__(name, schema_obj, nullable)
        self.references = references

    def __mul__(self, multiplier: float) -> MultipliedSchemaReference:
        return MultipliedSchemaReference(self, multiplier)

    __rmul__ = __mul__

    def _info(self) -> FieldInfo:
        return FieldInfo(self.name, self.TYPE, self.nullable, self.references.__name__)


@dataclass(frozen=True)
class MultipliedSchemaReference:
    """A reference and how strongly an event counts for it.

    Parameters
    ----------
    schema_reference : SchemaReference
    multiplier : float
        Negative to push away from what the event is about; not 0.
    """

    schema_reference: SchemaReference[Any]
    multiplier: float

    def __post_init__(self) -> None:
        multiplier = self.multiplier
        if isinstance(multiplier, bool) or not isinstance(multiplier, numbers.Real) or not math.isfinite(multiplier):
            name = self.schema_reference._qualified_name
            raise InvalidInputException(f"{name} can be multiplied by a finite number, got {shown(multiplier)}.")
        if multiplier == 0:
            raise InvalidInputException("MultipliedSchemaReference cannot have 0 (zero) as its multiplier.")
