"""The space of categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from innerspace._arguments import require, require_number
from innerspace.exceptions import InvalidInputException
from innerspace.operand import CATEGORIES
from innerspace.schema.string import String
from innerspace.schema.string_list import StringList
from innerspace.space.single_field_space import SingleFieldSpace

if TYPE_CHECKING:
    from innerspace._definition import Json
    from innerspace.space.field_set import SpaceFieldSet

CategoryInput = String | StringList | None


class CategoricalSimilaritySpace(SingleFieldSpace):
    """Categories: the more of the wanted ones, the better.

    Names are compared as they are, upper and lower case apart.

    Parameters
    ----------
    category_input : String, StringList, or a sequence of them
        At most one a schema.
    categories : list of str
    negative_filter : float
        The score of a category that a row does not have.
    uncategorized_as_category : bool, default True
        Whether all names that are not among the categories are one category of
        their own, or none at all.
    salt : str, optional
        Tells otherwise equal spaces apart.

    Attributes
    ----------
    category : SpaceFieldSet
        The categories, for ``.similar(space.category, ["red"])``; ``.similar(space, ["red"])`` is the same.

    Raises
    ------
    InvalidInputException
        If an argument is of the wrong type, there is no field, or two are of one schema.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Item(sl.Schema):
    ...     id: sl.IdField
    ...     colours: sl.StringList
    >>> sl.CategoricalSimilaritySpace(Item().colours, categories=["red", "blue"], negative_filter=-1.0)
    CategoricalSimilaritySpace(Item.colours)
    """

    KIND: ClassVar[str] = "categorical_similarity_space"
    FIELD = "category"
    ACCEPTS = (String, StringList)
    ACCEPTED = "String or StringList"

    def __init__(
        self,
        category_input: CategoryInput | Sequence[CategoryInput],
        categories: list[str],
        negative_filter: float = 0.0,
        uncategorized_as_category: bool = True,
        salt: str | None = None,
    ) -> None:
        owner = "CategoricalSimilaritySpace"
        super().__init__(category_input, CATEGORIES, salt)
        if not isinstance(categories, list):
            raise InvalidInputException(f"'categories' must be a `list`, got {type(categories).__name__}")
        self._categories = [
            require(name, str, owner=owner, parameter=f"categories[{position}]")
            for position, name in enumerate(categories)
        ]
        if not categories:
            raise InvalidInputException(f"{owner}: parameter categories must not be empty.")
        self._negative_filter = require_number(negative_filter, owner=owner, parameter="negative_filter")
        self._uncategorized = require(
            uncategorized_as_category, bool, owner=owner, parameter="uncategorized_as_category"
        )

    @property
    def category(self) -> SpaceFieldSet:
        """The categories of the space."""
        return self._field_set

    def _settings(self) -> Json:
        return {
            "categories": self._categories,
            "negative_filter": self._negative_filter,
            "uncategorized_as_category": self._uncategorized,
        }
