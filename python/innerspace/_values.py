"""One Python value as its field takes it: ids and texts as UTF-8, images as cells.

Each function returns what crosses to the engine, None for no value, or raises
:class:`~innerspace._cells.UnusableValueError` with the reason that the report gives.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from innerspace._cells import UnusableValueError


def id_text(value: object) -> bytes | None:
    """Return an id as text: a str as it is, 7 as "7", 7.5 as "7.5", True as "True"; NaN is no id."""
    if value is None:
        return None
    value = plain(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            raise UnusableValueError(f"{value} cannot be an id")
    if isinstance(value, (str, int, float)):
        try:
            return _utf8(str(value))
        except ValueError as error:
            raise UnusableValueError(f"the number is too long to be an id: {error}") from error
    raise UnusableValueError(f"an id is a str, an int, a float or a bool, not {_a(value)}")


def text(value: object) -> bytes | None:
    """Return a String field's value."""
    if value is None:
        return None
    if isinstance(value, str):
        return _utf8(value)
    advice = "use None for a missing text" if is_missing(value) else "convert it with str()"
    raise UnusableValueError(f"a String takes a str, not {_a(value)}: {advice}")


def integer(value: object) -> int | None:
    """Return an Integer field's value; a float without a fraction is a whole number."""
    if value is None:
        return None
    value = plain(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int):
        raise UnusableValueError(f"Invalid value {_short(value)} for the given field data type FieldDataType.INT")
    if not -(2**63) <= value < 2**63:
        raise UnusableValueError(f"{_short(value)} does not fit into 64 bits")
    return int(value)


def number(value: object) -> float | None:
    """Return a Float field's value."""
    if value is None:
        return None
    value = plain(value)
    if not isinstance(value, (int, float)):
        raise UnusableValueError(f"Invalid value {_short(value)} for the given field data type FieldDataType.DOUBLE")
    return _finite(value, "use None for a missing number")


def boolean(value: object) -> bool | None:
    """Return a Boolean field's value."""
    if value is None:
        return None
    value = plain(value)
    if not isinstance(value, bool):
        raise UnusableValueError(f"Invalid value {_short(value)} for the given field data type FieldDataType.BOOLEAN")
    return value


def unix_seconds(value: object) -> int | None:
    """Return a Timestamp field's value; a datetime is turned into whole seconds."""
    if isinstance(value, datetime):
        try:
            return int(value.timestamp())
        except (ValueError, OverflowError, OSError) as error:
            raise UnusableValueError(f"{value!r} is no point in time: {error}") from error
    return integer(value)


def text_list(value: object) -> list[bytes] | None:
    """Return a StringList field's value; a single str is a list of it."""
    if value is None:
        return None
    items = [value] if isinstance(value, str) else _items(value)
    if items is None or not all(isinstance(item, str) for item in items):
        raise UnusableValueError(f"a StringList takes a list of str, not {_a(value)}")
    return [_utf8(item) for item in items]


def number_list(value: object) -> array[float] | None:
    """Return a FloatList field's value."""
    if value is None:
        return None
    items = _items(value)
    if items is None:
        raise UnusableValueError(f"a FloatList takes a list of numbers, not {_a(value)}")
    quick = quick_numbers(items)
    if quick is not None:
        return array("d", quick)
    numbers = [plain(item) for item in items]
    if not all(isinstance(item, (int, float)) for item in numbers):
        raise UnusableValueError(f"a FloatList takes a list of numbers, not {_a(value)}")
    return array("d", (_finite(item, "it is one of the list's numbers") for item in numbers))


def quick_texts(values: Sequence[Any]) -> list[bytes] | None:
    """Return what :func:`text` and :func:`id_text` return for each, None where not all are plain texts."""
    if set(map(type, values)) != {str}:
        return None
    try:
        return [value.encode() for value in values]
    except UnicodeEncodeError:
        return None


def quick_integers(values: Sequence[Any]) -> Sequence[int] | None:
    """Return what :func:`integer` returns for each, None where not all are plain whole numbers."""
    fit = set(map(type, values)) == {int} and min(values) >= -(2**63) and max(values) < 2**63
    return values if fit else None


def quick_numbers(values: Sequence[Any]) -> Sequence[float] | None:
    """Return what :func:`number` returns for each, None where not all are plain finite numbers."""
    # A sum is finite only where every summand is; one of large numbers may overflow, which costs time alone.
    return values if set(map(type, values)) == {float} and math.isfinite(sum(values)) else None


def is_none(value: object) -> bool:
    """Tell whether a value says that there is none: None, pandas.NA, pandas.NaT. NaN may be a mistake."""
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def is_missing(value: object) -> bool:
    """Tell whether a value stands for none: None, NaN in all its forms, NaT, pandas.NA."""
    if is_none(value):
        return True
    try:
        return bool(value != value)
    except Exception:  # arrays have no truth value, and a signalling NaN does not even compare
        return False


def plain(value: Any) -> Any:
    """Return a numpy scalar as the Python value it stands for, anything else as it is."""
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        return value.item()
    return value


def _utf8(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise UnusableValueError("the text is not valid Unicode (it has a lone surrogate)") from error


def _items(value: Any) -> list[Any] | None:
    """Return the items of a list, a tuple or an array; None for anything else."""
    to_list = getattr(value, "tolist", None)
    items = to_list() if callable(to_list) else value
    return list(items) if isinstance(items, (list, tuple)) else None


def _finite(value: float, advice: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UnusableValueError(f"{number} is not a finite number: {advice}")
    return number


def _a(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # a message about a bad value must not fail because of its repr
        text = "a value"
    return f"{_short(text)} of type {type(value).__name__}"


def _short(value: object) -> str:
    try:
        shown = str(value)
    except Exception:  # a whole number of thousands of digits, or an object whose text is broken
        shown = f"a value of type {type(value).__name__}"
    return shown if len(shown) <= 40 else shown[:37] + "..."
