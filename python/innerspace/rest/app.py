"""A running app that is reached over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from innerspace.exceptions import ExternalException, InvalidInputException, PutException
from innerspace.interactive import InteractiveApp
from innerspace.report import PutReport, RowError
from innerspace.rest.blob_origins import BlobOrigins, Origins, blob_fields, identity_of, origins_of
from innerspace.rest.remote_blobs import RemoteBlobs
from innerspace.rest.search_params import search_params

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from innerspace.app_definition import AppDefinition
    from innerspace.report import DeleteReport
    from innerspace.rest.configuration import RestEndpointConfiguration, RestQuery
    from innerspace.rest.source import RestSource
    from innerspace.schema.schema import Schema


class RestApp(InteractiveApp):
    """A running app, made by :meth:`RestExecutor.run`; see :class:`InMemoryApp` for what it does beside serving.

    Attributes
    ----------
    asgi : starlette.applications.Starlette
        What an ASGI server such as uvicorn serves.
    paths : tuple of str
        Of its endpoints.
    """

    def __init__(
        self,
        definition: AppDefinition,
        default_limit: int,
        source_by_path: Mapping[str, RestSource],
        query_by_path: Mapping[str, RestQuery],
        configuration: RestEndpointConfiguration,
    ) -> None:
        super().__init__(definition, default_limit)
        self._source_by_path = dict(source_by_path)
        self._query_by_path = dict(query_by_path)
        self._configuration = configuration
        self._remote_blobs = RemoteBlobs(configuration.blob_root)
        self._origins = BlobOrigins()
        # Pictures and what is known of their origins change together.
        self._put_lock = threading.Lock()

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the endpoints, those of the sources first."""
        return (*self._source_by_path, *self._query_by_path)

    @cached_property
    def asgi(self) -> Starlette:
        """The app as an ASGI server takes it.

        Raises
        ------
        FeatureNotSupportedException
            If Starlette is not installed: ``pip install 'innerspace[server]'``.
        """
        from innerspace.rest.server import asgi_app

        return asgi_app([self])

    def ingest(self, path: str, data: object) -> PutReport:
        """Store the rows of a request.

        Parameters
        ----------
        path : str
            Of one of the app's sources.
        data : dict or list of dict
            From JSON. Pictures are URLs, data: URIs, base64, or files below ``blob_root``.

        Raises
        ------
        PutException
            If a row cannot be used; nothing is stored then.
        InvalidInputException
            If the data is of another type.
        """
        source = self._source_by_path[path]
        if not isinstance(data, (dict, list)):
            raise InvalidInputException("The body must be a JSON object with the fields of a row, or a list of them.")
        schema = source._schema
        rows = source._parser.parse(data)
        if not isinstance(rows, list):
            raise InvalidInputException(f"The parser of {path} does not take JSON; use a JsonParser.")
        rows, origins = self._checked(schema, rows)
        return self._put_with(schema, rows, origins, on_error="raise", partial="reset")

    def search(self, path: str, params: object) -> dict[str, Any]:
        """Answer the query of a request.

        Parameters
        ----------
        path : str
            Of one of the app's queries.
        params : dict
            From JSON: the values of the query's parameters.

        Returns
        -------
        dict
            As docs/server.md says, of what JSON holds.

        Raises
        ------
        InvalidInputException
            If a parameter is unknown, or a value is wrong.
        """
        query = self._query_by_path[path].query_descriptor
        if not isinstance(params, dict):
            raise InvalidInputException("The body must be a JSON object with the values of the query's parameters.")
        compiled, _ = self._prepare(query)
        given = dict(params)
        pictures: dict[str, str | None] = {}
        for name, places in compiled.uses.items():
            if not places[0][1].IN_JSON:
                pictures[name] = None
                if given.get(name) is not None:
                    given[name], pictures[name] = self._read_picture(name, given[name])
        result = self._run(query, given)
        named = {**given, **result.metadata.search_params, **pictures}
        blobs = blob_fields(query._schema)
        schema_name = result.metadata.schema_name
        return {
            "entries": [
                {
                    "id": entry.id,
                    "fields": {
                        name: self._origins.of(schema_name, entry.id, name) if name in blobs else value
                        for name, value in entry.fields.items()
                    },
                    "metadata": {
                        "score": entry.metadata.score,
                        "partial_scores": entry.metadata.partial_scores,
                        "vector_parts": entry.metadata.vector_parts,
                    },
                }
                for entry in result.entries
            ],
            "metadata": {
                "schema_name": schema_name,
                "search_vector": result.metadata.search_vector,
                "search_params": search_params(query, self._definition.space_names, named),
            },
        }

    def delete(self, schema: Schema, ids: str | Sequence[str]) -> DeleteReport:
        """Remove entities, as :meth:`InMemoryApp.delete` does."""
        with self._put_lock:
            report = super().delete(schema, ids)
            self._origins.forget(schema, [ids] if isinstance(ids, str) else ids)
        return report

    def _put(self, schema: Schema, rows: object, *, on_error: str, partial: str) -> PutReport:
        return self._put_with(schema, rows, origins_of(schema, rows), on_error=on_error, partial=partial)

    def _put_with(self, schema: Schema, rows: object, origins: Origins, *, on_error: str, partial: str) -> PutReport:
        self._check_open()
        if not origins:
            return super()._put(schema, rows, on_error=on_error, partial=partial)
        with self._put_lock:
            report = super()._put(schema, rows, on_error=on_error, partial=partial)
            self._origins.record(schema, origins, report)
        return report

    def _checked(self, schema: Schema, rows: list[Any]) -> tuple[list[Any], Origins]:
        """Return rows whose pictures the engine may open, and where these come from."""
        fields = blob_fields(schema)
        checked: list[Any] = []
        origins: Origins = []
        errors: list[RowError] = []
        for position, row in enumerate(rows):
            checked.append(row)
            if not fields or not isinstance(row, Mapping):
                continue
            identity = identity_of(schema, row)
            read = {}
            for field in fields:
                if row.get(field) is None:
                    continue
                try:
                    read[field] = self._remote_blobs.read(row[field])
                except ExternalException as error:
                    errors.append(RowError(position, identity, field, int(error.status), error.message))
            checked[-1] = {**row, **{field: blob.value for field, blob in read.items()}}
            origins.append((identity, {field: blob.origin for field, blob in read.items()}))
        if errors:
            report = PutReport(schema=schema._name, rows=len(rows), stored=0, errors=tuple(errors))
            raise PutException(report.refusal(), report=report)
        return checked, origins

    def _read_picture(self, name: str, value: object) -> tuple[object, str | None]:
        try:
            return self._remote_blobs.read(value)
        except ExternalException as error:
            error.path = f"params.{name}"
            raise
