"""The chart of a RecencySpace shows the scores that its formula gives."""

from __future__ import annotations

import sys
from datetime import timedelta
from importlib import metadata
from typing import Any

import altair
import numpy as np
import pandas as pd
import pytest

import innerspace as sl

DAY = 86_400
NOW = 1_700_000_000
END = (NOW // DAY + 1) * DAY
CONTEXT = {sl.CONTEXT_COMMON: {sl.CONTEXT_COMMON_NOW: NOW}}


class Post(sl.Schema):
    id: sl.IdField
    created: sl.Timestamp


def expected(times: Any, periods: dict[int, float], end: int = END, negative_filter: float = 0.0) -> Any:
    """The sum over the periods of w^2 cos(angle(time) - angle(now)), by the sum of w^2; outside all the filter."""
    scores = np.zeros(len(times))
    for days, weight in periods.items():
        start = end - days * DAY
        angle = (times - start) / (end - start) * np.pi / 2
        of_now = (NOW - start) / (end - start) * np.pi / 2
        scores += np.where(times >= start, weight**2 * np.cos(angle - of_now), 0)
    scores /= sum(weight**2 for weight in periods.values())
    return np.where(times >= end - max(periods) * DAY, scores, negative_filter)


def seconds(frame: pd.DataFrame) -> Any:
    return (frame["date"] - pd.Timestamp(0)).dt.total_seconds().to_numpy()


@pytest.mark.parametrize("periods", [{14: 1.0}, {1: 1.0, 7: 1.0}, {1: 2.0, 7: 1.0}])
@pytest.mark.parametrize("negative_filter", [0.0, -0.5])
def test_scores_follow_the_formula(periods: dict[int, float], negative_filter: float) -> None:
    lengths = [sl.PeriodTime(timedelta(days=days), weight) for days, weight in periods.items()]
    space = sl.RecencySpace(Post().created, period_time_list=lengths, negative_filter=negative_filter)
    scores = sl.RecencyPlotter(space, context_data=CONTEXT).recency_scores(500)
    times = seconds(scores)
    assert (times[-1], times[0]) == (NOW, NOW - int(max(periods) * DAY * 1.1))
    assert scores["score"].to_numpy() == pytest.approx(
        expected(times, periods, negative_filter=negative_filter), abs=1e-5
    )
    assert scores["score"].iloc[-1] == pytest.approx(1.0)
    assert scores["score"].iloc[0] == pytest.approx(negative_filter)


def test_an_offset_moves_the_end() -> None:
    space = sl.RecencySpace(Post().created, time_period_hour_offset=timedelta(hours=5))
    scores = sl.RecencyPlotter(space, context_data=CONTEXT).recency_scores(50)
    assert scores["score"].to_numpy() == pytest.approx(expected(seconds(scores), {14: 1.0}, END + 5 * 3600), abs=1e-5)


def test_the_clock_counts_without_a_context() -> None:
    plotter = sl.RecencyPlotter(sl.RecencySpace(Post().created), negative_filter_time_period_showcase_multiplier=0.5)
    dates = plotter.recency_scores(2)["date"]
    assert abs(dates.iloc[-1] - pd.Timestamp.now("UTC").tz_localize(None)) < timedelta(minutes=5)
    assert dates.iloc[-1] - dates.iloc[0] == timedelta(days=7)


def test_the_chart() -> None:
    plotter = sl.RecencyPlotter(sl.RecencySpace(Post().created), context_data=CONTEXT)
    chart = plotter.plot_recency_curve(num_points=20, width=300, height=200, chart_point_size=5)
    assert isinstance(chart, altair.Chart)
    drawn = chart.to_dict()
    assert (drawn["width"], drawn["height"], drawn["mark"]["size"]) == (300, 200, 5)
    assert (drawn["encoding"]["x"]["field"], drawn["encoding"]["y"]["field"]) == ("date", "score")
    (rows,) = drawn["datasets"].values()
    assert len(rows) == 20
    assert rows[-1]["score"] == pytest.approx(1.0)
    assert len(plotter.plot_recency_curve().to_dict()["datasets"].popitem()[1]) == 1000


@pytest.mark.parametrize(
    ("version", "renderer"), [("5.5.0", "mimetype"), ("6.0.0", "html"), ("12.1", "html"), (None, "html")]
)
def test_the_renderer(monkeypatch: pytest.MonkeyPatch, version: str | None, renderer: str) -> None:
    def installed(name: str) -> str:
        if version is None:
            raise metadata.PackageNotFoundError(name)
        return version

    monkeypatch.setattr(metadata, "version", installed)
    assert sl.get_altair_renderer() == renderer
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert sl.get_altair_renderer() == "colab"
    assert {renderer, "colab"} <= set(altair.renderers.names())


def test_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    space = sl.RecencySpace(Post().created)
    with pytest.raises(sl.InvalidInputException, match="parameter recency_space must be a RecencySpace"):
        sl.RecencyPlotter("space")  # type: ignore[arg-type]
    with pytest.raises(sl.InvalidInputException, match="must be above 0"):
        sl.RecencyPlotter(space, negative_filter_time_period_showcase_multiplier=0)
    for wrong in (1, 5001, 2.5, True):
        with pytest.raises(sl.InvalidInputException, match="num_points must be an int from 2 to 5000"):
            sl.RecencyPlotter(space).plot_recency_curve(num_points=wrong)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(sl.FeatureNotSupportedException, match=r"pip install 'innerspace\[plot\]'"):
        sl.RecencyPlotter(space).plot_recency_curve()
