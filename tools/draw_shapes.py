"""Draws the five pictures of innerspace.datasets.shapes() into python/innerspace/datasets/shapes.

    python tools/draw_shapes.py [FOLDER]

Every edge is anti-aliased by drawing at several times the size and averaging,
and the palettes are ramps between two colours, so that the pixels come out the
same on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Shape = Callable[[ImageDraw.ImageDraw, int], None]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
OVERSAMPLING = 8
SHAPES = Path(__file__).resolve().parent.parent / "python" / "innerspace" / "datasets" / "shapes"


def coverage(size: tuple[int, int], draw: Shape) -> Image.Image:
    """Return how much of each pixel a shape covers, 0 to 255, as a picture of mode L."""
    width, height = size
    canvas = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING), 0)
    draw(ImageDraw.Draw(canvas), OVERSAMPLING)
    return canvas.resize(size, Image.Resampling.BOX)


def disc(centre: float, radius: float) -> Shape:
    def draw(canvas: ImageDraw.ImageDraw, scale: int) -> None:
        low, high = (centre - radius) * scale, (centre + radius) * scale - 1
        canvas.ellipse((low, low, high, high), fill=255)

    return draw


def frame(size: int, margin: float, thickness: float) -> Shape:
    def draw(canvas: ImageDraw.ImageDraw, scale: int) -> None:
        for inset, fill in ((margin, 255), (margin + thickness, 0)):
            canvas.rectangle(
                (inset * scale, inset * scale, (size - inset) * scale - 1, (size - inset) * scale - 1), fill
            )

    return draw


def ramp(start: Colour, end: Colour, steps: int) -> list[int]:
    """Return a palette of ``steps`` colours from start to end, as one flat list."""
    last = steps - 1
    return [
        (a * (last - step) + b * step + last // 2) // last
        for step in range(steps)
        for a, b in zip(start, end, strict=True)
    ]


def indexed(mask: Image.Image, steps: int, offset: int = 0) -> Image.Image:
    """Return the place of each pixel in a ramp of ``steps`` colours that begins at ``offset``."""
    return mask.point([offset + (value * (steps - 1) + 127) // 255 for value in range(256)])


def with_palette(indices: Image.Image, palette: list[int]) -> Image.Image:
    picture = Image.frombytes("P", indices.size, indices.tobytes())
    picture.putpalette(palette)
    return picture


def blue_square() -> Image.Image:
    return Image.new("RGB", (960, 960), (3, 18, 252))


def blue_circle() -> Image.Image:
    mask = coverage((225, 225), disc(centre=112.75, radius=99.25))
    return with_palette(indexed(mask, 256), ramp(WHITE, (10, 30, 245), 256))


def red_circle() -> Image.Image:
    mask = coverage((348, 348), disc(centre=174.0, radius=153.5))
    return with_palette(indexed(mask, 16), ramp(WHITE, (255, 0, 0), 16))


def red_circle_with_black_frame() -> Image.Image:
    size, half = 225, 128
    inside = coverage((size, size), disc(centre=112.5, radius=81.0))
    around = coverage((size, size), frame(size, margin=4.5, thickness=9.0))
    picture = indexed(inside, half)
    picture.paste(indexed(around, half, offset=half), mask=around.point([0] + [255] * 255))
    return with_palette(picture, ramp(WHITE, (237, 28, 36), half) + ramp(WHITE, BLACK, half))


def red_rectangle() -> Image.Image:
    picture = Image.new("RGBA", (420, 280), (0, 0, 0, 0))
    canvas = ImageDraw.Draw(picture)
    canvas.rectangle((15, 15, 404, 264), fill=(200, 0, 0, 128))
    canvas.rectangle((17, 17, 402, 262), fill=(254, 0, 0, 255))
    return picture


PICTURES: dict[str, Callable[[], Image.Image]] = {
    "blue-circle": blue_circle,
    "blue-square": blue_square,
    "red-circle": red_circle,
    "red-circle-with-black-frame": red_circle_with_black_frame,
    "red-rectangle": red_rectangle,
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        draw().save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SHAPES)
