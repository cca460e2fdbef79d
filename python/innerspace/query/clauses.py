"""The clauses of a query: each knows how to write itself. A new clause is a new class like these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from innerspace.operand import ENTITY_ID, LIMIT, RADIUS, UNIX_TIME, WEIGHT
from innerspace.param import Param

if TYPE_CHECKING:
    from collections.abc import Mapping

    from innerspace._definition import Json
    from innerspace.field_names import FieldNames
    from innerspace.query.compilation import Compilation
    from innerspace.schema.condition import Condition
    from innerspace.schema.field import SchemaField
    from innerspace.schema.schema import Schema
    from innerspace.space.field_set import SpaceFieldSet
    from innerspace.space.space import Space


class Clause(Protocol):
    """A part of a query."""

    def write(self, compilation: Compilation) -> None:
        """Add the clause to the query's JSON."""


@dataclass(frozen=True, eq=False)
class SpaceWeightClause:
    """How much a space counts."""

    space: Space
    weight: object

    def write(self, compilation: Compilation) -> None:
        """Add the weight, unless it is None."""
        if self.weight is not None:
            weight = compilation.operand(self.weight, WEIGHT, "space_weight_param")
            compilation.space_weights.append({"space": compilation.name_of(self.space), "weight": weight})


@dataclass(frozen=True, eq=False)
class SimilarClause:
    """What the rows should be like."""

    field_set: SpaceFieldSet
    value: object
    weight: object

    def write(self, compilation: Compilation) -> None:
        """Add the clause; a value of None is kept, for the space still counts."""
        weight = 1.0 if self.weight is None else self.weight
        compilation.clauses.append(
            {
                "type": "similar",
                "space": compilation.name_of(self.field_set.space),
                "field": self.field_set.name,
                "value": compilation.operand(self.value, self.field_set.kind, f"{self.field_set.name}_param"),
                "weight": compilation.operand(weight, WEIGHT, "weight_param"),
            }
        )


@dataclass(frozen=True, eq=False)
class WithVectorClause:
    """Whose stored vector the rows should be like, with one weight or one a space."""

    schema: Schema
    id: object
    weight: object

    def write(self, compilation: Compilation) -> None:
        """Add the clause; an id of None is kept, for the spaces still count."""
        clause: Json = {
            "type": "with_vector",
            "schema": self.schema._name,
            "id": compilation.operand(self.id, ENTITY_ID, "with_vector_id_param"),
        }
        if isinstance(self.weight, dict):
            weights: Mapping[Space, object] = self.weight
            clause["weights"] = [
                {
                    "space": compilation.name_of(space),
                    "weight": compilation.operand(weight, WEIGHT, "with_vector_weight_param"),
                }
                for space, weight in weights.items()
                if weight is not None
            ]
        else:
            weight = 1.0 if self.weight is None else self.weight
            clause["weight"] = compilation.operand(weight, WEIGHT, "with_vector_weight_param")
        compilation.clauses.append(clause)


@dataclass(frozen=True, eq=False)
class FilterClause:
    """What must hold for the rows."""

    condition: Condition

    def write(self, compilation: Compilation) -> None:
        """Add the condition to those that must all hold."""
        any_of = [
            {
                "field": comparison.field.name,
                "operator": comparison.operator.word,
                "value": compilation.operand(comparison.operand, comparison.kind, "filter_param"),
            }
            for comparison in self.condition._comparisons
        ]
        compilation.filters.append({"any": any_of})


@dataclass(frozen=True, eq=False)
class FacetsClause:
    """Which fields' values are counted."""

    fields: tuple[SchemaField, ...]
    limit: int

    def write(self, compilation: Compilation) -> None:
        """Ask for the facets."""
        names = list(dict.fromkeys(field.name for field in self.fields))
        compilation.json["facets"] = {"fields": names, "limit": self.limit}


@dataclass(frozen=True, eq=False)
class OverrideNowClause:
    """What counts as now."""

    now: object

    def write(self, compilation: Compilation) -> None:
        """Set now, unless the app's is wanted."""
        if self.now is not None:
            compilation.json["override_now"] = compilation.operand(self.now, UNIX_TIME, "now_param")


@dataclass(frozen=True, eq=False)
class SelectClause:
    """Which fields, and the vector parts of which spaces, come back."""

    names: FieldNames
    fields: object
    all_fields: bool
    metadata: tuple[Space, ...]

    def write(self, compilation: Compilation) -> None:
        """Say what to select."""
        if self.all_fields:
            compilation.json["select"] = {"type": "all"}
        else:
            fields = compilation.operand(self.fields, self.names, "select_param")
            compilation.json["select"] = {"type": "fields", "fields": fields}
        if self.metadata:
            compilation.json["vector_parts"] = [compilation.name_of(space) for space in self.metadata]


@dataclass(frozen=True, eq=False)
class LimitClause:
    """How many rows come back."""

    rows: object

    def write(self, compilation: Compilation) -> None:
        """Set the limit, unless all rows are wanted."""
        # The number 0 means all rows where it is written in the query, but none where a parameter has it.
        if isinstance(self.rows, Param) or (self.rows is not None and LIMIT.check(self.rows) > 0):
            compilation.json["limit"] = compilation.operand(self.rows, LIMIT, "limit_param")


@dataclass(frozen=True, eq=False)
class RadiusClause:
    """How far from a perfect score a row may be."""

    radius: object

    def write(self, compilation: Compilation) -> None:
        """Set the radius, unless there is none."""
        if isinstance(self.radius, Param) or (self.radius is not None and RADIUS.check(self.radius) > 0):
            compilation.json["radius"] = compilation.operand(self.radius, RADIUS, "radius_param")


@dataclass(frozen=True, eq=False)
class IncludeMetadataClause:
    """The score of each space comes back."""

    def write(self, compilation: Compilation) -> None:
        """Ask for partial scores."""
        compilation.json["partial_scores"] = True
