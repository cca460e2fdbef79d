"""Where the stored pictures came from: results over HTTP name that instead of the content."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from innerspace._columns import is_pandas_frame
from innerspace._values import plain

if TYPE_CHECKING:
    from innerspace.report import PutReport
    from innerspace.schema.schema import Schema

_URL = re.compile(r"\s*(file:/|https?://)", re.IGNORECASE)

Origins = list[tuple[str, dict[str, str | None]]]
"""Of each row its id, and of each picture that it has the path or URL, None for content."""


class BlobOrigins:
    """The path or URL of each picture that was put with one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str], str] = {}

    def record(self, schema: Schema, origins: Origins, report: PutReport) -> None:
        """Note where the pictures of a put came from, but for those that it refused."""
        refused = {(error.id, error.field) for error in report.errors}
        with self._lock:
            for identity, pictures in origins:
                for field, origin in pictures.items():
                    if (identity, field) in refused:
                        continue
                    if origin is None:
                        self._known.pop((schema._name, identity, field), None)
                    else:
                        self._known[schema._name, identity, field] = origin

    def forget(self, schema: Schema, identities: Iterable[str]) -> None:
        """Drop what is known of deleted rows."""
        fields = blob_fields(schema)
        with self._lock:
            for identity in identities:
                for field in fields:
                    self._known.pop((schema._name, identity, field), None)

    def of(self, schema_name: str, identity: str, field: str) -> str | None:
        """Return the path or URL of a picture; None where it was put as content."""
        return self._known.get((schema_name, identity, field))


def blob_fields(schema: Schema) -> tuple[str, ...]:
    """Return the names of a schema's pictures."""
    return tuple(field.name for field in schema._fields.values() if field.TYPE == "blob")


def origins_of(schema: Schema, rows: object) -> Origins:
    """Return where the pictures of rows that Python put came from.

    Of rows in Arrow memory nothing is known: their pictures count as content.
    """
    fields = blob_fields(schema)
    if not fields:
        return []
    if is_pandas_frame(rows):
        frame: Any = rows
        rows = frame[[name for name in frame.columns if name in {*fields, schema._id_field.name}]].to_dict("records")
    if not isinstance(rows, list):
        return []
    origins: Origins = []
    for row in rows:
        if isinstance(row, Mapping):
            given = {field: row[field] for field in fields if _is_given(row.get(field))}
            origins.append((identity_of(schema, row), {field: _origin(value) for field, value in given.items()}))
    return origins


def identity_of(schema: Schema, row: Mapping[Any, Any]) -> str:
    """Return the id of a row as the engine stores it."""
    return str(plain(row.get(schema._id_field.name)))


def _is_given(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and value != value)


def _origin(value: object) -> str | None:
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, str) and (_URL.match(value) or os.path.exists(value)):  # noqa: PTH110 - Path.exists() raises for long texts
        return value
    return None
