"""Whether what came out is what the reference gave.

Scores and entries of vectors within 1e-5 of the largest; the order of rows is
free only where their scores differ by less than 2e-6; of equal ones it is that of their ids.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

UNFINISHED = {"NotImplementedError", "NameError", "AttributeError", "ImportError", "ModuleNotFoundError"}
"""Errors that are no answer to a user."""

# Where the reference has a column that ours has too, and one more.
OUR_COLUMNS = {"rank"}


def difference(wanted: Json, got: Json) -> str | None:
    """Return how an outcome differs from what is wanted, None where it does not."""
    if "error" in wanted:
        return _error_difference(wanted["error"], got)
    if "error" in got:
        return f"{got['error']['class']}: {got['error']['message']}"
    if "rows" in wanted:
        return _result_difference(wanted, got)
    if "vectors" in wanted:
        return _vectors_difference(wanted["vectors"], got["vectors"])
    return None


def close(one: float, other: float, scale: float = 1.0) -> bool:
    """Tell whether two numbers are equal but for rounding."""
    return abs(one - other) <= max(2e-6, 1e-5 * scale)


def _error_difference(wanted: Json, got: Json) -> str | None:
    if "error" not in got:
        return f"no error; wanted {wanted['class']}"
    error = got["error"]
    if error["class"] in UNFINISHED:
        return f"{error['class']} is no answer to a user: {error['message']}"
    # Where the reference let an error of Python itself escape, any error of ours will do.
    if wanted["class"].endswith("Exception") and wanted["class"] not in [error["class"], *error["bases"]]:
        return f"{error['class']}: {error['message']}; wanted {wanted['class']}"
    return None


def _result_difference(wanted: Json, got: Json) -> str | None:
    rows = wanted["rows"]
    if len(rows) != len(got["rows"]):
        return f"{len(got['rows'])} rows, wanted {len(rows)}"
    scale = max((abs(row["score"]) for row in rows), default=0.0)
    for position, row in enumerate(rows):
        why = _row_difference(row, rows, got["rows"], position, scale)
        if why:
            return f"row {row['id']}: {why}"
    for before, after in itertools.pairwise(got["rows"]):
        if before["score"] == after["score"] and before["id"] >= after["id"]:
            return f"{before['id']} and {after['id']} have equal scores"
    if "user_params" in wanted and wanted["user_params"] != got["user_params"]:
        return f"search_params {got['user_params']}, wanted {wanted['user_params']}"
    if "search_vector" in wanted and not _same_vector(wanted["search_vector"], got["search_vector"]):
        return f"search_vector {got['search_vector']}, wanted {wanted['search_vector']}"
    columns = [name for name in got["pandas_columns"] if name not in OUR_COLUMNS]
    if rows and "pandas_columns" in wanted and columns != wanted["pandas_columns"]:
        # Their order follows the rows', which is free among scores that are equal but for rounding.
        same_order = [row["id"] for row in rows] == [row["id"] for row in got["rows"]]
        if same_order or sorted(columns) != sorted(wanted["pandas_columns"]):
            return f"columns {columns}, wanted {wanted['pandas_columns']}"
    return None


def _row_difference(
    row: Json, rows: Sequence[Json], got_rows: Sequence[Json], position: int, scale: float
) -> str | None:
    got = next((other for other in got_rows if other["id"] == row["id"]), None)
    if got is None:
        return "missing"
    if not close(row["score"], got["score"], scale):
        return f"score {got['score']}, wanted {row['score']}"
    here = got_rows[position]["id"]
    if here != row["id"]:
        wanted_score = next((other["score"] for other in rows if other["id"] == here), None)
        if wanted_score is None or abs(wanted_score - row["score"]) > 2e-6:
            return f"{here} is at its place"
    if _text(row["fields"]) != _text(got["fields"]):
        return f"fields {got['fields']}, wanted {row['fields']}"
    if "partial_scores" in row and not _same_vector(row["partial_scores"], got.get("partial_scores", [])):
        return f"partial_scores {got.get('partial_scores')}, wanted {row['partial_scores']}"
    parts, got_parts = row.get("vector_parts"), got.get("vector_parts", [])
    if parts is not None and not (len(parts) == len(got_parts) and all(map(_same_vector, parts, got_parts))):
        return f"vector_parts {got_parts}, wanted {parts}"
    return None


def _vectors_difference(wanted: dict[str, list[float]], got: dict[str, list[float]]) -> str | None:
    if set(wanted) != set(got):
        return f"vectors of {sorted(got)}, wanted {sorted(wanted)}"
    wrong = [name for name, vector in wanted.items() if not _same_vector(vector, got[name])]
    return f"vectors of {wrong}" if wrong else None


def _same_vector(one: Sequence[float], other: Sequence[float]) -> bool:
    scale = max([1.0, *map(abs, one)])
    return len(one) == len(other) and all(close(*pair, scale) for pair in zip(one, other, strict=True))


def _text(fields: Json) -> str:
    """Return fields as JSON: 1 and 1.0 are not the same there."""
    return json.dumps(fields, sort_keys=True)
