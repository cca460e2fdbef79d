"""The reference's interactive executor, beside the in-memory one that it equals here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from innerspace._arguments import require
from innerspace.app import InMemoryApp
from innerspace.app_definition import stored_in
from innerspace.executor import InMemoryExecutor
from innerspace.local_store import LocalStore
from innerspace.source import InMemorySource
from innerspace.vector_database import InMemoryVectorDatabase

if TYPE_CHECKING:
    from innerspace.index import Index
    from innerspace.options import Options


class InteractiveSource(InMemorySource):
    """The entrance for rows of one schema; an :class:`InMemorySource` under another name."""


class InteractiveApp(InMemoryApp):
    """A running app, made by :meth:`InteractiveExecutor.run`; see :class:`InMemoryApp`."""


class InteractiveExecutor(InMemoryExecutor):
    """Runs indices on a vector database.

    Parameters
    ----------
    sources : InMemorySource or list of InMemorySource
    indices : Index or list of Index
    vector_database : InMemoryVectorDatabase or LocalStore, optional
        Where rows are kept; the memory of this process if left out.
    context_data, options : optional
        As for :class:`InMemoryExecutor`.

    Raises
    ------
    InvalidInputException
        As for :class:`InMemoryExecutor`.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Float
    >>> item = Item()
    >>> source = sl.InteractiveSource(item)
    >>> index = sl.Index(sl.NumberSpace(item.price, 0, 10, sl.Mode.MINIMUM))
    >>> executor = sl.InteractiveExecutor(source, index, sl.InMemoryVectorDatabase(default_query_limit=5))
    """

    def __init__(
        self,
        sources: InMemorySource | Sequence[InMemorySource],
        indices: Index | Sequence[Index],
        vector_database: InMemoryVectorDatabase | LocalStore | None = None,
        context_data: Mapping[str, Mapping[str, Any]] | None = None,
        options: Options | None = None,
    ) -> None:
        super().__init__(sources, indices, context_data, options)
        database = InMemoryVectorDatabase() if vector_database is None else vector_database
        if isinstance(database, LocalStore):
            self._definition = stored_in(database._to_json(), self._definition)
        else:
            require(database, InMemoryVectorDatabase, owner="InteractiveExecutor", parameter="vector_database")
        self._default_limit = database.default_query_limit

    def run(self) -> InteractiveApp:
        """Load the models and return an app, as :meth:`InMemoryExecutor.run` does.

        It is empty, or with a :class:`LocalStore` has what is in the store.

        Raises
        ------
        InvalidInputException
            As for :meth:`InMemoryExecutor.run`, and if the store was made with
            another definition or model.
        InvalidStateException
            If another app has the store open for writing; the message says which process.
        """
        return self._feed(InteractiveApp(self._definition, self._default_limit))
