"""Long texts in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from innerspace._arguments import require, require_sequence, shown
from innerspace.exceptions import InvalidInputException
from innerspace.schema.string import String

DEFAULT_CHUNK_SIZE = 250
DEFAULT_CHUNK_OVERLAP = 20
DEFAULT_DROPPED = ("\n",)
DEFAULT_KEPT = (".", "!", "?")


@dataclass(frozen=True)
class ChunkedText:
    """A String field whose texts are also embedded in pieces; made by :func:`chunk`.

    Attributes
    ----------
    text : String
    size, overlap : int
        In characters.
    separators_dropped, separators_kept : tuple of str
    """

    text: String
    size: int
    overlap: int
    separators_dropped: tuple[str, ...]
    separators_kept: tuple[str, ...]

    def _definition(self) -> dict[str, object]:
        return {
            "size": self.size,
            "overlap": self.overlap,
            "separators_dropped": list(self.separators_dropped),
            "separators_kept": list(self.separators_kept),
        }


def chunk(
    text: String | None,
    chunk_size: int | None = None,
    chunk_overlap: int | None = None,
    split_chars_keep: Sequence[str] | None = None,
    split_chars_remove: Sequence[str] | None = None,
) -> ChunkedText:
    """Have the texts of a field embedded in pieces beside the whole.

    The whole text is embedded under the id of its row; each piece is a row of
    its own, with a generated id and no fields, and is found as such.

    Parameters
    ----------
    text : String
    chunk_size : int, default 250
        The longest piece, in characters.
    chunk_overlap : int, default 20
        How many characters neighbouring pieces may share; less than the size.
    split_chars_keep : list of str, optional
        Where to split, keeping the separator; ``.``, ``!`` and ``?`` if left out.
    split_chars_remove : list of str, optional
        Where to split first, dropping the separator; the line feed if left out.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type or out of range.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Page(sl.Schema):
    ...     id: sl.IdField
    ...     body: sl.String
    >>> sl.chunk(Page().body, chunk_size=100).size
    100
    """
    size = _count(chunk_size, DEFAULT_CHUNK_SIZE, "chunk_size", minimum=1)
    overlap = _count(chunk_overlap, min(DEFAULT_CHUNK_OVERLAP, size - 1), "chunk_overlap", minimum=0)
    if overlap >= size:
        raise InvalidInputException(f"chunk: the overlap ({overlap}) must be less than the size ({size}).")
    return ChunkedText(
        text=require(text, String, owner="chunk", parameter="text"),
        size=size,
        overlap=overlap,
        separators_dropped=_separators(split_chars_remove, DEFAULT_DROPPED, "split_chars_remove"),
        separators_kept=_separators(split_chars_keep, DEFAULT_KEPT, "split_chars_keep"),
    )


def _count(value: int | None, default: int, parameter: str, *, minimum: int) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise InvalidInputException(
            f"chunk: parameter {parameter} must be an int of at least {minimum}, got {shown(value)}."
        )
    return value


def _separators(value: Sequence[str] | None, default: tuple[str, ...], parameter: str) -> tuple[str, ...]:
    if value is None:
        return default
    separators = require_sequence(value, str, owner="chunk", parameter=parameter)
    if "" in separators:
        raise InvalidInputException(f"chunk: parameter {parameter} must not have an empty text.")
    return separators
