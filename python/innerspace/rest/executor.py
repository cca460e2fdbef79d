"""From sources, indices and queries to an app that is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from innerspace._arguments import require, require_sequence
from innerspace.exceptions import InvalidInputException
from innerspace.interactive import InteractiveExecutor
from innerspace.rest.app import RestApp
from innerspace.rest.configuration import RestEndpointConfiguration, RestQuery
from innerspace.rest.source import RestSource

if TYPE_CHECKING:
    from innerspace.index import Index
    from innerspace.local_store import LocalStore
    from innerspace.options import Options
    from innerspace.source import InMemorySource
    from innerspace.vector_database import InMemoryVectorDatabase


class RestExecutor(InteractiveExecutor):
    """Runs indices whose sources and queries are reached over HTTP.

    Parameters
    ----------
    sources : RestSource or list of RestSource
        Other sources may be among them; they are fed from Python alone.
    indices : Index or list of Index
    queries : RestQuery or list of RestQuery
    vector_database : InMemoryVectorDatabase or LocalStore, optional
        Where rows are kept; the memory of this process if left out.
    endpoint_configuration : RestEndpointConfiguration, optional
    context_data, options : optional
        As for :class:`InMemoryExecutor`.

    Raises
    ------
    InvalidInputException
        As for :class:`InMemoryExecutor`, and if a query's index is not among
        the indices, or two endpoints have the same path.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Float
    >>> item = Item()
    >>> space = sl.NumberSpace(item.price, 0, 10, sl.Mode.MINIMUM)
    >>> index = sl.Index(space)
    >>> query = sl.Query(index).find(item).select_all().limit(sl.Param("limit", default=10))
    >>> executor = sl.RestExecutor(
    ...     sources=[sl.RestSource(item)],
    ...     indices=[index],
    ...     queries=[sl.RestQuery(sl.RestDescriptor("cheapest"), query)],
    ...     vector_database=sl.InMemoryVectorDatabase(),
    ... )
    >>> with executor.run() as app:
    ...     app.paths
    ('/api/v1/ingest/item', '/api/v1/search/cheapest')
    """

    def __init__(
        self,
        sources: InMemorySource | Sequence[InMemorySource],
        indices: Index | Sequence[Index],
        queries: RestQuery | Sequence[RestQuery],
        vector_database: InMemoryVectorDatabase | LocalStore | None = None,
        endpoint_configuration: RestEndpointConfiguration | None = None,
        context_data: Mapping[str, Mapping[str, Any]] | None = None,
        options: Options | None = None,
    ) -> None:
        super().__init__(sources, indices, vector_database, context_data, options)
        owner = "RestExecutor"
        self._configuration = (
            RestEndpointConfiguration()
            if endpoint_configuration is None
            else require(
                endpoint_configuration, RestEndpointConfiguration, owner=owner, parameter="endpoint_configuration"
            )
        )
        self._source_by_path: dict[str, RestSource] = {}
        self._query_by_path: dict[str, RestQuery] = {}
        for source in self._sources:
            if isinstance(source, RestSource):
                path = self._configuration.ingest_path(source.path)
                self._check_new(path)
                self._source_by_path[path] = source
        for query in require_sequence(queries, RestQuery, owner=owner, parameter="queries"):
            if query.query_descriptor._index not in self._indices:
                raise InvalidInputException(
                    f"Query index {query.query_descriptor._index} is not amongst the executor's indices: "
                    f"{list(self._indices)}"
                )
            path = self._configuration.query_path(query.path)
            self._check_new(path)
            self._query_by_path[path] = query

    def run(self) -> RestApp:
        """Load the models and return an app, as :meth:`InteractiveExecutor.run` does; ``app.asgi`` serves it."""
        app = RestApp(
            self._definition, self._default_limit, self._source_by_path, self._query_by_path, self._configuration
        )
        return self._feed(app)

    def _check_new(self, path: str) -> None:
        if path in self._source_by_path or path in self._query_by_path:
            raise InvalidInputException(f"Endpoint duplication detected. The path: {path} has been previously added.")
