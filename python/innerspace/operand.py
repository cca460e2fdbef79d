"""The kinds of values that a query takes, and what each allows.

A kind checks a value, whether it stands in the query itself, is a parameter's
default, or is given when the query runs. None means "not given" and is never
passed to a kind.
"""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from typing import ClassVar, TypeGuard

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException


class OperandKind(ABC):
    """One kind of value in a query."""

    IN_JSON: ClassVar[bool] = True
    """Whether values can stand in the query's JSON; pictures cannot."""

    @abstractmethod
    def check(self, value: object) -> object:
        """Return the value in its final form.

        Raises
        ------
        InvalidInputException
            If it is not of this kind.
        """


class Text(OperandKind):
    """A text to look for; any str, the empty one too."""

    def check(self, value: object) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise wrong_type(value, "A single str")
        return str(value)


class Image(OperandKind):
    """A picture to look for: whatever a Blob field takes."""

    IN_JSON = False

    def check(self, value: object) -> object:
        """Return the value as it is; whether it is a picture is found when it is opened."""
        if isinstance(value, (bool, int, float, complex, dict, set, frozenset)):
            raise wrong_type(value, "A single str", "A single Image")
        return value


class Weight(OperandKind):
    """A finite number."""

    def check(self, value: object) -> float:
        """Return the weight."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise wrong_type(value, "A single float|int")
        number = as_float(value)
        if not math.isfinite(number):
            raise InvalidInputException(f"A weight must be a finite number, got {number}.")
        return number


class Limit(OperandKind):
    """A number of rows; -1 stands for all."""

    def check(self, value: object) -> int:
        """Return the number of rows."""
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise wrong_type(value, "A single int")
        number = int(value)
        if number < -1:
            raise InvalidInputException(
                f"Not a valid limit ({number}). It should be a number of rows, or None or -1 for all."
            )
        return number


class Radius(OperandKind):
    """A number between 0 and 1; 0 stands for no radius."""

    def check(self, value: object) -> float:
        """Return the radius."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise wrong_type(value, "A single float|int")
        number = as_float(value)
        if not 0 <= number <= 1:
            given = number if math.isinf(number) else value
            raise InvalidInputException(f"Not a valid Radius value ({given}). It should be between 1 and 0.")
        return number


class Number(OperandKind):
    """A finite number to look for; True and False count as 1 and 0."""

    def check(self, value: object) -> float:
        """Return the number."""
        if not isinstance(value, numbers.Real):
            raise wrong_type(value, "A single float|int")
        return finite(value)


class Categories(OperandKind):
    """One category or several, named by texts."""

    def check(self, value: object) -> str | list[str]:
        """Return the text or the list of texts."""
        if isinstance(value, str):
            return str(value)
        items = listed(value)
        if items is None or not all(isinstance(item, str) for item in items):
            raise wrong_type(value, "A single str", "A list of str(s)")
        return [str(item) for item in items]


class Vector(OperandKind):
    """A vector of a length; a number stands for a vector of length 1.

    Parameters
    ----------
    length : int
    """

    def __init__(self, length: int) -> None:
        self._length = length

    def check(self, value: object) -> list[float]:
        """Return the vector's entries."""
        items = [value] if isinstance(value, numbers.Real) else listed(value)
        if is_list_of_finite_floats(items) and len(items) == self._length:
            return items
        if items is None or not all(isinstance(item, numbers.Real) for item in items):
            raise wrong_type(value, "A list of float|int(s)")
        if len(items) != self._length:
            raise InvalidInputException(f"Wrong dimension of input, expected {self._length}, got {len(items)}")
        return [finite(item) for item in items]


class EntityId(OperandKind):
    """The id of an entity: a str, or an int, float or bool that is turned into text as a put does."""

    def check(self, value: object) -> str:
        """Return the id as text."""
        if not isinstance(value, (str, numbers.Real)):
            raise wrong_type(value, "A single str")
        try:
            return str(value)
        except ValueError as error:  # a whole number of thousands of digits
            raise wrong_type(value, "A single str") from error


class UnixTime(OperandKind):
    """A point in time in whole seconds since 1970-01-01 UTC."""

    def check(self, value: object) -> int:
        """Return the seconds."""
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise wrong_type(value, "A single int")
        return int(value)


TEXT = Text()
IMAGE = Image()
WEIGHT = Weight()
LIMIT = Limit()
RADIUS = Radius()
NUMBER = Number()
CATEGORIES = Categories()
ENTITY_ID = EntityId()
UNIX_TIME = UnixTime()


def listed(value: object) -> list[object] | None:
    """Return the items of a list, a tuple or a one-dimensional array; None for anything else."""
    to_list = getattr(value, "tolist", None)
    items = to_list() if callable(to_list) else value
    return list(items) if isinstance(items, (list, tuple)) else None


def is_list_of_finite_floats(value: object) -> TypeGuard[list[float]]:
    """Tell quickly that a value is a list of floats and finite; where it says no, it may still hold such numbers."""
    # Two passes in C. A sum with an infinity or a NaN in it is not finite; that of huge numbers may not be either.
    return isinstance(value, list) and set(map(type, value)) == {float} and math.isfinite(sum(value))


def as_float(value: object) -> float:
    """Return a real number as a float; one that no float can hold is infinite."""
    try:
        return float(value)  # type: ignore[arg-type]  # a numbers.Real by contract
    except OverflowError:
        return math.inf


def finite(value: object) -> float:
    """Return a real number as a float.

    Raises
    ------
    InvalidInputException
        If it is infinite or no number.
    """
    number = as_float(value)
    if not math.isfinite(number):
        raise InvalidInputException(f"A value must be a finite number, got {number}.")
    return number


def wrong_type(value: object, *allowed: str) -> InvalidInputException:
    """Return the refusal of a value, in the reference's words."""
    try:
        text = str(value) if isinstance(value, (str, int, float, bytes)) else shown(value)
    except ValueError:  # a whole number of thousands of digits
        text = shown(value)
    return InvalidInputException(f"Value ({text[:80]}) is of wrong type. Allowed types are: {list(allowed)}")
