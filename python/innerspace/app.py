"""A running app: what queries are asked of."""

from __future__ import annotations

import threading
import warnings
import weakref
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from innerspace._arguments import require, require_sequence, shown
from innerspace.approximate import RecallReport
from innerspace.exceptions import InnerspaceException, InvalidInputException, InvalidStateException
from innerspace.index import Index
from innerspace.local_store import StoreWarning
from innerspace.model_resolution import raise_if_damaged
from innerspace.natural_language.clause import filled
from innerspace.query.query import Query, QueryDescriptor
from innerspace.query.runs import each_run, in_run
from innerspace.query.surprises import QueryWarning, surprises
from innerspace.schema.schema import Schema
from innerspace.space.space import Space

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from innerspace._engine import Engine, PreparedQuery
    from innerspace.app_definition import AppDefinition
    from innerspace.embedding import EmbeddingResult
    from innerspace.query.compilation import CompiledQuery
    from innerspace.report import CompactionReport, DeleteReport, PutReport
    from innerspace.result import QueryResult, UnreachableImage


class InMemoryApp:
    """A running app, made by :meth:`InMemoryExecutor.run`. Usable from many threads.

    It is closed by :meth:`close`, by leaving a ``with`` block, or when nothing
    refers to it any more.

    Attributes
    ----------
    closed : bool
    """

    def __init__(self, definition: AppDefinition, default_limit: int = -1) -> None:
        self._definition = definition
        self._default_limit = default_limit
        self._engine = open_engine(definition)
        self._finalizer = weakref.finalize(self, self._engine.close)
        # The process' end frees the memory anyway, and a forked child must not call the library.
        self._finalizer.atexit = False
        self._prepared: weakref.WeakKeyDictionary[QueryDescriptor, tuple[CompiledQuery, PreparedQuery]] = (
            weakref.WeakKeyDictionary()
        )
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        schemas = ", ".join(schema._name for schema in self._definition.schemas)
        return f"<{type(self).__name__} of {schemas}{', closed' if self.closed else ''}>"

    @property
    def closed(self) -> bool:
        """Whether the app was closed."""
        return not self._finalizer.alive

    def query(self, query: QueryDescriptor, /, **params: Any) -> QueryResult:
        """Run a query.

        A query object is compiled once and may be run any number of times.

        Parameters
        ----------
        query : QueryDescriptor
        **params
            The values of the query's parameters; None means not given.

        Returns
        -------
        QueryResult
            Rows by score, highest first, ties by id. Rules that may surprise the
            author of a query are told once, as a :class:`QueryWarning`;
            ``result.explain()`` shows what each space counted.

        Raises
        ------
        InvalidInputException
            If the query's index is not in this app, a parameter is unknown, or
            a value is wrong.
        InvalidStateException
            If the app is closed.
        """
        result = self._run(query, params)
        self._warn(query, [result])
        return result

    def query_many(self, query: QueryDescriptor, params: Iterable[Mapping[str, Any]], /) -> list[QueryResult]:
        """Run a query many times in one call, which is quicker than one by one.

        All runs see one state of the rows, and puts wait until all are done. The
        search that looks at every row gains most: what it reads of the rows serves
        several runs. An approximate search gains little.

        Parameters
        ----------
        query : QueryDescriptor
        params : iterable of mappings
            For each run the values of the query's parameters, by name; None means
            not given. Up to 4,096 runs.

        Returns
        -------
        list of QueryResult
            One for each of ``params``, in their order: each is what :meth:`query`
            would return.

        Raises
        ------
        InvalidInputException
            As :meth:`query`, and if ``params`` are no mappings by name. The path
            says in which run: ``params[3].limit``. There are no results then.
        LimitExceededException
            If there are more runs than one call takes.
        InvalidStateException
            If the app is closed.

        Examples
        --------
        >>> results = app.query_many(query, [{"words": "a red circle"}, {"words": "a star"}])  # doctest: +SKIP
        """
        self._check_open()
        compiled, prepared = self._prepare(query)
        runs = []
        for number, given in each_run(params):
            with in_run(number):
                runs.append(compiled.bind(filled(query, compiled, given)))
        results = prepared.run_many(runs)
        self._warn(query, results)
        return results

    async def async_query(self, query: QueryDescriptor, /, **params: Any) -> QueryResult:
        """Run a query on a worker thread; otherwise as :meth:`query`."""
        # A third of the time that importing the package would take; whoever awaits has it already.
        import asyncio

        return await asyncio.to_thread(self.query, query, **params)

    def delete(self, schema: Schema, ids: str | Sequence[str]) -> DeleteReport:
        """Remove entities.

        Parameters
        ----------
        schema : Schema
        ids : str or list of str

        Returns
        -------
        DeleteReport
            How many were removed, and which ids there were none of.

        Raises
        ------
        InvalidInputException
            If the schema is not in this app, or an id is no str.
        InvalidStateException
            If the app is closed.
        """
        self._check_open()
        require(schema, Schema, owner="InMemoryApp.delete()", parameter="schema")
        if schema not in self._definition.schemas:
            raise InvalidInputException(f"The app doesn't have the schema {schema._name}.")
        return self._engine.delete(
            schema._name, list(require_sequence(ids, str, owner="InMemoryApp.delete()", parameter="ids"))
        )

    def compact(self) -> CompactionReport:
        """Give the room of deleted and replaced rows back to the disk, while others search and put.

        An app whose rows are in memory has nothing to give back.

        Returns
        -------
        CompactionReport

        Raises
        ------
        InvalidStateException
            If the app is closed, or its store was opened for reading only.
        """
        self._check_open()
        return self._engine.compact()

    def embed(
        self,
        space: Space,
        *,
        images: Iterable[Any] | None = None,
        texts: Iterable[str | None] | None = None,
    ) -> EmbeddingResult:
        """Return the vectors of pictures or of texts in a space, without storing anything.

        Parameters
        ----------
        space : Space
        images : iterable, optional
            Pictures in any form that a Blob takes.
        texts : iterable of str, optional
            One of the two must be given.

        Returns
        -------
        EmbeddingResult
            A vector for each input, of length 1, or why there is none.

        Raises
        ------
        InvalidInputException
            If the space is not in this app, or not exactly one of the two is given.
        InvalidStateException
            If the app is closed.
        """
        self._check_open()
        require(space, Space, owner="InMemoryApp.embed()", parameter="space")  # type: ignore[type-abstract]
        name = self._definition.space_names.get(space)
        if name is None:
            raise InvalidInputException(f"The app doesn't have the space {space}.")
        return self._engine.embed(name, images=images, texts=texts)

    def recall(
        self, index: Index, schema: Schema | None = None, *, queries: int = 100, limit: int = 10
    ) -> RecallReport:
        """Measure how much of the best rows an approximate index finds.

        It waits until the index has caught up with what was put, then asks for the
        best rows at places between stored vectors, approximately and exactly.

        Parameters
        ----------
        index : Index
            One with ``approximate``.
        schema : Schema, optional
            Of the rows; may be left out for an index of one schema.
        queries : int, default 100
            From 1 to 10,000.
        limit : int, default 10
            Rows of each query, from 1 to 1,000.

        Raises
        ------
        InvalidInputException
            If the index is not in this app or not approximate, it has several schemas and none is named,
            or a number is out of range.
        InvalidStateException
            If the app is closed.
        """
        self._check_open()
        owner = "InMemoryApp.recall()"
        schemas = require(index, Index, owner=owner, parameter="index")._schemas
        if schema is not None:
            schemas = (require(schema, Schema, owner=owner, parameter="schema"),)
        if len(schemas) != 1:
            names = ", ".join(each._name for each in schemas)
            raise InvalidInputException(f"{owner}: the index has the schemas {names}; say which with schema=...")
        for name, number in (("queries", queries), ("limit", limit)):
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise InvalidInputException(f"{owner}: parameter {name} must be an int from 1, got {shown(number)}.")
        report = self._engine.recall(schemas[0]._name, self._index_name(index), queries=queries, limit=limit)
        return RecallReport._from_json(report)

    def describe(self) -> dict[str, Any]:
        """Return what the app holds and runs: rows, models, versions, cache counters."""
        self._check_open()
        return self._engine.describe()

    def close(self) -> None:
        """Free the memory of the app. Its sources stop feeding it; closing twice is fine."""
        self._finalizer()

    def __enter__(self) -> InMemoryApp:
        self._check_open()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _put(self, schema: Schema, rows: object, *, on_error: str, partial: str) -> PutReport:
        return self._engine.put(schema._info(), rows, on_error=on_error, partial=partial)

    def _vectors(
        self, index: Index, schema: Schema, ids: Sequence[str] | None, *, include_chunks: bool
    ) -> tuple[list[str], NDArray[numpy.float32]]:
        self._check_open()
        return self._engine.vectors(schema._name, self._index_name(index), ids, include_chunks=include_chunks)

    def _run(self, query: QueryDescriptor, params: Mapping[str, Any]) -> QueryResult:
        self._check_open()
        compiled, prepared = self._prepare(query)
        return prepared.run(compiled.bind(filled(query, compiled, params)))

    def _warn(self, query: QueryDescriptor, results: Sequence[QueryResult]) -> None:
        """Tell whoever called the method that calls this one."""
        for message in surprises.of(query):
            warnings.warn(message, QueryWarning, stacklevel=3)
        if not self._definition.is_stored:
            return
        for result in results:
            # Reading the metadata costs more than finding that there is nothing to tell.
            if b'"unreachable"' in result._table.info and result.metadata.unreachable:
                warnings.warn(_unreachable(result.metadata.unreachable), StoreWarning, stacklevel=3)

    def _prepare(self, query: object) -> tuple[CompiledQuery, PreparedQuery]:
        if isinstance(query, Query):
            raise InvalidInputException("The query does not say what to find: call .find(schema) on it first.")
        descriptor = require(query, QueryDescriptor, owner="InMemoryApp.query()", parameter="query")
        with self._lock:
            known = self._prepared.get(descriptor)
        if known is not None:
            return known
        compiled = descriptor._compile(self._index_name(descriptor._index), self._definition.space_names)
        if self._default_limit >= 0:
            compiled.json.setdefault("limit", {"value": self._default_limit})
        prepared = self._engine.prepare(compiled.json)
        with self._lock:
            return self._prepared.setdefault(descriptor, (compiled, prepared))

    def _index_name(self, index: Index) -> str:
        name = self._definition.index_names.get(index)
        if name is None:
            raise InvalidInputException(
                f"Query index {index} is not amongst the executor's indices: {list(self._definition.index_names)}"
            )
        return name

    def _check_open(self) -> None:
        if self.closed:
            raise InvalidStateException("The app is closed. Run the executor again.")


def _unreachable(images: Sequence[UnreachableImage]) -> str:
    """Return what a result's user is told of pictures that are not where the store knows them."""
    others = f" And {len(images) - 1:,} more: see result.metadata.unreachable." if len(images) > 1 else ""
    return f"A picture is not where it was put from: {images[0]}.{others}"


def open_engine(definition: AppDefinition) -> Engine:
    """Load the C library and open an engine.

    It is loaded here and not when the package is imported, which stays quick.
    """
    from innerspace._engine import Engine

    try:
        return Engine(definition.json)
    except InnerspaceException as error:
        if ".model" in error.path:
            raise_if_damaged(definition.json, error)
        raise
