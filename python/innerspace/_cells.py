"""Any value that a user may call an image, as an image cell.

An image cell is what crosses to the engine (docs/architecture.md, "Rows in"):
a kind and bytes. What the text of a string means, what bytes hold and whether
a path exists is for the engine to find out; here nothing is opened or decoded
but Pillow images. Neither Pillow nor numpy is imported for a value that does
not come from it.
"""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from typing import Any, NamedTuple

from innerspace import _pillow

ACCEPTED = "a PIL image, path, URL, base64 text, data: URI, bytes or uint8 array"
"""What an image may be, in words, for messages."""

_MODE_BY_CHANNELS = {1: "L", 3: "RGB", 4: "RGBA"}


class CellKind(IntEnum):
    """How an image was given; the numbers of ``core/blob.Kind``."""

    TEXT = 0
    PATH = 1
    ENCODED = 2
    RAW = 3


class ImageCell(NamedTuple):
    """One image on its way to the engine."""

    kind: CellKind
    data: bytes | bytearray | memoryview
    """The UTF-8 text, the path, the encoded bytes or the pixels (rows top down, no padding), by kind."""
    mode: str = ""
    """Of raw pixels: a Pillow mode."""
    width: int = 0
    height: int = 0


class UnusableValueError(ValueError):
    """A value that cannot be what its field takes; the message is the reason that a report gives."""


def image_cell(value: object, *, upright: bool = True) -> ImageCell:
    """Return the image cell for a value.

    Parameters
    ----------
    value : object
        See :data:`ACCEPTED`.
    upright : bool, default True
        Whether the pixels of a PIL image whose EXIF data has an orientation are
        turned. Encoded bytes are left as they are: the engine turns those itself.

    Raises
    ------
    UnusableValueError
        If it is no image; the message names what it is and what is accepted.
    """
    if isinstance(value, str):
        return _text_cell(value)
    if isinstance(value, (bytes, bytearray)):
        return ImageCell(CellKind.ENCODED, value)
    if isinstance(value, memoryview):
        return ImageCell(CellKind.ENCODED, value.cast("B") if value.c_contiguous else value.tobytes())
    if _pillow.is_image(value):
        return _pillow_cell(value, upright)
    if isinstance(value, os.PathLike):
        return ImageCell(CellKind.PATH, os.fsencode(value))
    if hasattr(value, "__array_interface__"):
        return _array_cell(value)
    raise UnusableValueError(f"{_describe(value)} is not an image; accepted are {ACCEPTED}")


def _text_cell(value: str) -> ImageCell:
    try:
        return ImageCell(CellKind.TEXT, value.encode())
    except UnicodeEncodeError:
        pass
    try:
        # How os.listdir() spells a file name that is not UTF-8; nothing but a path holds such characters.
        return ImageCell(CellKind.PATH, os.fsencode(value))
    except UnicodeEncodeError as error:
        raise UnusableValueError("the text is not valid Unicode (it has a lone surrogate)") from error


def _pillow_cell(image: Any, upright: bool) -> ImageCell:
    encoded = _pillow.encoded_source(image)
    if encoded is not None:
        return ImageCell(CellKind.ENCODED, encoded)
    try:
        mode, width, height, pixels = _pillow.raw_pixels(image, upright=upright)
    except (OSError, ValueError, SyntaxError, AssertionError, AttributeError) as error:
        # Pillow asserts on an image whose file was closed before it was decoded.
        why = str(error) if isinstance(error, (OSError, ValueError, SyntaxError)) else "its file is closed"
        raise UnusableValueError(f"Pillow cannot read the pixels of this {type(image).__name__}: {why}") from error
    return ImageCell(CellKind.RAW, pixels, mode, width, height)


def _array_cell(value: Any) -> ImageCell:
    import numpy as np

    array = np.asarray(value)
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in _MODE_BY_CHANNELS or array.dtype != np.uint8 or array.size == 0:
        raise UnusableValueError(
            f"an array of shape {array.shape} and dtype {array.dtype} is not an image; accepted are uint8 arrays of "
            f"shape (height, width), (height, width, 1), (height, width, 3) or (height, width, 4){_array_advice(array)}"
        )
    height, width = array.shape[:2]
    pixels = np.ascontiguousarray(array).data.cast("B")
    return ImageCell(CellKind.RAW, pixels, _MODE_BY_CHANNELS[channels], width, height)


def _array_advice(array: Any) -> str:
    if array.ndim == 3 and array.shape[0] in _MODE_BY_CHANNELS and array.shape[2] not in _MODE_BY_CHANNELS:
        return "; with the channels first, use array.transpose(1, 2, 0)"
    if array.dtype.kind == "f":
        return "; with values from 0 to 1, use (array * 255).round().astype('uint8')"
    return ""


def _describe(value: object) -> str:
    if isinstance(value, float) and value != value:
        return "NaN (use None for a missing image)"
    kind = type(value)
    name = kind.__name__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__name__}"
    text = f"a value of type {name}"
    if hasattr(value, "read"):
        text += " (give what its read() returns)"
    elif "torch" in sys.modules and kind.__module__.startswith("torch"):
        text += " (give its .numpy())"
    return text
