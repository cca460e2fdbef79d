"""Labelled pictures in files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

from innerspace.exceptions import NotFoundException

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a file.

    Attributes
    ----------
    id : str
        What it shows.
    path : pathlib.Path
    bytes : bytes
        The content of the file.
    """

    id: str
    path: Path

    @property
    def bytes(self) -> bytes:
        """The content of the file."""
        return self.path.read_bytes()

    def pil(self) -> Image.Image:
        """Return a new PIL image, decoded when it is first looked at."""
        from PIL import Image

        return Image.open(self.path)


class Pictures(Sequence[Picture]):
    """Pictures in a fixed order, found by position or by id."""

    def __init__(self, pictures: Iterable[Picture]) -> None:
        self._pictures = tuple(pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    @overload
    def __getitem__(self, key: int | str) -> Picture: ...
    @overload
    def __getitem__(self, key: slice) -> Pictures: ...
    def __getitem__(self, key: int | str | slice) -> Picture | Pictures:
        if isinstance(key, slice):
            return Pictures(self._pictures[key])
        if isinstance(key, int):
            return self._pictures[key]
        for picture in self._pictures:
            if picture.id == key:
                return picture
        raise NotFoundException(f"There is no picture {key!r}; there are {[picture.id for picture in self._pictures]}.")

    def __repr__(self) -> str:
        return f"Pictures({[picture.id for picture in self._pictures]})"
