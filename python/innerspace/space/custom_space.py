"""The space of vectors that the user brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from innerspace._arguments import require, shown
from innerspace.exceptions import InvalidInputException
from innerspace.operand import Vector
from innerspace.schema.float_list import FloatList
from innerspace.space.single_field_space import SingleFieldSpace

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.space.field_set import SpaceFieldSet

VectorInput = FloatList | None

MAX_LENGTH = 1 << 16
"""The longest vectors that a CustomSpace takes."""


class CustomSpace(SingleFieldSpace):
    """Vectors that were made elsewhere; only their direction counts.

    Parameters
    ----------
    vector : FloatList, or a sequence of them
        At most one a schema.
    length : int
        Of every vector.
    description : str, optional
        What the vectors mean, for people.
    salt : str, optional
        Tells otherwise equal spaces apart.

    Attributes
    ----------
    vector : SpaceFieldSet
        The vectors, for ``.similar(space.vector, [1, 0])``; ``.similar(space, [1, 0])`` is the same.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, there is no field, or two are of one schema.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     embedding: sl.FloatList
    >>> sl.CustomSpace(Item().embedding, length=2)
    CustomSpace(Item.embedding)
    """

    KIND: ClassVar[str] = "custom_space"
    FIELD = "vector"
    ACCEPTS = (FloatList,)
    ACCEPTED = "FloatList"

    def __init__(
        self,
        vector: VectorInput | Sequence[VectorInput],
        length: int,
        description: str | None = None,
        salt: str | None = None,
    ) -> None:
        if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= MAX_LENGTH:
            raise InvalidInputException(
                f"CustomSpace: parameter length must be an int from 1 to {MAX_LENGTH}, got {shown(length)}."
            )
        super().__init__(vector, Vector(length), salt)
        self._length = length
        if description is not None:
            require(description, str, owner="CustomSpace", parameter="description")
        self._description = description

    @property
    def vector(self) -> SpaceFieldSet:
        """The vectors of the space."""
        return self._field_set

    def _settings(self) -> Json:
        return {"length": self._length, "description": self._description}
