"""The space of points in time: the more recent, the better."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from innerspace._arguments import require, require_number, require_sequence
from innerspace.exceptions import InvalidInputException
from innerspace.operand import UNIX_TIME
from innerspace.schema.created_at import CreatedAtField
from innerspace.schema.timestamp import Timestamp
from innerspace.space.input_aggregation_mode import InputAggregationMode
from innerspace.space.single_field_space import SingleFieldSpace

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.space.field_set import SpaceFieldSet

TimestampInput = Timestamp | None


@dataclass(frozen=True)
class PeriodTime:
    """How long ago still counts as recent, and how much.

    Parameters
    ----------
    period_time : timedelta
        At least a second.
    weight : float, default 1.0
        Beside the other periods of the space.

    Examples
    --------
    >>> from datetime import timedelta
    >>> import innerspace as sl
    >>> sl.PeriodTime(timedelta(days=7), weight=2.0)
    PeriodTime(period_time=datetime.timedelta(days=7), weight=2.0)
    """

    period_time: timedelta
    weight: float = 1.0

    def __post_init__(self) -> None:
        require(self.period_time, timedelta, owner="PeriodTime", parameter="period_time")
        require_number(self.weight, owner="PeriodTime", parameter="weight")
        seconds = int(self.period_time.total_seconds())
        if seconds < 1:
            raise InvalidInputException(
                "Period_time parameter must be a positive time period, at least 1 seconds. "
                f"Got {self.period_time} which is {seconds} seconds."
            )


class RecencySpace(SingleFieldSpace):
    """Points in time: the more recent, the better.

    It takes part in a query once it has a weight; what counts as now is the
    executor's ``context_data``, a query's ``.override_now()``, or the clock.

    Parameters
    ----------
    timestamp : Timestamp, or a sequence of them
        At most one a schema.
    time_period_hour_offset : timedelta, default 0
        Moves the end of the periods from the coming midnight UTC; less than a day.
    period_time_list : PeriodTime, or a sequence of them, optional
        How long ago still counts; 14 days if left out.
    aggregation_mode : InputAggregationMode
        How now and the time of a ``.with_vector()`` become one.
    negative_filter : float
        The score of a time outside the longest period; not above 0 as a rule.
    salt : str, optional
        Tells otherwise equal spaces apart.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type or out of range, or two fields are of one schema.

    Examples
    --------
    >>> from datetime import timedelta
    >>> import innerspace as sl
    >>> class Post(sl.Schema):
    ...     id: sl.IdField
    ...     created: sl.Timestamp
    >>> sl.RecencySpace(Post().created, period_time_list=[sl.PeriodTime(timedelta(days=30))])
    RecencySpace(Post.created)
    """

    KIND: ClassVar[str] = "recency_space"
    FIELD = "timestamp"
    ACCEPTS = (Timestamp,)
    ACCEPTED = "Timestamp"

    def __init__(
        self,
        timestamp: TimestampInput | Sequence[TimestampInput],
        time_period_hour_offset: timedelta = timedelta(0),
        period_time_list: PeriodTime | Sequence[PeriodTime] | None = None,
        aggregation_mode: InputAggregationMode = InputAggregationMode.INPUT_AVERAGE,
        negative_filter: float = 0.0,
        salt: str | None = None,
    ) -> None:
        owner = "RecencySpace"
        super().__init__(timestamp, UNIX_TIME, salt, may_be_empty=True)
        if any(isinstance(field, CreatedAtField) for field in self._fields):
            raise InvalidInputException(f"'field_list' must be a(n) Timestamp list, got {list(self._fields)}")
        self._offset = require(time_period_hour_offset, timedelta, owner=owner, parameter="time_period_hour_offset")
        if abs(self._offset) >= timedelta(days=1):
            raise InvalidInputException("Time period hour offset must be less than a day.")
        periods = [PeriodTime(timedelta(days=14))] if period_time_list is None else period_time_list
        self._periods = sorted(
            require_sequence(periods, PeriodTime, owner=owner, parameter="period_time_list"),
            key=lambda period: period.period_time,
        )
        if not any(period.weight for period in self._periods):
            raise InvalidInputException("Normalization length cannot be zero.")
        self._aggregation = require(aggregation_mode, InputAggregationMode, owner=owner, parameter="aggregation_mode")
        self._negative_filter = require_number(negative_filter, owner=owner, parameter="negative_filter")
        if self._negative_filter > 0:
            warnings.warn(
                f"RecencySpace: with negative_filter={negative_filter}, times outside the periods score higher.",
                stacklevel=2,
            )
        if any(period.weight < 0 for period in self._periods):
            warnings.warn("RecencySpace: a period of negative weight ranks its recent times last.", stacklevel=2)

    def _settings(self) -> Json:
        return {
            "periods": [
                {"seconds": int(period.period_time.total_seconds()), "weight": float(period.weight)}
                for period in self._periods
            ],
            "offset_seconds": int(self._offset.total_seconds()),
            "aggregation": self._aggregation.value,
            "negative_filter": self._negative_filter,
        }

    def _similar_field_set(self) -> SpaceFieldSet:
        raise self._refuse_similar()
