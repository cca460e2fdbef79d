"""What to search for: queries, their clauses and their parameters."""

from innerspace.param import Param
from innerspace.query.query import Query, QueryDescriptor
from innerspace.query.user_config import QueryUserConfig

__all__ = ["Param", "Query", "QueryDescriptor", "QueryUserConfig"]
