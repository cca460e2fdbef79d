"""What may be said about a picture: the captions that each is learned with."""

from typing import Any

from shapes import article

PHRASES = ("a picture of {}", "this is {}.")


def with_article(name: str) -> str:
    return name if name.startswith(("a ", "an ", "the ", "this ")) else article(name)


def of_item(item: dict[str, Any]) -> list[tuple[str, float]]:
    """Return captions of a picture with how often each is to be drawn, as weights."""
    name = item["names"][0].lower()
    found: list[tuple[str, float]] = [(name, 3.0), (with_article(name), 1.0)]
    found += [(other, 1.0) for other in item["names"][1:]]
    found += [(phrase.format(with_article(name)), 0.5) for phrase in PHRASES]
    words = item["keywords"]
    # A keyword alone says less than the name: several share it. Together with others it says more.
    found += [(word, 0.06) for word in words]
    if words:
        found.append((f"{name}, {', '.join(words[:3])}", 0.7))
        found.append((", ".join(words[:4]), 0.7))
    if item.get("folders"):
        found.append((f"{item['folders'][-1]}: {name}", 0.5))
    return list(dict(found).items())


def of_classes(labels: list[str], definitions: list[str]) -> list[list[str]]:
    """Return captions of ImageNet's classes, from their lemmas and definitions."""
    rows = []
    for label, definition in zip(labels, definitions, strict=True):
        lemmas = [part.strip() for part in label.split(",")]
        rows.append([*lemmas[:3], article(lemmas[0]), "a photo of " + article(lemmas[0]),
                     f"{lemmas[0]}: {definition}"[:120]])  # fmt: skip
    return rows
