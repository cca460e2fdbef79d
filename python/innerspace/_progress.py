"""A progress bar for puts that last, where somebody can see it."""

from __future__ import annotations

import os
import sys
import time
import warnings
from typing import Any, Literal

from innerspace._native import calls
from innerspace.exceptions import InvalidInputException

VARIABLE = "INNERSPACE_PROGRESS"
"""Environment variable: ``1`` shows bars everywhere, ``0`` nowhere, ``auto`` (the default) where they can be seen."""

PATIENCE_SECONDS = 1.0
"""A put that is done by then shows no bar."""


_setting: bool | Literal["auto"] = "auto"


def show_progress(setting: bool | Literal["auto"]) -> None:
    """Choose whether long puts show a progress bar.

    Parameters
    ----------
    setting : bool or "auto"
        With ``"auto"``, which holds at first, the environment variable
        ``INNERSPACE_PROGRESS`` decides (``1``, ``0`` or ``auto``), and without
        that a bar is shown in notebooks and on terminals, not in pipes and not under CI.

    Raises
    ------
    InvalidInputException
        If it is something else.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.show_progress(False)
    >>> sl.show_progress("auto")
    """
    global _setting
    if not isinstance(setting, bool) and setting != "auto":
        raise InvalidInputException(
            f'show_progress(): parameter setting must be True, False or "auto", got {setting!r}.'
        )
    _setting = setting


def wanted() -> bool:
    """Tell whether a long put shows a bar."""
    if isinstance(_setting, bool):
        return _setting
    named = os.environ.get(VARIABLE, "auto").strip().lower()
    if named != "auto":
        return named not in ("", "0", "false", "no", "off")
    if os.environ.get("CI"):
        return False
    return _in_notebook() or bool(sys.stderr and sys.stderr.isatty())


class ProgressBar:
    """Shows how far a task's call is; made before the call, given each wait, closed after it.

    Parameters
    ----------
    description : str
    unit : str
    may_be_nothing : bool
        Whether the call may have nothing to show: a bar then waits for its first progress.
    """

    def __init__(self, description: str, unit: str, *, may_be_nothing: bool = False) -> None:
        self._description = description
        self._unit = unit
        self._waits = may_be_nothing
        self._due = time.monotonic() + PATIENCE_SECONDS
        self._bar: Any = None

    def update(self, task: int) -> None:
        """Show the progress of a task; nothing happens before a bar is due."""
        if self._bar is None and not self._waits and time.monotonic() < self._due:
            return
        done, total = calls.task_progress(task)
        if self._waits:
            if not done:
                return
            self._waits, self._due = False, time.monotonic() + PATIENCE_SECONDS
            return
        if self._bar is None:
            self._bar = tqdm_class()(desc=self._description, unit=self._unit, total=total or None, initial=0)
        if total and self._bar.total != total:
            self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self, *, complete: bool) -> None:
        """Remove or finish the bar; a complete call fills it."""
        if self._bar is None:
            return
        if complete and self._bar.total:
            self._bar.update(self._bar.total - self._bar.n)
        self._bar.close()


def tqdm_class() -> Any:
    """Return the bar that suits a notebook or a terminal; imported when one is due."""
    with warnings.catch_warnings():
        # tqdm warns in a notebook without ipywidgets, and then shows its text bar, which is fine.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    return tqdm


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
