"""From the library's error struct to a Python exception."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from innerspace.exceptions import EXCEPTION_BY_STATUS, InnerspaceException, Status

if TYPE_CHECKING:
    from innerspace._native.signatures import ErrorStruct


class NativeFailure(Exception):  # noqa: N818 - never seen by users
    """A failed call whose error carries a detail that the caller has to read.

    Attributes
    ----------
    error : InnerspaceException
        What to raise where the detail does not matter.
    detail : bytes
        JSON; the report of a put that stored nothing.
    """

    def __init__(self, error: InnerspaceException, detail: bytes) -> None:
        super().__init__(str(error))
        self.error = error
        self.detail = detail


def raise_for(status: int, error: ErrorStruct, library: ctypes.CDLL) -> None:
    """Raise what the error struct says and free its strings; return where status is 0.

    Raises
    ------
    InnerspaceException
        The class that the status stands for, with the library's message and path.
    NativeFailure
        If the error carries a detail.
    """
    if status == 0:
        return
    message = error.message.to_bytes().decode("utf-8", "replace")
    path = error.path.to_bytes().decode("utf-8", "replace")
    detail = error.detail.to_bytes()
    library.innerspace_error_free(ctypes.byref(error))
    exception = exception_for(status, message, path)
    raise NativeFailure(exception, detail) if detail else exception


def exception_for(status: int, message: str, path: str = "") -> InnerspaceException:
    """Return the exception for a status of the library; an unknown one is internal."""
    try:
        known = Status(status)
    except ValueError:
        known = Status.INTERNAL
    return EXCEPTION_BY_STATUS[known](message or f"the library failed with status {status}", path=path)
