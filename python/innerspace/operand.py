"""The kinds of values that a query takes, and what each allows.

A kind checks a value, whether it stands in the query itself, is a parameter's
default, or is given when the query runs. None means "not given" and is never
passed to a kind.
"""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException
from innerspace.schema.field import SchemaField

if TYPE_CHECKING:
    from innerspace.schema.schema import Schema


class OperandKind(ABC):
    """One kind of value in a query."""

    IN_JSON: ClassVar[bool] = True
    """Whether values can stand in the query's JSON; pictures cannot."""

    @abstractmethod
    def check(self, value: object) -> object:
        """Return the value in its final form.

        Raises
        ------
        InvalidInputException
            If it is not of this kind.
        """


class Text(OperandKind):
    """A text to look for; any str, the empty one too."""

    def check(self, value: object) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise _wrong_type(value, "A single str")
        return str(value)


class Image(OperandKind):
    """A picture to look for: whatever a Blob field takes."""

    IN_JSON = False

    def check(self, value: object) -> object:
        """Return the value as it is; whether it is a picture is found when it is opened."""
        if isinstance(value, (bool, int, float, complex, dict, set, frozenset)):
            raise _wrong_type(value, "A single str", "A single Image")
        return value


class Weight(OperandKind):
    """A finite number."""

    def check(self, value: object) -> float:
        """Return the weight."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise _wrong_type(value, "A single float|int")
        number = float(value)
        if not math.isfinite(number):
            raise InvalidInputException(f"A weight must be a finite number, got {number}.")
        return number


class Limit(OperandKind):
    """A number of rows; -1 stands for all."""

    def check(self, value: object) -> int:
        """Return the number of rows."""
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise _wrong_type(value, "A single int")
        number = int(value)
        if number < -1:
            raise InvalidInputException(
                f"Not a valid limit ({number}). It should be a number of rows, or None or -1 for all."
            )
        return number


class Radius(OperandKind):
    """A number between 0 and 1; 0 stands for no radius."""

    def check(self, value: object) -> float:
        """Return the radius."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise _wrong_type(value, "A single float|int")
        number = float(value)
        if not 0 <= number <= 1:
            raise InvalidInputException(f"Not a valid Radius value ({value}). It should be between 1 and 0.")
        return number


class FieldNames(OperandKind):
    """Names of fields of one schema to return; the id is always returned and needs no naming.

    Parameters
    ----------
    schema : Schema
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def check(self, value: object) -> list[str]:
        """Return the names without repetition, in the order given."""
        given = [value] if isinstance(value, (str, SchemaField)) else value
        if not isinstance(given, Sequence) or isinstance(given, (bytes, bytearray)):
            raise _wrong_type(value, "A list of str")
        names: list[str] = []
        for item in given:
            if isinstance(item, SchemaField):
                if item.schema_obj is not self._schema:
                    raise InvalidInputException(
                        f"{item._qualified_name} is not part of the {self._schema._name} schema."
                    )
                names.append(item.name)
            elif isinstance(item, str):
                names.append(item)
            else:
                raise _wrong_type(item, "A single str", "A field")
        unknown = [name for name in names if name not in self._schema._fields and name != "id"]
        if unknown:
            raise InvalidInputException(f"Fields {', '.join(unknown)} not found in schema {self._schema._name}.")
        id_names = {"id", self._schema._id_field.name}
        return list(dict.fromkeys(name for name in names if name not in id_names))


TEXT = Text()
IMAGE = Image()
WEIGHT = Weight()
LIMIT = Limit()
RADIUS = Radius()


def _wrong_type(value: object, *allowed: str) -> InvalidInputException:
    text = value if isinstance(value, (str, int, float, bytes)) else shown(value)
    return InvalidInputException(f"Value ({str(text)[:80]}) is of wrong type. Allowed types are: {list(allowed)}")
