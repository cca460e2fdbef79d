"""What to search for: queries, their clauses and their parameters."""

from innerspace.query.param import Param
from innerspace.query.query import Query, QueryDescriptor

__all__ = ["Param", "Query", "QueryDescriptor"]
