"""What the rows that a query let through have in one field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of a field among all rows that pass a query's filters, whatever its limit.

    Attributes
    ----------
    field : str
    rows : int
        How many rows have a value.
    distinct : int
        How many different values are counted; ``counts`` has the most frequent of them.
    counts : dict
        Of a String, a StringList or a Boolean: in how many rows each value is, the
        most frequent first, equally frequent ones in order. Empty for numbers.
    min, max : int, float or None
        Of an Integer, a Float or a Timestamp: the least and the greatest; None where there is none.
    """

    field: str
    rows: int
    distinct: int
    counts: dict[str | bool, int]
    min: int | float | None
    max: int | float | None

    @classmethod
    def from_json(cls, facet: Mapping[str, Any]) -> Facet:
        """Return what the engine says of a field."""
        number = float if facet["type"] == "float" else int
        return cls(
            field=facet["field"],
            rows=facet["rows"],
            distinct=facet["distinct"],
            counts={count["value"]: count["count"] for count in facet["values"]},
            min=None if facet["min"] is None else number(facet["min"]),
            max=None if facet["max"] is None else number(facet["max"]),
        )
