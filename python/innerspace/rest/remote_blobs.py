"""What a request may name as a picture: an address, its content, or a file below one folder."""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from innerspace._arguments import shown
from innerspace.exceptions import (
    ExternalException,
    FeatureNotSupportedException,
    ForbiddenException,
    InvalidInputException,
    NotFoundException,
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FILE = re.compile(r"file:/", re.IGNORECASE)


class RemoteBlob(NamedTuple):
    """A picture of a request."""

    value: str | bytes | Path
    """What the engine is given: never a text that it would look for on the disk."""
    origin: str | None
    """The address or path as the request had it; None for content."""


class RemoteBlobs:
    """Reads the pictures of requests.

    Parameters
    ----------
    root : path, optional
        The folder below which files may be named; None for no files at all.
    """

    def __init__(self, root: str | os.PathLike[str] | None) -> None:
        self._root = None if root is None else Path(root).resolve(strict=True)

    def read(self, value: object) -> RemoteBlob:
        """Return the picture that a JSON value stands for.

        Raises
        ------
        ForbiddenException
            If it names a file that requests may not name.
        NotFoundException
            If there is no such file below the root.
        InvalidInputException
            If it is no str, or an empty one.
        FeatureNotSupportedException
            If it is a URL of another scheme.
        """
        if not isinstance(value, str) or not value.strip():
            raise InvalidInputException(
                f"A picture in a request is a URL, a data: URI or base64 text, got {shown(value)}."
            )
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                # How Python spells file names that are no UTF-8: the engine would be given a path.
                raise InvalidInputException("The text of a picture is no valid Unicode.") from None
        text = value.strip()
        if text[:5].lower() == "data:":
            return RemoteBlob(text, None)
        if _FILE.match(text):
            return RemoteBlob(self._below_root(_path_of(text)), value)
        scheme = _SCHEME.match(text)
        if scheme is None:
            return self._file_or_content(text, value)
        if scheme[1].lower() not in ("http", "https"):
            raise FeatureNotSupportedException(
                f"Unsupported scheme in path: {scheme[1]}, possible values: http, https and data"
            )
        return RemoteBlob(text, value)

    def _file_or_content(self, text: str, value: str) -> RemoteBlob:
        # A file goes first, as it does in the engine: a name such as "abcd" is base64 too.
        refusal: ExternalException
        try:
            return RemoteBlob(self._below_root(text), value)
        except (ForbiddenException, NotFoundException) as error:
            refusal = error
        try:
            return RemoteBlob(base64.b64decode("".join(text.split()), validate=True), None)
        except (binascii.Error, ValueError):
            raise refusal from None

    def _below_root(self, path: str) -> Path:
        if self._root is None:
            raise ForbiddenException(
                f"{_shortened(path)} is no URL, no data: URI and no base64; requests may not name files of the server, "
                "unless its RestEndpointConfiguration has a blob_root."
            )
        try:
            resolved = (self._root / path).resolve()
            # Whether there is a file outside is nobody's business: it is not looked for.
            outside = not resolved.is_relative_to(self._root)
            found = not outside and resolved.is_file()
        except (OSError, ValueError, RuntimeError):  # a null character, a loop of links, too long a name
            outside = found = False
        if outside:
            raise ForbiddenException(f"{_shortened(path)} is not below the folder whose files requests may name.")
        if not found:
            raise NotFoundException(
                f"There is no file {_shortened(path)} below the folder whose files requests may name."
            )
        return resolved


def _path_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidInputException(f"The URL {_shortened(url)} is malformed: {error}.") from None
    if parts.netloc.lower() not in ("", "localhost"):
        raise ForbiddenException(f"{_shortened(url)} names a file of another machine.")
    return unquote(parts.path)


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
