"""From a query's clauses to its JSON, and from keyword arguments to the values of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from innerspace._definition import FORMAT_VERSION, Json
from innerspace.exceptions import InvalidInputException
from innerspace.param import Param

if TYPE_CHECKING:
    from innerspace.operand import OperandKind
    from innerspace.space.space import Space

# Enough rows for what a person looks at; explaining every row of a long result would cost more than finding it.
CONTRIBUTION_ROWS = 100


@dataclass(frozen=True)
class CompiledQuery:
    """A query as the engine takes it, and what a run has to bind.

    Attributes
    ----------
    json : dict
        The query of docs/architecture.md.
    uses : dict
        For each parameter, the places where it stands, with what each place allows.
    literals : dict
        Values that cannot stand in JSON, by the generated parameter that carries them.
    """

    json: Json
    uses: Mapping[str, tuple[tuple[Param, OperandKind], ...]]
    literals: Mapping[str, object]

    def bind(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the value of each parameter for one run.

        Parameters
        ----------
        given : Mapping
            What the user passed by keyword; None counts as not given.

        Raises
        ------
        InvalidInputException
            If a parameter is unknown, or a value is of the wrong type or not among the options.
        """
        unknown = sorted(name for name in given if name not in self.uses)
        if unknown:
            raise InvalidInputException(f"Unknown query parameters: {', '.join(unknown)}.")
        bound = dict(self.literals)
        for name, places in self.uses.items():
            value = given.get(name)
            for param, kind in places:
                if value is not None:
                    param._check_option(value)
                    try:
                        checked = kind.check(value)
                        bound[name] = _narrower(bound[name], checked) if name in bound else checked
                    except InvalidInputException as error:
                        error.path = f"params.{name}"
                        raise
                elif not kind.IN_JSON and param.default is not None:
                    bound[name] = param.default
        return bound


class Compilation:
    """Collects what clauses write.

    Parameters
    ----------
    index : str
        The index' name in the engine's definition.
    schema : str
    space_names : Mapping
        The spaces of the index, by the names that the engine knows them by.
    """

    def __init__(self, index: str, schema: str, space_names: Mapping[Space, str]) -> None:
        self._space_names = space_names
        self._uses: dict[str, list[tuple[Param, OperandKind]]] = {}
        self._literals: dict[str, object] = {}
        self.clauses: list[Json] = []
        self.space_weights: list[Json] = []
        self.filters: list[Json] = []
        self.json: Json = {
            "version": FORMAT_VERSION,
            "type": "query",
            "index": index,
            "schema": schema,
            "space_weights": self.space_weights,
            "clauses": self.clauses,
            "contribution_rows": CONTRIBUTION_ROWS,
        }

    def name_of(self, space: Space) -> str:
        """Return the name that the engine knows a space by."""
        return self._space_names[space]

    def operand(self, value: object, kind: OperandKind, label: str) -> Json:
        """Return the JSON of a value that may be a :class:`Param`.

        Parameters
        ----------
        value : object
        kind : OperandKind
        label : str
            Begins the generated name of a value that cannot stand in JSON.
        """
        if isinstance(value, Param):
            return self._param(value, kind)
        if value is None:
            return {"value": None}
        checked = kind.check(value)
        if kind.IN_JSON:
            return {"value": checked}
        name = f"{label}_{len(self._literals)}__"
        self._literals[name] = checked
        return {"param": name}

    def _param(self, param: Param, kind: OperandKind) -> Json:
        places = self._uses.setdefault(param.name, [])
        for other, other_kind in places:
            if other is not param and not _same_rules(other, param):
                raise InvalidInputException(
                    f"The query has two parameters named {param.name!r} with different defaults or options."
                )
            if other_kind.IN_JSON != kind.IN_JSON:
                raise InvalidInputException(
                    f"Parameter {param.name!r} stands for a picture in one place and for another value in a second; "
                    "use two parameters."
                )
        places.append((param, kind))
        default = None if param.default is None else kind.check(param.default)
        operand: Json = {"param": param.name}
        if kind.IN_JSON:
            if default is not None:
                operand["default"] = default
            if param.options is not None:
                operand["options"] = [kind.check(option) for option in param.options]
        return operand

    def finish(self) -> CompiledQuery:
        """Return the compiled query."""
        if self.filters:
            self.json["filters"] = self.filters
        return CompiledQuery(
            json=self.json,
            uses={name: tuple(places) for name, places in self._uses.items()},
            literals=self._literals,
        )


def _narrower(one: object, other: object) -> object:
    """Return which form of a value all places take: 3 for 3.0, a text for the list of it."""
    if isinstance(one, int) and isinstance(other, float) and one == other:
        return one
    return one if other == [one] else other


def _same_rules(one: Param, other: Param) -> bool:
    return (one.default is other.default or one.default == other.default) and one.options == other.options
