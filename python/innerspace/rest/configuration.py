"""What is served where, and what a request may ask for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from innerspace._arguments import require, shown
from innerspace.exceptions import InvalidInputException
from innerspace.query.query import QueryDescriptor

MAX_BODY_BYTES = 64 << 20
"""Longer request bodies are refused unless the configuration says otherwise."""

_SEGMENT = re.compile(r"[A-Za-z0-9_.~-]+")


@dataclass(frozen=True)
class RestDescriptor:
    """The paths of a query or of a source.

    Parameters
    ----------
    query_path : str, optional
        Where a :class:`RestQuery` is asked: ``/api/v1/search/<query_path>``.
    query_descriptor : QueryDescriptor, optional
        Taken for compatibility, without effect: a :class:`RestQuery` has the query.
    source_path : str, optional
        Where a :class:`RestSource` takes rows: ``/api/v1/ingest/<source_path>``.

    Raises
    ------
    InvalidInputException
        If a path is empty or has other characters than letters, digits, ``_ . ~ -`` and ``/``.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.RestDescriptor("similar").query_path
    'similar'
    """

    query_path: str | None = None
    query_descriptor: QueryDescriptor | None = None
    source_path: str | None = None

    def __post_init__(self) -> None:
        for name in ("query_path", "source_path"):
            path = getattr(self, name)
            if path is not None and not segments(path, owner="RestDescriptor", parameter=name):
                raise InvalidInputException(f"RestDescriptor: parameter {name} must not be empty.")
        if self.query_descriptor is not None:
            require(self.query_descriptor, QueryDescriptor, owner="RestDescriptor", parameter="query_descriptor")


@dataclass(frozen=True)
class RestQuery:
    """A query that is served.

    Parameters
    ----------
    rest_descriptor : RestDescriptor
        With a ``query_path``.
    query_descriptor : QueryDescriptor

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, or there is no path.
    """

    rest_descriptor: RestDescriptor
    query_descriptor: QueryDescriptor

    def __post_init__(self) -> None:
        require(self.rest_descriptor, RestDescriptor, owner="RestQuery", parameter="rest_descriptor")
        require(self.query_descriptor, QueryDescriptor, owner="RestQuery", parameter="query_descriptor")
        if self.rest_descriptor.query_path is None:
            raise InvalidInputException("RestQuery: its descriptor needs a path: RestDescriptor(query_path=...).")

    @property
    def path(self) -> str:
        """The path below that of all queries."""
        return self.rest_descriptor.query_path or ""


@dataclass(frozen=True)
class RestEndpointConfiguration:
    """The beginning of every path, and what a request may hold.

    Parameters
    ----------
    query_path_prefix, ingest_path_prefix, api_root_path : str
        Queries are asked at ``<api_root_path>/<query_path_prefix>/<path>``,
        rows are put at ``<api_root_path>/<ingest_path_prefix>/<path>``.
    max_body_bytes : int, default 64 MiB
        Longer bodies are refused.
    blob_root : str or path, optional
        Requests may name picture files below this folder of this machine, and
        no others; without it they may name none. Links are followed before
        that is decided.

    Raises
    ------
    InvalidInputException
        If a path has characters that do not belong there, the cap is no
        positive int, or there is no such folder.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.RestEndpointConfiguration(api_root_path="shop").query_path("similar")
    '/shop/search/similar'
    """

    query_path_prefix: str = "search"
    ingest_path_prefix: str = "ingest"
    api_root_path: str = "/api/v1"
    max_body_bytes: int = field(default=MAX_BODY_BYTES, kw_only=True)
    blob_root: str | os.PathLike[str] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        owner = "RestEndpointConfiguration"
        for name in ("query_path_prefix", "ingest_path_prefix", "api_root_path"):
            segments(getattr(self, name), owner=owner, parameter=name)
        if isinstance(self.max_body_bytes, bool) or not isinstance(self.max_body_bytes, int) or self.max_body_bytes < 1:
            raise InvalidInputException(
                f"{owner}: parameter max_body_bytes must be an int from 1, got {shown(self.max_body_bytes)}."
            )
        root: object = self.blob_root
        if root is not None and (not isinstance(root, (str, os.PathLike)) or not Path(root).is_dir()):
            raise InvalidInputException(
                f"{owner}: parameter blob_root must be a folder that exists, got {shown(root)}."
            )

    def query_path(self, path: str) -> str:
        """Return the whole path of a query."""
        return self._joined(self.query_path_prefix, path)

    def ingest_path(self, path: str) -> str:
        """Return the whole path of a source."""
        return self._joined(self.ingest_path_prefix, path)

    def _joined(self, prefix: str, path: str) -> str:
        parts = (self.api_root_path, prefix, path)
        return "/" + "/".join(part for text in parts for part in text.split("/") if part)


def segments(path: object, *, owner: str, parameter: str) -> list[str]:
    """Return the segments of a path.

    Raises
    ------
    InvalidInputException
        If it is no str, or a segment is a dot or two or has characters that would have to be escaped.
    """
    text = require(path, str, owner=owner, parameter=parameter)
    found = [segment for segment in text.split("/") if segment]
    for segment in found:
        if not _SEGMENT.fullmatch(segment) or segment in (".", ".."):
            raise InvalidInputException(
                f"{owner}: parameter {parameter} may have letters, digits and _ . ~ - between slashes, "
                f"got {shown(path)}."
            )
    return found
