"""The values of a query under the reference's names, those that have no name of the user's too.

What stands in the query itself has a generated name that ends in ``__``. Where
the reference puts a hash of a space into a name, the space's name stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from innerspace.natural_language.clause import NaturalQueryClause
from innerspace.param import Param
from innerspace.query.clauses import (
    Clause,
    FilterClause,
    LimitClause,
    OverrideNowClause,
    RadiusClause,
    SelectClause,
    SimilarClause,
    SpaceWeightClause,
    WithVectorClause,
)

if TYPE_CHECKING:
    from innerspace.query.query import QueryDescriptor
    from innerspace.space.space import Space


def search_params(query: QueryDescriptor, space_names: Mapping[Space, str], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of everything that a query has a value for.

    Parameters
    ----------
    query : QueryDescriptor
    space_names : Mapping
        What spaces are called in generated names.
    named : Mapping
        The values of the user's Params in this run.
    """
    return _Collector(query, space_names, named).collect()


class _Collector:
    def __init__(self, query: QueryDescriptor, space_names: Mapping[Space, str], named: Mapping[str, Any]) -> None:
        self._query = query
        self._space_names = space_names
        self._named = named
        self._found: dict[str, Any] = {}

    def collect(self) -> dict[str, Any]:
        for kind in (SimilarClause, WithVectorClause, FilterClause):
            for clause in self._clauses(kind):
                self._add_clause(clause)
        self._add_single(LimitClause, "limit_param__", "rows", without=-1)
        self._add_single(RadiusClause, "radius_param__", "radius", without=None)
        self._add_select()
        self._add_single(OverrideNowClause, "overridden_now_param__", "now")
        self._add_space_weights()
        for clause in self._clauses(NaturalQueryClause):
            self._add("natural_query", clause.natural_query)
            if clause.system_prompt is not None:
                self._add("system_prompt", clause.system_prompt)
        return self._found

    def _clauses(self, kind: type[Clause]) -> list[Any]:
        return [clause for clause in self._query._clauses if isinstance(clause, kind)]

    def _add(self, label: str, value: object) -> None:
        """Add a value; a generated name that is taken gets a number."""
        if isinstance(value, Param):
            self._found[value.name] = self._named.get(value.name)
            return
        name, number = f"{label}_param__", 1
        while name in self._found:
            name, number = f"{label}_{number}_param__", number + 1
        self._found[name] = value if isinstance(value, (str, int, float, list, type(None))) else _listed(value)

    def _add_clause(self, clause: object) -> None:
        if isinstance(clause, SimilarClause):
            field_set = clause.field_set
            label = f"similar_filter_{self._space_names[field_set.space]}_{field_set.name}"
            picture = not field_set.kind.IN_JSON and not isinstance(clause.value, Param)
            self._add(f"{label}_value", None if picture else clause.value)
            self._add(f"{label}_weight", 1.0 if clause.weight is None else clause.weight)
        elif isinstance(clause, WithVectorClause):
            self._add("with_vector_id_value", clause.id)
            if isinstance(clause.weight, dict):
                for space in self._query._index._spaces:
                    self._add(f"with_vector_id_{self._space_names[space]}", clause.weight.get(space, 1.0))
            else:
                self._add("with_vector_id_weight", 1.0 if clause.weight is None else clause.weight)
        elif isinstance(clause, FilterClause):
            for comparison in clause.condition._comparisons:
                self._add(f"hard_filter_{comparison.field.name}_{comparison.operator.verb}", comparison.operand)

    def _add_single(self, kind: type[Clause], name: str, attribute: str, **default: object) -> None:
        clauses = self._clauses(kind)
        if clauses:
            self._add(name.removesuffix("_param__"), getattr(clauses[0], attribute))
        elif default:
            self._found[name] = default["without"]

    def _add_select(self) -> None:
        selects = self._clauses(SelectClause)
        if not selects:
            self._found["select_param__"] = []
        elif selects[0].all_fields:
            excluded = self._query._index._fields_to_exclude
            fields = self._query._schema._fields.values()
            self._found["select_param__"] = [f.name for f in fields if f.TYPE != "id" and f not in excluded]
        elif isinstance(selects[0].fields, Param):
            self._add("select", selects[0].fields)
        else:
            self._found["select_param__"] = selects[0].names.check(selects[0].fields)

    def _add_space_weights(self) -> None:
        given = {clause.space: clause.weight for clause in self._clauses(SpaceWeightClause)}
        looked_into = {clause.field_set.space for clause in self._clauses(SimilarClause)}
        everywhere = bool(self._clauses(WithVectorClause))
        for space in self._query._index._spaces:
            implied = 1.0 if everywhere or space in looked_into else None
            weight = given.get(space)
            label = f"space_weight_{self._space_names[space]}"
            self._add(label, implied if weight is None else weight)


def _listed(value: Any) -> Any:
    """Return arrays, tuples and sets as lists, and scalars of numpy as plain ones."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, (tuple, set, frozenset)) else str(value)
