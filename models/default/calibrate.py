"""Fits how a model's cosines are to be read, and writes it into its model.json.

usage: python calibrate.py DIRECTORY

A curve gives the likelihood that two things with a cosine belong together, where as many pairs belong together as do
not: a logistic function of the cosine, fitted to pairs of the evaluation set, whose concepts were not learned from.
Pairs: a held-out emoji or clip-art and its name, against all other names; the pictures of one held-out emoji by
different vendors, against those of others; a held-out emoji's name and its keywords, against those of others. Shipped
as knots of a monotonic, piecewise linear function.
"""

import json
import sys
from pathlib import Path

import numpy as np
from concepts import cldr
from evaluate import Model, embedded_pictures
from evaluation_pictures import Evaluated, evaluated
from metrics import unit
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from words import normalised

Array = NDArray[np.float32]
KNOTS = 65
VENDORS = ("google", "twitter", "fluent", "apple")


def fitted(together: Array, apart: Array) -> dict[str, list[float]]:
    """Return the knots of a curve for cosines of pairs that belong together and of pairs that do not."""
    cosines = np.concatenate([together, apart])[:, None].astype(np.float64)
    right = np.repeat([1, 0], [len(together), len(apart)])
    fit = LogisticRegression(C=1e4, class_weight="balanced").fit(cosines, right)
    if fit.coef_[0, 0] <= 0:
        raise SystemExit("pairs that belong together have the smaller cosines: there is nothing to calibrate")
    knots = np.linspace(-0.4, 1, KNOTS)
    scores = fit.predict_proba(knots[:, None])[:, 1]
    return {"cosines": [round(float(x), 6) for x in knots], "scores": [round(float(y), 6) for y in scores]}


def split(cosines: Array, same: NDArray[np.bool_]) -> tuple[Array, Array]:
    return cosines[same], cosines[~same]


def keywords(names: list[str]) -> dict[str, str]:
    """Return the keywords of emoji by their names, where they have any beside the name."""
    found = {}
    for row in cldr("en").values():
        key = normalised(row["tts"][0].lower()) if "tts" in row else ""
        if key in names:
            others = [word for word in row.get("default", []) if normalised(word) != key]
            if others:
                found[key] = ", ".join(others[:3])
    return found


def curves(model: Model, rows: list[Evaluated], vectors: Array) -> dict[str, dict[str, list[float]]]:
    unseen = [i for i, row in enumerate(rows) if row.set in {f"unseen {vendor}" for vendor in VENDORS}]
    named = [*unseen, *(i for i, row in enumerate(rows) if row.set == "clip-art")]
    captions = [rows[i].caption for i in named]
    texts = unit(model.texts(captions))
    equal = np.array(captions)[:, None] == np.array(captions)[None, :]
    text_to_image = split(unit(vectors[named]) @ texts.T, equal)

    pictures, names = unit(vectors[unseen]), np.array([rows[i].name for i in unseen])
    other_vendor = ~np.eye(len(unseen), dtype=bool)
    cosines, same = pictures @ pictures.T, names[:, None] == names[None, :]
    image_to_image = cosines[same & other_vendor], cosines[~same]

    known = keywords(list(dict.fromkeys(names.tolist())))
    said = unit(model.texts(list(known))) @ unit(model.texts(list(known.values()))).T
    text_to_text = split(said, np.eye(len(known), dtype=bool))
    return {"text_to_image": fitted(*text_to_image), "image_to_image": fitted(*image_to_image),
            "text_to_text": fitted(*text_to_text)}  # fmt: skip


def main(folder: Path) -> None:
    used = {"clip-art", *(f"unseen {vendor}" for vendor in VENDORS)}
    model, rows = Model(folder), [row for row in evaluated() if row.set in used]
    made = curves(model, rows, embedded_pictures(model, rows))
    path = folder / "model.json"
    whole = json.loads(path.read_text()) | {"calibration": made}
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in whole.items())
    path.write_text("{" + ",\n ".join(lines) + "}\n")
    for name, curve in made.items():
        half = np.interp(0.5, curve["scores"], curve["cosines"])
        print(f"{name}: as likely as not at a cosine of {half:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
