"""What a filter compares a field with, by the field's type."""

from __future__ import annotations

import numbers
from collections.abc import Callable

from innerspace.operand import OperandKind, finite, listed, wrong_type


class Scalar(OperandKind):
    """One value of a type.

    Parameters
    ----------
    expected : str
        What the type is called in messages.
    convert : callable
        Returns the value as JSON holds it, or None if it is of another type.
    """

    def __init__(self, expected: str, convert: Callable[[object], object | None]) -> None:
        self.expected = expected
        self._convert = convert

    def check(self, value: object) -> object:
        """Return the value as JSON holds it."""
        converted = self._convert(value)
        if converted is None:
            raise wrong_type(value, f"A single {self.expected}")
        return converted


class Listed(OperandKind):
    """A list of values of a type.

    Parameters
    ----------
    item : Scalar
    or_one : bool, default False
        Whether a single value may stand for a list of one.
    """

    def __init__(self, item: Scalar, *, or_one: bool = False) -> None:
        self._item = item
        self._or_one = or_one
        self.expected = f"{item.expected}, list" if or_one else f"list of {item.expected}"

    def check(self, value: object) -> list[object]:
        """Return the values as JSON holds them."""
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else listed(value)
        if items is None and self._or_one:
            items = [value]
        if items is None:
            raise wrong_type(value, f"A list of {self._item.expected}(s)")
        return [self._item.check(item) for item in items]


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) else None


def _id(value: object) -> str | None:
    try:
        return str(value) if isinstance(value, (str, numbers.Real)) else None
    except ValueError:  # a whole number of thousands of digits
        return None


def _integer(value: object) -> int | None:
    return int(value) if isinstance(value, numbers.Integral) else None


def _float(value: object) -> float | None:
    return finite(value) if isinstance(value, numbers.Real) else None


def _boolean(value: object) -> bool | None:
    is_numpy = type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_")
    return bool(value) if isinstance(value, bool) or is_numpy else None


TEXT = Scalar("str", _text)
ID = Scalar("str", _id)
INTEGER = Scalar("int", _integer)
FLOAT = Scalar("float", _float)
BOOLEAN = Scalar("bool", _boolean)
