"""Approximate search of an index, and what it misses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    from innerspace._definition import Json

MINIMUM_ROWS = 20_000
"""Below so many rows an approximate index scores all of them, which takes as long."""


@dataclass(frozen=True, slots=True)
class Approximate:
    """How an index is searched approximately: by walking a graph of its vectors.

    What it finds has its exact score; what it may miss is one of the best rows.
    How wide it must look to find the share of them that you ask for is measured
    on your rows, in the background, and again as they grow; where no walk finds
    as much sooner than scoring all rows does, all are scored.
    :meth:`InMemoryApp.recall` says what came of it. Below 20,000 rows, for queries
    without a limit, and where a filter lets few rows pass, the search is exact
    all the same. The graph is made in the background: rows that are not in it
    yet are scored, so that they are found at once. A :class:`LocalStore` keeps it.

    Parameters
    ----------
    recall : float, optional
        The share of the ten best rows that searches are to find, from 0.5 to below 1. Left out it is 0.99, unless
        there is a width.
    width : int, optional
        How many candidates a search keeps, from 1 to 16,384, in place of what is measured. More find more, and
        take longer.
    neighbours : int, default 16
        Links of a vector, from 4 to 64. More find more, and take memory and time to build.
    build_width : int, default 200
        How many candidates are kept while a vector's links are looked for.

    Raises
    ------
    InvalidInputException
        If a number is out of range, or there is both a recall and a width.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     vector: sl.FloatList
    >>> index = sl.Index(sl.CustomSpace(Item().vector, length=64), approximate=sl.Approximate(recall=0.95))
    """

    width: int | None = None
    recall: float | None = None
    neighbours: int = 16
    build_width: int = 200

    def __post_init__(self) -> None:
        for name, least, most in (("width", 1, 16384), ("neighbours", 4, 64), ("build_width", 1, 16384)):
            value = getattr(self, name)
            if value is None and name == "width":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InvalidInputException(
                    f"Approximate: parameter {name} must be an int from {least} to {most}, got {shown(value)}."
                )
        if self.recall is None:
            return
        if isinstance(self.recall, bool) or not isinstance(self.recall, (int, float)) or not 0.5 <= self.recall < 1:
            raise InvalidInputException(
                f"Approximate: parameter recall must be a float from 0.5 to below 1, got {shown(self.recall)}."
            )
        if self.width is not None:
            raise InvalidInputException(
                "Approximate: give one of the parameters recall and width, not both: the width for a recall is found."
            )

    def _definition(self) -> Json:
        return {
            "width": self.width,
            "recall": self.recall,
            "neighbours": self.neighbours,
            "build_width": self.build_width,
        }


@dataclass(frozen=True, slots=True)
class RecallReport:
    """What an approximate index finds of what the exact search does.

    Attributes
    ----------
    recall : float
        The share of the best rows that is found, all spaces weighing alike.
    spaces : dict of str to float
        The same for queries that weigh one space only, by its name in the definition; empty for an index of one space.
    rows : int
        Rows that have a vector.
    graph_rows : int
        Rows in the graph: 0 while there are so few that all are scored.
    width : int
        How many candidates such a search keeps; 0 where all rows are scored, which takes no longer than
        a search would that finds as much as the index asks for.
    queries, limit : int
        How many queries were asked, and for how many rows.
    approximate_milliseconds, exact_milliseconds : float
        Medians of a search's time.
    """

    recall: float
    spaces: dict[str, float]
    rows: int
    graph_rows: int
    width: int
    queries: int
    limit: int
    approximate_milliseconds: float
    exact_milliseconds: float

    @classmethod
    def _from_json(cls, report: Mapping[str, Any]) -> RecallReport:
        spaces = {space["space"]: space["recall"] for space in report["spaces"]}
        return cls(**{**report, "spaces": spaces})
