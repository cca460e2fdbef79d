"""Where rows come in."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from innerspace._arguments import require, shown
from innerspace.exceptions import InnerspaceException, InvalidInputException, InvalidStateException
from innerspace.parser import DataParser, JsonParser
from innerspace.schema.schema import Schema

if TYPE_CHECKING:
    from innerspace.app import InMemoryApp
    from innerspace.report import DeleteReport, PutReport

_ON_ERROR = ("raise", "skip", "null")
_PARTIAL = ("reset", "merge")


class PutWarning(UserWarning):
    """Says that a put stored something else than the caller may have meant."""


class InMemorySource:
    """The entrance for rows of one schema.

    It feeds every open app whose executor has it. An app that nothing refers
    to any more, such as one that a notebook cell replaced, is no longer fed.

    Parameters
    ----------
    schema : Schema
    parser : JsonParser or DataFrameParser, optional
        A :class:`JsonParser` without a mapping if left out.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, or the parser is for another schema.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     image: sl.Blob
    >>> image = Image()
    >>> source = sl.InMemorySource(image)
    >>> index = sl.Index(sl.ImageSpace(image.image, model="embedded"))
    >>> app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
    >>> report = source.put([{"id": shape.id, "image": shape.path} for shape in sl.datasets.shapes()])
    >>> report.stored
    5
    """

    def __init__(self, schema: Schema, parser: DataParser | None = None) -> None:
        owner = type(self).__name__
        self._schema = require(schema, Schema, owner=owner, parameter="schema")
        self._parser: DataParser = JsonParser(schema)
        if parser is not None:
            self._parser = require(parser, DataParser, owner=owner, parameter="parser")  # type: ignore[type-abstract]
        if self._parser._schema is not schema:
            raise InvalidInputException(
                f"{owner}: the parser is for {self._parser._schema._name}, the source for {schema._name}."
            )
        self._apps: list[weakref.ref[InMemoryApp]] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._schema._name})"

    def put(
        self,
        data: Mapping[str, Any] | Iterable[Mapping[str, Any]] | Any,
        on_error: Literal["raise", "skip", "null"] = "raise",
        partial: Literal["reset", "merge"] = "reset",
    ) -> PutReport:
        """Store rows and embed them.

        Putting an id again replaces the fields that the new row has.

        Parameters
        ----------
        data : dict, iterable of dict, pandas.DataFrame, or object with ``__arrow_c_stream__``
            Values by field name, as the parser maps them. None means no value.
        on_error : {"raise", "skip", "null"}
            What a row does that cannot be used: ``"raise"`` stores nothing of
            this put and names every bad row, ``"skip"`` stores the good rows,
            ``"null"`` stores the row without the bad field.
        partial : {"reset", "merge"}
            What becomes of the vector when an id is put again without some of
            its fields: ``"reset"`` makes it from the given fields alone, as
            the reference does, ``"merge"`` from the stored ones too.

        Returns
        -------
        PutReport
            What was stored and what was not. Its warnings are also issued as
            :class:`PutWarning`. Where several apps are fed, the report of the
            last of them.

        Raises
        ------
        PutException
            If ``on_error`` is ``"raise"`` and a row cannot be used.
        InvalidInputException
            If no executor has run, the data is of a wrong type, or an option is unknown.
        InvalidStateException
            If the app was closed, or nothing refers to it any more.
        """
        if on_error not in _ON_ERROR:
            raise InvalidInputException(f"put(): parameter on_error must be one of {_ON_ERROR}, got {shown(on_error)}.")
        if partial not in _PARTIAL:
            raise InvalidInputException(f"put(): parameter partial must be one of {_PARTIAL}, got {shown(partial)}.")
        apps = self._open_apps()
        if not apps:
            raise self._not_running()
        rows = self._parser.parse(data)
        if len(apps) > 1:
            # Imported here, as all that meets data is: the package's import stays quick.
            from innerspace._rows import repeatable

            rows = repeatable(rows)
        reports = [app._put(self._schema, rows, on_error=on_error, partial=partial) for app in apps]
        for message in dict.fromkeys(warning.message for report in reports for warning in report.warnings):
            warnings.warn(message, PutWarning, stacklevel=2)
        return reports[-1]

    def delete(self, ids: str | Sequence[str]) -> DeleteReport:
        """Remove entities of this schema from every app that the source feeds.

        Parameters
        ----------
        ids : str or list of str

        Returns
        -------
        DeleteReport
            How many were removed, and which ids there were none of; of the last app where there are several.

        Raises
        ------
        InvalidInputException
            If no executor has run, or an id is no str.
        InvalidStateException
            If the app was closed, or nothing refers to it any more.
        """
        apps = self._open_apps()
        if not apps:
            raise self._not_running()
        return [app.delete(self._schema, ids) for app in apps][-1]

    def _attach(self, app: InMemoryApp) -> None:
        self._apps = [*(weakref.ref(known) for known in self._open_apps()), weakref.ref(app)]

    def _open_apps(self) -> list[InMemoryApp]:
        apps = [reference() for reference in self._apps]
        return [app for app in apps if app is not None and not app.closed]

    def _not_running(self) -> InnerspaceException:
        if self._apps:
            return InvalidStateException(
                "Data ingestion is not allowed: the app that this source fed was closed or replaced. "
                "Run the executor again and keep the app that it returns."
            )
        return InvalidInputException(
            "Data ingestion is not allowed until executor.run() has been executed. "
            "Please ensure the executor is running before attempting to ingest data."
        )
