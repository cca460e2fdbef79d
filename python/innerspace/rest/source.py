"""Where rows come in over HTTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from innerspace._arguments import require
from innerspace.rest.configuration import RestDescriptor, segments
from innerspace.source import InMemorySource

if TYPE_CHECKING:
    from innerspace.parser import DataParser
    from innerspace.schema.schema import Schema

_WORD_ENDS = (
    re.compile(r"([A-Z]+)([A-Z][a-z])"),
    re.compile(r"([a-z])([A-Z])"),
    re.compile(r"([0-9])([A-Z])"),
    re.compile(r"([a-z])([0-9])"),
)


class RestSource(InMemorySource):
    """The entrance for rows of one schema, from Python with ``put`` and over HTTP.

    Parameters
    ----------
    schema : Schema
    parser : JsonParser, optional
        A :class:`JsonParser` without a mapping if left out.
    rest_descriptor : RestDescriptor, optional
        With a ``source_path``; the schema's name in snake_case if left out.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, or the schema's name cannot stand in a path.

    Examples
    --------
    >>> import innerspace as sl
    >>> class SpareItem(sl.Schema):
    ...     id: sl.IdField
    ...     price: sl.Float
    >>> sl.RestSource(SpareItem()).path
    'spare_item'
    """

    def __init__(
        self, schema: Schema, parser: DataParser | None = None, rest_descriptor: RestDescriptor | None = None
    ) -> None:
        super().__init__(schema, parser)
        given = None
        if rest_descriptor is not None:
            given = require(
                rest_descriptor, RestDescriptor, owner="RestSource", parameter="rest_descriptor"
            ).source_path
        self._path = snake_case(schema._name) if given is None else given
        segments(self._path, owner="RestSource", parameter="source_path")

    @property
    def path(self) -> str:
        """The path below that of all sources."""
        return self._path


def snake_case(name: str) -> str:
    """Return a class' name as a path has it: words in lower case, joined by underscores."""
    for end in _WORD_ENDS:
        name = end.sub(r"\1_\2", name)
    return name.lower()
