"""Which files of a repository make up a model.

The engine decides from what is in the files how they are run; this only says what to fetch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

PrecisionName = Literal["fp32", "fp16", "int8"]
PRECISIONS: tuple[PrecisionName, ...] = get_args(PrecisionName)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay a model out.

    Attributes
    ----------
    name : str
        As the engine calls it.
    graphs : mapping of precision to tuple of tuples
        The files with the weights; of several tuples the first that is complete is taken.
    required, optional : tuple of str
        The files beside them.
    """

    name: str
    graphs: Mapping[PrecisionName, tuple[tuple[str, ...], ...]]
    required: tuple[str, ...]
    optional: tuple[str, ...] = field(default=())


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        name="innerspace",
        graphs={"fp32": (("image.onnx", "text.onnx"),)},
        required=("model.json", "tokenizer.json"),
    ),
    Layout(
        name="transformers.js",
        graphs={"fp32": (("onnx/text_model.onnx", "onnx/vision_model.onnx"),)},
        required=("config.json", "preprocessor_config.json", "tokenizer.json"),
        optional=("tokenizer_config.json", "special_tokens_map.json"),
    ),
)

_EXTERNAL_DATA = ("_data", ".data")


@dataclass(frozen=True, slots=True)
class Selection:
    """The files of a model, in the order in which they are to be fetched.

    The graphs come last and their external data before them: a snapshot that
    holds the graphs holds everything, whatever interrupted the fetching.
    """

    layout: str
    files: tuple[str, ...]


def select(names: Iterable[str], precision: PrecisionName) -> Selection | None:
    """Choose the files of a model among the files of a repository or of a snapshot.

    Returns
    -------
    Selection or None
        None where they are not a complete model of a known layout in this precision.
    """
    available = frozenset(names)
    for layout in LAYOUTS:
        if not available.issuperset(layout.required):
            continue
        for graphs in layout.graphs.get(precision, ()):
            if available.issuperset(graphs):
                beside = [name for name in layout.optional if name in available]
                data = [graph + end for graph in graphs for end in _EXTERNAL_DATA if graph + end in available]
                return Selection(layout.name, (*layout.required, *beside, *data, *graphs))
    return None


def precisions(names: Iterable[str]) -> tuple[PrecisionName, ...]:
    """Return the precisions in which these files are a complete model."""
    available = frozenset(names)
    return tuple(precision for precision in PRECISIONS if select(available, precision) is not None)


def expected(precision: PrecisionName) -> str:
    """Describe what is looked for, for messages."""
    return "; ".join(
        f"{layout.name}: {', '.join((*layout.graphs[precision][0], *layout.required))}"
        for layout in LAYOUTS
        if precision in layout.graphs
    )
