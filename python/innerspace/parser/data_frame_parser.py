"""The parser of pandas DataFrames with columns of other names than the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from innerspace._arguments import shown
from innerspace._columns import is_pandas_frame
from innerspace.exceptions import InvalidInputException
from innerspace.parser.data_frames import by_field
from innerspace.parser.data_parser import DataParser

if TYPE_CHECKING:
    import pandas as pd


class DataFrameParser(DataParser):
    """Takes a pandas DataFrame with a column a field and unique ids.

    Cells are converted by the field's type (texts with ``str``); None and NaN
    mean that there is no value. The frame is not changed.

    Parameters
    ----------
    schema : Schema
    mapping : dict of SchemaField to str, optional
        The column of each field that has another name than its column.

    Raises
    ------
    InvalidInputException
        If the mapping has a field of another schema, or an argument is of the wrong type.

    Examples
    --------
    >>> import innerspace as sl
    >>> import pandas as pd
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     description: sl.String
    >>> image = Image()
    >>> parser = sl.DataFrameParser(image, mapping={image.description: "caption"})
    >>> parser.parse(pd.DataFrame({"id": [7], "caption": ["a cat"]}))
       id description
    0   7       a cat
    """

    def parse(self, data: object) -> pd.DataFrame:
        """Return a frame with a column a field.

        Raises
        ------
        InvalidInputException
            If the data is no DataFrame, has no id column or not the columns
            that the mapping names, or has an id twice.
        """
        if not is_pandas_frame(data):
            raise InvalidInputException(f"A DataFrameParser takes a pandas DataFrame, got {shown(data)}.")
        frame = by_field(self._schema, data, self._sources)
        ids = frame[self._schema._id_field.name].dropna().astype(object).map(str)
        repeated = ids[ids.duplicated()]
        if len(repeated):
            raise InvalidInputException(f"Multiple rows have the same id: {repeated.iloc[0]}")
        return frame
