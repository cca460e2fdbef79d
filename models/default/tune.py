"""Tunes the image trunk on views of pictures that are made as they are needed.

usage: python tune.py --seed 0 --heads RUN [--validate 0.12] [--out NAME]   one run, on one core: about an hour
       python tune.py --mean NAME...                                        the mean of runs becomes the tuned trunk

A run starts from heads that were learned on the pretrained trunk, so that what the trunk knows is not torn down before
it is of use (Kumar et al. 2022, Fine-Tuning can Distort Pretrained Features). Captions stay where those heads put them.
The trunk from block 5 on and the image head learn to put views of a picture beside its captions, among many captions
and the pictures of the last steps, and are pulled back towards what the pretrained trunk made of the picture. Runs with
one start can be averaged, weight by weight, and are better for it (Wortsman et al. 2022, Model soups).
"""

import argparse
import copy
import json
import math
import random
import time

import numpy as np
import torch
from data import Learned, pictures, scenes, texts
from numpy.typing import NDArray
from pictures import SIZE, disguised, opened, tensor
from PIL import Image
from places import RAW, RUNS, TUNED, WORK
from shapes import scene
from torch import Tensor
from towers import heads, merged
from train import average, missed, validated
from trunk import Trunk

SCALE = 20.0  # of cosines, in the contrast
SMALLER = 168  # pixels of a side until the last steps: twice as fast
REMEMBERED = 2048  # pictures of the last steps that a caption is told from
OTHERS = 768  # captions that a picture is told from, beside those of its company
TURNED = ("left", "right", "arrow", "clock")  # a mirror image is not what these names say


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mean", nargs="+", metavar="NAME", help="runs to average: nothing is tuned")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--heads", help="the run of train.py on the pretrained trunk to start from")
    parser.add_argument("--steps", type=int, default=950)
    parser.add_argument("--batch", type=int, default=96, help="views of a step")
    parser.add_argument("--company", type=int, default=16, help="views that go through the trunk at once")
    parser.add_argument("--scenes", type=int, default=2, help="how many of the company are rendered scenes")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--heads-rate", type=float, default=4e-4)
    parser.add_argument("--last", type=float, default=0.35, help="part of the steps that see all 224 pixels")
    parser.add_argument("--stay", type=float, default=0.1, help="pull towards the pretrained features")
    parser.add_argument("--validate", type=float, default=0.0, help="part of the concepts kept from training")
    parser.add_argument("--out", default="")
    return parser.parse_args()


class Pictures:
    """The pictures that are learned from, opened, with their captions; and rendered scenes."""

    def __init__(self, learned: Learned, drawn: Learned, chance: np.random.Generator) -> None:
        items = json.loads((WORK / "items.json").read_text())
        # Every picture once: its first row is the plain view's, its weight that of all its views.
        numbers, first, of_row = np.unique(np.array(learned.about), return_index=True, return_inverse=True)
        self._weights = np.bincount(of_row, learned.weights)
        self._concepts, self._captions = learned.concepts[first], [learned.captions[row] for row in first]
        self._gap, self._drawn, self._chance = learned.features["gap"][first], drawn, chance
        self._opened = [opened(RAW / items[i]["path"]) for i in numbers]
        self._mirrored = [
            not items[i]["flag"] and not any(word in items[i]["names"][0] for word in TURNED) for i in numbers
        ]
        self._said = np.concatenate([said for said, _ in self._captions])
        shares = np.concatenate([w * share for w, (_, share) in zip(self._weights, self._captions, strict=True)])
        self._shares = shares / shares.sum()
        self._said_of = np.repeat(self._concepts, [len(said) for said, _ in self._captions])

    def draw(self, company: int, scenes: int, side: int) -> tuple[Tensor, Tensor, NDArray[np.int64], NDArray[np.int64]]:
        """Return pixels, the pretrained `gap` of the plain views, caption numbers and concepts of a company."""
        rows = self._chance.choice(len(self._opened), company - scenes, p=self._weights)
        at = self._chance.integers(0, len(self._drawn), scenes)
        chance = random.Random(int(self._chance.integers(1 << 60)))
        shown = [disguised(self._opened[row], chance, side, self._mirrored[row]) for row in rows]
        for number in at:
            picture = scene(random.Random(int(number))).picture
            shown.append(picture.resize((side, side), Image.Resampling.BICUBIC) if side != SIZE else picture)
        gap = np.concatenate([self._gap[rows], self._drawn.features["gap"][at]]).astype(np.float32)
        said = [self._chance.choice(numbers, p=share) for numbers, share in (self._captions[row] for row in rows)]
        said += [self._chance.choice(self._drawn.captions[number][0]) for number in at]
        concepts = np.concatenate([self._concepts[rows], 100_000 + at])
        return (
            torch.from_numpy(np.stack([tensor(view) for view in shown])),
            torch.from_numpy(gap),
            np.array(said),
            concepts,
        )

    def others(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return captions of any pictures, and the concepts that they belong to."""
        at = self._chance.choice(len(self._said), count, p=self._shares)
        return self._said[at], self._said_of[at]


def tune(options: argparse.Namespace) -> Trunk:
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    chance = np.random.default_rng(options.seed)
    number_of, sentences = texts()
    learned = pictures("pretrained", number_of, lambda key: not validated(key, options.validate))
    seen = Pictures(learned, scenes("pretrained", number_of), chance)
    head, text, _ = heads(RUNS / f"{options.heads}.pt")
    head.train()
    with torch.no_grad():
        vectors = torch.cat([text(part) for part in sentences.split(4096)])
    trunk = Trunk().eval().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        [{"params": trunk.tuned(), "lr": options.rate, "weight_decay": 0.01},
         {"params": head.parameters(), "lr": options.heads_rate, "weight_decay": 0.05}])  # fmt: skip
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1, (step + 1) / 20) * (0.505 + 0.495 * math.cos(math.pi * step / options.steps)),
    )
    kept = copy.deepcopy(trunk)
    remembered, remembered_concepts = torch.zeros(0, vectors.shape[1]), torch.zeros(0, dtype=torch.long)
    company, start, losses = options.company, time.monotonic(), list[float]()
    for step in range(options.steps):
        side = SIZE if step >= options.steps * (1 - options.last) else SMALLER
        optimizer.zero_grad()
        for _ in range(options.batch // company):
            pixels, gap, said, of = seen.draw(company, options.scenes, side)
            others, others_of = seen.others(OTHERS)
            numbers, concepts = torch.from_numpy(np.concatenate([said, others])), torch.from_numpy(of)
            captions, own = vectors[numbers], sentences[numbers[:company]]
            equal = concepts[:, None] == torch.from_numpy(np.concatenate([of, others_of]))[None, :]
            right = ((own @ sentences[numbers].T > 0.97) | equal).float()
            right_pictures = torch.cat(
                [right[:, :company], (concepts[:, None] == remembered_concepts[None, :]).float()], 1
            )
            given = trunk(pixels.contiguous(memory_format=torch.channels_last))
            away = ((given["gap"] - gap) * head.scale_gap).clamp(-8, 8)
            loss = options.stay * (away**2).mean()
            # Half of the time the head has to do with what the trunk sees at its end.
            members = head.each(given, head.named(given["gap"]), (torch.rand(company, 1) > 0.5).float())
            for member in members:
                found = missed(member, captions, right, SCALE)
                found = found + missed(captions[:company], torch.cat([member, remembered]), right_pictures, SCALE)
                loss = loss + found / 2 / len(members)
            (loss * company / options.batch).backward()
            losses.append(loss.item())
            remembered = torch.cat([remembered, merged(members).detach()])[-REMEMBERED:]
            remembered_concepts = torch.cat([remembered_concepts, concepts])[-REMEMBERED:]
        optimizer.step()
        schedule.step()
        average(kept, trunk, min(0.99, step / (step + 10)))
        if (step + 1) % 25 == 0:
            lately = np.mean(losses[-25 * options.batch // company :])
            print(f"step {step + 1} loss {lately:.3f} {time.monotonic() - start:.0f} s", flush=True)
    return kept


def averaged(names: list[str]) -> dict[str, Tensor]:
    """Return the mean of the trunks of runs."""
    states = [torch.load(RUNS / f"{name}.pt", weights_only=True) for name in names]
    return {
        key: torch.stack([state[key] for state in states]).mean(0) if value.is_floating_point() else value
        for key, value in states[0].items()
    }


def main() -> None:
    options = arguments()
    if options.mean:
        torch.save(averaged(options.mean), TUNED)
        return
    RUNS.mkdir(parents=True, exist_ok=True)
    torch.save(tune(options).state_dict(), RUNS / f"{options.out or f'trunk{options.seed}'}.pt")


if __name__ == "__main__":
    main()
