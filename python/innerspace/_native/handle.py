"""Handles: numbers that stand for what the library holds open for us."""

from __future__ import annotations

import weakref

from innerspace._native import calls
from innerspace._native.library import can_call
from innerspace.exceptions import InnerspaceException, InvalidStateException


class Handle:
    """An open engine, prepared query or task; closed by :meth:`close` or with its last reference.

    Parameters
    ----------
    value : int
        The library's handle.
    name : str
        What to call it in messages: ``"the engine"``.
    """

    __slots__ = ("__weakref__", "_finalizer", "_name", "_value")

    def __init__(self, value: int, name: str) -> None:
        self._value = value
        self._name = name
        self._finalizer = weakref.finalize(self, _close_quietly, value)
        # The process is about to end and takes everything with it: closing would only wait for calls in flight.
        self._finalizer.atexit = False

    @property
    def value(self) -> int:
        """The number to pass to the library.

        Raises
        ------
        InvalidStateException
            If it is closed.
        """
        if not self._finalizer.alive:
            raise InvalidStateException(f"{self._name} is closed; build a new one")
        return self._value

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return not self._finalizer.alive

    def close(self) -> None:
        """Close it; calls in flight finish first. Closing twice does nothing."""
        if self._finalizer.detach() is not None and can_call():
            calls.close(self._value)


def _close_quietly(value: int) -> None:
    # A finalizer has nobody to raise to, and a forked child must not touch its parent's engine.
    if not can_call():
        return
    try:
        calls.close(value)
    except InnerspaceException:
        return
