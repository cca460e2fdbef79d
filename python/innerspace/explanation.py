"""Which weight each space of an index got in a query, and why."""

from __future__ import annotations

from collections.abc import Mapping
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
    active : bool
        Whether the space had a part in the scores.
    """

    space: str
    fields: tuple[str, ...]
    weight: float
    reason: str
    active: bool

    def __str__(self) -> str:
        without = "" if self.active else "; it had no part in the scores"
        return f"{self.space} ({', '.join(self.fields)}): weight {self.weight:g}, {self.reason}{without}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a query ranked as it did; printed, or shown by a notebook, it is a text or a table.

    Attributes
    ----------
    spaces : tuple of SpaceWeight
        In the order of the index.
    clauses : tuple of ResultClause
        What each ``.similar`` and the ``.with_vector`` did.
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
            why = space.reason if space.active else f"{space.reason}; it had no part in the scores"
            texts = (space.space, ", ".join(space.fields), f"{space.weight:g}", why)
            cells = "".join(f"<td {cell}>{escape(text)}</td>" for text in texts)
            rows.append(f"<tr>{cells}<td {cell}>{clauses}</td></tr>")
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def explain(
    explanation: Mapping[str, Any], clauses: tuple[ResultClause, ...], space_fields: Mapping[str, tuple[str, ...]]
) -> Explanation:
    """Return the explanation of a result.

    Parameters
    ----------
    explanation : Mapping
        The engine's (docs/architecture.md, "Results out").
    clauses : tuple of ResultClause
    space_fields : Mapping
        The fields that each space embeds.
    """
    ignored = bool(explanation["weights_ignored"])
    spaces = tuple(
        SpaceWeight(
            space["space"],
            tuple(space_fields.get(space["space"], ())),
            float(space["weight"]),
            "without effect: it is the only space of the index" if ignored else _reason(space),
            bool(space["active"]),
        )
        for space in explanation["spaces"]
    )
    return Explanation(spaces, clauses)


def fields_of(definition: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the fields that each space of a definition embeds."""
    return {
        space["name"]: tuple(
            f"{entry['schema']}.{field}"
            for entry in space["fields"]
            for key, field in entry.items()
            if key != "schema" and isinstance(field, str)
        )
        for space in definition["spaces"]
    }


def _reason(space: Mapping[str, Any]) -> str:
    source, param = space["source"], space["param"]
    given = {
        "query": "given in the query",
        "param": f"the value of parameter {param!r}",
        "param_default": f"the default of parameter {param!r}",
    }
    if source in given:
        return given[source]
    rule = {
        "similar": "a .similar clause names it",
        "with_vector": "the query has a .with_vector clause",
        "unmentioned": "nothing in the query names it",
    }[source]
    return f"parameter {param!r} has no value, and {rule}" if param else rule


def _clause(clause: ResultClause) -> str:
    value = f"parameter {clause.param!r}" if clause.param else "a value"
    what = "with_vector of" if clause.type == "with_vector" else f"similar {clause.field} to"
    without = "" if clause.active else ", without effect: it has no value, or weight 0"
    return f"{what} {value}, weight {clause.weight:g}{without}"
