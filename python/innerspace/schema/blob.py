"""The field for pictures, alone or with a description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from innerspace._arguments import require, shown
from innerspace.exceptions import InvalidInputException
from innerspace.schema.field import SchemaField
from innerspace.schema.string import String

if TYPE_CHECKING:
    from innerspace._definition import FieldType


class Blob(SchemaField):
    """A picture.

    A value may be a PIL image, encoded bytes (bytes, bytearray, memoryview), a
    numpy array of uint8, a ``pathlib.Path``, or a str. A str is read in this
    order: a ``data:`` URI; a ``file:``, ``http:`` or ``https:`` URL; the path
    of an existing file; base64 of a picture.

    Adding a :class:`String` of the same schema, in either order, gives a
    :class:`DescribedBlob`.

    Examples
    --------
    >>> import innerspace as sl
    >>> class Image(sl.Schema):
    ...     id: sl.IdField
    ...     image: sl.Blob
    ...     description: sl.String
    >>> image = Image()
    >>> image.image + image.description
    DescribedBlob(blob=Blob(Image.image), description=String(Image.description))
    """

    TYPE: ClassVar[FieldType] = "blob"

    # None is in the signature because a field annotated `String | None` has that
    # static type; the value of a bound field is never None.
    def __add__(self, description: String | None) -> DescribedBlob:
        if not isinstance(description, String):
            raise InvalidInputException(
                f"Only a String field can describe {self._qualified_name}, got {shown(description)}."
            )
        return DescribedBlob(self, description)

    __radd__ = __add__


@dataclass(frozen=True)
class DescribedBlob:
    """A picture and the text that describes it, embedded together.

    Parameters
    ----------
    blob : Blob
    description : String
        A field of the same schema.
    """

    blob: Blob
    description: String

    def __post_init__(self) -> None:
        require(self.blob, Blob, owner="DescribedBlob", parameter="blob")
        require(self.description, String, owner="DescribedBlob", parameter="description")
        if self.blob.schema_obj is not self.description.schema_obj:
            raise InvalidInputException(
                f"{self.description._qualified_name} cannot describe {self.blob._qualified_name}: "
                "both must be fields of the same schema object."
            )
