"""The base of all spaces. A new space is a new file beside this one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.schema.schema import Schema
    from innerspace.space.field_set import SpaceFieldSet


class Space(ABC):
    """A part of an index: how fields of one kind, at most one a schema, become vectors."""

    KIND: ClassVar[str]
    """The ``type`` of the space in definitions."""

    @property
    @abstractmethod
    def _schemas(self) -> tuple[Schema, ...]:
        """The schemas that have a field in this space."""

    @abstractmethod
    def _definition(self, name: str) -> Json:
        """Return the space's node of the engine's definition."""

    @abstractmethod
    def _signature(self) -> tuple[object, ...]:
        """Return what makes two spaces the same; such spaces cannot share an index."""

    @abstractmethod
    def _similar_field_set(self) -> SpaceFieldSet:
        """Return what ``.similar(space, ...)`` looks for.

        Raises
        ------
        InvalidInputException
            If the space has no single such thing.
        """


def check_one_field_per_schema(schemas: Sequence[Schema], *, space: str) -> None:
    """Refuse a space without fields or with two of one schema.

    Raises
    ------
    InvalidInputException
    """
    if not schemas:
        raise InvalidInputException(f"{space} field input must not be empty.")
    names = [type(schema).__name__ for schema in schemas]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InvalidInputException(f"Duplicates schemas in the same space are not allowed: {repeated}")
