"""Ranks and orders that a model makes of the evaluation set: the same for every model.

A result is {set: {direction: {names, ranks}}}, ranks from 0, so that two models can be compared query by query.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from evaluation_pictures import RENDERINGS, Evaluated, fixed, languages
from numpy.typing import NDArray
from shapes import COMMON, held_out

Vectors = NDArray[np.float32]
Ranks = NDArray[np.int64]
TEXT_TO_IMAGE, IMAGE_TO_TEXT = "text to image", "image to text"
# What the original ranks first and second in the notebook's five tables.
TABLES = {
    "blue square, pictures alone": ("blue-square", "blue-circle"),
    "blue square, with descriptions": ("blue-square", "red-rectangle"),
    "black frame around a red circle": ("red-circle-with-black-frame", "red-circle"),
    "blue square and red circle": ("blue-square", "red-circle"),
    "a tenth blue square, red circle": ("red-circle", "red-circle-with-black-frame"),
}


def unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def ranks(queries: Vectors, candidates: Vectors) -> Ranks:
    """Return for query i how many candidates come before candidate i. A tie counts half of those that tie."""
    scores = queries @ candidates.T
    own = np.diag(scores[:, : len(queries)])[:, None]
    return np.asarray((scores > own).sum(1) + ((scores == own).sum(1) - 1) // 2)


def pair(images: Vectors, texts: Vectors, extra: Vectors | None = None) -> dict[str, Ranks]:
    """`extra` are captions that belong to no picture; they stand among the candidates of pictures."""
    captions = texts if extra is None else np.concatenate([texts, extra])
    return {TEXT_TO_IMAGE: ranks(texts, images), IMAGE_TO_TEXT: ranks(images, captions)}


def retrieval(rows: list[Evaluated], vectors: Vectors, encode: Callable[[list[str]], Vectors]) -> dict[str, Any]:
    """Return the ranks of every set."""
    by_set: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        by_set.setdefault(row.set, []).append(index)
    captions = list(dict.fromkeys(row.caption for row in rows))
    text_of = dict(zip(captions, encode(captions), strict=True))
    found: dict[str, Any] = {}

    def add(name: str, chosen: list[int], extra: list[str] | None = None, caption: Callable[[str], str] = str) -> None:
        said = [caption(rows[i].caption) for i in chosen]
        texts = np.stack([text_of[text] for text in said])
        made = pair(vectors[chosen], texts, encode(extra) if extra else None)
        found[name] = {"names": [rows[i].name for i in chosen], "subset": [rows[i].subset for i in chosen],
                       **{direction: values.tolist() for direction, values in made.items()}}  # fmt: skip

    for name in (
        "unseen google",
        "unseen twitter",
        "unseen fluent",
        "unseen apple",
        "unseen vendor",
        "clip-art",
        "stamps",
    ):
        add(name, by_set[name])
    add("stamps, 84", [i for i in by_set["stamps"] if rows[i].subset])
    sets = fixed()
    add("photographs", by_set["photographs"], sets["photograph_distractors"])
    add("photographs and everyday stamps", by_set["photographs"] + by_set["everyday"], sets["everyday_distractors"])
    add("shapes", by_set["shapes"])
    found["shapes"]["subset"] = [held_out(*name.split("|")) for name in found["shapes"]["names"]]
    for language, names in languages().items():
        chosen = [i for i in by_set["unseen vendor"] if rows[i].caption in names]
        said = [names[rows[i].caption] for i in chosen]
        text_of.update(zip(said, encode(said), strict=True))
        add(f"unseen vendor, {language}", chosen, caption=lambda text, names=names: names[text])  # type: ignore[misc]
    return found


def notebook(rows: list[Evaluated], vectors: Vectors, encode: Callable[[list[str]], Vectors]) -> dict[str, Any]:
    """Return for each of the five tables what comes first and second in each rendering, and its order and scores."""
    at = {row.name: index for index, row in enumerate(rows) if row.set == "notebook"}
    names = list(dict.fromkeys(name.split("|")[1] for name in at))
    texts = encode([f"This is a {name.replace('-', ' ')}." for name in names])
    deceiving = encode(["This is a blue rectangle."])[0]
    framed, red = encode(["black frame around a red circle", "red circle"])
    said = np.stack([deceiving if name == "red-rectangle" else text for name, text in zip(names, texts, strict=True)])
    tables: dict[str, Any] = {name: {"first": [], "second": [], "orders": []} for name in TABLES}
    for number in range(RENDERINGS):
        pictures = np.stack([vectors[at[f"{number}|{name}"]] for name in names])
        square, described = pictures[names.index("blue-square")], unit(pictures + said)
        questions = [(square, pictures), (square, described), (framed, described), (square + red, described),
                     (0.1 * square + red, described)]  # fmt: skip
        for (table, expected), (question, stored) in zip(TABLES.items(), questions, strict=True):
            scores = stored @ unit(question)
            order = [names[i] for i in np.argsort(-scores)]
            tables[table]["first"].append(order[0] == expected[0])
            tables[table]["second"].append(order[1] == expected[1])
            tables[table]["orders"].append({name: round(float(scores[names.index(name)]), 3) for name in order})
    return tables


def colours_and_shapes(
    rows: list[Evaluated], vectors: Vectors, encode: Callable[[list[str]], Vectors]
) -> dict[str, float]:
    """Return how often the nearest caption of a shape has its colour, and how often its shape."""
    chosen = [i for i, row in enumerate(rows) if row.set == "shapes"]
    nearest = (vectors[chosen] @ encode([rows[i].caption for i in chosen]).T).argmax(1)
    pairs = [rows[i].name.split("|") for i in chosen]
    assert {colour for colour, _ in pairs} == set(COMMON), "the set of shapes has another palette"
    return {
        "colour": float(np.mean([pairs[n][0] == p[0] for n, p in zip(nearest, pairs, strict=True)])),
        "shape": float(np.mean([pairs[n][1] == p[1] for n, p in zip(nearest, pairs, strict=True)])),
    }


def measured(rows: list[Evaluated], vectors: Vectors, encode: Callable[[list[str]], Vectors]) -> dict[str, Any]:
    found = retrieval(rows, vectors, encode)
    return {"retrieval": found, "notebook": notebook(rows, vectors, encode),
            "shapes": colours_and_shapes(rows, vectors, encode)}  # fmt: skip


def summary(result: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return R@1, R@5 and the median rank (from 1) of each set and direction, and the notebook's hit rates."""
    table: dict[str, dict[str, float]] = {}

    def add(name: str, values: list[int]) -> None:
        ranked = np.array(values)
        table[name] = {"n": len(ranked), "R@1": float(np.mean(ranked < 1)), "R@5": float(np.mean(ranked < 5)),
                       "median": float(np.median(ranked) + 1)}  # fmt: skip

    for name, row in result["retrieval"].items():
        for direction in (TEXT_TO_IMAGE, IMAGE_TO_TEXT):
            add(f"{name}, {direction}", row[direction])
            if name != "stamps" and any(row["subset"]):
                add(
                    f"{name} (subset), {direction}",
                    [r for r, s in zip(row[direction], row["subset"], strict=True) if s],
                )
    for name, row in result["notebook"].items():
        table["notebook: " + name] = {
            "n": RENDERINGS,
            "first": float(np.mean(row["first"])),
            "second": float(np.mean(row["second"])),
        }
    table["shapes, nearest caption"] = result["shapes"]
    return table
