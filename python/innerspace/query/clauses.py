"""The clauses of a query: each knows how to write itself. A new clause is a new class like these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from innerspace.operand import LIMIT, RADIUS, WEIGHT, FieldNames
from innerspace.query.param import Param

if TYPE_CHECKING:
    from innerspace.query.compilation import Compilation
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
class SelectClause:
    """Which fields, and the vector parts of which spaces, come back."""

    schema: Schema
    fields: object
    all_fields: bool
    metadata: tuple[Space, ...]

    def write(self, compilation: Compilation) -> None:
        """Say what to select."""
        if self.all_fields:
            compilation.json["select"] = {"type": "all"}
        else:
            fields = compilation.operand(self.fields, FieldNames(self.schema), "select_param")
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
