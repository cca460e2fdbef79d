"""How alike two simple shapes are meant to be: by colour, by shape, and most of all by both."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

KIN = {
    frozenset(("square", "rectangle")): 0.7, frozenset(("circle", "ellipse")): 0.7,
    frozenset(("circle", "ring")): 0.5,
    frozenset(("pentagon", "hexagon")): 0.6, frozenset(("square", "diamond")): 0.4,
    frozenset(("hexagon", "circle")): 0.3,
}  # fmt: skip
TONES = {
    frozenset(("blue", "light blue")): 0.6, frozenset(("blue", "dark blue")): 0.7,
    frozenset(("green", "light green")): 0.6,
    frozenset(("green", "dark green")): 0.7, frozenset(("red", "dark red")): 0.7, frozenset(("red", "orange")): 0.3,
    frozenset(("red", "pink")): 0.4, frozenset(("light blue", "turquoise")): 0.5, frozenset(("purple", "pink")): 0.3,
}  # fmt: skip
OTHER = 0.12


def kernel(names: list[str], kin: dict[frozenset[str], float]) -> Tensor:
    return torch.tensor([[1.0 if a == b else kin.get(frozenset((a, b)), OTHER) for b in names] for a in names])


class Graded:
    """Wanted cosines between scenes that show one shape.

    The wanted cosine of two blue things of other shapes is 0.38, of a blue square and a blue rectangle 0.79, of a blue
    square and a red rectangle 0.34: so the shape that is only said can outweigh the colour that is only seen, and what
    agrees in both stays far ahead of what agrees in one. A frame is a difference of its own.
    """

    def __init__(self, about: list[Any]) -> None:
        colours = sorted({row[1] for row in about})
        shapes = sorted({row[2] for row in about})
        self._colour = np.array([colours.index(row[1]) for row in about])
        self._shape = np.array([shapes.index(row[2]) for row in about])
        self._framed = torch.tensor([row[3] == "frame" for row in about])
        self.simple = np.array([row[3] in ("one", "size", "frame", "place") for row in about])
        self._colours, self._shapes = kernel(colours, TONES), kernel(shapes, KIN)

    def wanted(self, at: np.ndarray[Any, np.dtype[np.int64]]) -> Tensor:
        c, s = self._colour[at], self._shape[at]
        colour, shape = self._colours[c][:, c], self._shapes[s][:, s]
        framed = self._framed[at]
        return (0.1 + 0.2 * colour + 0.25 * shape + 0.45 * colour * shape) * (
            1 - 0.2 * (framed[:, None] ^ framed[None, :])
        )
