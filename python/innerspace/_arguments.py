"""Checks of argument types, so that a wrong one is named where it was passed."""

from __future__ import annotations

import math
import numbers
from typing import TypeVar

from innerspace.exceptions import InvalidInputException

_T = TypeVar("_T")


def shown(value: object, limit: int = 80) -> str:
    """Return the type and a short form of a value, for messages."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    try:
        text = repr(value)
    except Exception:  # a message about a bad value must not fail because of its repr
        return type(value).__name__
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return f"{type(value).__name__} {text}"


def require(value: object, expected: type[_T], *, owner: str, parameter: str) -> _T:
    """Return ``value`` if it is an instance of ``expected``.

    Raises
    ------
    InvalidInputException
        Otherwise; the message names ``owner`` and ``parameter``.
    """
    if isinstance(value, expected):
        return value
    hint = ""
    if isinstance(value, type) and issubclass(value, expected):
        hint = f" Make an instance: {value.__name__}()."
    raise InvalidInputException(
        f"{owner}: parameter {parameter} must be {_article(expected.__name__)}, got {shown(value)}.{hint}"
    )


def require_sequence(value: object, expected: type[_T], *, owner: str, parameter: str) -> tuple[_T, ...]:
    """Return one ``expected`` or a list or tuple of them as a tuple.

    Raises
    ------
    InvalidInputException
        If ``value`` or one of its items is something else.
    """
    if isinstance(value, (list, tuple)):
        return tuple(
            require(item, expected, owner=owner, parameter=f"{parameter}[{position}]")
            for position, item in enumerate(value)
        )
    return (require(value, expected, owner=owner, parameter=parameter),)


def require_number(value: object, *, owner: str, parameter: str) -> float:
    """Return ``value`` as a float if it is a finite number.

    Raises
    ------
    InvalidInputException
        Otherwise; the message names ``owner`` and ``parameter``.
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise InvalidInputException(f"{owner}: parameter {parameter} must be a finite number, got {shown(value)}.")


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "AEIOUaeiou" else f"a {noun}"
