"""What events do to the vectors of the entities that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from innerspace._arguments import require, shown
from innerspace.exceptions import InvalidInputException, InvalidStateException
from innerspace.param import Param
from innerspace.schema.condition import Condition
from innerspace.schema.schema_reference import MultipliedSchemaReference, SchemaReference
from innerspace.space.space import Space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from innerspace._definition import Json
    from innerspace.schema.schema import Schema

Reference = SchemaReference[Any] | MultipliedSchemaReference


class Effect:
    """Says that an event moves the vector of one entity towards that of another.

    Parameters
    ----------
    space : Space
        Where the vector is moved; both entities' schemas have a field in it.
    affected_schema_reference : SchemaReference
        Whose vector is moved: ``event.user``.
    affecting_schema_reference : SchemaReference
        Towards whom: ``event.item``, or ``-1.0 * event.item`` for away from it.
    filter_ : Condition
        Which events do it: ``event.kind == "read"``.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, a schema has no field in the space,
        or the filter is about another schema or has a parameter.
    InvalidStateException
        If the two references are of different event schemas.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     vector: sl.FloatList
    >>> class User(sl.Schema):
    ...     id: sl.IdField
    ...     taste: sl.FloatList
    >>> class Event(sl.EventSchema):
    ...     id: sl.IdField
    ...     created_at: sl.CreatedAtField
    ...     item: sl.SchemaReference[Item]
    ...     user: sl.SchemaReference[User]
    ...     kind: sl.String
    >>> item, user, event = Item(), User(), Event()
    >>> space = sl.CustomSpace([item.vector, user.taste], length=4)
    >>> effect = sl.Effect(space, event.user, 0.8 * event.item, event.kind == "read")
    >>> index = sl.Index(space, effects=[effect], temperature=0.7)
    """

    def __init__(
        self,
        space: Space,
        affected_schema_reference: Reference,
        affecting_schema_reference: Reference,
        filter_: Condition | bool,
    ) -> None:
        self.space = require(space, Space, owner="Effect", parameter="space")  # type: ignore[type-abstract]
        self._affected, affected_by = _reference(affected_schema_reference, "affected_schema_reference")
        self._affecting, affecting_by = _reference(affecting_schema_reference, "affecting_schema_reference")
        self._multiplier = affecting_by / affected_by
        self._filter = require(filter_, Condition, owner="Effect", parameter="filter_")
        if self._affected.schema_obj is not self._affecting.schema_obj:
            names = f"{self._affected._qualified_name} and {self._affecting._qualified_name}"
            raise InvalidStateException(f"{names} are of different event schemas.")
        for reference in (self._affected, self._affecting):
            if reference.references not in map(type, space._schemas):
                raise InvalidInputException(
                    f"Effect: {reference.references.__name__} has no field in the {type(space).__name__}."
                )
        self._check_filter()

    def __repr__(self) -> str:
        times = "" if self._multiplier == 1 else f"{self._multiplier:g} * "
        return f"Effect({self.space}, {self._affected}, {times}{self._affecting}, {self._filter})"

    @property
    def _schemas(self) -> tuple[Schema, ...]:
        return (self._affected.schema_obj,)

    def _definition(self, space_names: Mapping[Space, str]) -> Json:
        return {
            "space": space_names[self.space],
            "affected": self._affected._qualified_name,
            "affecting": self._affecting._qualified_name,
            "multiplier": self._multiplier,
            "filter": {
                "any": [
                    {
                        "field": comparison.field.name,
                        "operator": comparison.operator.word,
                        "value": {"value": comparison.operand},
                    }
                    for comparison in self._filter._comparisons
                ]
            },
        }

    def _check_filter(self) -> None:
        event = self._affected.schema_obj
        for comparison in self._filter._comparisons:
            if comparison.field.schema_obj is not event:
                raise InvalidInputException(
                    f"{comparison.field._qualified_name} is not part of the {event._name} schema."
                )
            if isinstance(comparison.operand, Param):
                raise InvalidInputException("Effect: parameter filter_ must compare with values, not with a Param.")


def _reference(given: object, parameter: str) -> tuple[SchemaReference[Any], float]:
    if isinstance(given, MultipliedSchemaReference):
        return given.schema_reference, given.multiplier
    if isinstance(given, SchemaReference):
        return given, 1.0
    raise InvalidInputException(f"Effect: parameter {parameter} must be a SchemaReference, got {shown(given)}.")
