"""Measure CLIP ViT-B/32 side by side: raw ONNX Runtime, sentence-transformers and innerspace, all in one run.

usage: python bench/make_vit_b32.py DIRECTORY        (once, where there is torch)
       python bench/speed.py DIRECTORY --sentence-transformers PYTHON [--repeats 5] [--json FILE]

DIRECTORY holds the model. PYTHON is the interpreter of an environment with sentence-transformers; raw ONNX
Runtime and innerspace are taken from the environment that runs this script. Each library runs in a
process of its own that loads the model once; then they take turns, task by task and repeat by repeat,
so that what else the machine does falls on all of them. Printed are medians of the repeats:

    per s    items a second by the clock: what a user sees, and what a busy machine spoils
    cpu ms   processor time for an item over all threads: steady on a busy machine

Images are JPEG files of 640x480 by path, to vectors (innerspace: stored in an index). Raw ONNX Runtime is given
what the others have to make first, tensors and token ids; it runs the very graphs that innerspace runs,
in the same arrangement of threads. A last table has the ratios.
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
from speed_worker import LONG, SHORT

TASKS = {"images": 32, "short texts": 128, "long texts": 32, "one image": 8, "one text": 40}
WORDS = ["dog", "cat", "car", "house", "tree", "boat", "bird", "cup", "chair", "circle", "square", "flower", "river"]
WORKER = Path(__file__).with_name("speed_worker.py")


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

    def run(self, task: str, repeat: int, items: list[str], keep: bool) -> None:
        assert self._process.stdin is not None
        print(json.dumps([task, repeat, items]), file=self._process.stdin, flush=True)
        answer = self._answer()
        if keep:
            taken = {"s": answer["s"] / len(items), "cpu": answer["cpu"] / len(items), "peak": answer["peak"]}
            self.results.setdefault(task, []).append(taken)

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


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Peer]:
    directory = str(options.directory.resolve())
    cache = folder / "cache"
    os.environ["INNERSPACE_CACHE_DIR"] = str(cache)
    Peer(sys.executable, "innerspace", directory, "int8").close()  # makes the int8 graphs and keeps them in the cache
    peers = {"innerspace int8": Peer(sys.executable, "innerspace", directory, "int8")}
    peers["innerspace fp32"] = Peer(sys.executable, "innerspace", directory, "fp32")
    onnx = options.onnxruntime or sys.executable
    peers["onnxruntime int8"] = Peer(onnx, "raw", *prepared(cache), "int8")
    graphs = [f"{directory}/onnx/{tower}_model.onnx" for tower in ("vision", "text")]
    peers["onnxruntime fp32"] = Peer(onnx, "raw", *graphs, "fp32")
    if options.sentence_transformers:
        peers["sentence-transformers"] = Peer(options.sentence_transformers, "sentence-transformers", directory)
    photographs = Photographs(folder)
    for repeat in range(options.repeats + 1):  # the first warms up
        for task, count in TASKS.items():
            if repeat == 0:
                count = min(count, 16)
            items = photographs.files(repeat, count, task) if "image" in task else texts(task, repeat, count)
            for peer in peers.values():
                peer.run(task, repeat, items, keep=repeat > 0)
            print(f"repeat {repeat} of {options.repeats}: {task}", file=sys.stderr)
    return peers


def report(peers: dict[str, Peer]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    heads = " | ".join(f"{task + ', per s':>20} | {'cpu ms':>7}" for task in TASKS)
    print(f"| {'':<22} | {heads} | loaded MB | peak MB |")
    print("|---" * (2 * len(TASKS) + 3) + "|")
    for name, peer in peers.items():
        row = {task: {"per s": 1 / peer.median(task, "s"), "cpu ms": 1e3 * peer.median(task, "cpu")} for task in TASKS}
        highest = max(result["peak"] for results in peer.results.values() for result in results)
        cells = " | ".join(f"{cell['per s']:20.1f} | {cell['cpu ms']:7.2f}" for cell in row.values())
        print(f"| {name:<22} | {cells} | {peer.loaded:9.0f} | {highest:7.0f} |")
        figures[name] = row | {"loaded MB": peer.loaded, "peak MB": highest}
    print()
    heads = " | ".join(f"{task:>14}" for task in TASKS)
    print(f"| {'how much faster, by the clock / by processor time':<50} | {heads} |")
    print("|---" * (len(TASKS) + 1) + "|")
    pairs = [("innerspace int8", "onnxruntime int8"), ("innerspace fp32", "onnxruntime fp32")]
    if "sentence-transformers" in peers:
        pairs += [("innerspace int8", "sentence-transformers"), ("innerspace fp32", "sentence-transformers")]
    for ours, other in pairs:
        cells = " | ".join(
            " / ".join(
                f"{peers[other].median(task, figure) / peers[ours].median(task, figure):5.2f}"
                for figure in ("s", "cpu")
            )
            for task in TASKS
        )
        print(f"| {ours + ' than ' + other:<50} | {cells} |")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--sentence-transformers", metavar="PYTHON")
    parser.add_argument(
        "--onnxruntime", metavar="PYTHON", help="where the environment that runs this has no onnxruntime"
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        peers = measure(options, Path(name))
        figures = report(peers)
        for peer in peers.values():
            peer.close()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
