"""One library of bench/speed.py, in a process of its own.

usage: speed_worker.py raw VISION TEXT PRECISION | sentence-transformers DIRECTORY | innerspace DIRECTORY PRECISION

Reads lines of JSON, [task, repeat, items]; answers each with what it took. It runs in the environment of its
library, which may have nothing else.
"""

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHORT, LONG = 10, 77  # tokens of a text, markers included


class Raw:
    """ONNX Runtime on its own, in the arrangement of innerspace: several runs of one thread each, or one of all."""

    def __init__(self, vision: str, text: str, narrow: bool) -> None:
        import numpy as np

        self._np, self._narrow, self._cores = np, narrow, len(os.sched_getaffinity(0))
        self._wide = {"vision": self._session(vision, self._cores), "text": self._session(text, self._cores)}
        self._one = {"vision": self._session(vision, 1), "text": self._session(text, 1)} if narrow else self._wide

    def _session(self, path: str, threads: int) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def inputs(self, task: str, repeat: int, items: list[str]) -> Any:
        """Tensors in the items' place."""
        random = self._np.random.default_rng(repeat)
        if "image" in task:
            return {"pixel_values": random.normal(size=(len(items), 3, 224, 224)).astype("f")}
        ids = random.integers(300, 40000, (len(items), LONG if task == "long texts" else SHORT))
        ids[:, 0], ids[:, -1] = 49406, 49407
        return {"input_ids": ids}

    def run(self, task: str, _repeat: int, values: Any) -> None:
        tower, each = ("vision", 4) if "image" in task else ("text", 13 if task == "long texts" else 32)
        total = len(next(iter(values.values())))
        if task.startswith("one"):
            for at in range(total):
                self._wide[tower].run(None, {name: value[at : at + 1] for name, value in values.items()})
            return
        starts: Iterator[int] = iter(range(0, total, each))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    first = next(starts, None)
                if first is None:
                    return
                self._one[tower].run(None, {name: value[first : first + each] for name, value in values.items()})

        lanes = [
            threading.Thread(target=work) for _ in range(self._cores if self._narrow else max(1, self._cores // 2))
        ]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()


class SentenceTransformers:
    """sentence-transformers on torch, as its users call it."""

    def __init__(self, directory: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(directory, device="cpu")

    def run(self, task: str, _repeat: int, items: list[str]) -> None:
        from PIL import Image

        def content(item: str) -> Any:
            return Image.open(item) if "image" in task else item

        if task.startswith("one"):
            for item in items:
                self._model.encode([content(item)])
        else:
            self._model.encode([content(item) for item in items], batch_size=32)


class Ours:
    """innerspace: rows are put and stored; a single input is a query."""

    def __init__(self, directory: str, precision: str) -> None:
        import warnings

        from innerspace import framework as sl

        warnings.simplefilter("ignore")

        class Photo(sl.Schema):
            id: sl.IdField
            image: sl.Blob
            description: sl.String

        photo = Photo()
        space = sl.ImageSpace(image=photo.image + photo.description, model=directory, precision=precision)
        index = sl.Index(space)
        self._source = sl.InMemorySource(photo)
        self._app = sl.InMemoryExecutor(sources=[self._source], indices=[index]).run()
        self._by_image = (
            sl.Query(index).find(photo).similar(space.image, sl.Param("input")).select(["description"]).limit(10)
        )
        self._by_text = (
            sl.Query(index).find(photo).similar(space.description, sl.Param("input")).select(["description"]).limit(10)
        )

    def run(self, task: str, repeat: int, items: list[str]) -> None:
        if task == "one image":
            for item in items:
                self._app.query(self._by_image, input=item)
        elif task == "one text":
            for item in items:
                self._app.query(self._by_text, input=item)
        else:
            field = "image" if task == "images" else "description"
            self._source.put([{"id": f"{task} {repeat} {number}", field: item} for number, item in enumerate(items)])


def main(kind: str, *arguments: str) -> None:
    """Read tasks as lines of JSON, run them, answer what they took."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    before = memory()
    if kind == "raw":
        library: Any = Raw(arguments[0], arguments[1], arguments[2] == "int8")
    elif kind == "sentence-transformers":
        library = SentenceTransformers(*arguments)
    else:
        library = Ours(*arguments)
    print(json.dumps({"loaded": memory() - before}), file=answers, flush=True)
    for line in sys.stdin:
        task, repeat, items = json.loads(line)
        if isinstance(library, Raw):
            items = library.inputs(task, repeat, items)
        clock, processor = time.perf_counter(), used()
        library.run(task, repeat, items)
        answer = {"s": time.perf_counter() - clock, "cpu": used() - processor, "peak": peak()}
        print(json.dumps(answer), file=answers, flush=True)


def used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak() -> float:
    """Megabytes that the process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def memory() -> float:
    """Megabytes that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main(*sys.argv[1:])
