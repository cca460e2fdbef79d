"""Lists every picture with its names, and parts concepts that are trained on from concepts that are only evaluated.

Writes items.json. A concept of evaluation_set.json is never trained on, nor is a caption that is its name. Half of the
held-out emoji have no sibling among the other names; of these no picture is trained on whose name has the same words,
or one word more or less, whatever its source.
"""

import json
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import Image
from places import EVALUATION_SET, RAW, WORK
from timm.data import ImageNetInfo
from words import content, normalised, siblings

VENDORS = ("google", "twitter", "fluent", "flat", "apple")
ONLY_EVALUATED = ("apple",)
GENDERED = ("2640", "2642")
PERSON = ("1f468", "1f469", "1f9d1")
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
AUTHORS = frozenset(
    [
        "aj",
        "ashton",
        "al",
        "architetto",
        "ben",
        "benji",
        "bruno",
        "buculei",
        "dan",
        "daniel",
        "erhan",
        "ericlemerdy",
        "francesco",
        "franc",
        "ganson",
        "gerald",
        "jarno",
        "jean",
        "jim",
        "john",
        "jon",
        "juliane",
        "krug",
        "lerch",
        "luc",
        "lucas",
        "mark",
        "martin",
        "matt",
        "mike",
        "nicu",
        "paul",
        "peter",
        "ryan",
        "tom",
        "tux",
        "valessio",
        "vasa",
        "vasamaa",
        "von",
        "tasto",
        "gramastar",
        "rollandin",
    ]
)
MOST_OF_ONE_KEY = 24
MOST_PIXELS = 40_000_000
NOISE = re.compile(
    r"\b(aiga|gnome|gtk|mime|fs|clip ?art|openclipart|svg|png|vector|image|icon theme|theme|unsorted|remix\w*|untitled"
    r"|\d+)\b"
)

Item = dict[str, Any]


def cldr(language: str) -> dict[str, dict[str, list[str]]]:
    """Return each emoji's name (tts) and keywords (default) in a language."""
    full = json.loads((RAW / "cldr/annotations" / language / "annotations.json").read_text())["annotations"]
    derived = json.loads((RAW / "cldr-derived/annotationsDerived" / language / "annotations.json").read_text())
    return {**full["annotations"], **derived["annotationsDerived"]["annotations"]}


def picture_of(vendor: str, unified: str) -> Path | None:
    if vendor in ("fluent", "flat"):
        folder, ending = (
            (RAW / "fluent-3d/assets", ".webp") if vendor == "fluent" else (RAW / "fluent-flat/assets", ".svg")
        )
        for name in (unified, unified + "-fe0f", unified.replace("-fe0f", "")):
            if (folder / (name + ending)).exists():
                return folder / (name + ending)
        return None
    path = RAW / f"emoji-{vendor}/img/{vendor}/64/{unified}.png"
    return path if path.exists() else None


def emoji() -> list[Item]:
    english, more = cldr("en"), json.loads((RAW / "emojilib/dist/emoji-en-US.json").read_text())
    items = []
    for entry in json.loads((RAW / "emoji-google/emoji.json").read_text()):
        unified = entry["unified"].lower()
        points = unified.split("-")
        if set(points) & set(GENDERED) or (points[0] in PERSON and "200d" in points):
            continue
        character = "".join(chr(int(point, 16)) for point in points)
        plain = character.replace("\ufe0f", "")
        known = english.get(character) or english.get(plain)
        if not known or "tts" not in known:
            continue
        name = known["tts"][0].lower()
        flag = entry["category"] == "Flags" and name.startswith("flag")
        names = [name]
        if flag:
            names = [name.replace("flag: ", "flag of "), name.replace("flag: ", "") + " flag"]
        short = [text.replace("_", " ").replace("-", " ") for text in entry["short_names"]]
        names += [text for text in short[:2] if text not in names and not text.startswith("flag")]
        keywords = [
            *known.get("default", []),
            *(w.replace("_", " ") for w in (more.get(character) or more.get(plain) or [])),
        ]
        keywords = [
            word for word in dict.fromkeys(keywords) if re.fullmatch(r"[a-z][a-z' -]{2,30}", word) and word not in names
        ]
        for vendor in VENDORS:
            path = picture_of(vendor, unified)
            if path:
                items.append({"path": str(path.relative_to(RAW)), "source": "emoji-" + vendor, "names": names,
                              "keywords": keywords[:12], "key": normalised(names[0]), "flag": flag})  # fmt: skip
    return items


def described(path: Path) -> tuple[str, list[str]]:
    """Return the title and keywords that an openclipart SVG carries."""
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError:
        return "", []
    title = next((node.text or "" for node in root.iter(DUBLIN + "title")), "")
    keywords = [node.text.strip().lower() for node in root.iter(RDF + "li") if node.text and node.text.strip()]
    return clean(title), keywords


def clean(text: str) -> str:
    text = NOISE.sub(" ", re.sub(r"[^a-z' ]+", " ", text.lower()))
    return re.sub(r"\s+", " ", text).strip()


def spoken(emoji_items: list[Item]) -> set[str]:
    """Return everyday words: of emoji's names and keywords, and of the definitions of ImageNet's classes."""
    said = [text for item in emoji_items for text in (*item["names"], *item["keywords"])]
    info = ImageNetInfo("imagenet-22k")
    said += [info.index_to_description(index, detailed=True) for index in range(info.num_classes())]
    return {word for text in said for word in re.findall(r"[a-z]+", text.lower())}


def clip_art(evaluated: dict[str, str], everyday: set[str]) -> list[Item]:
    """Return openclipart's pictures; `evaluated` has the name of each that is in the evaluation set."""
    root, rows, counts = RAW / "openclipart/usr/share/openclipart", [], Counter[str]()
    for path in sorted((root / "png").rglob("*.png")):
        relative = path.relative_to(root / "png")
        if relative.parts[0] == "special" or "duplicates" in relative.parts:
            continue
        title, keywords = described((root / "svg" / relative).with_suffix(".svg"))
        file_name = clean(path.stem.replace("_", " ").replace("-", " "))
        folders = [part.replace("_", " ") for part in relative.parts[:-1] if part != "unsorted"]
        rows.append((path, relative, title, file_name, keywords, folders))
        counts.update({*re.findall(r"[a-z]+", title), *(w for k in keywords for w in re.findall(r"[a-z]+", k))})
    # A title that many pictures share is a collection's; the author's name follows the title in a file's name.
    shared = {title for title, count in Counter(row[2] for row in rows).items() if count > 6}
    items, of_key = [], Counter[str]()
    for path, relative, title, file_name, keywords, folders in rows:
        lead: list[str] = []
        for word in file_name.split():
            if (counts[word] < 3 and word not in everyday) or len(word) < 2 or word in AUTHORS:
                break
            lead.append(word)
        title = " ".join(word for word in title.split() if word not in AUTHORS and word != "by")
        names = [text for text in (" ".join(lead), "" if title in shared else title) if 3 <= len(text) <= 60]
        if "flags" in relative.parts and names:
            names = ["flag of " + re.sub(r"\b(flags?|of)\b", " ", names[0]).strip()]
        if str(relative) in evaluated:
            names = [evaluated[str(relative)]]
        names = list(dict.fromkeys(names))
        of_key[names[0] if names else ""] += 1
        if not names or (of_key[names[0]] > MOST_OF_ONE_KEY and str(relative) not in evaluated):
            continue
        keywords = [w for w in dict.fromkeys(keywords) if re.fullmatch(r"[a-z][a-z' -]{2,30}", w)]
        keywords = [w for w in keywords if not NOISE.search(w) and w not in names and not AUTHORS & set(w.split())]
        items.append({"path": str(path.relative_to(RAW)), "source": "clip-art", "names": names,
                      "keywords": keywords[:10],
                      "folders": folders[-2:], "key": normalised(names[0]),
                      "flag": "flags" in relative.parts})  # fmt: skip
    return items


def stamps() -> list[Item]:
    """Return tuxpaint's stamps: evaluated, never trained on."""
    root, items = RAW / "tuxpaint/usr/share/tuxpaint/stamps", []
    for path in sorted(root.rglob("*.png")):
        text = path.with_suffix(".txt")
        if not text.exists() or path.stem.endswith(("_mirror", "_flip")):
            continue
        sentence = text.read_text(encoding="utf8", errors="ignore").split("\n")[0].strip()
        first = re.split(r"(?<=[a-z])[.!?] ", sentence)[0].rstrip(".!")
        if first and len(first) <= 90:
            items.append({"path": str(path.relative_to(RAW)), "source": "stamp", "names": [first], "keywords": [],
                          "key": normalised(first), "flag": False})  # fmt: skip
    return items


def too_large(path: Path) -> bool:
    """Tell whether a picture has so many pixels that it cannot be meant as clip-art: one has 231 million."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(path) as picture:
                return picture.width * picture.height > MOST_PIXELS
        except Image.DecompressionBombError:
            return True


def part(items: list[Item], emoji_rows: list[dict[str, Any]], clip_keys: set[str], same_names: set[str]) -> None:
    """Give every item its `split`: train, unseen (evaluated), dropped (a sibling of one), or evaluation."""
    emoji_keys = {row["name"] for row in emoji_rows}
    families = [content(row["name"]) for row in emoji_rows if not row["sibling_in_starter"]]
    same = {content(key) for key in clip_keys}
    held_names = emoji_keys | clip_keys
    for item in items:
        words, key = content(item["key"]), item["key"]
        if item["source"] == "stamp":
            item["split"] = "evaluation"
        elif item["source"] == "clip-art" and too_large(RAW / item["path"]):
            item["split"] = "dropped"
        elif item["flag"]:
            item["split"] = "train"
        elif (key in emoji_keys and item["source"] != "clip-art") or (
            key in clip_keys and item["source"] == "clip-art"
        ):
            item["split"] = "unseen"
        elif (
            key in held_names
            or words in same
            or item["path"] in same_names
            or any(siblings(family, words) for family in families)
        ):
            item["split"] = "dropped"
        else:
            item["split"] = "train"
            item["names"] = [n for n in item["names"] if normalised(n) not in held_names] or item["names"][:1]
            item["keywords"] = [word for word in item["keywords"] if normalised(word) not in held_names]


def main() -> None:
    fixed = json.loads(EVALUATION_SET.read_text())
    clip = {row["file"]: row["name"] for row in fixed["clip_art"]}
    drawn = emoji()
    items = drawn + clip_art(clip, spoken(drawn)) + stamps()
    same_names = {"openclipart/usr/share/openclipart/png/" + name for name in fixed["clip_art_same_names"]}
    part(items, fixed["emoji_unseen_names"], {normalised(name) for name in clip.values()}, same_names)
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "items.json").write_text(json.dumps(items))
    for (source, split, flag), count in sorted(Counter((i["source"], i["split"], i["flag"]) for i in items).items()):
        print(f"{source:16} {split:10} {'flags' if flag else '':5} {count}")


if __name__ == "__main__":
    main()
