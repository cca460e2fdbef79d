"""Where an InteractiveExecutor keeps its vectors."""

from __future__ import annotations

from dataclasses import dataclass

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException


@dataclass(frozen=True)
class InMemoryVectorDatabase:
    """The memory of this process.

    Parameters
    ----------
    default_query_limit : int, default -1
        How many rows a query without a ``.limit()`` returns at most; -1 for all.

    Raises
    ------
    InvalidInputException
        If the limit is no int, or below -1.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.InMemoryVectorDatabase(default_query_limit=10)
    InMemoryVectorDatabase(default_query_limit=10)
    """

    default_query_limit: int = -1

    def __post_init__(self) -> None:
        check_default_query_limit(self.default_query_limit, owner="InMemoryVectorDatabase")


def check_default_query_limit(limit: object, *, owner: str) -> None:
    """Refuse a limit that is no int, or below -1.

    Raises
    ------
    InvalidInputException
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < -1:
        raise InvalidInputException(
            f"{owner}: parameter default_query_limit must be a number of rows, or -1 for all, got {shown(limit)}."
        )
