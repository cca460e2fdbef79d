"""The answer to a query."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from innerspace._table import ResultTable
    from innerspace.explanation import Explanation
    from innerspace.facet import Facet


@dataclass(frozen=True, slots=True)
class ResultEntryMetadata:
    """How an entry was scored.

    Attributes
    ----------
    score : float
        The similarity to the query; entries are in descending order of it.
    partial_scores : tuple of float
        Each space's share of the score, in the order of the index' spaces;
        empty where the query did not ask for them.
    vector_parts : tuple of tuple of float
        The entry's vector in each space that the query asked for.
    calibrated_scores : tuple of float
        For each space whose model has a calibration, how likely the entry belongs to
        what was asked of it (0 to 1), where as many do as do not; they decide nothing.
        Empty where the query did not ask for partial scores.
    contributions : tuple of float
        Each active clause's share of the score, in the order of the active ones
        among ``result.metadata.clauses``; empty for entries far down.
    origin : str or None
        The id of the entity whose text a piece is of (see :func:`innerspace.chunk`);
        None for an entity itself.
    """

    score: float
    partial_scores: tuple[float, ...] = ()
    vector_parts: tuple[tuple[float, ...], ...] = ()
    contributions: tuple[float, ...] = ()
    origin: str | None = None
    calibrated_scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultEntry:
    """One entity that was found.

    Attributes
    ----------
    id : str
    fields : dict
        The selected fields by name, with values as their types say: str, int,
        float, bool, lists. A value that is absent is an absent key; a Blob is
        the bytes of the encoded picture as it was put.
    metadata : ResultEntryMetadata
    """

    id: str
    fields: dict[str, Any]
    metadata: ResultEntryMetadata


@dataclass(frozen=True, slots=True)
class ResultClause:
    """What one clause of the query did.

    Attributes
    ----------
    space, field : str
    param : str
        The parameter of its value; empty for a value that stands in the query.
    weight : float
    active : bool
        False where it had no value, or weight 0.
    type : str
        ``"similar"``, or ``"with_vector"``, which stands here once for each space.
    """

    space: str
    field: str
    param: str
    weight: float
    active: bool
    type: str = "similar"


@dataclass(frozen=True, slots=True)
class ResultModel:
    """A model that made vectors of the index.

    Attributes
    ----------
    name : str
    fingerprint : str
        Of the files that decide its output.
    dimension : int
    """

    name: str
    fingerprint: str
    dimension: int


@dataclass(frozen=True, slots=True)
class ResultTruncation:
    """A text of the query of which only the beginning was embedded.

    Attributes
    ----------
    param : str
    tokens, limit : int
        How many tokens it has, and how many the model takes.
    """

    param: str
    tokens: int
    limit: int


@dataclass(frozen=True, slots=True)
class UnreachableImage:
    """A picture that a :class:`LocalStore` keeps where it came from, and that is not there, or not as it was.

    Attributes
    ----------
    rank : int
        The position of its entry in the result.
    id, field : str
    reason : str
    """

    rank: int
    id: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field} of {self.id!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ResultMetadata:
    """About a result as a whole.

    Attributes
    ----------
    schema_name : str
    search_vector : tuple of float
        The query as a vector of the index.
    search_params : dict
        The value of every parameter, None where it was not given.
    index : str
    spaces : tuple of str
        Of the index, in order.
    clauses : tuple of ResultClause
    models : tuple of ResultModel
    truncated : tuple of ResultTruncation
    rows_searched : int
    unreachable : tuple of UnreachableImage
        Selected pictures that could not be had; they are absent among the fields.
    """

    schema_name: str
    search_vector: tuple[float, ...]
    search_params: dict[str, Any]
    index: str
    spaces: tuple[str, ...]
    clauses: tuple[ResultClause, ...]
    models: tuple[ResultModel, ...]
    truncated: tuple[ResultTruncation, ...]
    rows_searched: int
    unreachable: tuple[UnreachableImage, ...] = ()


class QueryResult:
    """What a query found: entries in descending order of score, ties in order of id.

    It is made by ``app.query(...)``, cannot be changed, and keeps the engine's
    memory until it is dropped. Anything that takes Arrow data takes a result as
    it is, without a copy: ``pyarrow.table(result)``, ``polars.DataFrame(result)``,
    ``duckdb.from_arrow(result.to_arrow())``.

    In a notebook it shows itself as a gallery.
    """

    def __init__(
        self,
        table: ResultTable,
        given: Mapping[str, object],
        space_fields: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._table = table
        self._given = given
        self._space_fields = space_fields or {}

    @cached_property
    def entries(self) -> tuple[ResultEntry, ...]:
        """The entries found, best first."""
        return tuple(self._entries())

    @cached_property
    def metadata(self) -> ResultMetadata:
        """About the result as a whole."""
        info = json.loads(self._table.info)
        params = dict(info["search_params"])
        # An image crosses as bytes; what the user gave is what the user wants to see.
        params.update({name: value for name, value in self._given.items() if name in params})
        return ResultMetadata(
            schema_name=info["schema_name"],
            search_vector=tuple(map(float, info["search_vector"] or ())),
            search_params=params,
            index=info["index"],
            spaces=tuple(info["spaces"] or ()),
            clauses=tuple(
                ResultClause(
                    clause["space"],
                    clause["field"],
                    clause["param"],
                    clause["weight"],
                    clause["active"],
                    clause.get("type", "similar"),
                )
                for clause in info["clauses"] or ()
            ),
            models=tuple(
                ResultModel(model["name"], model["fingerprint"], model["dimension"]) for model in info["models"] or ()
            ),
            truncated=tuple(
                ResultTruncation(text["param"], text["tokens"], text["limit"]) for text in info["truncated"] or ()
            ),
            rows_searched=info["rows_searched"],
            unreachable=tuple(
                UnreachableImage(image["rank"], image["id"], image["field"], image["reason"])
                for image in info.get("unreachable") or ()
            ),
        )

    @cached_property
    def facets(self) -> dict[str, Facet]:
        """What all rows that pass the query's filters have in the fields of its ``.facets(...)``, by field."""
        from innerspace.facet import Facet

        return {facet["field"]: Facet.from_json(facet) for facet in json.loads(self._table.info).get("facets", ())}

    def __len__(self) -> int:
        return self._table.rows

    def __iter__(self) -> Iterator[ResultEntry]:
        return iter(self.entries)

    def __str__(self) -> str:
        return "\n".join(
            f"#{number} id:{entry.id}, object:{{{_shown_fields(entry.fields)}}}"
            for number, entry in enumerate(self.entries, start=1)
        )

    def __repr__(self) -> str:
        return f"<QueryResult of {len(self)} {self.metadata.schema_name}>"

    def _repr_html_(self) -> str:
        from innerspace.gallery import gallery

        return gallery(self)

    def __arrow_c_schema__(self) -> object:
        return self._table.schema_capsule()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.stream_capsule(requested_schema)

    def explain(self) -> Explanation:
        """Return which weight each space got and why, and what each clause did.

        Returns
        -------
        Explanation
            A text when printed, a table in a notebook.
        """
        from innerspace.explanation import explain

        return explain(json.loads(self._table.info)["explain"], self.metadata.clauses, self._space_fields)

    def to_arrow(self) -> pyarrow.Table:
        """Return the result as a ``pyarrow.Table`` over the same memory.

        The columns are the selected fields, ``id``, ``similarity_score`` (float64)
        and ``rank`` (int64, from 0), then what else the query asked for. They are
        the same for every result of a query. A Blob is large_binary.
        """
        import pyarrow

        return pyarrow.table(self)

    def to_polars(self) -> polars.DataFrame:
        """Return the result as a ``polars.DataFrame``; columns as in :meth:`to_arrow`."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the result as a ``pandas.DataFrame``; columns as in :meth:`to_arrow`, Blobs as bytes.

        An Integer and a Timestamp are Int64, a Boolean is boolean, a Float float64, all else object.
        With ``include_metadata()`` each space has a column of its share of the score, ``partial_scores.<space>``,
        and one with a calibrated model ``calibrated_scores.<space>``.

        :class:`innerspace.PandasConverter` makes the reference's table.
        """
        from innerspace.converter import frame_of

        return frame_of(self._table)

    def _entries(self) -> Iterator[ResultEntry]:
        table = self._table
        names = [column.name for column in table.with_role("field")]
        columns = [table.values(column) for column in table.with_role("field")]
        rows: Iterator[tuple[Any, ...]] = zip(*columns, strict=True) if columns else iter([()] * table.rows)
        ids = table.role_values("id") or []
        scores = table.role_values("score") or []
        none = [None] * table.rows
        partial = table.role_values("partial_scores") or none
        parts = table.role_values("vector_parts") or none
        contributions = table.role_values("contributions") or none
        origins = table.role_values("origin") or none
        calibrated = table.role_values("calibrated_scores") or none
        for position, values in enumerate(rows):
            yield ResultEntry(
                ids[position],
                {name: value for name, value in zip(names, values, strict=True) if value is not None},
                ResultEntryMetadata(
                    scores[position],
                    tuple(partial[position] or ()),
                    tuple(tuple(part) for part in parts[position] or ()),
                    tuple(contributions[position] or ()),
                    origins[position] or None,
                    tuple(calibrated[position] or ()),
                ),
            )


def _shown_fields(fields: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name!r}: {f'<{len(value):,} bytes>' if isinstance(value, bytes) else repr(value)}"
        for name, value in fields.items()
    )
