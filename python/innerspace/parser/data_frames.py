"""From the columns of a pandas DataFrame to those of a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    import pandas as pd

    from innerspace.schema.schema import Schema


def by_field(schema: Schema, frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return a new frame whose columns have the names of the fields and values that the fields take.

    Columns that belong to no field are kept, so that the report can name them.

    Parameters
    ----------
    schema : Schema
    frame : pandas.DataFrame
        It is not changed.
    columns : Mapping
        The column of each field that has another name than its column.

    Raises
    ------
    InvalidInputException
        If there is no id column, a column that ``columns`` names for a
        mandatory field is missing, or two columns have the same name.
    """
    labels = list(frame.columns)
    repeated = sorted({str(label) for label in labels if labels.count(label) > 1})
    if repeated:
        raise InvalidInputException(f"The columns of a DataFrame must have different names, got twice: {repeated}.")
    id_column = columns.get(schema._id_field.name, schema._id_field.name)
    if id_column not in labels:
        raise InvalidInputException(
            "No key column in supplied dataframe. Create a unique id column with the specified name. "
            f"Expected {id_column!r}, got {labels}."
        )
    missing = sorted(
        column for name, column in columns.items() if column not in labels and not schema._fields[name].nullable
    )
    if missing:
        raise InvalidInputException(
            f"The DataFrame has no columns {missing}, which the mapping names; it has {labels}."
        )

    # Whoever passes a frame has imported pandas already.
    import pandas as pd

    converted: dict[object, pd.Series] = {}
    for name, field in schema._fields.items():
        column = columns.get(name, name)
        if column in labels:
            converted[name] = field._from_column(frame[column])
    read = {columns.get(name, name) for name in schema._fields}
    converted |= {label: frame[label] for label in labels if label not in read and label not in converted}
    return pd.DataFrame(converted, index=frame.index)
