"""Reads the annotations of a schema class: which fields of which types, and which are optional."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from dataclasses import dataclass

from innerspace.exceptions import InvalidInputException, InvalidStateException
from innerspace.schema.field import SchemaField
from innerspace.schema.id_field import IdField
from innerspace.schema.schema_reference import SchemaReference

if typing.TYPE_CHECKING:
    from collections.abc import Mapping

    from innerspace.schema.schema import Schema


@dataclass(frozen=True)
class DeclaredField:
    """One annotation, understood.

    Attributes
    ----------
    type : type of SchemaField
    optional : bool
    arguments : tuple
        What stands in brackets behind the type: the schema class of a reference.
    """

    type: type[SchemaField]
    optional: bool
    arguments: tuple[object, ...] = ()

    def bind(self, name: str, schema: Schema) -> SchemaField:
        """Return the field of a schema object."""
        return self.type(name, schema, self.optional, *self.arguments)


def own_annotations(schema_class: type, namespace: Mapping[str, object]) -> dict[str, object]:
    """Return the annotations that the class itself declares, with text evaluated.

    Parameters
    ----------
    schema_class : type
    namespace : Mapping
        The local names where the class is being defined: under
        ``from __future__ import annotations`` the annotations of a class in a
        function may use names that no module knows.

    Raises
    ------
    InvalidInputException
        If an annotation names something that does not exist.
    """
    module = sys.modules.get(schema_class.__module__)
    module_names = dict(vars(module)) if module else {}
    local_names = dict(namespace)
    resolved: dict[str, object] = {}
    try:
        declared = inspect.get_annotations(schema_class)
    except NameError as error:  # from Python 3.14 on, annotations are evaluated when they are asked for
        raise InvalidInputException(f"An annotation of {schema_class.__name__} cannot be resolved: {error}.") from error
    for name, annotation in declared.items():
        try:
            # The text is the program's own source, as in typing.get_type_hints.
            resolved[name] = (
                eval(annotation, module_names, local_names)  # noqa: S307
                if isinstance(annotation, str)
                else annotation
            )
        except (NameError, AttributeError, SyntaxError, TypeError) as error:
            raise InvalidInputException(
                f"The annotation {annotation!r} of {schema_class.__name__}.{name} cannot be resolved: {error}."
            ) from error
    return resolved


def declared_fields(owner: str, annotations: Mapping[str, object]) -> dict[str, DeclaredField]:
    """Return the fields that annotations declare, in their order.

    Parameters
    ----------
    owner : str
        The name of the schema.
    annotations : Mapping

    Raises
    ------
    InvalidInputException
        If an annotation is no field type, a name begins with an underscore,
        there is not exactly one IdField, or another field is named ``id``.
    InvalidStateException
        If an annotation is a union of several field types.
    """
    kept = {name: annotation for name, annotation in annotations.items() if not _is_class_variable(annotation)}
    fields: dict[str, DeclaredField] = {}
    foreign: list[str] = []
    for name, annotation in kept.items():
        alternatives = _alternatives(annotation)
        field_types = [kind for kind in alternatives if _is_field_type(kind)]
        others = [kind for kind in alternatives if kind is not type(None) and not _is_field_type(kind)]
        if others or not field_types:
            foreign.extend(_type_name(kind) for kind in (others or [annotation]))
        elif len(field_types) > 1:
            raise InvalidStateException(
                "An attribute of a schema can only have one optional or mandatory type-annotation."
            )
        else:
            field_type, arguments = _origin(field_types[0]), typing.get_args(field_types[0])
            _check_reference(f"{owner}.{name}", field_type, arguments)
            fields[name] = DeclaredField(field_type, type(None) in alternatives, arguments)
    if foreign:
        raise InvalidInputException(f"A schema cannot have non-SchemaField attributes, got {foreign}")
    _check_names(fields)
    return fields


def _check_names(fields: Mapping[str, DeclaredField]) -> None:
    private = [name for name in fields if name.startswith("_")]
    if private:
        raise InvalidInputException(f"The name of a schema field cannot begin with an underscore, got {private}.")
    ids = [name for name, field in fields.items() if issubclass(field.type, IdField)]
    if len(ids) != 1:
        raise InvalidInputException(f"A schema must have exactly 1 id, got {len(ids)} ({ids}).")
    if fields[ids[0]].optional:
        raise InvalidInputException(f"The id of a schema cannot be optional, got {ids[0]}: IdField | None.")
    if "id" in fields and ids != ["id"]:
        raise InvalidInputException("A schema cannot have a non-IdField named 'id'.")


def _alternatives(annotation: object) -> tuple[typing.Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def _origin(annotation: typing.Any) -> typing.Any:
    """Return SchemaReference for SchemaReference[Item], anything else as it is."""
    return SchemaReference if typing.get_origin(annotation) is SchemaReference else annotation


def _is_field_type(annotation: object) -> bool:
    kind = _origin(annotation)
    return isinstance(kind, type) and issubclass(kind, SchemaField)


def _check_reference(name: str, field_type: type[SchemaField], arguments: tuple[object, ...]) -> None:
    if not issubclass(field_type, SchemaReference):
        return
    named = arguments[0] if arguments else None
    if not (isinstance(named, type) and hasattr(named, "_own_annotations")):
        raise InvalidInputException(
            f"{name} must say which schema it refers to, SchemaReference[Item] with the class Item of that schema."
        )


def _is_class_variable(annotation: object) -> bool:
    return annotation is typing.ClassVar or typing.get_origin(annotation) is typing.ClassVar


def _type_name(annotation: object) -> str:
    return getattr(annotation, "__name__", None) or str(annotation)
