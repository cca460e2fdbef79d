"""The libraries that bench/speed.py compares with, as their users call them. speed_worker.py runs them."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHORT, LONG = 10, 77  # tokens of a text, markers included


class Tensors:
    """A runtime that is given what the others have to make first: tensors and token ids."""

    def __init__(self) -> None:
        import numpy as np

        self._np = np

    def inputs(self, task: str, repeat: int, items: list[str]) -> Any:
        """Tensors in the items' place."""
        random = self._np.random.default_rng(repeat)
        if "image" in task:
            return {"pixel_values": random.normal(size=(len(items), 3, 224, 224)).astype("f")}
        ids = random.integers(300, 40000, (len(items), LONG if task == "long texts" else SHORT))
        ids[:, 0], ids[:, -1] = 49406, 49407
        return {"input_ids": ids}

    @staticmethod
    def batches(values: dict[str, Any], each: int) -> Iterator[dict[str, Any]]:
        for first in range(0, len(next(iter(values.values()))), each):
            yield {name: value[first : first + each] for name, value in values.items()}


class ONNXRuntime(Tensors):
    """ONNX Runtime on its own, in the arrangement of innerspace: several runs of one thread each, or one of all."""

    def __init__(self, vision: str, text: str, precision: str) -> None:
        super().__init__()
        self._cores = len(os.sched_getaffinity(0))
        narrow = precision == "int8"
        self._lanes = self._cores if narrow else max(1, self._cores // 2)
        self._wide = {"vision": self._session(vision, self._cores), "text": self._session(text, self._cores)}
        self._bulk = {"vision": self._session(vision, 1), "text": self._session(text, 1)} if narrow else self._wide

    def _session(self, path: str, threads: int) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        options.add_session_config_entry("session.intra_op.spin_duration_us", "50")
        options.add_session_config_entry("session.force_spinning_stop", "1")
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(self, task: str, _repeat: int, values: Any) -> None:
        tower, each = ("vision", 4) if "image" in task else ("text", 13 if task == "long texts" else 32)
        if task.startswith("one"):
            for one in self.batches(values, 1):
                self._wide[tower].run(None, one)
            return
        waiting, lock = self.batches(values, each), threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    batch = next(waiting, None)
                if batch is None:
                    return
                self._bulk[tower].run(None, batch)

        lanes = [threading.Thread(target=work) for _ in range(self._lanes)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()


class OpenVINO(Tensors):
    """OpenVINO on the graphs of float32, in batches of 32. It takes bfloat16 by itself where the processor has it."""

    def __init__(self, vision: str, text: str) -> None:
        import openvino

        super().__init__()
        core = openvino.Core()
        self._towers = {
            name: core.compile_model(core.read_model(path), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
            for name, path in {"vision": vision, "text": text}.items()
        }

    def run(self, task: str, _repeat: int, values: Any) -> None:
        tower = self._towers["vision" if "image" in task else "text"]
        for batch in self.batches(values, 1 if task.startswith("one") else 32):
            tower(batch)


class SentenceTransformers:
    """sentence-transformers on torch."""

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


class FastEmbed:
    """fastembed; the directory has its two repositories, vision/ and text/."""

    def __init__(self, directory: str) -> None:
        from fastembed import ImageEmbedding, TextEmbedding

        name = "Qdrant/clip-ViT-B-32-"
        self._image = ImageEmbedding(f"{name}vision", specific_model_path=f"{directory}/vision")
        self._text = TextEmbedding(f"{name}text", specific_model_path=f"{directory}/text")

    def run(self, task: str, _repeat: int, items: list[str]) -> None:
        model = self._image if "image" in task else self._text
        if task.startswith("one"):
            for item in items:
                list(model.embed([item]))
        else:
            list(model.embed(items, batch_size=32))


class Indexed:
    """innerspace and superlinked, whose words are the same: rows are put and stored; a single input is a query."""

    def __init__(self, sl: Any, **space: Any) -> None:
        class Photo(sl.Schema):  # type: ignore[misc]
            id: sl.IdField
            image: sl.Blob
            description: sl.String

        photo = Photo()
        image_space = sl.ImageSpace(image=photo.image + photo.description, **space)
        index = sl.Index(image_space)
        self._source = sl.InMemorySource(photo)
        self._app = sl.InMemoryExecutor(sources=[self._source], indices=[index]).run()
        self._queries = {
            task: sl.Query(index).find(photo).similar(field, sl.Param("input")).select(["description"]).limit(10)
            for task, field in {"one image": image_space.image, "one text": image_space.description}.items()
        }

    def run(self, task: str, repeat: int, items: list[str]) -> None:
        if task in self._queries:
            for item in items:
                self._app.query(self._queries[task], input=item)
        else:
            self._source.put([self.row(task, f"{task} {repeat} {at}", item) for at, item in enumerate(items)])

    def row(self, task: str, name: str, item: str) -> dict[str, str]:
        return {"id": name, "image" if task == "images" else "description": item}


class Innerspace(Indexed):
    def __init__(self, directory: str, precision: str) -> None:
        import warnings

        from innerspace import framework as sl

        warnings.simplefilter("ignore")
        super().__init__(sl, model=directory, precision=precision)


class Superlinked(Indexed):
    """superlinked in float32: its default, float16, is five times slower on a CPU. It puts no row without a picture."""

    def __init__(self, cache: str) -> None:
        from superlinked import framework as sl
        from superlinked.framework.common.precision import Precision
        from superlinked.framework.common.space.embedding.model_based.engine.embedding_engine_config import (
            EmbeddingEngineConfig,
        )

        config = EmbeddingEngineConfig(precision=Precision.FLOAT32)
        super().__init__(sl, model="clip-ViT-B-32", model_cache_dir=Path(cache), embedding_engine_config=config)

    def row(self, task: str, name: str, item: str) -> dict[str, str]:
        return super().row(task, name, item) | {"description": ""}


LIBRARIES: dict[str, Any] = {
    "innerspace": Innerspace,
    "onnxruntime": ONNXRuntime,
    "sentence-transformers": SentenceTransformers,
    "superlinked": Superlinked,
    "fastembed": FastEmbed,
    "openvino": OpenVINO,
}
