"""One Python value as its field takes it: ids and texts as UTF-8, images as cells.

Each function returns what crosses to the engine, None for no value, or raises
:class:`~innerspace._cells.UnusableValueError` with the reason that the report gives.
"""

from __future__ import annotations

import math
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
        return _utf8(str(value))
    raise UnusableValueError(f"an id is a str, an int, a float or a bool, not {_a(value)}")


def text(value: object) -> bytes | None:
    """Return a String field's value."""
    if value is None:
        return None
    if isinstance(value, str):
        return _utf8(value)
    advice = "use None for a missing text" if value != value else "convert it with str()"
    raise UnusableValueError(f"a String takes a str, not {_a(value)}: {advice}")


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


def _a(value: object) -> str:
    shown = repr(value)
    if len(shown) > 40:
        shown = shown[:37] + "..."
    return f"{shown} of type {type(value).__name__}"
