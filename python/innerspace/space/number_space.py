"""The space of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from innerspace._arguments import require, require_number
from innerspace.exceptions import InvalidInputException
from innerspace.operand import NUMBER
from innerspace.schema.float import Float
from innerspace.schema.integer import Integer
from innerspace.space.input_aggregation_mode import InputAggregationMode
from innerspace.space.scale import LinearScale, LogarithmicScale, Scale
from innerspace.space.single_field_space import SingleFieldSpace

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.space.field_set import SpaceFieldSet

NumberInput = Float | Integer | None


class Mode(Enum):
    """Which numbers a NumberSpace ranks first."""

    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    SIMILAR = "similar"


class NumberSpace(SingleFieldSpace):
    """Numbers: the larger, the smaller, or the nearer to a number, the better.

    A number becomes an angle between 0 and 90 degrees by its place in the range.
    Numbers beyond the end that the mode prefers count as that end; those beyond
    the other end, and with SIMILAR beyond either, are outside and get the
    negative filter alone.

    Parameters
    ----------
    number : Float, Integer, or a sequence of them
        At most one a schema.
    min_value, max_value : float
        The range. With a logarithmic scale it begins at 0 or higher.
    mode : Mode
        With ``MAXIMUM`` and ``MINIMUM`` a query cannot look for a number: the
        mode says what is wanted, and the space takes part once it has a weight.
    scale : Scale, optional
        :class:`LinearScale` or :class:`LogarithmicScale`.
    aggregation_mode : InputAggregationMode
        How several numbers of one query become one.
    negative_filter : float
        The score of a number outside the range; not above 0.
    salt : str, optional
        Tells otherwise equal spaces apart.

    Attributes
    ----------
    number : SpaceFieldSet
        The numbers, for ``.similar(space.number, 7)``; ``.similar(space, 7)`` is the same.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type or out of range, there is no field,
        or two are of one schema.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Integer
    >>> item = Item()
    >>> sl.NumberSpace(item.price, min_value=0, max_value=100, mode=sl.Mode.MINIMUM)
    NumberSpace(Item.price)
    """

    KIND: ClassVar[str] = "number_space"
    FIELD = "number"
    ACCEPTS = (Float, Integer)
    ACCEPTED = "Number"

    def __init__(
        self,
        number: NumberInput | Sequence[NumberInput],
        min_value: float,
        max_value: float,
        mode: Mode,
        scale: Scale | None = None,
        aggregation_mode: InputAggregationMode = InputAggregationMode.INPUT_AVERAGE,
        negative_filter: float = 0.0,
        salt: str | None = None,
    ) -> None:
        owner = "NumberSpace"
        self._mode = require(mode, Mode, owner=owner, parameter="mode")
        super().__init__(number, NUMBER, salt, may_be_empty=mode is Mode.SIMILAR)
        self._scale = LinearScale() if scale is None else require(scale, Scale, owner=owner, parameter="scale")
        self._aggregation = require(aggregation_mode, InputAggregationMode, owner=owner, parameter="aggregation_mode")
        self._min_value = require_number(min_value, owner=owner, parameter="min_value")
        self._max_value = require_number(max_value, owner=owner, parameter="max_value")
        self._negative_filter = require_number(negative_filter, owner=owner, parameter="negative_filter")
        if not self._min_value < self._max_value:
            raise InvalidInputException(
                f"The maximum value ({max_value}) should be greater than the minimum value ({min_value})."
            )
        if isinstance(self._scale, LogarithmicScale) and self._min_value < 0:
            raise InvalidInputException("Min value must be 0 or higher when using logarithmic scale.")
        if self._negative_filter > 0:
            raise InvalidInputException(
                f"The negative filter value should not be more than 0. Value is: {negative_filter}"
            )

    @property
    def number(self) -> SpaceFieldSet:
        """The numbers of the space."""
        return self._similar_field_set()

    def _settings(self) -> Json:
        return {
            "min_value": self._min_value,
            "max_value": self._max_value,
            "mode": self._mode.value,
            "scale": self._scale.KIND,
            "aggregation": self._aggregation.value,
            "negative_filter": self._negative_filter,
        }

    def _similar_field_set(self) -> SpaceFieldSet:
        if self._mode is not Mode.SIMILAR:
            raise self._refuse_similar()
        return self._field_set
