"""From what a user puts to rows by field name."""

from innerspace.parser.data_frame_parser import DataFrameParser
from innerspace.parser.data_parser import DataParser
from innerspace.parser.json_parser import JsonParser

__all__ = ["DataFrameParser", "DataParser", "JsonParser"]
