"""What a command answers: once for people, once for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Answer:
    """The same in two forms.

    Attributes
    ----------
    lines : sequence of str
    json : Any
        A JSON value.
    good : bool
        False where what was looked at is not as it should be: the command then fails.
    """

    lines: Sequence[str]
    json: Any
    good: bool = True


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines whose columns are aligned; the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def pairs(items: Sequence[tuple[str, object]]) -> list[str]:
    """Return names and values as lines, the values aligned."""
    width = max(len(name) for name, _ in items) + 1
    return [f"{name + ':':<{width}} {value}" for name, value in items]
