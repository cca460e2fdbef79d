from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from innerspace._cells import CellKind, UnusableValueError, image_cell

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]


def picture(mode: str = "RGB") -> Image.Image:
    """A picture with every byte value, in any mode."""
    grey = Image.linear_gradient("L").resize((19, 13))
    rgb = Image.merge("RGB", [grey, grey.transpose(Image.Transpose.FLIP_TOP_BOTTOM), grey.rotate(180)])
    match mode:
        case "1" | "L" | "P" | "I" | "F" | "I;16":
            return grey.convert("I").convert("I;16") if mode == "I;16" else grey.convert(mode)
        case "LA" | "PA":
            with_alpha = Image.merge("LA", [grey, grey.rotate(180)])
            return with_alpha if mode == "LA" else with_alpha.convert("PA")
        case "La":
            return picture("LA").convert("La")
        case "RGBA" | "RGBa":
            rgba = Image.merge("RGBA", [*rgb.split(), grey])
            return rgba if mode == "RGBA" else rgba.convert("RGBa")
        case "LAB":
            return Image.merge("LAB", rgb.split())
        case "RGBX":
            return Image.frombytes("RGBX", rgb.size, rgb.convert("RGBA").tobytes())
        case "I;16B" | "I;16L":
            order = ">u2" if mode == "I;16B" else "<u2"
            return Image.frombytes(mode, rgb.size, (np.arange(19 * 13) * 257).astype(order).tobytes())
    return rgb.convert(mode)


def encoded(format_name: str, **save: Any) -> bytes:
    out = io.BytesIO()
    picture().save(out, format_name, **save)
    return out.getvalue()


@pytest.mark.parametrize(
    ("mode", "crosses_as"),
    [
        *(
            (mode, mode)
            for mode in (
                "1",
                "L",
                "LA",
                "La",
                "RGB",
                "RGBA",
                "RGBa",
                "RGBX",
                "CMYK",
                "YCbCr",
                "I;16",
                "I;16B",
                "I",
                "F",
            )
        ),
        ("I;16L", "I;16L"),
        ("P", "RGB"),
        ("PA", "RGBA"),
        ("LAB", "RGB"),
        ("HSV", "RGB"),
    ],
)
def test_every_mode_crosses_as_what_holds_it(mode: str, crosses_as: str) -> None:
    image = picture(mode)
    assert image.mode == mode
    cell = image_cell(image)
    assert (cell.kind, cell.mode, cell.width, cell.height) == (CellKind.RAW, crosses_as, 19, 13)
    assert bytes(cell.data) == (image if mode == crosses_as else image.convert(crosses_as)).tobytes()


@pytest.mark.parametrize(
    ("mode", "transparency", "crosses_as"),
    [("P", 3, "RGBA"), ("P", bytes(range(0, 256, 2)), "RGBA"), ("L", 7, "LA"), ("RGB", (1, 2, 3), "RGBA")],
)
def test_transparency_without_a_channel_becomes_one(mode: str, transparency: object, crosses_as: str) -> None:
    image = picture(mode)
    image.info["transparency"] = transparency
    cell = image_cell(image)
    assert cell.mode == crosses_as
    assert bytes(cell.data) == image.convert(crosses_as).tobytes()


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("source", ["memory", "path", "file"])
def test_an_untouched_file_crosses_as_its_own_bytes(format_name: str, source: str, tmp_path: Path) -> None:
    data = encoded(format_name)
    path = tmp_path / "picture"
    path.write_bytes(data)
    with Image.open(
        {"memory": lambda: io.BytesIO(data), "path": lambda: path, "file": lambda: path.open("rb")}[source]()
    ) as image:
        position = image.fp.tell()
        cell = image_cell(image)
        assert (cell.kind, bytes(cell.data)) == (CellKind.ENCODED, data)
        assert image.fp.tell() == position
        assert image.tobytes(), "the user's image can still be decoded"


def changed(image: ImageFile.ImageFile, how: str) -> Image.Image:
    match how:
        case "decoded":
            image.load()
        case "painted":
            image.putpixel((0, 0), (255, 0, 0))
        case "resized in place":
            image.thumbnail((5, 5))
        case "drafted":
            image.draft("L", (10, 10))
        case "copied":
            return image.copy()
        case "cropped":
            return image.crop((0, 0, 4, 4))
    return image


@pytest.mark.parametrize("how", ["decoded", "painted", "resized in place", "drafted", "copied", "cropped"])
def test_what_may_differ_from_its_file_crosses_as_pixels(how: str) -> None:
    image = changed(Image.open(io.BytesIO(encoded("JPEG"))), how)
    cell = image_cell(image)
    assert cell.kind is CellKind.RAW
    assert bytes(cell.data) == image.tobytes()
    assert (cell.mode, cell.width, cell.height) == (image.mode, *image.size)


def test_another_frame_than_the_first_crosses_as_pixels() -> None:
    out = io.BytesIO()
    picture().save(out, "GIF", save_all=True, append_images=[picture().rotate(90)])
    image = Image.open(out)
    assert image_cell(image).kind is CellKind.ENCODED
    image.seek(1)
    cell = image_cell(image)
    assert cell.kind is CellKind.RAW
    assert bytes(cell.data) == image.convert(cell.mode).tobytes()


@pytest.mark.parametrize("format_name", ["PPM", "TGA"])
def test_formats_that_only_pillow_reads_cross_as_pixels(format_name: str) -> None:
    image = Image.open(io.BytesIO(encoded(format_name)))
    assert image_cell(image).kind is CellKind.RAW


def test_a_tiff_whose_compression_the_engine_lacks_crosses_as_pixels() -> None:
    image = Image.open(io.BytesIO(encoded("TIFF", compression="jpeg")))
    assert image_cell(image).kind is CellKind.RAW


def test_decoded_pixels_are_turned_as_their_exif_data_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(io.BytesIO(encoded("PNG", exif=exif)))
    image.load()
    upright, stored = image_cell(image), image_cell(image, upright=False)
    assert (upright.width, upright.height) == (13, 19)
    assert bytes(upright.data) == picture().transpose(Image.Transpose.ROTATE_270).tobytes()
    assert (stored.width, stored.height) == (19, 13)


def test_a_closed_image_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded("PNG"))
    with Image.open(path) as image:
        pass
    with pytest.raises(UnusableValueError, match="its file is closed"):
        image_cell(image)


def test_a_truncated_image_that_must_be_decoded_here_is_refused() -> None:
    image = Image.open(io.BytesIO(encoded("PPM")[:-20]))
    with pytest.raises(UnusableValueError, match="Pillow cannot read the pixels"):
        image_cell(image)
