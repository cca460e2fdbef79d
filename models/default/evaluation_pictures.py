"""The pictures and captions of the fixed evaluation set, in one order for every model."""

import hashlib
import importlib.util
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pictures import as_the_package_does, opened, plain
from PIL import Image, ImageDraw
from places import EVALUATION_SET, RAW, WORK
from shapes import COLOURS, COMMON, EVALUATED_SHAPES, SIZE, draw, notebook

RENDERINGS = 40
CLIP_ART = "openclipart/usr/share/openclipart/png/"


@dataclass(frozen=True)
class Evaluated:
    """One picture: the set that it belongs to, its name there, its caption and where it lies ("" if it is rendered)."""

    set: str
    name: str
    caption: str
    file: str = ""
    sha256: str = ""
    subset: bool = False


def photographs_folder(package: str) -> Path:
    module, folder = {"scikit-image": ("skimage", "data"), "scikit-learn": ("sklearn", "datasets/images")}[package]
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed: pip install --require-hashes -r requirements.txt")
    return Path(found.origin).parent / folder


def fixed() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(EVALUATION_SET.read_text())
    return loaded


def evaluated() -> list[Evaluated]:
    """Return every evaluated picture. `subset` marks those of a set that the first recipe saw no sibling of."""
    sets, rows = fixed(), []
    for row in sets["emoji_unseen_names"]:
        clean = not row["sibling_in_starter"]
        for vendor in ("google", "twitter", "fluent", "apple"):
            if vendor in row["pictures"]:
                file, digest = row["pictures"][vendor]
                rows.append(Evaluated(f"unseen {vendor}", row["name"], row["name"], file, digest, clean))
    for row in sets["emoji_unseen_vendor"]:
        rows.append(Evaluated("unseen vendor", row["name"], row["name"], row["file"], row["sha256"]))
    for row in sets["clip_art"]:
        clean = not row["sibling_in_starter"]
        rows.append(Evaluated("clip-art", row["name"], row["name"], CLIP_ART + row["file"], row["sha256"], clean))
    rows += [Evaluated("stamps", r["name"], r["name"], r["file"], r["sha256"], r["subset84"]) for r in sets["stamps"]]
    for row in sets["photographs"]:
        file = str(photographs_folder(row["package"]) / row["file"])
        rows.append(Evaluated("photographs", row["file"], row["caption"], file, row["sha256"]))
    rows += [Evaluated("everyday", r["file"], r["caption"], r["file"], r["sha256"]) for r in sets["photo_stamps"]]
    rows += [Evaluated("shapes", f"{c}|{s}", f"a {c} {s}") for c in COMMON for s in EVALUATED_SHAPES]
    for number in range(RENDERINGS):
        for name in ("blue-square", "blue-circle", "red-circle", "red-rectangle", "red-circle-with-black-frame"):
            rows.append(Evaluated("notebook", f"{number}|{name}", f"This is a {name.replace('-', ' ')}."))
    return rows


def shape(name: str, chance: random.Random) -> Image.Image:
    colour, kind = name.split("|")
    picture = Image.new("RGB", (SIZE * 2, SIZE * 2), (255, 255, 255) if colour != "white" else (0, 0, 0))
    draw(ImageDraw.Draw(picture), kind, SIZE, SIZE, chance.uniform(110, 190), COLOURS[colour], chance)
    return picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def views(rows: list[Evaluated]) -> Iterator[Image.Image]:
    """Yield each picture as a square of 224 pixels, having checked that it is the one that was meant."""
    renderings: dict[str, dict[str, Image.Image]] = {}
    chance = random.Random(7)
    for row in rows:
        if row.set == "shapes":
            yield shape(row.name, chance)
        elif row.set == "notebook":
            number, name = row.name.split("|")
            if number not in renderings:
                renderings[number] = notebook(random.Random(10_000 + int(number)))
            yield as_the_package_does(renderings[number][name])
        else:
            path = RAW / row.file
            if hashlib.sha256(path.read_bytes()).hexdigest()[:16] != row.sha256:
                raise SystemExit(f"{path} is not the picture of the evaluation set")
            yield as_the_package_does(Image.open(path)) if row.set == "photographs" else plain(opened(path))


def languages() -> dict[str, dict[str, str]]:
    """Return the German and French names of the evaluated emoji by their English names."""
    from concepts import cldr

    english = cldr("en")
    named = {row["tts"][0].lower(): character for character, row in english.items() if "tts" in row}
    found: dict[str, dict[str, str]] = {}
    for language in ("de", "fr"):
        names = cldr(language)
        found[language] = {
            name: names[character]["tts"][0] for name, character in named.items() if "tts" in names.get(character, {})
        }
    return found


if __name__ == "__main__":
    print(len(evaluated()), "pictures in", WORK)
