"""A model opened by the engine, to be looked at and tried."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from innerspace._definition import FieldInfo, IndexInfo, SchemaInfo, engine_definition
from innerspace._hub.cache import files_below, known_absent
from innerspace._hub.layouts import PRECISIONS, select
from innerspace.exceptions import InnerspaceException, InternalException, UnexpectedResponseException

if TYPE_CHECKING:
    from types import TracebackType

    from innerspace._definition import Json, ModelInfo
    from innerspace._engine import Engine
    from innerspace.embedding import EmbeddingResult

PROBE_TEXT = "a photo of a cat"
PROBE_SIDE = 256
"""In pixels, of the picture that is embedded: a diagonal from black to white."""

_SPACE = "probe"
_SCHEMA = SchemaInfo("Probe", (FieldInfo("id", "id"), FieldInfo("image", "blob"), FieldInfo("text", "string")))


@dataclass(frozen=True, slots=True)
class Probe:
    """How an embedding went.

    Attributes
    ----------
    seconds : float
    norm : float
        The length of the vector.
    """

    seconds: float
    norm: float


class LoadedModel:
    """A model in engines of its own.

    Parameters
    ----------
    model : ModelInfo

    Attributes
    ----------
    seconds : float
        How long opening it took.

    Raises
    ------
    InnerspaceException
        If the engine cannot run it.
    """

    def __init__(self, model: ModelInfo) -> None:
        self._model = model
        begin = time.perf_counter()
        # Every model embeds texts; whether it embeds pictures too it says itself.
        self._texts = _open({"type": "text_similarity_space", "fields": [{"schema": "Probe", "text": "text"}]}, model)
        self.seconds = time.perf_counter() - begin
        (self._described,) = self._texts.describe()["models"]
        self._images: Engine | None = None
        if self._described["image_width"]:
            fields = [{"schema": "Probe", "image": "image", "description": "text"}]
            self._images = _open({"type": "image_space", "fields": fields}, model)

    def __enter__(self) -> LoadedModel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._texts.close()
        if self._images is not None:
            self._images.close()

    def facts(self) -> dict[str, Any]:
        """Return what there is to know about the model."""
        model, described = self._model, self._described
        return {
            "name": model.name,
            "directories": [path for path in (model.path, model.text_path) if path],
            "layout": described["format"],
            "precision": model.precision,
            "dimension": described["dimension"],
            "max_tokens": described["max_tokens"],
            "image_width": described["image_width"],
            "image_height": described["image_height"],
            "fingerprint": described["fingerprint"],
        }

    def probe(self) -> dict[str, Probe]:
        """Embed a text, and a picture where the model takes any, twice each.

        Raises
        ------
        UnexpectedResponseException
            If a vector is not one, or not the same both times.
        """
        probes = {"text": self._try(self._texts, texts=[PROBE_TEXT])}
        if self._images is not None:
            probes["image"] = self._try(self._images, images=[_picture()])
        return probes

    def _try(self, engine: Engine, **inputs: Any) -> Probe:
        first = _vector(engine.embed(_SPACE, **inputs))
        begin = time.perf_counter()
        second = _vector(engine.embed(_SPACE, **inputs))
        seconds = time.perf_counter() - begin
        norm = math.sqrt(sum(value * value for value in first))
        if first != second or not math.isfinite(norm) or norm == 0:
            raise UnexpectedResponseException(
                f"The model {self._model.name!r} does not embed: of one input it gives vectors of length {norm} that "
                f"{'are the same' if first == second else 'differ'}."
            )
        return Probe(seconds, norm)


def precisions_of(model: ModelInfo) -> dict[str, str]:
    """Return the precisions in which a model can be run from what is on this disk, and what for each it is run from."""
    path = Path(model.path)
    names, absent = list(files_below(path)), known_absent(path)
    selections = {name: select(names, name, absent=absent) for name in PRECISIONS}
    fp32 = selections["fp32"]
    made = {name for name, chosen in selections.items() if chosen and fp32 and chosen.files == fp32.files} - {"fp32"}
    known: list[str] = [name for name, chosen in selections.items() if chosen is not None]
    return {name: "made from fp32" if name in made else "its files" for name in known or [model.precision]}


def _open(space: Json, model: ModelInfo) -> Engine:
    from innerspace._engine import Engine

    definition = engine_definition(
        [_SCHEMA],
        [{**space, "name": _SPACE, "model": model.to_json()}],
        [IndexInfo("probe", (_SPACE,))],
        {"embedding_cache_bytes": 0},
    )
    try:
        return Engine(definition)
    except InnerspaceException as error:
        # The definition is ours: who asks about a model has no spaces.
        error.path = error.path.removeprefix("$.spaces[0].model").lstrip(".")
        raise


def _picture() -> Any:
    from PIL import Image

    return Image.linear_gradient("L").resize((PROBE_SIDE, PROBE_SIDE)).convert("RGB")


def _vector(result: EmbeddingResult) -> tuple[float, ...]:
    (vector,), (reason,) = result.vectors, result.errors
    if vector is None:
        raise InternalException(f"The model did not embed: {reason}")
    return vector
