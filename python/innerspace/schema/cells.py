"""The cells of a data frame's column as values of a field's type.

A cell that cannot be converted stays as it is: the put then names its row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from innerspace._values import is_missing

if TYPE_CHECKING:
    import pandas as pd


def converted(column: pd.Series[Any], convert: Callable[[Any], object]) -> pd.Series[Any]:
    """Return a column of objects, the converted cells; missing ones stay missing."""
    # Whoever has a column has imported pandas already.
    import pandas as pd

    # Objects, so that whole numbers beside missing ones stay whole, and any text is allowed.
    cells = zip(column.astype(object).tolist(), column.isna().tolist(), strict=True)
    return pd.Series([None if missing else convert(cell) for cell, missing in cells], column.index, dtype=object)


def text(cell: Any) -> object:
    """Return anything as text."""
    try:
        return str(cell)
    except Exception:  # a whole number of thousands of digits, or an object whose text is broken
        return cell


def number(cell: Any) -> object:
    """Return a text that says a number as that number."""
    if not isinstance(cell, str):
        return cell
    for convert in (int, float):
        try:
            return convert(cell)
        except ValueError:
            pass
    return cell


def boolean(cell: Any) -> object:
    """Return 0 and 1, which a column with missing values holds, as False and True."""
    return bool(cell) if isinstance(cell, (int, float)) and cell in (0, 1) else cell


def unix_seconds(cell: Any) -> object:
    """Return a date and time as whole seconds since 1970-01-01 UTC."""
    timestamp = getattr(cell, "timestamp", None)
    if not callable(timestamp):
        return number(cell)
    try:
        return int(timestamp())
    except Exception:  # a class, or a date beyond what the clock counts
        return cell


def items(cell: Any) -> object:
    """Return any sequence as a list, one text as a list of it, and a list of nothing but missing values as missing."""
    if isinstance(cell, str):
        return [cell]
    to_list = getattr(cell, "tolist", None)
    values = to_list() if callable(to_list) else cell
    if not isinstance(values, (list, tuple)):
        return cell
    return None if values and all(map(is_missing, values)) else list(values)
