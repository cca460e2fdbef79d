"""A recording engine in the place of the native one, and the objects of the example notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import innerspace as sl
from innerspace import report
from innerspace.report import DeleteReport, PutReport

if TYPE_CHECKING:
    from innerspace._definition import SchemaInfo
    from innerspace.query import QueryDescriptor


@dataclass
class RecordingQuery:
    json: Mapping[str, object]
    runs: list[dict[str, object]] = field(default_factory=list)
    _table: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(info=b"{}"))

    def run(self, params: Mapping[str, object]) -> object:
        self.runs.append(dict(params))
        return self


class RecordingEngine:
    """Takes the place of the native engine and keeps what it was told."""

    def __init__(self, definition: Mapping[str, object]) -> None:
        self.definition = definition
        self.puts: list[dict[str, object]] = []
        self.prepared: list[RecordingQuery] = []
        self.deleted: list[tuple[str, list[str]]] = []
        self.warnings: tuple[report.Warning, ...] = ()
        self.closes = 0

    def put(self, schema: SchemaInfo, rows: object, *, on_error: str, partial: str) -> PutReport:
        self.puts.append({"schema": schema, "rows": rows, "on_error": on_error, "partial": partial})
        return PutReport(schema=schema.name, rows=1, stored=1, warnings=self.warnings)

    def prepare(self, query: Mapping[str, object]) -> RecordingQuery:
        self.prepared.append(RecordingQuery(query))
        return self.prepared[-1]

    def delete(self, schema: str, ids: Sequence[str]) -> DeleteReport:
        self.deleted.append((schema, list(ids)))
        return DeleteReport(deleted=len(ids))

    def embed(self, space: str, *, images: object = None, texts: object = None) -> object:
        return space, images, texts

    def close(self) -> None:
        self.closes += 1


class Image(sl.Schema):
    id: sl.IdField
    image: sl.Blob
    description: sl.String


@dataclass
class World:
    """The example notebook's objects."""

    schema: Image
    space: sl.ImageSpace
    index: sl.Index
    source: sl.InMemorySource
    executor: sl.InMemoryExecutor

    def find(self) -> QueryDescriptor:
        return sl.Query(self.index).find(self.schema)
