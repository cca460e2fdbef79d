"""Spaces that are searched together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from innerspace._arguments import require, require_number, require_sequence, shown
from innerspace._definition import IndexInfo
from innerspace.approximate import Approximate
from innerspace.effect import Effect
from innerspace.exceptions import InvalidInputException
from innerspace.schema.field import SchemaField
from innerspace.space.space import Space

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.schema.schema import Schema


class Index:
    """Spaces that are searched together.

    Parameters
    ----------
    spaces : Space or list of Space
        The order is that of partial scores and vector parts.
    fields : SchemaField or list of SchemaField, optional
        Fields that queries may filter by.
    fields_to_exclude : SchemaField or list of SchemaField, optional
        Fields that are not stored: queries can neither return them nor filter by them.
    effects : Effect or list of Effect, optional
        What events do to the vectors.
    max_age : timedelta, optional
        After so long an event's influence on the next one is gone.
    max_count : int, optional
        Taken for compatibility, without effect.
    temperature : float, default 0.5
        How much a new event counts beside the earlier ones, from 0 to 1.
    event_influence : float, default 0.5
        How much all events count beside an entity's own vector, from 0 to 1.
    time_decay_floor : float, default 1.0
        What an old event still counts, from 0 to 1; at 1 age does not matter.
    approximate : bool or Approximate, default False
        Whether queries of 20,000 rows and more may miss some of the best, and be quicker; see :class:`Approximate`.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type or out of range, there is no space, or two are the same.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     image: sl.Blob
    >>> index = sl.Index(sl.ImageSpace(Image().image, model="embedded"))
    """

    def __init__(
        self,
        spaces: Space | Sequence[Space],
        fields: SchemaField | Sequence[SchemaField | None] | None = None,
        fields_to_exclude: SchemaField | Sequence[SchemaField | None] | None = None,
        effects: Effect | Sequence[Effect] | None = None,
        max_age: timedelta | None = None,
        max_count: int | None = None,
        temperature: float = 0.5,
        event_influence: float = 0.5,
        time_decay_floor: float = 1.0,
        approximate: bool | Approximate = False,
    ) -> None:
        self._spaces = require_sequence(spaces, Space, owner="Index", parameter="spaces")  # type: ignore[type-abstract]
        if not self._spaces:
            raise InvalidInputException("Index must be built on at least 1 space.")
        signatures = [space._signature() for space in self._spaces]
        if len(set(signatures)) != len(signatures):
            raise InvalidInputException("Index cannot contain duplicate spaces.")
        self._fields = _fields(fields, "fields")
        self._fields_to_exclude = _fields(fields_to_exclude, "fields_to_exclude")
        self._effects = require_sequence(effects or [], Effect, owner="Index", parameter="effects")
        for effect in self._effects:
            self._check_space(effect.space)
        if max_age is not None and require(max_age, timedelta, owner="Index", parameter="max_age") <= timedelta(0):
            raise InvalidInputException(f"Index: parameter max_age must be longer than nothing, got {max_age}.")
        if max_count is not None and (isinstance(max_count, bool) or not isinstance(max_count, int) or max_count < 0):
            raise InvalidInputException(f"Index: parameter max_count must be an int from 0, got {shown(max_count)}.")
        self._max_age = max_age
        self._max_count = max_count
        self._shares = {
            "temperature": _share(temperature, "temperature"),
            "event_influence": _share(event_influence, "event_influence"),
            "time_decay_floor": _share(time_decay_floor, "time_decay_floor"),
        }

        if isinstance(approximate, bool):
            self._approximate = Approximate() if approximate else None
        else:
            self._approximate = require(approximate, Approximate, owner="Index", parameter="approximate")

    def __repr__(self) -> str:
        return f"Index({list(self._spaces)})"

    @property
    def _schemas(self) -> tuple[Schema, ...]:
        """The schemas that have a field in one of the spaces."""
        return tuple(dict.fromkeys(schema for space in self._spaces for schema in space._schemas))

    @property
    def _all_schemas(self) -> tuple[Schema, ...]:
        """Those of spaces, fields and effects."""
        return tuple(
            dict.fromkeys(
                [
                    *self._schemas,
                    *(field.schema_obj for field in (*self._fields, *self._fields_to_exclude)),
                    *(schema for effect in self._effects for schema in effect._schemas),
                ]
            )
        )

    def _info(self, name: str, space_names: Mapping[Space, str]) -> IndexInfo:
        return IndexInfo(
            name=name,
            spaces=tuple(space_names[space] for space in self._spaces),
            fields=tuple(field._qualified_name for field in self._fields),
            fields_to_exclude=tuple(field._qualified_name for field in self._fields_to_exclude),
            events=self._events(space_names) if self._effects else {},
            approximate=self._approximate._definition() if self._approximate is not None else {},
        )

    def _events(self, space_names: Mapping[Space, str]) -> Json:
        events: Json = {"effects": [effect._definition(space_names) for effect in self._effects], **self._shares}
        if self._max_age is not None:
            events["max_age_seconds"] = int(self._max_age.total_seconds())
        if self._max_count is not None:
            events["max_count"] = self._max_count
        return events

    def _check_space(self, space: Space) -> None:
        if space not in self._spaces:
            raise InvalidInputException(f"Space isn't present in the index: {type(space).__name__}.")


def _fields(given: object, parameter: str) -> tuple[SchemaField, ...]:
    listed = given if isinstance(given, (list, tuple)) else [given]
    return require_sequence(
        [field for field in listed if field is not None], SchemaField, owner="Index", parameter=parameter
    )


def _share(value: object, parameter: str) -> float:
    share = require_number(value, owner="Index", parameter=parameter)
    if not 0 <= share <= 1:
        raise InvalidInputException(f"{parameter} must be between 0 and 1, got {value}.")
    return share
