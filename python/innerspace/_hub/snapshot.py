"""A model's files on this disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of one commit of a repository, complete for one precision.

    Attributes
    ----------
    path : Path
        The directory, ``…/models--owner--name/snapshots/<commit>``.
    repository, commit : str
    layout : str
        As :mod:`innerspace._hub.layouts` calls it.
    files : tuple of str
        Relative to ``path``, with slashes.
    text : Snapshot or None
        The text half, if it is in a repository of its own.
    """

    path: Path
    repository: str
    commit: str
    layout: str
    files: tuple[str, ...]
    text: Snapshot | None = None
