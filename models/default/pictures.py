"""Opens pictures and makes the views of them that are learned from and evaluated on."""

import io
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

SIZE = 224
LARGEST = 320
BACKGROUNDS = [(255, 255, 255)] * 3 + [
    (245, 245, 245), (230, 230, 230), (0, 0, 0), (40, 40, 40), (200, 220, 255), (255, 240, 200), (210, 240, 210),
    (250, 220, 220), (128, 128, 128),
]  # fmt: skip


def opened(path: Path) -> Image.Image:
    """Return a picture as RGBA, at most 320 pixels on its longer side."""
    if path.suffix == ".svg":
        import resvg_py

        picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_path=str(path), width=160, height=160))))
    else:
        picture = Image.open(path)
    picture = picture.convert("RGBA")
    if max(picture.size) > LARGEST:
        picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    return picture


def background(chance: random.Random, side: int) -> Image.Image:
    kind = chance.random()
    if kind < 0.6:
        return Image.new("RGB", (side, side), chance.choice(BACKGROUNDS))
    if kind < 0.75:
        return Image.new("RGB", (side, side), tuple(chance.randint(0, 255) for _ in range(3)))
    corners = np.array([chance.randint(60, 255) for _ in range(12)], np.uint8).reshape(2, 2, 3)
    return Image.fromarray(corners).resize((side, side), Image.Resampling.BICUBIC)


def plain(picture: Image.Image, side: int = SIZE) -> Image.Image:
    """Return the picture whole, on white, in a square: the view that is evaluated."""
    return placed(picture, Image.new("RGB", (side, side), (255, 255, 255)), 0.9 if transparent(picture) else 1.0)


def transparent(picture: Image.Image) -> bool:
    lowest: int = picture.getchannel("A").getextrema()[0]  # type: ignore[assignment]
    return lowest < 250


def placed(picture: Image.Image, ground: Image.Image, part: float, x: float = 0.0, y: float = 0.0) -> Image.Image:
    side = ground.width
    factor = side * part / max(picture.size)
    small = picture.resize([max(1, round(length * factor)) for length in picture.size], Image.Resampling.BICUBIC)
    left, top = (side - small.width) // 2, (side - small.height) // 2
    ground.paste(small, (left + int(x * abs(side - small.width)), top + int(y * abs(side - small.height))), small)
    return ground


def varied(picture: Image.Image, chance: random.Random, side: int = SIZE) -> Image.Image:
    """Return a view with another background, place, size, turn, brightness or sharpness."""
    part = chance.uniform(1.0, 1.35) if chance.random() < 0.3 else chance.uniform(0.5, 1.0)
    if chance.random() < 0.5:
        picture = picture.rotate(chance.uniform(-15, 15), Image.Resampling.BICUBIC)
    if chance.random() < 0.3:
        # A picture that is wider or higher than it was: drawn by another hand.
        width, height = picture.size
        picture = picture.resize((max(1, round(width * chance.uniform(0.8, 1.25))), height), Image.Resampling.BICUBIC)
    view = placed(picture, background(chance, side), part, chance.uniform(-0.5, 0.5), chance.uniform(-0.5, 0.5))
    if chance.random() < 0.35:
        view = ImageEnhance.Brightness(view).enhance(chance.uniform(0.75, 1.25))
    if chance.random() < 0.35:
        view = ImageEnhance.Color(view).enhance(chance.uniform(0.5, 1.4))
    if chance.random() < 0.25:
        view = view.filter(ImageFilter.GaussianBlur(chance.uniform(0.4, 1.4)))
    return view


def disguised(picture: Image.Image, chance: random.Random, side: int, mirrored: bool) -> Image.Image:
    """Return a view that varies more: mirrored where that keeps its meaning, in few shades or none, a piece covered."""
    if mirrored and chance.random() < 0.5:
        picture = ImageOps.mirror(picture)
    view = plain(picture, side) if chance.random() < 0.04 else varied(picture, chance, side)
    if chance.random() < 0.25:
        view = ImageEnhance.Contrast(view).enhance(chance.uniform(0.6, 1.4))
    if chance.random() < 0.1:
        view = ImageOps.posterize(view, chance.choice((2, 3, 4)))
    if chance.random() < 0.08:
        view = ImageOps.grayscale(view).convert("RGB")
    if chance.random() < 0.25:
        width, height = (int(side * chance.uniform(0.15, 0.4)) for _ in range(2))
        x, y = chance.randint(0, side - width), chance.randint(0, side - height)
        view.paste(tuple(chance.randint(0, 255) for _ in range(3)), (x, y, x + width, y + height))
    return view


def as_the_package_does(picture: Image.Image) -> Image.Image:
    """Return the square that the image tower is given of a photograph: shorter side to 224, centre cropped."""
    picture = picture.convert("RGB")
    factor = SIZE / min(picture.size)
    picture = picture.resize([max(SIZE, round(side * factor)) for side in picture.size], Image.Resampling.BICUBIC)
    left, top = (picture.width - SIZE) // 2, (picture.height - SIZE) // 2
    return picture.crop((left, top, left + SIZE, top + SIZE))


def tensor(view: Image.Image) -> NDArray[np.float32]:
    """Return float32 [3, 224, 224] in [-1, 1], as the trunk was trained with."""
    return (np.asarray(view, np.float32).transpose(2, 0, 1) - 127) / 128
