"""The base class of the schemas of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from innerspace.exceptions import InvalidInputException
from innerspace.schema.created_at import CreatedAtField
from innerspace.schema.schema import Schema

if TYPE_CHECKING:
    from innerspace.schema.annotations import DeclaredField


class EventSchema(Schema):
    """The base class of a kind of event: something that happened between entities and changes the vector of one.

    Beside its :class:`IdField` it has exactly one :class:`CreatedAtField`; a
    :class:`SchemaReference` names each entity that takes part. No field is optional.
    What an event does is said by the :class:`Effect` of an index.

    Raises
    ------
    InvalidInputException
        When an instance is made of a class with wrong annotations.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    >>> class User(sl.Schema):
    ...     id: sl.IdField
    >>> class Event(sl.EventSchema):
    ...     id: sl.IdField
    ...     created_at: sl.CreatedAtField
    ...     item: sl.SchemaReference[Item]
    ...     user: sl.SchemaReference[User]
    ...     kind: sl.String
    >>> event = Event()
    >>> event.kind == "read"
    Condition(Event.kind == 'read')
    """

    _IS_BASE = True
    _TYPE: ClassVar[Literal["schema", "event_schema"]] = "event_schema"

    def _check_declared(self, declared: Mapping[str, DeclaredField]) -> None:
        optional = [name for name, field in declared.items() if field.optional]
        if optional:
            raise InvalidInputException(f"An event schema cannot have optional attributes, got {optional}")
        created_at = [name for name, field in declared.items() if issubclass(field.type, CreatedAtField)]
        if len(created_at) != 1:
            raise InvalidInputException(
                f"An event schema must have exactly 1 CreatedAtField, got {len(created_at)} ({created_at})."
            )
