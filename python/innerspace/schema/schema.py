"""The base class of the user's schemas."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from innerspace._definition import SchemaInfo
from innerspace.exceptions import InvalidInputException
from innerspace.schema.annotations import declared_fields, own_annotations

if TYPE_CHECKING:
    from innerspace.schema.annotations import DeclaredField
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

    _IS_BASE = True
    _TYPE: ClassVar[Literal["schema", "event_schema"]] = "schema"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own_annotations = own_annotations(cls, sys._getframe(1).f_locals)  # type: ignore[attr-defined]

    def __init__(self) -> None:
        if "_IS_BASE" in vars(type(self)):
            raise InvalidInputException(f"{self._name} is a base class: derive from it and annotate the fields.")
        annotations: dict[str, object] = {}
        for base in reversed(type(self).__mro__):
            annotations.update(vars(base).get("_own_annotations", {}))
        self._fields: dict[str, SchemaField] = {}
        declared_by_name = declared_fields(self._name, annotations)
        self._check_declared(declared_by_name)
        for name, declared in declared_by_name.items():
            field = declared.bind(name, self)
            self._fields[name] = field
            setattr(self, name, field)

    def __repr__(self) -> str:
        fields = ", ".join(
            f"{field.name}: {type(field).__name__}{' | None' if field.nullable else ''}"
            for field in self._fields.values()
        )
        return f"{self._name}({fields})"

    if not TYPE_CHECKING:  # a type checker would take it for leave to name any field

        def __getattr__(self, name: str) -> object:
            fields = ", ".join(vars(self).get("_fields", {}))
            raise AttributeError(
                f"The schema {type(self).__name__} has no field {name!r}; its fields are {fields}.", name=name, obj=self
            )

    @property
    def _name(self) -> str:
        return type(self).__name__

    @property
    def _id_field(self) -> SchemaField:
        return next(field for field in self._fields.values() if field.TYPE == "id")

    def _info(self) -> SchemaInfo:
        fields = tuple(field._info() for field in self._fields.values())
        return SchemaInfo(name=self._name, fields=fields, type=self._TYPE)

    def _check_declared(self, declared: Mapping[str, DeclaredField]) -> None:
        of_events = [name for name, field in declared.items() if field.type.TYPE in ("created_at", "schema_reference")]
        if of_events:
            raise InvalidInputException(
                f"Only an EventSchema has a CreatedAtField and SchemaReferences, got {of_events} in {self._name}."
            )
