"""How the numbers of a NumberSpace are spread over its range."""

from __future__ import annotations

from typing import ClassVar


class Scale:
    """The base of the scales."""

    KIND: ClassVar[str]

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    # All scales of a class are the same.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))


class LinearScale(Scale):
    """Equal differences count the same everywhere in the range."""

    KIND = "linear"


class LogarithmicScale(Scale):
    """Equal ratios count the same everywhere in the range: numbers are taken as log10(1 + number)."""

    KIND = "logarithmic"
