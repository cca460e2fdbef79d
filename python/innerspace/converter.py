"""Results as pandas tables."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    import pandas

    from innerspace._table import Column, ResultTable
    from innerspace.result import QueryResult

_DTYPES = {"score": "float64", "rank": "int64"}
# Those of pandas that know missing values where NumPy's do not.
_FIELD_DTYPES = {
    "integer": "Int64",
    "timestamp": "Int64",
    "created_at": "Int64",
    "float": "float64",
    "boolean": "boolean",
}


class PandasConverter:
    """Makes the tables of the reference's notebooks."""

    @staticmethod
    def to_pandas(result: QueryResult, *, calibrated: bool = False) -> pandas.DataFrame:
        """Return a result as a table for reading.

        Parameters
        ----------
        result : QueryResult
        calibrated : bool, default False
            Whether to show, beside ``similarity_score``, how likely an entry belongs
            to what was asked: ``calibrated_score`` (float64, 0 to 1), or
            ``calibrated_score.<space>`` where several spaces have one. The query has
            to have ``include_metadata()``.

        Returns
        -------
        pandas.DataFrame
            The selected fields that the first entry has, ``id``,
            ``similarity_score`` (float64), the fields that only later entries
            have, ``rank`` (int64, from 0). A field that no entry has is left out.
            A Blob is the base64 text of the encoded picture as it was put. A
            result without entries has all its columns and no rows.

        Raises
        ------
        InvalidInputException
            If calibrated scores are wanted and the result has none.
        """
        import pandas as pd

        table = result._table
        fields = table.with_role("field")
        values: dict[str, Any] = {column.name: table.values(column) for column in fields}
        for column in fields:
            if column.is_blob:
                values[column.name] = [
                    None if blob is None else b64encode(blob).decode("ascii") for blob in values[column.name]
                ]
        keys = [table.with_role(role)[0] for role in ("id", "score")]
        rank = table.with_role("rank")[0]
        first = [name for name, column in values.items() if not table.rows or column[0] is not None]
        later = sorted(
            (
                name
                for name, column in values.items()
                if name not in first and any(value is not None for value in column)
            ),
            key=lambda name: next(row for row, value in enumerate(values[name]) if value is not None),
        )
        for column in (*keys, rank):
            values[column.name] = pd.Series(table.values(column), dtype=_DTYPES.get(column.role))
        if not table.rows:
            values.update({column.name: pd.Series([], dtype="object") for column in fields})
        readable = _calibrated(table) if calibrated else {}
        values.update({name: pd.Series(scores, dtype="float64") for name, scores in readable.items()})
        order = [*first, *(column.name for column in keys), *readable, *later, rank.name]
        return pd.DataFrame({name: values[name] for name in order}, columns=order)

    @staticmethod
    def format_date_column(
        df: pandas.DataFrame, column_name: str, new_column_name: str | None = None
    ) -> pandas.DataFrame:
        """Return a copy of a table in which a column of unix seconds has become dates.

        Parameters
        ----------
        df : pandas.DataFrame
        column_name : str
            Holds seconds since 1970-01-01 UTC; missing ones stay missing.
        new_column_name : str, optional
            What to call the column from then on.

        Raises
        ------
        InvalidInputException
            If the table has no such column, or it holds no numbers.
        """
        import pandas as pd

        if column_name not in df.columns:
            raise InvalidInputException(f"the table has no column {column_name!r}; it has {list(df.columns)}")
        try:
            dates = pd.to_datetime(df[column_name], unit="s", utc=True).dt.date
        except (TypeError, ValueError) as error:
            raise InvalidInputException(f"the column {column_name!r} does not hold unix seconds: {error}") from error
        return df.assign(**{column_name: dates}).rename(columns={column_name: new_column_name or column_name})


def frame_of(table: ResultTable) -> pandas.DataFrame:
    """Return a result's columns as they are, with dtypes that do not depend on the rows.

    Only the scores by space become a column for each space.
    """
    import pandas as pd

    info = json.loads(table.info)

    series: dict[str, pandas.Series[Any]] = {}
    for column in table.columns:
        values = table.values(column)
        if column.role in ("partial_scores", "calibrated_scores"):
            spaces = info["spaces"] if column.role == "partial_scores" else info["calibrated_spaces"]
            for position, space in enumerate(spaces):
                shares = [row[position] for row in values]
                series[f"{column.name}.{space}"] = pd.Series(shares, dtype="float64")
        else:
            series[column.name] = pd.Series(values, dtype=_dtype(column))
    return pd.DataFrame(series)


def _calibrated(table: ResultTable) -> dict[str, list[float]]:
    """Return the calibrated scores by the names of their columns."""
    spaces: list[str] = json.loads(table.info).get("calibrated_spaces", [])
    if not spaces:
        raise InvalidInputException(
            "the result has no calibrated scores: the query needs include_metadata(), and a clause on a space whose "
            "model has a calibration, as the embedded one has"
        )
    rows = table.role_values("calibrated_scores") or []
    names = ["calibrated_score"] if len(spaces) == 1 else [f"calibrated_score.{space}" for space in spaces]
    return {name: [row[position] for row in rows] for position, name in enumerate(names)}


def _dtype(column: Column) -> str | None:
    if column.role == "id":
        return None
    if column.role == "field":
        return _FIELD_DTYPES.get(column.type, "object")
    return _DTYPES.get(column.role, "object")
