"""Rules of the reference that surprise people: each is told once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from innerspace.param import Param
from innerspace.query.clauses import SimilarClause, SpaceWeightClause, WithVectorClause

if TYPE_CHECKING:
    from innerspace.query.query import QueryDescriptor


class QueryWarning(UserWarning):
    """Says, once a process, that a query may rank otherwise than its author expects."""


class Surprises:
    """What may surprise the author of a query, each kind once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: set[str] = set()

    def of(self, query: QueryDescriptor) -> list[str]:
        """Return what was not told before."""
        found = {"ignored weights": _ignored_weights(query), "unmentioned spaces": _unmentioned_spaces(query)}
        with self._lock:
            new = {kind: message for kind, message in found.items() if message and kind not in self._told}
            self._told |= new.keys()
        return list(new.values())


surprises = Surprises()


def _ignored_weights(query: QueryDescriptor) -> str | None:
    if len(query._index._spaces) != 1:
        return None
    weights = [clause.weight for clause in query._clauses if isinstance(clause, SpaceWeightClause)]
    if not any(isinstance(weight, Param) or weight not in (None, 1) for weight in weights):
        return None
    return (
        f"The weight of {query._index._spaces[0]} has no effect: an index of one space ignores space weights. "
        "result.explain() shows what each space counted."
    )


def _unmentioned_spaces(query: QueryDescriptor) -> str | None:
    spaces = query._index._spaces
    if len(spaces) == 1 or any(isinstance(clause, WithVectorClause) for clause in query._clauses):
        return None
    mentioned = {clause.space for clause in query._clauses if isinstance(clause, SpaceWeightClause)}
    mentioned |= {clause.field_set.space for clause in query._clauses if isinstance(clause, SimilarClause)}
    unmentioned = [repr(space) for space in spaces if space not in mentioned]
    if not unmentioned:
        return None
    counts, them = ("counts", "it") if len(unmentioned) == 1 else ("count", "them")
    return (
        f"{', '.join(unmentioned)} {counts} nothing in this query, which does not mention {them}: give a weight with "
        "Query(index, weights={space: 1.0}), or 0.0 if that is meant. "
        "result.explain() shows what each space counted."
    )
