"""The values that an executor's spaces share."""

from __future__ import annotations

from collections.abc import Mapping

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException

CONTEXT_COMMON = "common"
"""The key of what all spaces share in ``context_data``."""

CONTEXT_COMMON_NOW = "now"
"""The key of what counts as now, in unix seconds, among what all spaces share."""


def now_of(context_data: Mapping[str, Mapping[str, object]] | None, *, owner: str) -> int | None:
    """Return what counts as now, None for the clock.

    Raises
    ------
    InvalidInputException
        If the data is no dict of dicts, or now is no int.
    """
    if context_data is None:
        return None
    if not isinstance(context_data, Mapping):
        raise InvalidInputException(f"{owner}: parameter context_data must be a dict, got {shown(context_data)}.")
    common = context_data.get(CONTEXT_COMMON) or {}
    if not isinstance(common, Mapping):
        raise InvalidInputException(
            f"{owner}: parameter context_data must have a dict under {CONTEXT_COMMON!r}, got {shown(common)}."
        )
    now = common.get(CONTEXT_COMMON_NOW)
    if now is None or (now == 0 and not isinstance(now, bool)):
        return None
    if isinstance(now, bool) or not isinstance(now, (int, float)) or not float(now).is_integer():
        raise InvalidInputException(
            f"{owner}: now in context_data must be whole unix seconds, such as int(time.time()), got {shown(now)}."
        )
    return int(now)
