"""What the hub says that a repository holds. Every name and number in it is checked before it is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from innerspace._hub.names import is_commit
from innerspace.exceptions import ForbiddenException, LimitExceededException, UnexpectedResponseException

MAX_FILES = 20_000
MAX_FILE_BYTES = 16 << 30

_ETAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository.

    Attributes
    ----------
    name : str
        Relative, with slashes; safe to join to a directory.
    size : int or None
        In bytes, None where the hub does not say.
    etag : str or None
        The hash of its content (see :mod:`innerspace._hub.digest`), None where the hub does not say.
    """

    name: str
    size: int | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """A file of a repository of which all is known that fetching it takes.

    Attributes
    ----------
    name, size, etag
        As of :class:`HubFile`.
    """

    name: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a repository at one commit."""

    commit: str
    files: Mapping[str, HubFile]


def read_listing(document: object, repository: str) -> Listing:
    """Read the hub's answer about a repository.

    Raises
    ------
    UnexpectedResponseException
        If it is not what the hub's API promises.
    ForbiddenException
        If the name of a file leads out of the repository.
    LimitExceededException
        If there are more files than anything sensible has.
    """
    if not isinstance(document, Mapping):
        raise _odd(repository, "is not a JSON object")
    commit, siblings = document.get("sha"), document.get("siblings")
    if not isinstance(commit, str) or not is_commit(commit):
        raise _odd(repository, "names no commit")
    if not isinstance(siblings, list):
        raise _odd(repository, "lists no files")
    if len(siblings) > MAX_FILES:
        raise LimitExceededException(
            f"The repository {repository} has {len(siblings)} files; at most {MAX_FILES} are looked at."
        )
    files = [_read_file(entry, repository) for entry in siblings]
    return Listing(commit, {file.name: file for file in files})


def checked_etag(etag: object, name: str, repository: str) -> str:
    """Return an etag that is safe as the name of a file."""
    if not isinstance(etag, str) or not _ETAG.fullmatch(etag):
        raise _odd(repository, f"gives {etag!r} as the hash of {name}")
    return etag


def checked_size(size: object, name: str, repository: str) -> int:
    """Return a size that is one.

    Raises
    ------
    LimitExceededException
        If it is larger than the files of any model that runs here.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _odd(repository, f"gives {size!r} as the size of {name}")
    if size > MAX_FILE_BYTES:
        raise LimitExceededException(
            f"{name} of the repository {repository} has {size} bytes; at most {MAX_FILE_BYTES} are fetched."
        )
    return size


def _read_file(entry: object, repository: str) -> HubFile:
    if not isinstance(entry, Mapping):
        raise _odd(repository, "lists something that is not a file")
    name = entry.get("rfilename")
    if not isinstance(name, str):
        raise _odd(repository, "lists a file without a name")
    _check_name(name, repository)
    large = entry.get("lfs")
    if isinstance(large, Mapping):
        size, etag = large.get("size", entry.get("size")), large.get("sha256")
    else:
        size, etag = entry.get("size"), entry.get("blobId")
    return HubFile(
        name,
        size=size if isinstance(size, int) else None,
        etag=None if etag is None else checked_etag(etag, name, repository),
    )


def _check_name(name: str, repository: str) -> None:
    if "\\" in name or "\0" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise ForbiddenException(
            f"The repository {repository} lists a file {name[:100]!r}: a name that could lead out of its directory. "
            "Nothing of it was fetched."
        )


def _odd(repository: str, what: str) -> UnexpectedResponseException:
    return UnexpectedResponseException(
        f"The hub's answer about the repository {repository} {what}. If HF_ENDPOINT is set, check that a hub is there."
    )
