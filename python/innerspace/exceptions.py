"""Every error that innerspace raises on purpose.

The tree and its names are those of the reference, so that code which catches
them keeps working::

    InnerspaceException (also exported as SuperlinkedException)
    ├── InternalException
    │   ├── InvalidStateException
    │   └── NotImplementedException
    └── ExternalException
        ├── InvalidInputException
        │   ├── PutException
        │   ├── LimitExceededException
        │   └── ForbiddenException
        ├── NotFoundException
        ├── FeatureNotSupportedException
        ├── RequestTimeoutException
        ├── UnexpectedResponseException
        └── CancelledException

An external error is about what the caller gave or about the world outside; an
internal one is about a call at the wrong time or a fault of innerspace itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from innerspace.report import PutReport


class Status(IntEnum):
    """The kind of a failure, numbered as in the C header ``innerspace.h``."""

    INVALID_INPUT = 1
    NOT_FOUND = 2
    LIMIT_EXCEEDED = 3
    FORBIDDEN = 4
    UNSUPPORTED = 5
    TIMEOUT = 6
    UNEXPECTED_RESPONSE = 7
    INVALID_STATE = 8
    CANCELLED = 9
    INTERNAL = 10


class InnerspaceException(Exception):  # noqa: N818 - the names are the reference's
    """The root of all errors of innerspace.

    Parameters
    ----------
    message : str
        What was wrong and what to do.
    path : str, optional
        Where: ``"$.spaces[0].model"`` in a definition, ``"rows[3].image"`` in
        data. Empty where the message says it all.

    Attributes
    ----------
    message : str
    path : str
    status : Status
        The kind of the failure; the same for every error of one class.
    """

    status: ClassVar[Status] = Status.INTERNAL

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with its message alone, which loses
        # what is passed by keyword: errors must survive process pools.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[InnerspaceException], args: tuple[object, ...], state: dict[str, object]) -> InnerspaceException:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


SuperlinkedException = InnerspaceException
"""The reference's name for :class:`InnerspaceException`."""


class InternalException(InnerspaceException):
    """A fault of innerspace itself. Please report it."""

    status = Status.INTERNAL


class InvalidStateException(InternalException):
    """A call at the wrong time: a closed app, a process that forked."""

    status = Status.INVALID_STATE


class NotImplementedException(InternalException):
    """Kept for code that catches the reference's class.

    innerspace raises :class:`FeatureNotSupportedException` instead.
    """


class ExternalException(InnerspaceException):
    """An error about what the caller gave or about the world outside."""

    status = Status.INVALID_INPUT


class InvalidInputException(ExternalException):
    """A mistake in what the caller gave: data, definition, query or argument."""

    status = Status.INVALID_INPUT


class LimitExceededException(InvalidInputException):
    """An input over a cap: pixels, bytes, counts, redirects."""

    status = Status.LIMIT_EXCEEDED


class ForbiddenException(InvalidInputException):
    """Something that is refused by policy, such as a private network address."""

    status = Status.FORBIDDEN


class PutException(InvalidInputException):
    """A put in which some rows could not be used and nothing was stored.

    Parameters
    ----------
    message : str
        A summary that names the first bad rows.
    path : str, optional
        Where the put as a whole was wrong; the report says it of each value.
    report : PutReport
        The report of the whole put: every bad row with its field and reason.

    Attributes
    ----------
    report : PutReport
    """

    def __init__(self, message: str, *, path: str = "", report: PutReport) -> None:
        super().__init__(message, path=path)
        self.report = report


class NotFoundException(ExternalException):
    """An id, file, model or URL that does not exist."""

    status = Status.NOT_FOUND


class FeatureNotSupportedException(ExternalException):
    """A well-formed request for something that innerspace does not do."""

    status = Status.UNSUPPORTED


class RequestTimeoutException(ExternalException):
    """A remote end that did not answer in time."""

    status = Status.TIMEOUT


class UnexpectedResponseException(ExternalException):
    """A remote end that answered with an error or with something else than asked."""

    status = Status.UNEXPECTED_RESPONSE


class CancelledException(ExternalException):
    """A call that was stopped from another thread. Ctrl-C raises KeyboardInterrupt."""

    status = Status.CANCELLED


EXCEPTION_BY_STATUS: Mapping[Status, type[InnerspaceException]] = MappingProxyType(
    {
        Status.INVALID_INPUT: InvalidInputException,
        Status.NOT_FOUND: NotFoundException,
        Status.LIMIT_EXCEEDED: LimitExceededException,
        Status.FORBIDDEN: ForbiddenException,
        Status.UNSUPPORTED: FeatureNotSupportedException,
        Status.TIMEOUT: RequestTimeoutException,
        Status.UNEXPECTED_RESPONSE: UnexpectedResponseException,
        Status.INVALID_STATE: InvalidStateException,
        Status.CANCELLED: CancelledException,
        Status.INTERNAL: InternalException,
    }
)
"""The class that is raised for each status of the C library."""
