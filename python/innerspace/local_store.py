"""A directory of this machine that keeps what an executor's app stores."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException
from innerspace.vector_database import check_default_query_limit

if TYPE_CHECKING:
    from innerspace._definition import Json

Durability = Literal["full", "fast"]
KeptImages = Literal["keep", "reference"]


class StoreWarning(UserWarning):
    """Says what opening a store took out of it, or what it could not give."""


@dataclass(frozen=True)
class LocalStore:
    """A directory that keeps rows, vectors and what events did, for as long as it is there.

    Pass it to an :class:`InteractiveExecutor` or a :class:`RestExecutor` as
    ``vector_database``. The app that runs on it has what earlier apps stored,
    in this process or another. One app writes to a store at a time; any number
    of others read it with ``read_only=True``, and see each put once it is done.

    The store remembers its definition and its models. Another definition is
    refused, with the difference in words, unless it only adds to it (schemas,
    fields, spaces, indices: what is new is made of what is stored) or leaves an
    index out. ``docs/store.md`` has the rules and the files.

    Parameters
    ----------
    path : str or path
        The directory, which is made where there is none.
    durability : {"full", "fast"}
        ``"full"``: when a put or delete returns, it survives a power cut.
        ``"fast"``: it survives the end of the process, however it comes; a power
        cut may take rows of the latest puts, and what is left is whole.
    read_only : bool
        Whether the app may only query. The store must be there.
    images : {"keep", "reference"}
        ``"keep"`` keeps the bytes of pictures. ``"reference"`` keeps the path or
        URL that they were put as, and their hash: results read them from there,
        and name those that are gone or changed
        (``result.metadata.unreachable``). Pictures without a path or URL
        are refused then.
    default_query_limit : int
        How many rows a query without a ``.limit()`` returns at most; -1 for all.

    Raises
    ------
    InvalidInputException
        If a value has the wrong type or is none of the known ones.

    Examples
    --------
    >>> import innerspace as sl
    >>> import tempfile
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Float
    >>> item = Item()
    >>> source = sl.InteractiveSource(item)
    >>> index = sl.Index(sl.NumberSpace(item.price, 0, 10, sl.Mode.MINIMUM))
    >>> store = sl.LocalStore(tempfile.mkdtemp())
    >>> with sl.InteractiveExecutor(source, index, store).run() as app:
    ...     report = source.put({"id": "a", "price": 3.0})
    >>> with sl.InteractiveExecutor(source, index, store).run() as app:
    ...     [entry.id for entry in app.query(sl.Query(index).find(item)).entries]
    ['a']
    """

    path: str | os.PathLike[str]
    durability: Durability = "full"
    read_only: bool = False
    images: KeptImages = "keep"
    default_query_limit: int = -1

    def __post_init__(self) -> None:
        if not isinstance(self.path, (str, os.PathLike)) or not isinstance(os.fspath(self.path), str):
            self._refuse("path", "a str or path")
        if not os.fspath(self.path) or "\0" in os.fspath(self.path):
            self._refuse("path", "the path of a directory")
        if self.durability not in get_args(Durability):
            self._refuse("durability", '"full" or "fast"')
        if self.images not in get_args(KeptImages):
            self._refuse("images", '"keep" or "reference"')
        if not isinstance(self.read_only, bool):
            self._refuse("read_only", "True or False")
        check_default_query_limit(self.default_query_limit, owner="LocalStore")

    def _refuse(self, name: str, expected: str) -> None:
        raise InvalidInputException(
            f"LocalStore: parameter {name} must be {expected}, got {shown(getattr(self, name))}."
        )

    def _to_json(self) -> Json:
        return {
            "path": directory_of(self.path),
            "durability": self.durability,
            "read_only": self.read_only,
            "images": self.images,
        }


def directory_of(path: str | os.PathLike[str]) -> str:
    """Return the absolute path of a store, with ``~`` in its place.

    Raises
    ------
    InvalidInputException
        If it begins with ``~somebody`` whom this machine does not know.
    """
    try:
        return str(Path(path).expanduser().absolute())
    except RuntimeError as error:
        raise InvalidInputException(f"LocalStore: parameter path {os.fspath(path)!r} has no home: {error}") from None
