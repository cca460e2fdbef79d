"""From sources and indices to a running app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from innerspace._arguments import require, require_sequence
from innerspace.app import InMemoryApp
from innerspace.app_definition import define_app
from innerspace.context import now_of
from innerspace.exceptions import InvalidInputException
from innerspace.index import Index
from innerspace.options import Options
from innerspace.source import InMemorySource

AppT = TypeVar("AppT", bound=InMemoryApp)


class InMemoryExecutor:
    """Runs indices in the memory of this process.

    Parameters
    ----------
    sources : InMemorySource or list of InMemorySource
    indices : Index or list of Index
    context_data : dict, optional
        ``{CONTEXT_COMMON: {CONTEXT_COMMON_NOW: 1_700_000_000}}`` says what counts
        as now for a RecencySpace; the clock if left out.
    options : Options, optional
        How pictures, the network, memory and threads are treated.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, there is no source or index, or
        two schema objects have the same name.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     image: sl.Blob
    >>> image = Image()
    >>> source = sl.InMemorySource(image)
    >>> index = sl.Index(sl.ImageSpace(image.image, model="embedded"))
    >>> executor = sl.InMemoryExecutor(sources=[source], indices=[index], options=sl.Options(threads=1))
    >>> with executor.run() as app:
    ...     report = source.put({"id": "square", "image": sl.datasets.shapes()["blue-square"].path})
    """

    def __init__(
        self,
        sources: InMemorySource | Sequence[InMemorySource],
        indices: Index | Sequence[Index],
        context_data: Mapping[str, Mapping[str, Any]] | None = None,
        options: Options | None = None,
    ) -> None:
        owner = type(self).__name__
        self._sources = tuple(
            dict.fromkeys(require_sequence(sources, InMemorySource, owner=owner, parameter="sources"))
        )
        self._indices = tuple(dict.fromkeys(require_sequence(indices, Index, owner=owner, parameter="indices")))
        if not self._sources:
            raise InvalidInputException(f"{owner}: parameter sources must not be empty.")
        if not self._indices:
            raise InvalidInputException(f"{owner}: parameter indices must not be empty.")
        self._options = Options() if options is None else require(options, Options, owner=owner, parameter="options")
        self._definition = define_app(
            [source._schema for source in self._sources],
            self._indices,
            self._options,
            now_of(context_data, owner=owner),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(sources={list(self._sources)}, indices={list(self._indices)})"

    def run(self) -> InMemoryApp:
        """Load the models and return an empty app, which the sources feed from now on.

        Each call makes a new app.

        Raises
        ------
        InvalidInputException
            If a model directory lacks files or holds a broken one.
        """
        return self._feed(InMemoryApp(self._definition))

    def _feed(self, app: AppT) -> AppT:
        for source in self._sources:
            source._attach(app)
        return app
