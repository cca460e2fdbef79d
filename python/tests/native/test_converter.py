from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from innerspace.converter import PandasConverter
from innerspace.exceptions import InvalidInputException
from innerspace.result import QueryResult

Make = Callable[..., QueryResult]
ENDS = ["id", "similarity_score"]


def row(name: str, **fields: object) -> dict[str, object]:
    return {"id": name, "score": 0.5, **fields}


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([row("a", image=b"x", description="d")], ["image", "description", *ENDS, "rank"]),
        ([row("a", image=b"x")], ["image", *ENDS, "rank"]),
        ([row("a", description="d"), row("b", image=b"x")], ["description", *ENDS, "image", "rank"]),
        ([row("a"), row("b", description="d"), row("c", image=b"x")], [*ENDS, "description", "image", "rank"]),
        ([row("a"), row("b", description="d", image=b"x")], [*ENDS, "image", "description", "rank"]),
        ([row("a")], [*ENDS, "rank"]),
        ([], ["image", "description", *ENDS, "rank"]),
    ],
)
def test_columns_come_in_order_of_first_appearance(
    make_result: Make, rows: list[dict[str, object]], columns: list[str]
) -> None:
    frame = PandasConverter.to_pandas(make_result(rows))
    assert list(frame.columns) == columns
    assert len(frame) == len(rows)
    assert (str(frame["similarity_score"].dtype), str(frame["rank"].dtype)) == ("float64", "int64")


def test_pictures_are_base64_text_of_their_own_bytes(make_result: Make) -> None:
    frame = PandasConverter.to_pandas(make_result([row("a", image=b"\x89PNG\x00"), row("b")]))
    assert b64decode(frame["image"][0]) == b"\x89PNG\x00"
    assert pd.isna(frame["image"][1])
    assert list(frame["rank"]) == [0, 1]
    assert list(frame.index) == [0, 1]


def test_nothing_selected(make_result: Make) -> None:
    assert list(PandasConverter.to_pandas(make_result([row("a")], fields=())).columns) == [*ENDS, "rank"]


def test_calibrated_scores_stand_beside_the_score(make_result: Make) -> None:
    rows = [{"id": "a", "score": 0.4, "calibrated": [0.9]}, {"id": "b", "score": 0.1, "calibrated": [0.2]}]
    result = make_result(rows, fields=(), calibrated=["pictures"])
    shown = PandasConverter.to_pandas(result, calibrated=True)
    assert list(shown.columns) == ["id", "similarity_score", "calibrated_score", "rank"]
    assert shown["similarity_score"].tolist() == [0.4, 0.1]
    assert shown["calibrated_score"].tolist() == [0.9, 0.2]
    assert list(PandasConverter.to_pandas(result).columns) == ["id", "similarity_score", "rank"]
    assert [entry.metadata.calibrated_scores for entry in result.entries] == [(0.9,), (0.2,)]
    assert result.to_pandas()["likely.pictures"].tolist() == [0.9, 0.2]


def test_calibrated_scores_of_several_spaces_are_named(make_result: Make) -> None:
    rows = [{"id": "a", "score": 0.4, "calibrated": [0.9, 0.3]}]
    shown = PandasConverter.to_pandas(make_result(rows, fields=(), calibrated=["p", "t"]), calibrated=True)
    assert shown.iloc[0][["calibrated_score.p", "calibrated_score.t"]].tolist() == [0.9, 0.3]


def test_calibrated_scores_that_are_not_there_are_refused(make_result: Make) -> None:
    with pytest.raises(InvalidInputException, match=r"needs include_metadata\(\)"):
        PandasConverter.to_pandas(make_result([{"id": "a", "score": 0.4}], fields=()), calibrated=True)


def test_unix_seconds_become_dates() -> None:
    frame = pd.DataFrame({"created": [0, 86_400 * 365, None], "x": 1})
    dates = PandasConverter.format_date_column(frame, "created", "day")
    assert list(dates.columns) == ["day", "x"]
    assert list(dates["day"][:2]) == [date(1970, 1, 1), date(1971, 1, 1)]
    assert pd.isna(dates["day"][2])
    assert list(frame.columns) == ["created", "x"], "the table that was given is left as it is"
    assert list(PandasConverter.format_date_column(frame, "created").columns) == ["created", "x"]


@pytest.mark.parametrize("column", ["nowhere", "words"])
def test_a_column_that_cannot_be_dates_is_refused(column: str) -> None:
    with pytest.raises(InvalidInputException, match=column):
        PandasConverter.format_date_column(pd.DataFrame({"words": ["x"]}), column)
