"""What filters ask of fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NoReturn

from innerspace import filter_operand
from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException
from innerspace.filter_operand import Listed, Scalar
from innerspace.param import Param

if TYPE_CHECKING:
    from innerspace.schema.field import SchemaField


class Operator(Enum):
    """How a field is compared: its word in a query's JSON, in messages, and in a condition's text."""

    EQUAL = ("eq", "be_equal_to", "==")
    NOT_EQUAL = ("ne", "be_not_equal_to", "!=")
    GREATER = ("gt", "be_greater_than", ">")
    LESS = ("lt", "be_less_than", "<")
    GREATER_OR_EQUAL = ("ge", "be_greater_than_or_equal_to", ">=")
    LESS_OR_EQUAL = ("le", "be_less_than_or_equal_to", "<=")
    IN = ("in", "be_in", "in")
    NOT_IN = ("not_in", "not_be_in", "not in")
    CONTAINS = ("contains", "contain", "contains")
    NOT_CONTAINS = ("not_contains", "not_contain", "does not contain")
    CONTAINS_ALL = ("contains_all", "contain_all", "contains all of")
    IS = ("eq", "be", "is")
    IS_NOT = ("ne", "not_be", "is not")

    def __init__(self, word: str, verb: str, sign: str) -> None:
        self.word = word
        self.verb = verb
        self.sign = sign


Filters = Mapping[Operator, Scalar | Listed]
"""The operators that a type of field knows, and what each compares with."""


def equality(kind: Scalar) -> Filters:
    """Return the filters of fields whose values can be equal."""
    return {
        Operator.EQUAL: kind,
        Operator.NOT_EQUAL: kind,
        Operator.IN: Listed(kind),
        Operator.NOT_IN: Listed(kind),
    }


def order(kind: Scalar) -> Filters:
    """Return the filters of fields whose values have an order."""
    return dict.fromkeys((Operator.GREATER, Operator.LESS, Operator.GREATER_OR_EQUAL, Operator.LESS_OR_EQUAL), kind)


def membership(kind: Scalar) -> Filters:
    """Return the filters of fields whose values are lists."""
    return dict.fromkeys((Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.CONTAINS_ALL), Listed(kind, or_one=True))


@dataclass(frozen=True, eq=False)
class Comparison:
    """One comparison of a field with a value or a :class:`~innerspace.Param`."""

    field: SchemaField
    operator: Operator
    operand: object
    kind: Scalar | Listed

    def __repr__(self) -> str:
        return f"{self.field._qualified_name} {self.operator.sign} {self.operand!r}"


class Condition:
    """What a filter asks: one comparison, or several of which one must hold.

    It is made by comparing a field, and joined with ``|``. All filters of a
    query must hold, so that what ``and`` would join are two filters.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Integer
    ...     tags: sl.StringList
    >>> item = Item()
    >>> (item.price < 10) | item.tags.contains("sale")
    Condition(Item.price < 10 or Item.tags contains ['sale'])
    """

    def __init__(self, *comparisons: Comparison) -> None:
        self._comparisons = comparisons

    def __repr__(self) -> str:
        return f"Condition({' or '.join(map(repr, self._comparisons))})"

    def __or__(self, other: Condition | bool) -> Condition:
        if not isinstance(other, Condition):
            raise InvalidInputException(f"Only conditions on fields can be joined with |, got {shown(other)}.")
        return Condition(*self._comparisons, *other._comparisons)

    __ror__ = __or__

    def or_(self, other: Condition | bool) -> Condition:
        """Return the condition that holds where this or the other holds; the same as ``|``."""
        return self | other

    def __and__(self, other: object) -> NoReturn:
        raise InvalidInputException(
            "Conditions cannot be joined with &: call .filter() once for each; all filters of a query must hold."
        )

    __rand__ = __and__

    def __invert__(self) -> NoReturn:
        raise InvalidInputException(
            "A condition cannot be negated with ~: use the opposite comparison, such as != or not_in_."
        )

    def __bool__(self) -> NoReturn:
        # "a and b" would drop a without a word.
        raise InvalidInputException(
            f"{self} is neither true nor false before a query runs: join conditions with | instead of or, "
            "and call .filter() twice instead of and."
        )


def compare(field: SchemaField, operator: Operator, operand: object, filters: Filters) -> Condition:
    """Return the condition that a comparison of a field with a value or a parameter is.

    Raises
    ------
    InvalidInputException
        If the field's type does not know the operator, or the operand is of a wrong type.
    """
    kind = filters.get(operator)
    if kind is None:
        raise InvalidInputException(f"Field {field.name} doesn't support {operator.verb} operation.")
    if not isinstance(operand, Param):
        try:
            operand = kind.check(operand)
        except InvalidInputException as error:
            raise InvalidInputException(
                f"Unsupported filter operand type: {type(operand).__name__}, expected {kind.expected} or Param. "
                f"Got {shown(operand)} for {field._qualified_name}."
            ) from error
    return Condition(Comparison(field, operator, operand, kind))


TEXT_FILTERS = equality(filter_operand.TEXT)
ID_FILTERS = equality(filter_operand.ID)
INTEGER_FILTERS = {**equality(filter_operand.INTEGER), **order(filter_operand.INTEGER)}
FLOAT_FILTERS = order(filter_operand.FLOAT)
BOOLEAN_FILTERS = {
    **equality(filter_operand.BOOLEAN),
    Operator.IS: filter_operand.BOOLEAN,
    Operator.IS_NOT: filter_operand.BOOLEAN,
}
TEXT_LIST_FILTERS = membership(filter_operand.TEXT)
