"""One bar for all files of a model, where innerspace shows bars at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from innerspace import _progress

if TYPE_CHECKING:
    from types import TracebackType

CLIENT_VARIABLE = "HF_HUB_DISABLE_PROGRESS_BARS"
"""huggingface_hub's own switch, for those who have it set already."""


class DownloadBar:
    """Counts the bytes of a model's files as they are there.

    Parameters
    ----------
    description : str
    total : int
        Bytes of all files that are to be fetched; without any there is no bar.
    """

    def __init__(self, description: str, total: int) -> None:
        self._finished = 0
        self._bar: Any = None
        if total > 0 and _progress.wanted() and os.environ.get(CLIENT_VARIABLE, "").upper() not in _TRUE:
            self._bar = _progress.tqdm_class()(
                desc=description, total=total, unit="B", unit_scale=True, dynamic_ncols=True
            )

    def __enter__(self) -> DownloadBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def at(self, size: int) -> None:
        """Show that so much of the current file is there; it may be less than before, when it is begun anew."""
        if self._bar is not None:
            self._bar.update(self._finished + size - self._bar.n)

    def finish(self, size: int) -> None:
        """Go on to the next file, after one of this size."""
        self.at(size)
        self._finished += size


_TRUE = frozenset({"1", "ON", "YES", "TRUE"})
