"""What a Pillow image is to the engine: its file's own bytes where they are at hand, else its pixels.

Pillow is never imported here before the user has imported it.
"""

from __future__ import annotations

import sys
import threading
from typing import IO, Any, TypeGuard

# Formats that the engine decodes exactly as Pillow does. An image of any other crosses as pixels.
_ENCODED_FORMATS = frozenset({"PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "TIFF"})
_TIFF_COMPRESSIONS = frozenset({"raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits"})
_TIFF_PHOTOMETRIC, _TIFF_PLANAR = 262, 284  # tags
_TIFF_PHOTOMETRICS = frozenset({0, 1, 2, 3, 5})  # greys, RGB, a palette, CMYK

_ORIENTATION_TAG = 0x0112

# Modes that the engine does not know as pixels, and the mode that holds all they hold.
_CONVERTED = {"P": "RGB", "PA": "RGBA", "LAB": "RGB", "HSV": "RGB"}
# Transparency that is a colour or a palette index, not a channel: the mode that has the channel.
_WITH_TRANSPARENCY = {"1": "LA", "L": "LA", "RGB": "RGBA", "P": "RGBA"}

# Pillow images are not made for many threads; two that read one file's bytes must not move it under each other.
_reading = threading.Lock()


def is_image(value: object) -> TypeGuard[Any]:
    """Tell whether a value is a ``PIL.Image.Image``."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(value, module.Image)


def encoded_source(image: Any) -> bytes | None:
    """Return the bytes of the file that an image was opened from, where they are what the image shows.

    That is so only while Pillow has not decoded it: from then on its pixels may
    have been changed, and nothing says whether they were. The user's file keeps
    its position.

    Returns
    -------
    bytes or None
        None where the pixels have to be taken.
    """
    if not _is_untouched(image):
        return None
    file = image.fp
    if file is None or getattr(file, "closed", False):
        return None
    getvalue = getattr(file, "getvalue", None)
    try:
        data = getvalue() if getvalue is not None else _read_all(file)
    except (OSError, ValueError, AttributeError):
        return None
    return data if isinstance(data, bytes) and data else None


def raw_pixels(image: Any, *, upright: bool) -> tuple[str, int, int, bytes]:
    """Return mode, width, height and pixels of an image, in a mode that the engine takes.

    A palette is applied, transparency becomes an alpha channel, LAB and HSV
    become RGB.

    Raises
    ------
    OSError, ValueError, SyntaxError
        As Pillow does for a file that is broken, truncated or closed.
    """
    image.load()
    if upright:
        image = _turned_upright(image)
    width, height = image.size
    target = _target_mode(image)
    if target != image.mode:
        image = image.convert(target)
    return target, width, height, image.tobytes()


def _is_untouched(image: Any) -> bool:
    module = sys.modules.get("PIL.ImageFile")
    if module is None or not isinstance(image, module.ImageFile) or module.LOAD_TRUNCATED_IMAGES:
        return False
    # Pillow 11 renamed im to _im and made im a property that fails before the image is decoded.
    state = vars(image)
    if state.get("_im", state.get("im")) is not None:
        return False
    # A draft is decoded smaller or in another mode; another frame than the first is not what the engine would decode.
    if getattr(image, "decoderconfig", ()) or image.tell() != 0:
        return False
    if image.format not in _ENCODED_FORMATS:
        return False
    return image.format != "TIFF" or _is_plain_tiff(image)


def _is_plain_tiff(image: Any) -> bool:
    tags = image.tag_v2
    return (
        image.info.get("compression") in _TIFF_COMPRESSIONS
        and tags.get(_TIFF_PHOTOMETRIC) in _TIFF_PHOTOMETRICS
        and tags.get(_TIFF_PLANAR, 1) == 1
    )


def _read_all(file: IO[bytes]) -> bytes:
    with _reading:
        position = file.tell()
        try:
            file.seek(0)
            return file.read()
        finally:
            file.seek(position)


def _turned_upright(image: Any) -> Any:
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, AttributeError):
        # Broken EXIF data says nothing about the pixels, which are fine.
        return image
    if orientation not in range(2, 9):
        return image
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _target_mode(image: Any) -> str:
    mode: str = image.mode
    if mode in _WITH_TRANSPARENCY and image.has_transparency_data:
        return _WITH_TRANSPARENCY[mode]
    return _CONVERTED.get(mode, mode)
