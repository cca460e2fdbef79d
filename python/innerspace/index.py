"""Spaces that are searched together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from innerspace._arguments import require_sequence
from innerspace.exceptions import InvalidInputException
from innerspace.schema.field import SchemaField
from innerspace.space.space import Space

if TYPE_CHECKING:
    from innerspace.schema.schema import Schema


class Index:
    """Spaces that are searched together.

    Parameters
    ----------
    spaces : Space or list of Space
        The order is that of partial scores and vector parts.
    fields : SchemaField or list of SchemaField, optional
        Fields that queries may filter by.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, there is no space, or two are the same.

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
    ) -> None:
        self._spaces = require_sequence(spaces, Space, owner="Index", parameter="spaces")  # type: ignore[type-abstract]
        if not self._spaces:
            raise InvalidInputException("Index must be built on at least 1 space.")
        signatures = [space._signature() for space in self._spaces]
        if len(set(signatures)) != len(signatures):
            raise InvalidInputException("Index cannot contain duplicate spaces.")
        given = fields if isinstance(fields, (list, tuple)) else [fields]
        self._fields = require_sequence(
            [field for field in given if field is not None], SchemaField, owner="Index", parameter="fields"
        )

    def __repr__(self) -> str:
        return f"Index({list(self._spaces)})"

    @property
    def _schemas(self) -> tuple[Schema, ...]:
        """The schemas that have a field in one of the spaces."""
        return tuple(dict.fromkeys(schema for space in self._spaces for schema in space._schemas))

    def _check_space(self, space: Space) -> None:
        if space not in self._spaces:
            raise InvalidInputException(f"Space isn't present in the index: {type(space).__name__}.")
