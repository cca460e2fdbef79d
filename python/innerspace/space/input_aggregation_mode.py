"""How several inputs of a space become one."""

from __future__ import annotations

from enum import Enum


class InputAggregationMode(Enum):
    """How several numbers or times that a query gives, or that events bring together, become one."""

    INPUT_AVERAGE = "average"
    INPUT_MINIMUM = "minimum"
    INPUT_MAXIMUM = "maximum"
