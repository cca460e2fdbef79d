"""What a language model is told of the parameters of a query: a JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from innerspace import operand
from innerspace.field_names import FieldNames
from innerspace.filter_operand import Listed, Scalar

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.operand import OperandKind
    from innerspace.param import Param

_TYPES: dict[type[OperandKind], tuple[str, str]] = {
    operand.Text: ("string", "A text to look for."),
    operand.EntityId: ("string", "The id of an entity to look like."),
    operand.Number: ("number", "A number to be close to."),
    operand.Weight: ("number", "A weight: 0 for no influence, 1 for normal, more for more, negative for the opposite."),
    operand.Radius: ("number", "Between 0 and 1: how far from perfectly similar a result may be."),
    operand.Limit: ("integer", "How many results are wanted at most."),
    operand.UnixTime: ("integer", "What counts as now, in seconds since 1970-01-01 UTC."),
    operand.Categories: ("strings", "Categories to look for."),
    operand.Vector: ("numbers", "The entries of a vector to be close to."),
    FieldNames: ("strings", "The names of the fields to return."),
    Scalar: ("", "A value to filter by."),
    Listed: ("", "Values to filter by."),
}
_FILTER_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def parameter_schema(places: Mapping[str, tuple[Param, OperandKind]]) -> Json:
    """Return the schema of an object with a value, or null, for each parameter.

    Parameters
    ----------
    places : Mapping
        Each parameter by its name, with what its place in the query allows.
    """
    return {
        "type": "object",
        "properties": {name: _property(param, kind) for name, (param, kind) in places.items()},
        # Structured outputs want every property; null says that the sentence has nothing about it.
        "required": list(places),
        "additionalProperties": False,
    }


def _property(param: Param, kind: OperandKind) -> Json:
    type_name, meaning = _TYPES[type(kind)]
    if isinstance(kind, Scalar):
        type_name = _FILTER_TYPES[kind.expected]
    elif isinstance(kind, Listed):
        type_name = f"{_FILTER_TYPES[kind._item.expected]}s"
    description = f"{param.description} {meaning}" if param.description else meaning
    if param.default is not None:
        description += f" Null stands for {param.default!r}."
    options = None if param.options is None else [kind.check(option) for option in param.options]
    if options is not None and all(isinstance(option, list) for option in options):
        return {"anyOf": [*({"const": option} for option in options), {"type": "null"}], "description": description}
    if options is not None:
        return {"enum": [*options, None], "description": description}
    if type_name.endswith("s"):
        items = {"type": type_name.removesuffix("s")}
        return {"anyOf": [{"type": "array", "items": items}, {"type": "null"}], "description": description}
    return {"type": [type_name, "null"], "description": description}
