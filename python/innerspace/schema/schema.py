"""The base class of the user's schemas."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from innerspace._definition import SchemaInfo
from innerspace.exceptions import InvalidInputException
from innerspace.schema.annotations import declared_fields, own_annotations

if TYPE_CHECKING:
    from innerspace.schema.field import SchemaField


class Schema:
    """The base class of a kind of entity. Annotate the fields and make one instance.

    The class' name is the schema's name and part of stored ids. Every schema
    has exactly one :class:`IdField`; ``T | None`` makes a field optional;
    annotations of base classes count too.

    Raises
    ------
    InvalidInputException
        When an instance is made of a class with wrong annotations.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     image: sl.Blob
    ...     description: sl.String | None
    >>> image = Image()
    >>> image
    Image(id: IdField, image: Blob, description: String | None)
    >>> image.image
    Blob(Image.image)
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own_annotations = own_annotations(cls, sys._getframe(1).f_locals)  # type: ignore[attr-defined]

    def __init__(self) -> None:
        if type(self) is Schema:
            raise InvalidInputException("Schema is a base class: derive from it and annotate the fields.")
        annotations: dict[str, object] = {}
        for base in reversed(type(self).__mro__):
            annotations.update(vars(base).get("_own_annotations", {}))
        self._fields: dict[str, SchemaField] = {}
        for name, declared in declared_fields(annotations).items():
            field = declared.type(name, self, declared.optional)
            self._fields[name] = field
            setattr(self, name, field)

    def __repr__(self) -> str:
        fields = ", ".join(
            f"{field.name}: {type(field).__name__}{' | None' if field.nullable else ''}"
            for field in self._fields.values()
        )
        return f"{self._name}({fields})"

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def _id_field(self) -> SchemaField:
        return next(field for field in self._fields.values() if field.TYPE == "id")

    def _info(self) -> SchemaInfo:
        return SchemaInfo(name=self._name, fields=tuple(field._info() for field in self._fields.values()))
