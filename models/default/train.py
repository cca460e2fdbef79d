"""Learns both heads on features that are there already.

usage: python train.py --seed 0 [--trunk tuned] [--steps 400] [--validate 0.12] [--out NAME]

Contrast (InfoNCE, both directions) between pictures and captions, where pictures of one concept count as right for each
other's captions; a pull towards the pretrained text space; wanted cosines between simple shapes. What is kept is the
running mean of the weights over the last steps.
"""

import argparse
import copy
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from data import Learned, Photographs, load, pictures, scenes, texts
from evaluation_pictures import Evaluated
from metrics import measured, pair, summary
from numpy.typing import NDArray
from places import RUNS, WORK
from targets import Graded
from texts import Remembered
from torch import Tensor, nn
from torch.nn import functional
from towers import ImageHead, Shape, TextHead
from trunk import FEATURES, SIZES
from words import drawn as drawn_by_hash


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trunk", choices=["pretrained", "tuned"], default="tuned", help="whose features")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=768)
    parser.add_argument("--hidden", type=int, default=1024)
    parser.add_argument("--drop", type=float, default=0.25)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--scenes", type=float, default=0.22, help="part of a batch that is rendered scenes")
    parser.add_argument("--photographs", type=float, default=0.15, help="part of a batch that is drawn photographs")
    parser.add_argument("--anchor", type=float, default=3.0, help="pull towards the pretrained text space")
    parser.add_argument("--graded", type=float, default=16.0, help="weight of the wanted cosines between shapes")
    parser.add_argument("--members", type=int, default=2, help="perceptrons of the image head")
    parser.add_argument("--validate", type=float, default=0.0, help="part of the concepts kept from training")
    parser.add_argument(
        "--bfloat16", action="store_true", help="products in 16 bits: faster where the processor has it"
    )
    parser.add_argument("--out", default="")
    return parser.parse_args()


class Batches:
    """Draws batches: pictures, scenes and photographs, each with a caption and the concept that it shows."""

    def __init__(self, options: argparse.Namespace, learned: Learned, drawn: Learned, number_of: dict[str, int],
                 named: Callable[[Tensor], Tensor], chance: np.random.Generator) -> None:  # fmt: skip
        self._named = named
        self._learned, self._drawn, self._chance, self._options = learned, drawn, chance, options
        self._photographs = Photographs(learned, chance)
        self._classes = [
            np.array([number_of[text] for text in row])
            for row in json.loads((WORK / "captions.json").read_text())["classes"]
        ]

    def draw(self) -> tuple[dict[str, Tensor], Tensor, Tensor, NDArray[np.int64], int]:
        """Return features, caption numbers, concepts, rows of scenes, and where the scenes begin."""
        o = self._options
        n_scenes, n_photographs = int(o.batch * o.scenes), int(o.batch * o.photographs)
        rows = self._chance.choice(len(self._learned), o.batch - n_scenes - n_photographs, p=self._learned.weights)
        at = self._chance.integers(0, len(self._drawn), n_scenes)
        classes = self._chance.integers(0, 1000, n_photographs)
        seen = self._learned.chosen(rows)
        rendered = self._drawn.chosen(at)
        photographs = {name: torch.zeros(n_photographs, SIZES[name]) for name in FEATURES}
        photographs["gap"] = self._photographs.drawn(classes)
        photographs["named"] = self._named(photographs["gap"])
        features = {name: torch.cat([seen[name], rendered[name], photographs[name]]) for name in (*FEATURES, "named")}
        said = [self._chance.choice(numbers, p=share) for numbers, share in (self._learned.captions[r] for r in rows)]
        said += [self._chance.choice(self._drawn.captions[r][0]) for r in at]
        said += [self._chance.choice(self._classes[c]) for c in classes]
        concepts = np.concatenate([self._learned.concepts[rows], 100_000 + at, 200_000 + classes])
        return features, torch.from_numpy(np.array(said)), torch.from_numpy(concepts), at, len(rows)


def missed(queries: Tensor, candidates: Tensor, right: Tensor, scale: Tensor | float) -> Tensor:
    """Return the mean cross entropy of finding the right candidates of each query (InfoNCE)."""
    wanted = right / right.sum(1, keepdim=True)
    return -(wanted * (queries @ candidates.T * scale).log_softmax(1)).sum(1).mean()


def learn(options: argparse.Namespace) -> tuple[ImageHead, TextHead]:
    torch.manual_seed(options.seed)
    chance = np.random.default_rng(options.seed)
    number_of, vectors = texts()
    learned = pictures(options.trunk, number_of, lambda key: not validated(key, options.validate))
    drawn = scenes(options.trunk, number_of)
    both = {n: np.concatenate([learned.features[n][::4], drawn.features[n][::6]]).astype(np.float32) for n in FEATURES}
    means = {name: torch.from_numpy(value.mean(0)) for name, value in both.items()}
    spreads = {name: torch.from_numpy(value.std(0) + 1e-3) for name, value in both.items()}
    classes = json.loads((WORK / "captions.json").read_text())["classes"]
    names = functional.normalize(
        torch.stack([vectors[[number_of[t] for t in row[:4]]].mean(0) for row in classes]), dim=-1
    )
    image, text = ImageHead(Shape(options.hidden, options.drop, options.members), means, spreads, names), TextHead()
    for part in (learned, drawn):
        part.features["named"] = image.named(torch.from_numpy(part.features["gap"].astype(np.float32))).numpy()
    batches = Batches(options, learned, drawn, number_of, image.named, chance)
    scale, graded = nn.Parameter(torch.tensor(math.log(20.0))), Graded(drawn.about)
    parts = nn.ModuleList([image, text])
    image.train()
    optimizer = torch.optim.AdamW(
        [{"params": image.parameters(), "lr": options.rate, "weight_decay": 0.05},
         {"params": text.parameters(), "lr": options.rate / 2, "weight_decay": 0.05},
         {"params": [scale], "lr": 1e-3, "weight_decay": 0.0}])  # fmt: skip
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, step / 30) * (0.5 + 0.5 * math.cos(math.pi * step / options.steps))
    )
    halved = torch.autocast("cpu", torch.bfloat16, enabled=options.bfloat16)
    kept = copy.deepcopy(parts)
    start = time.monotonic()
    for step in range(options.steps):
        features, said, concepts, at, first = batches.draw()
        photographs = first + len(at)
        seen = (torch.rand(len(said), 1) > 0.15).float()
        seen[photographs:] = 0
        sentences = vectors[said]
        with halved:
            t = text(sentences).float()
        alike = sentences @ sentences.T
        same = ((alike > 0.97) | (concepts[:, None] == concepts[None, :])).float()
        simple = torch.from_numpy(np.flatnonzero(graded.simple[at]))
        wanted = graded.wanted(at[simple.numpy()])
        ts = t[first + simple]
        # Most pairs of shapes have nothing in common: those that have count for more.
        heavier = 1 + 4 * (wanted > 0.25).float()
        heavier = heavier / heavier.mean()
        loss = options.anchor * ((t @ t.T - alike) ** 2).mean()
        loss = loss + 0.3 * options.graded * (heavier * (ts @ ts.T - wanted) ** 2).mean()
        with halved:
            members = image.each({name: features[name] for name in FEATURES}, features["named"], seen)
        for v in (member.float() for member in members):
            vs = v[first + simple]
            sharp = scale.exp().clamp(max=60)
            own = (missed(v, t, same, sharp) + missed(t, v, same, sharp)) / 2
            for other, share in ((ts, 1.0), (vs, 0.5)):
                own = own + options.graded * share * (heavier * (vs @ other.T - wanted) ** 2).mean()
            loss = loss + own / len(members)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        average(kept, parts, 0.0 if step < 50 else 0.97)
        if step % 20 == 0 or step == options.steps - 1:
            print(
                f"step {step} loss {loss.item():.3f} scale {scale.exp().item():.1f} {time.monotonic() - start:.0f} s",
                flush=True,
            )
    return kept[0].eval(), kept[1].eval()  # type: ignore[return-value]


def average(kept: nn.Module, now: nn.Module, keep: float) -> None:
    with torch.no_grad():
        for old, new in zip(kept.parameters(), now.parameters(), strict=True):
            old.lerp_(new, 1 - keep)


def validated(key: str, part: float) -> bool:
    return drawn_by_hash("validation" + key, part)


def validation(image: ImageHead, text: TextHead, trunk: str, part: float) -> dict[str, float]:
    """Return the mean reciprocal rank of concepts that were kept from training, by source: to choose settings with."""
    number_of, vectors = texts()
    learned = pictures(trunk, number_of, lambda key: validated(key, part))
    items = json.loads((WORK / "items.json").read_text())
    found: dict[str, float] = {}
    for source in ("emoji-google", "emoji-twitter", "emoji-fluent", "clip-art"):
        rows = np.array(
            [r for r, i in enumerate(learned.about) if items[i]["source"] == source and not items[i]["flag"]]
        )
        rows = rows[np.unique(learned.concepts[rows], return_index=True)[1]]
        given = learned.chosen(rows)
        with torch.no_grad():
            seen, said = image(**{n: given[n] for n in FEATURES}).numpy(), text(vectors[learned.names[rows]]).numpy()
        for name, made in pair(seen, said).items():
            found[f"{source}, {name}, {len(rows)}"] = float((1 / (made + 1)).mean())
    return found


def evaluation(image: ImageHead, text: TextHead, trunk: str) -> dict[str, Any]:
    """Evaluate heads on the features of the evaluation set."""
    features, about = load(trunk, "evaluated")
    remembered = Remembered(WORK / "evaluation_texts.npz")
    with torch.no_grad():
        given = {name: torch.from_numpy(value.astype(np.float32)) for name, value in features.items()}
        vectors = image(**given).numpy()

        def encode(said: list[str]) -> NDArray[np.float32]:
            made: NDArray[np.float32] = text(torch.from_numpy(remembered.embedded(said))).numpy()
            return made

        return measured([Evaluated(**row) for row in about], vectors, encode)


def main() -> None:
    options = arguments()
    image, text = learn(options)
    RUNS.mkdir(parents=True, exist_ok=True)
    name = options.out or f"seed{options.seed}"
    torch.save({"image": image.state_dict(), "text": text.state_dict(),
                "shape": asdict(Shape(options.hidden, options.drop, options.members)),
                "options": vars(options)}, RUNS / f"{name}.pt")  # fmt: skip
    if options.validate:
        reciprocal = validation(image, text, options.trunk, options.validate)
        print(f"validation {np.mean(list(reciprocal.values())):.4f}", {k: round(v, 3) for k, v in reciprocal.items()})
    result = evaluation(image, text, options.trunk)
    (RUNS / f"{name}.json").write_text(json.dumps(result))
    for row_name, row in summary(result).items():
        print(f"{row_name:60}", "  ".join(f"{key} {value:.3g}" for key, value in row.items()))


if __name__ == "__main__":
    main()
