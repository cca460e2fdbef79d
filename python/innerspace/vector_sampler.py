"""The stored vectors of an app, for looking at them or computing with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from innerspace._arguments import require
from innerspace.app import InMemoryApp
from innerspace.index import Index
from innerspace.operand import ENTITY_ID
from innerspace.schema.schema import Schema

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class VectorCollection:
    """Vectors and the ids of the entities that have them.

    Attributes
    ----------
    id_list : list of str
    vectors : numpy.ndarray of float32, shape (ids, length of the index)
        A row an id.
    """

    id_list: list[str]
    vectors: NDArray[numpy.float32]

    def __len__(self) -> int:
        return len(self.id_list)

    def __str__(self) -> str:
        return f"VectorCollection of {len(self)} vector{'' if len(self) == 1 else 's'}."


class VectorSampler:
    """Reads the vectors that an app has stored.

    A vector is that of the whole index: the parts of its spaces, one after the
    other, each divided by the square root of their number.

    Parameters
    ----------
    app : InMemoryApp

    Raises
    ------
    InvalidInputException
        If it is no app.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     vector: sl.FloatList
    >>> item = Item()
    >>> source, index = sl.InMemorySource(item), sl.Index(sl.CustomSpace(item.vector, length=2))
    >>> with sl.InMemoryExecutor(source, index).run() as app:
    ...     report = source.put([{"id": "a", "vector": [3, 4]}, {"id": "b", "vector": [1, 0]}])
    ...     sampler = sl.VectorSampler(app)
    ...     print(sampler.get_vectors_by_ids("a", index, item).vectors)
    ...     print(sampler.get_all_vectors(index, item))
    [[0.6 0.8]]
    VectorCollection of 2 vectors.
    """

    def __init__(self, app: InMemoryApp) -> None:
        self._app = require(app, InMemoryApp, owner="VectorSampler", parameter="app")

    def get_vectors_by_ids(
        self, id_: str | Sequence[str], index: Index, schema: Schema, readable_id_: Any = None
    ) -> VectorCollection:
        """Return the vectors of some entities, in the order of the ids.

        Parameters
        ----------
        id_ : str or list of str
        index : Index
        schema : Schema
        readable_id_ : optional
            Taken for compatibility, without effect.

        Raises
        ------
        NotFoundException
            If an id has no vector in the index, or the index has no such schema.
        InvalidInputException
            If the index is not of this app.
        """
        del readable_id_
        ids = [ENTITY_ID.check(item) for item in (id_ if isinstance(id_, (list, tuple)) else [id_])]
        return self._read(index, schema, ids)

    def get_all_vectors(self, index: Index, schema: Schema, include_chunks: bool = False) -> VectorCollection:
        """Return the vectors of all entities of a schema, in order of id.

        Parameters
        ----------
        index : Index
        schema : Schema
        include_chunks : bool, default False
            Whether to return the vectors of the pieces of chunked texts too.

        Raises
        ------
        InvalidInputException
            If the index is not of this app.
        NotFoundException
            If it has no such schema.
        """
        require(include_chunks, bool, owner="VectorSampler", parameter="include_chunks")
        return self._read(index, schema, None, include_chunks=include_chunks)

    def _read(
        self, index: Index, schema: Schema, ids: list[str] | None, *, include_chunks: bool = False
    ) -> VectorCollection:
        require(index, Index, owner="VectorSampler", parameter="index")
        require(schema, Schema, owner="VectorSampler", parameter="schema")
        return VectorCollection(*self._app._vectors(index, schema, ids, include_chunks=include_chunks))
