"""Charts of what a space does."""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from innerspace._arguments import require, require_number, shown
from innerspace.context import CONTEXT_COMMON, CONTEXT_COMMON_NOW, now_of
from innerspace.exceptions import FeatureNotSupportedException, InvalidInputException
from innerspace.executor import InMemoryExecutor
from innerspace.index import Index
from innerspace.query.query import Query
from innerspace.schema import IdField, Schema, Timestamp
from innerspace.source import InMemorySource
from innerspace.space import RecencySpace

if TYPE_CHECKING:
    import altair
    import pandas as pd

MAX_POINTS = 5000
"""Altair draws no more rows unless told to."""


class _Moment(Schema):
    id: IdField
    time: Timestamp


class RecencyPlotter:
    """Draws the scores that a :class:`RecencySpace` gives to points in time.

    Parameters
    ----------
    recency_space : RecencySpace
    negative_filter_time_period_showcase_multiplier : float, default 1.1
        How far back the chart goes, in lengths of the longest period.
    context_data : dict, optional
        As for :class:`InMemoryExecutor`: says what counts as now.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, or the multiplier is not above 0.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Post(sl.Schema):
    ...     id: sl.IdField
    ...     created: sl.Timestamp
    >>> plotter = sl.RecencyPlotter(
    ...     sl.RecencySpace(Post().created),
    ...     context_data={sl.CONTEXT_COMMON: {sl.CONTEXT_COMMON_NOW: 1_700_000_000}},
    ... )
    >>> plotter.recency_scores(num_points=3)["score"].round(3).tolist()
    [0.0, 0.649, 1.0]
    """

    def __init__(
        self,
        recency_space: RecencySpace,
        *,
        negative_filter_time_period_showcase_multiplier: float = 1.1,
        context_data: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        owner = "RecencyPlotter"
        self._space = require(recency_space, RecencySpace, owner=owner, parameter="recency_space")
        parameter = "negative_filter_time_period_showcase_multiplier"
        self._multiplier = require_number(
            negative_filter_time_period_showcase_multiplier, owner=owner, parameter=parameter
        )
        if self._multiplier <= 0:
            raise InvalidInputException(f"{owner}: parameter {parameter} must be above 0, got {self._multiplier}.")
        self._now = now_of(context_data, owner=owner)

    def recency_scores(self, num_points: int = 1000) -> pd.DataFrame:
        """Return the scores of evenly spaced points in time, up to now.

        Parameters
        ----------
        num_points : int, default 1000
            From 2 to 5000.

        Returns
        -------
        pandas.DataFrame
            ``date`` (UTC) and ``score``, oldest first.

        Raises
        ------
        InvalidInputException
            If the number is out of range.
        """
        if isinstance(num_points, bool) or not isinstance(num_points, int) or not 2 <= num_points <= MAX_POINTS:
            raise InvalidInputException(
                f"RecencyPlotter: parameter num_points must be an int from 2 to {MAX_POINTS}, got {shown(num_points)}."
            )
        import pandas as pd

        now = int(time.time()) if self._now is None else self._now
        back = max(period.period_time.total_seconds() for period in self._space._periods) * self._multiplier
        step = back / (num_points - 1)
        times = [math.floor(now - step * left) for left in reversed(range(num_points))]
        return pd.DataFrame({"date": pd.to_datetime(times, unit="s"), "score": self._scores(times, now)})

    def plot_recency_curve(
        self, num_points: int = 1000, width: int = 500, height: int = 380, chart_point_size: int = 10
    ) -> altair.Chart:
        """Return a chart of :meth:`recency_scores`.

        Parameters
        ----------
        num_points : int, default 1000
            From 2 to 5000.
        width, height : int
            Of the chart, in pixels.
        chart_point_size : int, default 10
            Of a point, in square pixels.

        Raises
        ------
        FeatureNotSupportedException
            If Altair is not installed: ``pip install 'innerspace[plot]'``.
        InvalidInputException
            If the number of points is out of range.
        """
        try:
            import altair
        except ImportError as error:
            raise FeatureNotSupportedException(
                "A chart needs Altair, which is not installed: pip install 'innerspace[plot]'"
            ) from error
        # Points, not a line: the scores jump where a period ends.
        chart: altair.Chart = (
            altair.Chart(self.recency_scores(num_points), title="Scores by recency (weight 1)")
            .mark_circle(size=chart_point_size, opacity=1)
            .encode(
                x=altair.X("date:T", title="Date (UTC)"),
                y=altair.Y("score:Q", title="Score"),
                tooltip=["date:T", "score:Q"],
            )
            .properties(width=width, height=height)
        )
        return chart

    def _scores(self, times: list[int], now: int) -> list[float]:
        """Ask the engine itself: what is drawn is what a query would score."""
        moment = _Moment()
        space = self._space
        with warnings.catch_warnings():
            # What there is to say of its settings was said when the user made the space.
            warnings.simplefilter("ignore")
            like = RecencySpace(moment.time, space._offset, space._periods, space._aggregation, space._negative_filter)
        index, source = Index(like), InMemorySource(moment)
        context = {CONTEXT_COMMON: {CONTEXT_COMMON_NOW: now}}
        with InMemoryExecutor(source, index, context).run() as app:
            source.put([{"id": str(position), "time": at} for position, at in enumerate(times)])
            result = app.query(Query(index).find(moment))
            by_position = {int(entry.id): entry.metadata.score for entry in result.entries}
        return [by_position[position] for position in range(len(times))]


def get_altair_renderer() -> str:
    """Return the name of the renderer that shows Altair's charts here: ``alt.renderers.enable(get_altair_renderer())``.

    Returns
    -------
    str
        ``"colab"`` in Google Colab. Else ``"mimetype"`` for an Altair before
        version 6, which Jupyter and GitHub show, and ``"html"`` for a later
        one or none: the notebook format refuses the MIME type of version 6.
    """
    # A sixth of the time that importing the package would take.
    from importlib import metadata

    if "google.colab" in sys.modules:
        return "colab"
    try:
        major = int(metadata.version("altair").partition(".")[0])
    except (metadata.PackageNotFoundError, ValueError):
        return "html"
    return "mimetype" if major < 6 else "html"
