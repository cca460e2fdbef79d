"""Writes the tables of the model card from the results of the seeds and of the model that is compared with.

usage: python card.py BASELINE.json [SEED0.json SEED1.json SEED2.json]
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from metrics import IMAGE_TO_TEXT, TABLES, TEXT_TO_IMAGE

Result = dict[str, Any]
# Sets of pictures that show the same concepts count as one: a query's hits are averaged over them first.
SETS: list[tuple[str, list[str], bool]] = [
    ("emoji, unseen names, three vendors", ["unseen google", "unseen twitter", "unseen fluent"], False),
    ("emoji, unseen names without siblings, three vendors", ["unseen google", "unseen twitter", "unseen fluent"], True),
    ("emoji, unseen names and vendor", ["unseen apple"], False),
    ("emoji, seen names, unseen vendor", ["unseen vendor"], False),
    ("clip-art, unseen names", ["clip-art"], False),
    ("clip-art, unseen names without siblings", ["clip-art"], True),
    ("tuxpaint stamps, all", ["stamps"], False),
    ("tuxpaint stamps, 84", ["stamps, 84"], False),
    ("photographs (20), three times as many captions", ["photographs"], False),
    ("photographs and everyday stamps (96), three times as many captions", ["photographs and everyday stamps"], False),
    ("shapes, 13 colours of 9", ["shapes"], False),
    ("shapes, held-out pairs of colour and shape", ["shapes"], True),
    ("emoji, seen names, unseen vendor, German captions", ["unseen vendor, de"], False),
    ("emoji, seen names, unseen vendor, French captions", ["unseen vendor, fr"], False),
]  # fmt: skip


def hits(result: Result, sets: list[str], subset: bool, direction: str, best: int) -> dict[str, float]:
    """Return for each name how often its rank is below `best`, averaged over the sets."""
    seen: dict[str, list[float]] = {}
    for name in sets:
        row = result["retrieval"][name]
        for concept, rank, chosen in zip(row["names"], row[direction], row["subset"], strict=True):
            if chosen or not subset:
                seen.setdefault(concept, []).append(float(rank < best))
    return {concept: float(np.mean(values)) for concept, values in seen.items()}


def median(results: list[Result], sets: list[str], subset: bool, direction: str) -> float:
    ranks = [
        rank + 1
        for result in results
        for name in sets
        for rank, chosen in zip(result["retrieval"][name][direction], result["retrieval"][name]["subset"], strict=True)
        if chosen or not subset
    ]
    return float(np.median(ranks))


def compared(
    base: Result, seeds: list[Result], sets: list[str], subset: bool, direction: str, best: int
) -> tuple[float, float, float, int]:
    """Return baseline, mean of the seeds, standard error of the paired difference over concepts, and their number."""
    old = hits(base, sets, subset, direction, best)
    new = [hits(result, sets, subset, direction, best) for result in seeds]
    differences = np.array([np.mean([result[c] for result in new]) - value for c, value in old.items()])
    error = float(differences.std(ddof=1) / np.sqrt(len(differences)))
    before = float(np.mean(list(old.values())))
    return before, before + float(differences.mean()), error, len(old)


def retrieval_table(base: Result, seeds: list[Result]) -> list[str]:
    lines = ["| set | n | direction | R@1 | before | errors | R@5 | before | errors | median rank | before |",
             "|---|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for title, sets, subset in SETS:
        for direction in (TEXT_TO_IMAGE, IMAGE_TO_TEXT):
            cells = []
            count = 0
            for best in (1, 5):
                before, after, error, count = compared(base, seeds, sets, subset, direction, best)
                away = (after - before) / error if error > 0 else 0.0
                cells.append(f"{after:.2f} | {before:.2f} | {away:+.1f}")
            ranks = f"{median(seeds, sets, subset, direction):.0f} | {median([base], sets, subset, direction):.0f}"
            lines.append(f"| {title} | {count} | {direction} | {' | '.join(cells)} | {ranks} |")
    return lines


def notebook_table(base: Result, seeds: list[Result]) -> list[str]:
    lines = ["| table | first right | before | second right | before |", "|---|---|---|---|---|"]
    for name in TABLES:
        cells = []
        for place in ("first", "second"):
            after = np.mean([np.mean(result["notebook"][name][place]) for result in seeds])
            cells += [f"{after:.2f}", f"{np.mean(base['notebook'][name][place]):.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def figures(result: Result) -> list[str]:
    """What one model reaches."""
    lines = [
        "| set | n | text to image R@1 / R@5 | median rank | image to text R@1 / R@5 | median rank |",
        "|---" * 6 + "|",
    ]
    for title, sets, subset in SETS:
        cells, count = [], 0
        for direction in (TEXT_TO_IMAGE, IMAGE_TO_TEXT):
            found = [list(hits(result, sets, subset, direction, best).values()) for best in (1, 5)]
            count = len(found[0])
            cells.append(" / ".join(f"{np.mean(values):.2f}" for values in found))
            cells.append(f"{median([result], sets, subset, direction):.0f}")
        lines.append(f"| {title} | {count} | {' | '.join(cells)} |")
    lines += ["", "| the notebook's tables, 40 renderings | first as the original | second |", "|---|---|---|"]
    for name, row in result["notebook"].items():
        lines.append(f"| {name} | {np.mean(row['first']):.2f} | {np.mean(row['second']):.2f} |")
    return lines


def spread_table(seeds: list[Result]) -> list[str]:
    """R@1 of each seed, so that one sees how much chance there is in it."""
    lines = [
        "| set, text to image, R@1 | " + " | ".join(f"seed {i}" for i in range(len(seeds))) + " |",
        "|---" * (len(seeds) + 1) + "|",
    ]
    for title, sets, subset in SETS[:10]:
        values = [np.mean(list(hits(result, sets, subset, TEXT_TO_IMAGE, 1).values())) for result in seeds]
        lines.append(f"| {title} | {' | '.join(f'{value:.3f}' for value in values)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("baseline", type=Path)
    parser.add_argument("seeds", type=Path, nargs="*")
    given = parser.parse_args()
    base = json.loads(given.baseline.read_text())
    seeds = [json.loads(path.read_text()) for path in given.seeds]
    if not seeds:
        print("\n".join(figures(base)))
        return
    for table in (retrieval_table(base, seeds), notebook_table(base, seeds), spread_table(seeds)):
        print("\n".join(table), end="\n\n")


if __name__ == "__main__":
    main()
