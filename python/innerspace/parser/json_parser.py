"""The parser of dicts, and of everything else that needs no mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from innerspace._arguments import shown
from innerspace._columns import is_pandas_frame
from innerspace.exceptions import InvalidInputException
from innerspace.parser.data_frames import by_field
from innerspace.parser.data_parser import DataParser

_ACCEPTED = "a dict, dicts in a list or another iterable, a DataFrame, or an object with __arrow_c_stream__"


class JsonParser(DataParser):
    """Takes a dict or an iterable of dicts; the parser of a source that names none.

    Without a mapping it also takes a pandas DataFrame, and any object with
    ``__arrow_c_stream__`` (polars, pyarrow, duckdb), with a column a field.

    Parameters
    ----------
    schema : Schema
    mapping : dict of SchemaField to str, optional
        The key of each field that has another key than its name. Dots walk
        into nested dicts: ``"meta.caption"``; where a step is missing the
        field has no value.

    Raises
    ------
    InvalidInputException
        If the mapping has a field of another schema, or an argument is of the wrong type.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     description: sl.String
    >>> image = Image()
    >>> parser = sl.JsonParser(image, mapping={image.description: "meta.caption"})
    >>> parser.parse({"id": "a", "meta": {"caption": "a cat"}})
    [{'id': 'a', 'description': 'a cat'}]
    """

    def parse(self, data: object) -> object:
        """Return rows by field name; a row that is no dict is left for the put to report."""
        if is_pandas_frame(data):
            self._refuse_mapping("a DataFrame; use a DataFrameParser")
            return by_field(self._schema, data, {})
        if isinstance(data, Mapping):
            return [self._row(data)]
        if hasattr(data, "__arrow_c_stream__"):
            self._refuse_mapping("Arrow data; rename its columns instead")
            return data
        if isinstance(data, (str, bytes, bytearray, memoryview)) or not isinstance(data, Iterable):
            advice = " Call its collect() first." if hasattr(data, "collect") else ""
            raise InvalidInputException(f"The data must be {_ACCEPTED}; got {shown(data)}.{advice}")
        return [self._row(item) for item in data]

    def _row(self, item: object) -> object:
        if not self._sources or not isinstance(item, Mapping):
            return item
        used = {source.partition(".")[0] for source in self._sources.values()}
        row = {key: value for key, value in item.items() if key not in self._sources and key not in used}
        for name, source in self._sources.items():
            row[name] = _walk(item, source)
        return row

    def _refuse_mapping(self, what: str) -> None:
        if self._sources:
            raise InvalidInputException(f"The mapping of a JsonParser is not applied to {what}.")


def _walk(item: object, path: str) -> object:
    for step in path.split("."):
        if not isinstance(item, Mapping):
            return None
        item = item.get(step)
    return item
