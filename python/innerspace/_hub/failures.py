"""What went wrong with the hub, said as one of our exceptions with what to do about it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from innerspace.exceptions import (
    ExternalException,
    ForbiddenException,
    InnerspaceException,
    NotFoundException,
    RequestTimeoutException,
    UnexpectedResponseException,
)

if TYPE_CHECKING:
    from pathlib import Path

    from innerspace._hub.names import HubName

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def offline(name: HubName, cache: Path) -> InnerspaceException:
    """Return the error for a hub that may not be asked."""
    return NotFoundException(
        f"The model {name.spelled!r} ({_where(name)}) is not in the cache {str(cache)!r}, and HF_HUB_OFFLINE forbids "
        f"to fetch it. Fetch it once with the network on: innerspace models download {name.spelled}"
    )


def silent(name: HubName, endpoint: str, seconds: float) -> InnerspaceException:
    """Return the error for a hub that did not answer in time."""
    return RequestTimeoutException(
        f"The model {name.spelled!r} is not in the cache, and {endpoint} did not answer within {seconds:g} seconds. "
        "Check the network (HTTPS_PROXY, HF_ENDPOINT); where the hub is only slow, set HF_HUB_ETAG_TIMEOUT to more "
        "seconds. A model in a directory of your own needs no hub: model='/path/to/it'."
    )


def disk_full(name: HubName, cache: Path, needed: int | None = None) -> InnerspaceException:
    """Return the error for files that do not fit on the disk."""
    room = "" if needed is None else f" {needed / 1e6:.0f} MB are needed."
    return ExternalException(
        f"The disk is full: the files of the model {name.spelled!r} do not fit into {str(cache)!r}.{room} Make room, "
        "or name a larger disk with HF_HUB_CACHE or model_cache_dir."
    )


def explain(error: BaseException, name: HubName, *, endpoint: str, cache: Path, file: str = "") -> InnerspaceException:
    """Return the exception to raise for one that came out of a request or of writing its answer.

    Parameters
    ----------
    error : BaseException
    name : HubName
    endpoint : str
        Of the hub, for messages.
    cache : Path
    file : str, optional
        What was being fetched, if not the list of files.
    """
    if isinstance(error, InnerspaceException):
        return error
    if is_disk_full(error):
        return disk_full(name, cache)
    if isinstance(error, OSError) and error.filename is not None:
        return ExternalException(
            f"The model {name.spelled!r} cannot be stored in {str(cache)!r}: {error}. Name a directory that can be "
            "written with HF_HUB_CACHE or model_cache_dir."
        )
    from huggingface_hub import errors

    if isinstance(error, errors.HfHubHTTPError):
        return _refused(error, name, endpoint, file)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return offline(name, cache)
    if is_timeout(error):
        subject = f"{file} of the model {name.spelled!r}" if file else f"the model {name.spelled!r}"
        return RequestTimeoutException(
            f"{endpoint} stopped answering while {subject} was fetched: {error}. What has arrived is kept; try again."
        )
    if file:
        return UnexpectedResponseException(
            f"{file} of the model {name.spelled!r} could not be fetched from {endpoint}: {_reason(error)}. "
            "What has arrived is kept; try again."
        )
    return NotFoundException(
        f"The model {name.spelled!r} ({_where(name)}) is not in the cache {str(cache)!r}, and {endpoint} cannot be "
        f"reached: {_reason(error)}. Check the network (HTTPS_PROXY, HF_ENDPOINT), or give the directory of a model: "
        "model='/path/to/it'. model='embedded' is the small model of the package."
    )


def is_disk_full(error: BaseException) -> bool:
    """Tell whether a file could not be written for want of room."""
    return isinstance(error, OSError) and error.errno in _DISK_FULL


def is_broken_connection(error: BaseException) -> bool:
    """Tell whether an answer broke off on its way: no refusal of the server, no fault of this machine."""
    from huggingface_hub import errors

    refused = isinstance(error, (InnerspaceException, errors.HfHubHTTPError, errors.OfflineModeIsEnabled))
    local = isinstance(error, OSError) and (error.filename is not None or is_disk_full(error))
    return not refused and not local


def is_timeout(error: BaseException) -> bool:
    """Tell whether a request took too long; each major version of the client has another HTTP library's exceptions."""
    return not isinstance(error, InnerspaceException) and any(
        "Timeout" in kind.__name__ for kind in type(error).__mro__
    )


def _refused(error: Exception, name: HubName, endpoint: str, file: str) -> InnerspaceException:
    from huggingface_hub import errors

    status = _status(error)
    page = f"{endpoint}/{name.repository}"
    said = _said(error)
    if isinstance(error, errors.GatedRepoError):
        return ForbiddenException(
            f"The repository {name.repository} is gated{said}. Accept its terms at {page} and log in: set HF_TOKEN, or "
            "run `hf auth login`."
        )
    if isinstance(error, errors.DisabledRepoError):
        return ForbiddenException(f"The repository {name.repository} was disabled on the hub{said}.")
    if isinstance(error, errors.RepositoryNotFoundError):
        return NotFoundException(
            f"{name.spelled!r} is no directory here, and there is no repository {name.repository} at {endpoint}, or it "
            f"is private{said}. Check the name; for a private one set HF_TOKEN, or run `hf auth login`. "
            "`innerspace models list` shows the known names."
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return NotFoundException(
            f"The repository {name.repository} has no revision {name.revision!r}{said}. Its branches, tags and commits "
            f"are at {page}/commits/main."
        )
    if status in (401, 403):
        return ForbiddenException(
            f"{endpoint} refused access to {name.repository} (HTTP {status}){said}. Check the token in HF_TOKEN, or "
            f"log in with `hf auth login`; a gated repository has its terms at {page}."
        )
    if status == 404:
        what = f"{file} of the repository {name.repository}" if file else f"The repository {name.repository}"
        return NotFoundException(f"{what} is not at {endpoint}{said}.")
    if status == 429:
        return UnexpectedResponseException(
            f"{endpoint} has had too many requests (HTTP 429){said}. Wait a while; "
            "with a token (HF_TOKEN) it allows more."
        )
    return UnexpectedResponseException(
        f"{endpoint} answered HTTP {status} when {file or 'the list of files'} of {name.repository} was asked for"
        f"{said}. Try again later."
    )


def _where(name: HubName) -> str:
    return name.repository if name.revision == "main" else f"{name.repository} at {name.revision}"


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _said(error: Exception) -> str:
    """Return the server's own words, where it sent some."""
    response = getattr(error, "response", None)
    words = getattr(error, "server_message", None)
    if not words and response is not None:
        words = response.headers.get("X-Error-Message")
    words = " ".join(str(words or "").split())
    return f": the hub says {words[:300].rstrip('.')!r}" if words else ""


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
