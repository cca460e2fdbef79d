"""The two towers: what stands on the image trunk and on the pretrained text encoder."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from trunk import FEATURES, SIZES, Trunk, pretrained

WIDTH = 384


@dataclass(frozen=True)
class Shape:
    """Sizes of the learned parts."""

    hidden: int = 1024
    drop: float = 0.25
    members: int = 2


class Member(nn.Module):
    """One perceptron over everything that the trunk offers; several of them make a head."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.hidden = nn.Linear(sum(SIZES.values()), shape.hidden)
        self.norm = nn.LayerNorm(shape.hidden)
        self.out = nn.Linear(shape.hidden, WIDTH)
        self.straight = nn.Linear(SIZES["gap"], WIDTH)
        self.gate = nn.Linear(shape.hidden, 1)
        self.strength = nn.Parameter(torch.ones(()))
        self.drop = nn.Dropout(shape.drop)
        nn.init.zeros_(self.straight.weight)
        nn.init.zeros_(self.straight.bias)

    def forward(self, gap: Tensor, everything: Tensor, named: Tensor) -> Tensor:
        hidden = self.drop(functional.gelu(self.norm(self.hidden(self.drop(everything)))))
        mixed = self.out(hidden) + self.straight(gap) + 3 * self.strength * torch.sigmoid(self.gate(hidden)) * named
        return functional.normalize(mixed, dim=-1)


def merged(vectors: list[Tensor]) -> Tensor:
    """Return the normalised mean of what members make of each picture."""
    return functional.normalize(torch.stack(vectors).mean(0), dim=-1)


class ImageHead(nn.Module):
    """The trunk's features [b, ...] to vectors [b, 384]: the mean of its members'.

    Beside its perceptron each member has what ImageNet's classifier sees: the mean of the classes' names, by their
    probabilities. That knows photographs that were never learned from.
    """

    def __init__(self, shape: Shape, means: dict[str, Tensor], spreads: dict[str, Tensor], names: Tensor) -> None:
        super().__init__()
        for name in FEATURES:
            self.register_buffer("mean_" + name, means[name])
            self.register_buffer("scale_" + name, 1 / spreads[name])
        classifier = pretrained()._fc
        self.register_buffer("classifier", classifier.weight.detach().clone())
        self.register_buffer("classifier_bias", classifier.bias.detach().clone())
        self.register_buffer("names", names)
        self.members = nn.ModuleList(Member(shape) for _ in range(shape.members))

    def standardised(self, name: str, value: Tensor) -> Tensor:
        return ((value - getattr(self, "mean_" + name)) * getattr(self, "scale_" + name)).clamp(-8, 8)

    def named(self, gap: Tensor) -> Tensor:
        """Return the mean of the classes' names by their probabilities [b, 384]: nothing of it is learned."""
        return functional.linear(gap, self.classifier, self.classifier_bias).softmax(1) @ self.names

    def each(self, given: dict[str, Tensor], named: Tensor, seen: Tensor | None = None) -> list[Tensor]:
        """Return the vectors of each member.

        `given` has the features by name; `seen` [b, 1] is 0 where all but `gap` is to be hidden (only in training).
        """
        parts = [self.standardised(name, given[name]) for name in FEATURES]
        gap = parts[0]
        if seen is not None:
            parts = [gap, *(part * seen for part in parts[1:])]
        everything = torch.cat(parts, 1)
        return [member(gap, everything, named) for member in self.members]

    def forward(self, gap: Tensor, last: Tensor, levels: Tensor, colours: Tensor) -> Tensor:
        given = {"gap": gap, "last": last, "levels": levels, "colours": colours}
        return merged(self.each(given, self.named(gap)))


class TextHead(nn.Module):
    """Sentence vectors [b, 384] to vectors [b, 384] in the common space: a small step away from where they are."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(WIDTH, WIDTH, bias=False)
        self.first = nn.Linear(WIDTH, 512)
        self.second = nn.Linear(512, WIDTH)
        for layer in (self.linear, self.second):
            nn.init.zeros_(layer.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, sentence: Tensor) -> Tensor:
        step = self.linear(sentence) + self.second(functional.gelu(4 * self.first(sentence)))
        return functional.normalize(sentence + step, dim=-1)


def heads(run: Path) -> tuple[ImageHead, TextHead, str]:
    """Return the heads of a run of train.py, and the name of the trunk that they stand on."""
    stored = torch.load(run, weights_only=True)
    empty = {name[5:]: value for name, value in stored["image"].items() if name.startswith("mean_")}
    image, text = ImageHead(Shape(**stored["shape"]), empty, empty, stored["image"]["names"]), TextHead()
    image.load_state_dict(stored["image"])
    text.load_state_dict(stored["text"])
    return image.eval(), text.eval(), stored["options"]["trunk"]


class ImageTower(nn.Module):
    """Pixels [b, 3, 224, 224] in [-1, 1] to vectors [b, 384]: what is exported."""

    def __init__(self, trunk: Trunk, head: ImageHead) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, pixel_values: Tensor) -> Tensor:
        vectors: Tensor = self.head(**self.trunk(pixel_values))
        return vectors


class TextTower(nn.Module):
    """Token ids and mask [b, t] to vectors [b, 384]: what is exported."""

    def __init__(self, sentence: nn.Module, head: TextHead) -> None:
        super().__init__()
        self.sentence, self.head = sentence, head

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        vectors: Tensor = self.head(self.sentence(input_ids, attention_mask))
        return vectors
