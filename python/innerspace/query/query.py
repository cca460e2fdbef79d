"""The query builder. Every method returns a new query; none changes the one it is called on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from innerspace._arguments import require, require_sequence, shown
from innerspace.exceptions import InvalidInputException
from innerspace.field_names import FieldNames
from innerspace.index import Index
from innerspace.natural_language.clause import NaturalQueryClause
from innerspace.natural_language.client import OpenAIClientConfig
from innerspace.operand import ENTITY_ID, LIMIT, RADIUS, TEXT, UNIX_TIME, WEIGHT, OperandKind
from innerspace.param import Param
from innerspace.query.clauses import (
    Clause,
    FacetsClause,
    FilterClause,
    IncludeMetadataClause,
    LimitClause,
    OverrideNowClause,
    RadiusClause,
    SelectClause,
    SimilarClause,
    SpaceWeightClause,
    WithVectorClause,
)
from innerspace.query.compilation import Compilation, CompiledQuery
from innerspace.query.user_config import QueryUserConfig
from innerspace.schema.condition import Condition
from innerspace.schema.field import SchemaField
from innerspace.schema.schema import Schema
from innerspace.space.field_set import SpaceFieldSet
from innerspace.space.space import Space

Weights = Mapping[Space, "float | Param"]

FACET_TYPES = frozenset({"string", "string_list", "boolean", "integer", "float", "timestamp"})
"""The types of fields whose values can be counted."""

MOST_COUNTS = 10_000
"""The most values of a field that a query can have counted."""


class Query:
    """Begins a query over an index.

    Parameters
    ----------
    index : Index
    weights : dict of Space to float or Param, optional
        How much each space counts. A space that is not named counts 1 where
        the query looks for something in it, else 0. An index of one space ignores weights.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, or a space is not in the index.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     image: sl.Blob
    >>> image = Image()
    >>> space = sl.ImageSpace(image.image, model="embedded")
    >>> index = sl.Index(space)
    >>> query = (
    ...     sl.Query(index, weights={space: 1.0})
    ...     .find(image)
    ...     .similar(space.description, sl.Param("text"), weight=sl.Param("text_weight", default=1.0))
    ...     .select_all()
    ...     .limit(10)
    ... )
    """

    def __init__(self, index: Index, weights: Weights | None = None) -> None:
        self._index = require(index, Index, owner="Query", parameter="index")
        self._weights = _space_weights(self._index, weights or {}, (), owner="Query")

    def find(self, schema: Schema) -> QueryDescriptor:
        """Say which entities to find.

        Raises
        ------
        InvalidInputException
            If the index has no such schema.
        """
        require(schema, Schema, owner="Query.find()", parameter="schema")
        if schema not in self._index._schemas:
            raise InvalidInputException(f"Index doesn't have the queried schema ({schema._name})")
        return QueryDescriptor(self._index, schema, self._weights)


class QueryDescriptor:
    """A query for the entities of one schema, made by :meth:`Query.find`.

    Each method returns a new query, so that a common beginning can be shared.
    """

    def __init__(self, index: Index, schema: Schema, clauses: tuple[Clause, ...]) -> None:
        self._index = index
        self._schema = schema
        self._clauses = clauses

    def similar(
        self,
        space_field_set: SpaceFieldSet | Space,
        param: Any,
        weight: float | Param = 1.0,
    ) -> QueryDescriptor:
        """Rank higher what is like a value. May be used any number of times.

        Parameters
        ----------
        space_field_set : SpaceFieldSet
            ``space.image`` or ``space.description``; a space of one kind of
            input may stand for it.
        param : Param or value
            What to look for, as the space takes it: a picture in any form that
            a Blob takes, a text, a number, categories, a vector. None drops the clause.
        weight : float or Param
            How much it counts beside other clauses; 0 drops the clause.

        Raises
        ------
        InvalidInputException
            If the space is not in the index or does not know the schema, it is
            an ImageSpace itself or one that cannot be looked into, or a value
            is of the wrong type.
        """
        if isinstance(space_field_set, Space):
            field_set = space_field_set._similar_field_set()
        elif isinstance(space_field_set, SpaceFieldSet):
            field_set = space_field_set
        else:
            raise InvalidInputException(
                "QueryDescriptor.similar(): parameter space_field_set must be a space, or a part of one such "
                f"as space.image or space.description, got {shown(space_field_set)}."
            )
        self._index._check_space(field_set.space)
        if self._schema not in field_set.space._schemas:
            raise InvalidInputException(f"'find' ({type(self._schema)}) is not in similarity field's schema types.")
        _check_operand(param, field_set.kind)
        _check_operand(weight, WEIGHT)
        return self._with(SimilarClause(field_set, param, weight))

    def with_vector(
        self,
        schema: Schema,
        id_param: str | Param | None,
        weight: float | Param | Weights | None = 1.0,
    ) -> QueryDescriptor:
        """Rank higher what is like a stored entity, in all spaces of the index.

        Parameters
        ----------
        schema : Schema
            Of the entity: the schema that is found, or another one of the index.
        id_param : str or Param
            The entity's id; None drops the clause.
        weight : float, Param, or dict of Space to float or Param
            How much it counts beside ``.similar``; spaces that a dict leaves out count 1.

        Raises
        ------
        InvalidInputException
            If the schema or a space is not in the index, a value is of the
            wrong type, or the query has a ``with_vector`` already.
        """
        owner = "QueryDescriptor.with_vector()"
        require(schema, Schema, owner=owner, parameter="schema")
        if schema not in self._index._schemas:
            raise InvalidInputException(f"Index doesn't have the schema ({schema._name}) of with_vector.")
        self._refuse_second(WithVectorClause, "with_vector")
        _check_operand(id_param, ENTITY_ID)
        if isinstance(weight, Mapping):
            for space, space_weight in weight.items():
                require(space, Space, owner=owner, parameter="weight")  # type: ignore[type-abstract]
                self._index._check_space(space)
                _check_operand(space_weight, WEIGHT)
            weight = dict(weight)
        else:
            _check_operand(weight, WEIGHT)
        return self._with(WithVectorClause(schema, id_param, weight))

    def filter(self, condition: Condition | bool) -> QueryDescriptor:
        """Return only rows for which a condition holds; all filters of a query must hold.

        Parameters
        ----------
        condition : Condition
            Compares fields with values or Params: ``item.price < 10``,
            ``(item.price < 10) | item.tags.contains("sale")``. A comparison
            with a Param that has no value is dropped.

        Raises
        ------
        InvalidInputException
            If it is no condition, or a field is not of the schema that is
            found or not among the ``fields`` of the index.
        """
        if not isinstance(condition, Condition):
            raise InvalidInputException(
                "QueryDescriptor.filter(): parameter condition must compare a field with a value or a Param, such as "
                f"item.price < 10, got {shown(condition)}."
            )
        fields = [comparison.field for comparison in condition._comparisons]
        for field in fields:
            if field.schema_obj is not self._schema:
                raise InvalidInputException(f"{field._qualified_name} is not part of the {self._schema._name} schema.")
        unindexed = [
            field._qualified_name for field in fields if field.TYPE != "id" and field not in self._index._fields
        ]
        if unindexed:
            raise InvalidInputException(
                f"Unindexed fields with filter found: {unindexed}. "
                "Fields that are filtered by are listed in Index(..., fields=[...])."
            )
        return self._with(FilterClause(condition))

    def facets(self, fields: SchemaField | Sequence[SchemaField], limit: int = 10) -> QueryDescriptor:
        """Count the values of fields among all rows that pass the filters; ``result.facets`` has them.

        The radius and the query's own limit do not matter, nor do the scores.

        Parameters
        ----------
        fields : field or list of fields
            Texts, lists of texts and truth values are counted; of numbers and times
            the range is told.
        limit : int, default 10
            At most so many values of a field, the most frequent ones.

        Raises
        ------
        InvalidInputException
            If a field is not of the schema that is found, not among the ``fields`` of
            the index, or of a type that has no facet; if the limit is not from 1 to
            10,000; or if the query has facets already.

        Examples
        --------
        >>> import innerspace as sl
        >>> class Shirt(sl.Schema):
        ...     id: sl.IdField
        ...     colour: sl.String
        ...     price: sl.Float
        >>> shirt = Shirt()
        >>> price_space = sl.NumberSpace(shirt.price, 0, 100, sl.Mode.MINIMUM)
        >>> source = sl.InMemorySource(shirt)
        >>> index = sl.Index(price_space, fields=[shirt.colour, shirt.price])
        >>> app = sl.InMemoryExecutor(sources=[source], indices=[index]).run()
        >>> report = source.put([
        ...     {"id": "a", "colour": "red", "price": 10},
        ...     {"id": "b", "colour": "blue", "price": 30},
        ...     {"id": "c", "colour": "red", "price": 20},
        ... ])
        >>> query = sl.Query(index).find(shirt).facets([shirt.colour, shirt.price]).limit(1)
        >>> facets = app.query(query).facets
        >>> facets["colour"].counts
        {'red': 2, 'blue': 1}
        >>> facets["price"].min, facets["price"].max
        (10.0, 30.0)
        """
        owner = "QueryDescriptor.facets()"
        given = require_sequence(fields, SchemaField, owner=owner, parameter="fields")
        for field in given:
            if field.schema_obj is not self._schema:
                raise InvalidInputException(f"{field._qualified_name} is not part of the {self._schema._name} schema.")
            if field.TYPE not in FACET_TYPES:
                raise InvalidInputException(
                    f"{field._qualified_name} has no facet; texts, lists of texts, truth values, numbers and times do."
                )
            if field not in self._index._fields:
                raise InvalidInputException(
                    f"{field._qualified_name} cannot be counted: such fields are listed in Index(..., fields=[...])."
                )
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_COUNTS:
            raise InvalidInputException(
                f"{owner}: parameter limit must be an int from 1 to {MOST_COUNTS}, got {shown(limit)}."
            )
        self._refuse_second(FacetsClause, "list of facets")
        return self._with(FacetsClause(given, limit))

    def override_now(self, now: int | Param | None) -> QueryDescriptor:
        """Say what counts as now for this query.

        Parameters
        ----------
        now : int or Param
            Unix seconds; None leaves it to the executor.

        Raises
        ------
        InvalidInputException
            If it is no int, or the query has an ``override_now`` already.
        """
        _check_operand(now, UNIX_TIME)
        self._refuse_second(OverrideNowClause, "time that counts as now")
        return self._with(OverrideNowClause(now))

    def with_natural_query(
        self,
        natural_query: str | Param,
        client_config: OpenAIClientConfig,
        system_prompt: str | Param | None = None,
    ) -> QueryDescriptor:
        """Let a language model give values to the parameters that get none when the query runs.

        The model sees the sentence, the names of the schema's fields, and each
        parameter's name, type, description, options and default; no rows. It is
        asked only when the query runs and there is a sentence.

        Parameters
        ----------
        natural_query : str or Param
            What is asked for, in a sentence.
        client_config : OpenAIClientConfig
        system_prompt : str or Param, optional
            Further instructions for the model.

        Raises
        ------
        InvalidInputException
            If an argument is of the wrong type, or the query has a natural query already.
        """
        owner = "QueryDescriptor.with_natural_query()"
        require(client_config, OpenAIClientConfig, owner=owner, parameter="client_config")
        _check_operand(natural_query, TEXT)
        _check_operand(system_prompt, TEXT)
        self._refuse_second(NaturalQueryClause, "natural query")
        return self._with(NaturalQueryClause(natural_query, client_config, system_prompt))

    def replace_user_config(self, query_user_config: QueryUserConfig) -> QueryDescriptor:
        """Return the query with other settings; with ``with_metadata`` it returns the score of each space."""
        require(
            query_user_config,
            QueryUserConfig,
            owner="QueryDescriptor.replace_user_config()",
            parameter="query_user_config",
        )
        kept = tuple(clause for clause in self._clauses if not isinstance(clause, IncludeMetadataClause))
        added = (IncludeMetadataClause(),) if query_user_config.with_metadata else ()
        return QueryDescriptor(self._index, self._schema, (*kept, *added))

    def select(
        self,
        fields: str | SchemaField | Sequence[str | SchemaField] | Param | None = None,
        metadata: Space | Sequence[Space] | None = None,
    ) -> QueryDescriptor:
        """Return some fields of the rows. The id always comes back.

        Parameters
        ----------
        fields : str, field, list of these, or Param, optional
            In the order in which they should come back.
        metadata : Space or list of Space, optional
            Return the parts of the stored vectors that belong to these spaces.

        Raises
        ------
        InvalidInputException
            If the schema has no such field, or the query selects already.
        """
        names = self._field_names()
        _check_operand([] if fields is None else fields, names)
        return self._with_select(SelectClause(names, [] if fields is None else fields, False, self._spaces(metadata)))

    def select_all(self, metadata: Space | Sequence[Space] | None = None) -> QueryDescriptor:
        """Return all fields of the rows, in the schema's order.

        Parameters
        ----------
        metadata : Space or list of Space, optional
            As in :meth:`select`.
        """
        return self._with_select(SelectClause(self._field_names(), None, True, self._spaces(metadata)))

    def limit(self, limit: int | Param | None) -> QueryDescriptor:
        """Return at most so many rows.

        Parameters
        ----------
        limit : int or Param, optional
            None, 0 and -1 mean no limit; a Param that is 0 when the query runs returns no rows.

        Raises
        ------
        InvalidInputException
            If it is no int or below -1, or the query has a limit.
        """
        _check_operand(limit, LIMIT)
        self._refuse_second(LimitClause, "limit")
        return self._with(LimitClause(limit))

    def radius(self, radius: float | Param | None) -> QueryDescriptor:
        """Return only rows with a score of at least ``1 - radius``.

        Parameters
        ----------
        radius : float or Param, optional
            Between 0 and 1; None and 0 mean no radius.

        Raises
        ------
        InvalidInputException
            If it is out of range, or the query has a radius.
        """
        _check_operand(radius, RADIUS)
        self._refuse_second(RadiusClause, "radius")
        return self._with(RadiusClause(radius))

    def include_metadata(self) -> QueryDescriptor:
        """Return the score of each space beside the sum, and readable ones where a model has a calibration."""
        return self._with(IncludeMetadataClause())

    def space_weights(self, weights: Weights) -> QueryDescriptor:
        """Say how much spaces count, as ``Query(index, weights=...)`` does.

        Raises
        ------
        InvalidInputException
            If a space is not in the index or has a weight already.
        """
        given = tuple(clause.space for clause in self._clauses if isinstance(clause, SpaceWeightClause))
        return self._with(*_space_weights(self._index, weights, given, owner="QueryDescriptor.space_weights()"))

    def _with(self, *clauses: Clause) -> QueryDescriptor:
        return QueryDescriptor(self._index, self._schema, (*self._clauses, *clauses))

    def _with_select(self, select: SelectClause) -> QueryDescriptor:
        self._refuse_second(SelectClause, "select")
        return self._with(select)

    def _field_names(self) -> FieldNames:
        return FieldNames(self._schema, self._index._fields_to_exclude)

    def _refuse_second(self, kind: type[Clause], name: str) -> None:
        if any(isinstance(clause, kind) for clause in self._clauses):
            raise InvalidInputException(f"The query has a {name} already; it can have only one.")

    def _spaces(self, metadata: object) -> tuple[Space, ...]:
        if metadata is None:
            return ()
        spaces = require_sequence(metadata, Space, owner="QueryDescriptor.select()", parameter="metadata")  # type: ignore[type-abstract]
        for space in spaces:
            self._index._check_space(space)
        return spaces

    def _compile(self, index_name: str, space_names: Mapping[Space, str]) -> CompiledQuery:
        compilation = Compilation(index_name, self._schema._name, space_names)
        for clause in self._clauses:
            clause.write(compilation)
        return compilation.finish()


def _space_weights(
    index: Index, weights: object, given: Sequence[Space], *, owner: str
) -> tuple[SpaceWeightClause, ...]:
    if not isinstance(weights, Mapping):
        raise InvalidInputException(f"{owner}: parameter weights must be a dict of spaces, got {shown(weights)}.")
    clauses = []
    for space, weight in weights.items():
        require(space, Space, owner=owner, parameter="weights")  # type: ignore[type-abstract]
        index._check_space(space)
        if space in given:
            raise InvalidInputException(
                f"Attempted to bound space weight(s) for {type(space).__name__} space(s) in Query multiple times."
            )
        _check_operand(weight, WEIGHT)
        clauses.append(SpaceWeightClause(space, weight))
    return tuple(clauses)


def _check_operand(value: object, kind: OperandKind) -> None:
    """Refuse a wrong value, or a parameter with a wrong default, in the line of the user's that has it."""
    checked = value.default if isinstance(value, Param) else value
    if checked is not None:
        kind.check(checked)
