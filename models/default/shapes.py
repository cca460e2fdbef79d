"""Draws scenes of coloured shapes with captions, and renderings of the notebook's five pictures."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw
from words import drawn

SIZE = 224
Colour = tuple[int, int, int]
COLOURS: dict[str, Colour] = {
    "red": (255, 0, 0), "green": (0, 150, 0), "blue": (0, 0, 255), "yellow": (255, 230, 0), "orange": (255, 140, 0),
    "purple": (128, 0, 128), "pink": (255, 130, 180), "brown": (130, 70, 20), "black": (0, 0, 0),
    "white": (255, 255, 255), "gray": (128, 128, 128), "turquoise": (64, 208, 208), "light blue": (150, 200, 255),
    "dark blue": (0, 0, 110), "light green": (140, 230, 140), "dark green": (0, 80, 0), "dark red": (130, 0, 0),
}  # fmt: skip
COMMON = list(COLOURS)[:13]
COLOUR_NAMES = {"gray": ["grey", "gray"], "purple": ["purple", "violet"], "turquoise": ["turquoise", "cyan"]}
SHAPES = ["square", "circle", "rectangle", "triangle", "star", "ellipse", "pentagon", "hexagon", "diamond", "cross",
          "heart", "ring", "arrow", "line"]  # fmt: skip
SHAPE_NAMES = {
    "circle": ["circle", "circle", "disc", "dot", "round shape"], "ellipse": ["ellipse", "oval"],
    "diamond": ["diamond", "rhombus"], "cross": ["cross", "plus sign"], "square": ["square", "square", "box"],
}  # fmt: skip
EVALUATED_SHAPES = ["square", "circle", "rectangle", "triangle", "star", "ellipse", "heart", "cross", "hexagon"]
WRAPPINGS = ["{}", "{}", "this is {}", "this is {}.", "a picture of {}", "an image of {}", "a drawing of {}",
             "there is {}", "{}.", "This is {}."]  # fmt: skip
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}
PLACES = {(0.25, 0.25): "top left", (0.75, 0.25): "top right", (0.25, 0.75): "bottom left",
          (0.75, 0.75): "bottom right", (0.5, 0.5): "center", (0.5, 0.2): "top", (0.5, 0.8): "bottom",
          (0.2, 0.5): "left", (0.8, 0.5): "right"}  # fmt: skip


def held_out(colour: str, shape: str) -> bool:
    """Tell whether the training never sees this colour of this shape, alone or beside another."""
    return drawn("combo" + colour + shape, 0.12)


@dataclass
class Scene:
    """A picture, its captions, and what it shows first."""

    picture: Image.Image
    captions: list[str]
    colour: str
    shape: str
    kind: str


def article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def around(x: float, y: float, radius: float, corners: int, turn: float) -> list[tuple[float, float]]:
    angles = [turn + 2 * math.pi * k / corners for k in range(corners)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def outline_of(shape: str, x: float, y: float, r: float, chance: random.Random) -> list[tuple[float, float]]:
    up = -math.pi / 2
    if shape in ("triangle", "pentagon"):
        return around(x, y, r, 3 if shape == "triangle" else 5, up)
    if shape == "hexagon":
        return around(x, y, r, 6, chance.choice([0, up]))
    if shape == "diamond":
        return [(x, y - r), (x + r * 0.75, y), (x, y + r), (x - r * 0.75, y)]
    if shape == "star":
        radii = [r if k % 2 == 0 else r * 0.42 for k in range(10)]
        return [
            (x + q * math.cos(up + math.pi * k / 5), y + q * math.sin(up + math.pi * k / 5))
            for k, q in enumerate(radii)
        ]
    if shape == "cross":
        w = r * 0.33
        steps = [
            (-w, -r),
            (w, -r),
            (w, -w),
            (r, -w),
            (r, w),
            (w, w),
            (w, r),
            (-w, r),
            (-w, w),
            (-r, w),
            (-r, -w),
            (-w, -w),
        ]
        return [(x + dx, y + dy) for dx, dy in steps]
    if shape == "heart":
        angles = [2 * math.pi * k / 60 for k in range(60)]
        return [(x + r * 16 * math.sin(a) ** 3 / 17,
                 y - r * (13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a)) / 17)
                for a in angles]  # fmt: skip
    steps = [
        (-r, -r * 0.25),
        (r * 0.2, -r * 0.25),
        (r * 0.2, -r * 0.65),
        (r, 0),
        (r * 0.2, r * 0.65),
        (r * 0.2, r * 0.25),
        (-r, r * 0.25),
    ]
    turn = chance.choice([0, 1, 2, 3]) * math.pi / 2
    c, s = math.cos(turn), math.sin(turn)
    return [(x + dx * c - dy * s, y + dx * s + dy * c) for dx, dy in steps]


def draw(pen: ImageDraw.ImageDraw, shape: str, x: float, y: float, r: float, fill: Colour, chance: random.Random,
         frame: Colour | None = None, width: int = 0) -> None:  # fmt: skip
    """Draw one shape of radius r, with a frame of the given width along its edge."""
    flat = (1.0, chance.uniform(0.45, 0.75))
    a, b = flat if chance.random() < 0.65 else flat[::-1]
    if shape == "circle":
        pen.ellipse([x - r, y - r, x + r, y + r], fill=fill, outline=frame, width=width)
    elif shape == "ellipse":
        pen.ellipse([x - r * a, y - r * b, x + r * a, y + r * b], fill=fill, outline=frame, width=width)
    elif shape == "ring":
        pen.ellipse([x - r, y - r, x + r, y + r], outline=fill, width=max(3, int(r * 0.22)))
    elif shape == "square":
        pen.rectangle([x - r * 0.88, y - r * 0.88, x + r * 0.88, y + r * 0.88], fill=fill, outline=frame, width=width)
    elif shape == "rectangle":
        pen.rectangle([x - r * a, y - r * b, x + r * a, y + r * b], fill=fill, outline=frame, width=width)
    elif shape == "line":
        t = chance.uniform(0, math.pi)
        dx, dy = r * math.cos(t), r * math.sin(t)
        pen.line([x - dx, y - dy, x + dx, y + dy], fill=fill, width=max(3, int(r * 0.1)))
    else:
        points = outline_of(shape, x, y, r, chance)
        pen.polygon(points, fill=fill)
        if frame and width:
            pen.line(points + points[:2], fill=frame, width=width, joint="curve")


def near(colour: Colour, chance: random.Random, most: int = 22) -> Colour:
    """Return a tone of the colour: mostly itself or one that is hard to tell from it, at times one twice as far."""
    kind = chance.random()
    if kind < 0.45:
        return colour
    if kind > 0.8:
        most *= 2
    r, g, b = (max(0, min(255, value + chance.randint(-most, most))) for value in colour)
    return r, g, b


def scene(chance: random.Random) -> Scene:
    """Draw a scene by chance, in which nothing has a held-out colour for its shape."""
    while True:
        made = _scene(chance)
        if made:
            return made


def _scene(chance: random.Random) -> Scene | None:
    side = SIZE * 2
    kind = chance.choices(["one", "frame", "ground", "many", "two", "place", "size"], [4, 3.2, 2, 1.2, 2.5, 1, 0.8])[0]
    colour = chance.choice(COMMON if chance.random() < 0.8 else list(COLOURS))
    shape = chance.choice(SHAPES if chance.random() < 0.5 else SHAPES[:3])
    if held_out(colour, shape):
        return None
    ground = "white" if chance.random() < 0.72 else chance.choice(["black", "gray", "white"])
    if kind == "ground":
        ground = chance.choice([name for name in COLOURS if name != colour])
    if ground == colour:
        ground = "black" if colour == "white" else "white"
    picture = Image.new("RGB", (side, side), near(COLOURS[ground], chance, 12))
    pen, fill = ImageDraw.Draw(picture), near(COLOURS[colour], chance)

    def c(name: str = colour) -> str:
        return chance.choice(COLOUR_NAMES.get(name, [name]))

    def s(name: str = shape) -> str:
        return chance.choice(SHAPE_NAMES.get(name, [name]))

    def plural() -> str:
        name = s()
        return {"cross": "crosses", "box": "boxes"}.get(name, name + "s")

    def it() -> str:
        return article(f"{c()} {s()}")

    # A square's half side is 0.88 r: the largest fill the picture nearly.
    r = side * chance.uniform(0.2, 0.56 if shape in ("square", "rectangle") else 0.49)
    x, y = (side / 2 + chance.uniform(-1, 1) * (side / 2 - r) * 0.6 for _ in range(2))
    if kind == "one":
        draw(pen, shape, x, y, r, fill, chance)
        captions = [
            it(),
            f"{c()} {s()}",
            f"{article(s())} in {c()}",
            f"{article(s())} that is {c()}",
            f"the {s()} is {c()}",
        ]
    elif kind == "frame":
        captions = _framed(pen, shape, colour, ground, fill, side, chance, c, s)
    elif kind == "ground":
        draw(pen, shape, x, y, r, fill, chance)
        captions = [f"{it()} on {article(c(ground) + ' background')}", f"{c()} {s()} on {c(ground)}",
                    f"{article(c(ground) + ' background')} with {it()}"]  # fmt: skip
    elif kind == "many":
        count = chance.randint(2, 5)
        cells = math.ceil(math.sqrt(count))
        step = side / cells
        for i, j in chance.sample([(i, j) for i in range(cells) for j in range(cells)], count):
            draw(pen, shape, (i + 0.5) * step, (j + 0.5) * step, step * chance.uniform(0.28, 0.4), fill, chance)
        captions = [f"{NUMBERS[count]} {c()} {plural()}", f"{count} {c()} {plural()}", f"{c()} {plural()}"]
    elif kind == "two":
        other = chance.choice([name for name in list(COLOURS)[:12] if name != ground])
        second = chance.choice(SHAPES if chance.random() < 0.4 else SHAPES[:4])
        if held_out(other, second):
            return None
        q, gap = side * chance.uniform(0.15, 0.22), side * chance.uniform(0.23, 0.27)
        beside, fill_2 = chance.random() < 0.5, near(COLOURS[other], chance)
        dx, dy = (gap, 0.0) if beside else (0.0, gap)
        draw(pen, shape, side / 2 - dx, side / 2 - dy, q, fill, chance)
        draw(pen, second, side / 2 + dx, side / 2 + dy, q, fill_2, chance)

        def that() -> str:
            return article(f"{c(other)} {s(second)}")

        captions = [f"{it()} and {that()}", f"{that()} and {it()}", f"{it()} next to {that()}",
                    f"{it()} to the left of {that()}" if beside else f"{it()} above {that()}",
                    f"{that()} to the right of {it()}" if beside else f"{that()} below {it()}"]  # fmt: skip
    elif kind == "place":
        (px, py), place = chance.choice(list(PLACES.items()))
        draw(pen, shape, px * side, py * side, side * chance.uniform(0.12, 0.22), fill, chance)
        captions = [f"{it()} in the {place}", it(), f"a small {c()} {s()} at the {place}"]
    else:
        big = chance.random() < 0.5
        r = side * (chance.uniform(0.4, 0.49) if big else chance.uniform(0.07, 0.13))
        x, y = (side / 2 + (0 if big else chance.uniform(-0.3, 0.3) * side) for _ in range(2))
        draw(pen, shape, x, y, r, fill, chance)
        captions = [f"a {chance.choice(['large', 'big'] if big else ['small', 'tiny', 'little'])} {c()} {s()}", it()]
    captions = [chance.choice(WRAPPINGS).format(caption) for caption in captions]
    if chance.random() < 0.3:
        captions = [caption.capitalize() for caption in captions]
    # Drawn at twice the size and made smaller it has soft edges; by the nearest pixel it has hard ones.
    how = Image.Resampling.NEAREST if chance.random() < 0.25 else Image.Resampling.LANCZOS
    return Scene(picture.resize((SIZE, SIZE), how), captions, colour, shape, kind)


def _framed(pen: ImageDraw.ImageDraw, shape: str, colour: str, ground: str, fill: Colour, side: int,
            chance: random.Random, c: Callable[..., str], s: Callable[..., str]) -> list[str]:  # fmt: skip
    frame = chance.choice(["black"] * 4 + list(COLOURS)[:12])
    if frame in (colour, ground):
        frame = next(name for name in ("black", "red", "blue") if name not in (colour, ground))
    ink, width, kind = near(COLOURS[frame], chance, 12), int(side * chance.uniform(0.015, 0.06)), chance.random()
    middle = side / 2
    if kind < 0.45 and shape not in ("ring", "line"):
        draw(pen, shape, middle, middle, side * chance.uniform(0.22, 0.48), fill, chance, ink, width)
    elif kind < 0.75:
        r = side * chance.uniform(0.2, 0.33)
        q = r + side * chance.uniform(0.04, 0.12)
        draw(pen, shape, middle, middle, r, fill, chance)
        pen.rectangle([middle - q, middle - q, middle + q, middle + q], outline=ink, width=width)
    else:
        draw(pen, shape, middle, middle, side * chance.uniform(0.2, 0.38), fill, chance)
        pen.rectangle([0, 0, side - 1, side - 1], outline=ink, width=width)

    def it() -> str:
        return article(f"{c()} {s()}")

    word = chance.choice(["frame", "frame", "border", "outline", "edge"])
    return [f"{it()} with {article(c(frame) + ' ' + word)}", f"{c()} {s()} with {c(frame)} {word}",
            f"{c(frame)} {word} around {it()}", f"{article(c(frame) + ' ' + word)} around {it()}",
            f"{it()} framed in {c(frame)}", f"{it()} inside {article(c(frame) + ' frame')}",
            f"{article(c(frame) + ' framed ' + c() + ' ' + s())}",
            f"{it()} surrounded by {article(c(frame) + ' frame')}"]  # fmt: skip


def notebook(chance: random.Random) -> dict[str, Image.Image]:
    """Draw the notebook's five pictures with margins, tones, frames and edges that scenes do not have."""
    side = chance.choice([225, 300, 348, 420, 640, 960])
    soft = chance.random() < 0.6
    z = side * (3 if soft else 1)
    white = tuple(255 - chance.randint(0, 8) for _ in range(3))
    blue = chance.choice(
        [(0, 0, 255), (0, 0, 254), (30, 80, 200), (63, 72, 204), (20, 30, 160), (0, 90, 220), (50, 50, 235)]
    )
    red = chance.choice(
        [(255, 0, 0), (254, 0, 0), (200, 30, 40), (237, 28, 36), (220, 20, 60), (180, 10, 10), (245, 60, 50)]
    )
    dark = chance.choice([(0, 0, 0), (20, 20, 20), (35, 31, 32)])

    def margin() -> int:
        return int(z * chance.uniform(0.0, 0.24))

    def blank() -> tuple[Image.Image, ImageDraw.ImageDraw]:
        picture = Image.new("RGB", (z, z), white)
        return picture, ImageDraw.Draw(picture)

    made = {}
    picture, pen = blank()
    m = margin()
    pen.rectangle([m, m, z - m - 1, z - m - 1], fill=blue)
    made["blue-square"] = picture
    for name, colour in (("blue-circle", blue), ("red-circle", red)):
        picture, pen = blank()
        m = margin()
        pen.ellipse([m, m, z - m - 1, z - m - 1], fill=colour)
        made[name] = picture
    picture, pen = blank()
    m, low = margin(), int(z * chance.uniform(0.26, 0.34))
    pen.rectangle([m, low, z - m - 1, z - low - 1], fill=red)
    made["red-rectangle"] = picture
    picture, pen = blank()
    m, width = margin(), int(z * chance.uniform(0.02, 0.08))
    if chance.random() < 0.6:
        pen.ellipse([m, m, z - m - 1, z - m - 1], fill=red, outline=dark, width=width)
    else:
        inner = m + width + int(z * chance.uniform(0.01, 0.08))
        pen.rectangle([m, m, z - m - 1, z - m - 1], outline=dark, width=width)
        pen.ellipse([inner, inner, z - inner - 1, z - inner - 1], fill=red)
    made["red-circle-with-black-frame"] = picture
    return {name: picture.resize((side, side), Image.Resampling.BOX) for name, picture in made.items()}
