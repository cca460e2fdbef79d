"""Which weight each space of an index got in a query, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from innerspace.result import ResultClause


@dataclass(frozen=True, slots=True)
class SpaceWeight:
    """What a space counted in a query.

    Attributes
    ----------
    space : str
        The name in ``result.metadata.spaces``.
    fields : tuple of str
        That it embeds, such as ``"Item.price"``.
    weight : float
    reason : str
        Where the weight comes from.
    """

    space: str
    fields: tuple[str, ...]
    weight: float
    reason: str

    def __str__(self) -> str:
        return f"{self.space} ({', '.join(self.fields)}): weight {self.weight:g}, {self.reason}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a query ranked as it did; printed, or shown by a notebook, it is a text or a table.

    Attributes
    ----------
    spaces : tuple of SpaceWeight
        In the order of the index.
    clauses : tuple of ResultClause
        What each ``.similar`` did.
    """

    spaces: tuple[SpaceWeight, ...]
    clauses: tuple[ResultClause, ...]

    def __str__(self) -> str:
        lines = []
        for space in self.spaces:
            lines.append(str(space))
            lines += [f"  {_clause(clause)}" for clause in self.clauses if clause.space == space.space]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        cell = 'style="text-align:left;vertical-align:top;padding:2px 12px 2px 0"'
        head = "".join(f"<th {cell}>{name}</th>" for name in ("space", "fields", "weight", "why", "clauses"))
        rows = []
        for space in self.spaces:
            clauses = "<br>".join(escape(_clause(c)) for c in self.clauses if c.space == space.space)
            texts = (space.space, ", ".join(space.fields), f"{space.weight:g}", space.reason)
            cells = "".join(f"<td {cell}>{escape(text)}</td>" for text in texts)
            rows.append(f"<tr>{cells}<td {cell}>{clauses}</td></tr>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def weights_of(
    definition: Mapping[str, Any], query: Mapping[str, Any], params: Mapping[str, Any]
) -> tuple[SpaceWeight, ...]:
    """Return the weight of each space of a query's index.

    Parameters
    ----------
    definition, query : Mapping
        As in docs/architecture.md.
    params : Mapping
        The values of the run.
    """
    fields = {space["name"]: _fields_of(space) for space in definition["spaces"]}
    index = next(index for index in definition["indices"] if index["name"] == query["index"])
    spaces: Sequence[str] = index["spaces"]
    if len(spaces) == 1:
        reason = "whatever the query says: it is the only space of the index"
        return (SpaceWeight(spaces[0], fields[spaces[0]], 1.0, reason),)
    given = {entry["space"]: entry["weight"] for entry in query["space_weights"]}
    return tuple(
        SpaceWeight(space, fields[space], *_weight(space, given.get(space), query["clauses"], params))
        for space in spaces
    )


def _weight(
    space: str, operand: Mapping[str, Any] | None, clauses: Sequence[Mapping[str, Any]], params: Mapping[str, Any]
) -> tuple[float, str]:
    no_value = ""
    if operand is not None:
        name = operand.get("param")
        if name is None:
            return float(operand["value"]), "given in the query"
        if params.get(name) is not None:
            return float(params[name]), f"the value of parameter {name!r}"
        if operand.get("default") is not None:
            return float(operand["default"]), f"the default of parameter {name!r}"
        no_value = f"parameter {name!r} has no value, and "
    if any(clause["type"] == "similar" and clause["space"] == space for clause in clauses):
        return 1.0, f"{no_value}a .similar clause names it"
    if any(clause["type"] == "with_vector" for clause in clauses):
        return 1.0, f"{no_value}the query has a .with_vector clause"
    return 0.0, f"{no_value}no clause names it"


def _fields_of(space: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{entry['schema']}.{field}"
        for entry in space["fields"]
        for key, field in entry.items()
        if key != "schema" and isinstance(field, str)
    )


def _clause(clause: ResultClause) -> str:
    value = f"parameter {clause.param!r}" if clause.param else "a value"
    without = "" if clause.active else ", without effect: it has no value, or weight 0"
    return f"similar {clause.field} to {value}, weight {clause.weight:g}{without}"
