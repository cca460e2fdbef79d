"""Names the parts of an app and writes the definition that its engine is opened with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from innerspace._definition import Json, engine_definition
from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    from innerspace.index import Index
    from innerspace.options import Options
    from innerspace.schema.schema import Schema
    from innerspace.space.space import Space


@dataclass(frozen=True)
class AppDefinition:
    """The definition of an app, and the names that it gives to objects.

    Python does not know the names of the user's variables: spaces and indices
    are named by their kind and their position, such as ``image_space_0``.

    Attributes
    ----------
    json : dict
        The definition of docs/architecture.md.
    schemas : tuple of Schema
    space_names : dict of Space to str
    index_names : dict of Index to str
    is_stored : bool
        Whether a store keeps the rows, which are in memory otherwise.
    """

    json: Json
    schemas: tuple[Schema, ...]
    space_names: dict[Space, str]
    index_names: dict[Index, str]
    is_stored: bool = False


def define_app(
    schemas: Sequence[Schema], indices: Sequence[Index], options: Options, now: int | None = None
) -> AppDefinition:
    """Return the definition of an app.

    Parameters
    ----------
    schemas : sequence of Schema
        Those of the sources; those of the indices are added.
    indices : sequence of Index
    options : Options
    now : int, optional
        What counts as now, in unix seconds; the clock if left out.

    Raises
    ------
    InvalidInputException
        If two different schema objects have the same name.
    """
    used = dict.fromkeys(
        [
            *schemas,
            *(schema for index in indices for schema in index._all_schemas),
        ]
    )
    for name, count in Counter(schema._name for schema in used).items():
        if count > 1:
            raise InvalidInputException(
                f"The app has {count} schema objects named {name}; make one instance and use it everywhere."
            )
    space_names: dict[Space, str] = {}
    counts: Counter[str] = Counter()
    for space in dict.fromkeys(space for index in indices for space in index._spaces):
        space_names[space] = f"{space.KIND}_{counts[space.KIND]}"
        counts[space.KIND] += 1
    index_names = {index: f"index_{position}" for position, index in enumerate(indices)}
    json = engine_definition(
        schemas=[schema._info() for schema in used],
        spaces=[space._definition(name) for space, name in space_names.items()],
        indices=[index._info(name, space_names) for index, name in index_names.items()],
        options=options._to_json() if now is None else {**options._to_json(), "now": now},
    )
    return AppDefinition(json=json, schemas=tuple(used), space_names=space_names, index_names=index_names)


def stored_in(store: Json, definition: AppDefinition) -> AppDefinition:
    """Return the definition of an app whose rows are kept in a store."""
    options = definition.json["options"]
    assert isinstance(options, dict)  # noqa: S101 - it comes from define_app
    return replace(definition, json={**definition.json, "options": {**options, "store": store}}, is_stored=True)
