"""Measure CLIP ViT-B/32 side by side: innerspace and its peers, all in one run.

usage: python bench/make_vit_b32.py DIRECTORY        (once, where there is torch)
       python bench/speed.py DIRECTORY [--peer NAME=PYTHON ...] [--tasks TASK,...] [--repeats 5] [--json FILE]

DIRECTORY holds the model. A peer is onnxruntime, openvino, sentence-transformers, fastembed or superlinked, in the
environment whose interpreter is PYTHON; innerspace is taken from the environment that runs this script. Each
library runs in a process of its own that loads the model once; then they take turns, task by task and repeat by
repeat, so that what else the machine does falls on all of them. A turn in which other processes had more than a
twentieth of the machine is taken again. Printed are medians of the repeats:

    per s    items a second by the clock: what a user sees, and what a busy machine spoils
    cpu ms   processor time for an item over all threads: steady on a busy machine

Images are JPEG files of 640x480 by path, to vectors (innerspace and superlinked: stored in an index). ONNX Runtime
and OpenVINO are given what the others have to make first, tensors and token ids; ONNX Runtime runs the very graphs
that innerspace runs, in the same arrangement of threads. A last table has the ratios.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from run import photographs
from speed_peers import LONG, SHORT

TASKS = {"images": 32, "short texts": 128, "long texts": 32, "one image": 8, "one text": 40}
WORDS = ["dog", "cat", "car", "house", "tree", "boat", "bird", "cup", "chair", "circle", "square", "flower", "river"]
WORKER = Path(__file__).with_name("speed_worker.py")
MOST_OTHERS = 0.05  # of the machine
MOST_TRIES = 4  # for each repeat


def texts(task: str, repeat: int, count: int) -> list[str]:
    """Texts that no other repeat or task has; every word is one token of CLIP's, and digits are one each."""
    tokens = {"short texts": SHORT, "long texts": LONG, "one text": SHORT}[task] - 2
    made = []
    for number in range(count):
        words = [*f"{repeat:02}{number:03}", "alone" if task == "one text" else "among"]
        words += [WORDS[(number * 7 + at * (1 + repeat)) % len(WORDS)] for at in range(tokens - len(words))]
        made.append(" ".join(words))
    return made


class Peer:
    """A library in a process of its own."""

    def __init__(self, python: str, kind: str, *arguments: str) -> None:
        command = [python, str(WORKER), kind, *arguments]
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.results: dict[str, list[dict[str, float]]] = {}
        self.loaded = self._answer()["loaded"]

    def _answer(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended: {self._process.args}")
        answer: dict[str, float] = json.loads(line)
        return answer

    def run(self, task: str, repeat: int, items: list[str]) -> dict[str, float]:
        assert self._process.stdin is not None
        print(json.dumps([task, repeat, items]), file=self._process.stdin, flush=True)
        answer = self._answer()
        return answer | {"s": answer["s"] / len(items), "cpu": answer["cpu"] / len(items)}

    def median(self, task: str, figure: str) -> float:
        return statistics.median(result[figure] for result in self.results[task])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Photographs:
    """JPEG files of 640x480: some thirty pictures, each file with a comment that makes it another content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bases = [path.read_bytes() for path in photographs(folder, 32)]

    def files(self, repeat: int, count: int, task: str) -> list[str]:
        paths = []
        for number in range(count):
            note = f"{task} {repeat} {number}".encode()
            base = self._bases[number % len(self._bases)]
            stream = io.BytesIO()
            stream.write(base[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + base[2:])
            paths.append(self._folder / f"{task.replace(' ', '-')}-{repeat}-{number}.jpg")
            paths[-1].write_bytes(stream.getvalue())
        return [str(path) for path in paths]


def prepared(cache: Path) -> tuple[str, str]:
    """The int8 graphs that innerspace has made: the image tower's and the text tower's."""
    weights = sorted((cache / "models").glob("*/weights.bin"), key=lambda path: path.stat().st_size)
    if len(weights) != 2:
        raise SystemExit(f"{cache} should hold the weights of two towers, but has {len(weights)}")
    image, text = (str(path.with_name("model.onnx")) for path in weights)
    return image, text


def hub_cache(model: Path, folder: Path) -> str:
    """A cache of the hub in which the model has the name that superlinked knows."""
    cache = folder / "hub"
    repository = cache / "models--sentence-transformers--clip-ViT-B-32"
    snapshot = repository / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0" * 40)
    for name in ("modules.json", "0_CLIPModel"):
        (snapshot / name).symlink_to(model / name)
    (snapshot / "is-downloaded.bin").touch()  # superlinked looks for a file of this ending, and for no other
    return str(cache)


def two_repositories(model: Path, folder: Path) -> str:
    """The model as fastembed has it: a repository for each tower."""
    for tower, files in {
        "vision": ["preprocessor_config.json"],
        "text": ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "config.json"],
    }.items():
        repository = folder / "pair" / tower
        repository.mkdir(parents=True)
        (repository / "model.onnx").symlink_to(model / "onnx" / f"{tower}_model.onnx")
        for name in files:
            (repository / name).symlink_to(model / name)
    return str(folder / "pair")


def start(options: argparse.Namespace, folder: Path) -> dict[str, Peer]:
    model: Path = options.directory.resolve()
    cache = folder / "cache"
    os.environ["INNERSPACE_CACHE_DIR"] = str(cache)
    os.environ["HF_HOME"] = str(folder / "hf")
    Peer(sys.executable, "innerspace", str(model), "int8").close()  # makes the int8 graphs and keeps them in the cache
    peers = {f"innerspace {kind}": Peer(sys.executable, "innerspace", str(model), kind) for kind in ("int8", "fp32")}
    graphs = [str(model / "onnx" / f"{tower}_model.onnx") for tower in ("vision", "text")]
    for name, python in (peer.split("=", 1) for peer in options.peer):
        if name == "onnxruntime":
            peers["onnxruntime int8"] = Peer(python, name, *prepared(cache), "int8")
            peers["onnxruntime fp32"] = Peer(python, name, *graphs, "fp32")
        elif name == "openvino":
            peers[name] = Peer(python, name, *graphs)
        elif name == "superlinked":
            peers[name] = Peer(python, name, hub_cache(model, folder))
        elif name == "fastembed":
            peers[name] = Peer(python, name, two_repositories(model, folder))
        else:
            peers[name] = Peer(python, name, str(model))
    return peers


def does(peer: str, task: str) -> bool:
    return peer != "superlinked" or task not in ("short texts", "long texts")


def measure(peers: dict[str, Peer], tasks: list[str], repeats: int, folder: Path) -> None:
    photographs = Photographs(folder)
    for task in tasks:
        disturbed: dict[str, list[dict[str, float]]] = {name: [] for name in peers if does(name, task)}
        for turn in range(repeats * MOST_TRIES + 1):
            missing = [name for name in disturbed if len(peers[name].results.get(task, [])) < repeats]
            if not missing:
                break
            count = min(TASKS[task], 16) if turn == 0 else TASKS[task]  # the first warms up
            items = photographs.files(turn, count, task) if "image" in task else texts(task, turn, count)
            for name in missing:
                taken = peers[name].run(task, turn, items)
                if turn > 0:
                    quiet = taken["others"] < MOST_OTHERS
                    (peers[name].results.setdefault(task, []) if quiet else disturbed[name]).append(taken)
        for name, taken_beside_others in disturbed.items():
            results = peers[name].results.setdefault(task, [])
            if len(results) < repeats:
                print(f"{task}, {name}: {len(results)} quiet turns of {repeats}", file=sys.stderr)
                results += sorted(taken_beside_others, key=lambda taken: taken["others"])[: repeats - len(results)]
        print(f"{task}: done", file=sys.stderr)


def report(peers: dict[str, Peer], tasks: list[str]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    heads = " | ".join(f"{task + ', per s':>20} | {'cpu ms':>7}" for task in tasks)
    print(f"| {'':<22} | {heads} | loaded MB | peak MB |")
    print("|---" * (2 * len(tasks) + 3) + "|")
    for name, peer in peers.items():
        row = {
            task: {"per s": 1 / peer.median(task, "s"), "cpu ms": 1e3 * peer.median(task, "cpu")}
            for task in tasks
            if does(name, task)
        }
        highest = max(result["peak"] for results in peer.results.values() for result in results)
        cells = " | ".join(
            f"{row[task]['per s']:20.1f} | {row[task]['cpu ms']:7.2f}" if task in row else f"{'-':>20} | {'-':>7}"
            for task in tasks
        )
        print(f"| {name:<22} | {cells} | {peer.loaded:9.0f} | {highest:7.0f} |")
        figures[name] = row | {"loaded MB": peer.loaded, "peak MB": highest}
    print()
    heads = " | ".join(f"{task:>14}" for task in tasks)
    print(f"| {'how much faster, by the clock / by processor time':<50} | {heads} |")
    print("|---" * (len(tasks) + 1) + "|")
    for ours in ("innerspace int8", "innerspace fp32"):
        precision = ours.split()[1]
        for other in peers:
            if other.startswith("innerspace") or (other.startswith("onnxruntime") and precision not in other):
                continue
            cells = " | ".join(
                " / ".join(
                    f"{peers[other].median(task, figure) / peers[ours].median(task, figure):5.2f}"
                    for figure in ("s", "cpu")
                )
                if does(other, task)
                else f"{'-':>13}"
                for task in tasks
            )
            print(f"| {ours + ' than ' + other:<50} | {cells} |")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--tasks", default=",".join(TASKS), help="of " + ", ".join(TASKS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    tasks = options.tasks.split(",")
    with tempfile.TemporaryDirectory() as name:
        peers = start(options, Path(name))
        measure(peers, tasks, options.repeats, Path(name))
        figures = report(peers, tasks)
        for peer in peers.values():
            peer.close()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
