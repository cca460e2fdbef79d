"""Which files of a repository make up a model.

The engine decides from what is in the files how they are run; this only says
what to fetch. The layouts are core/embed/layout's, in its order; docs/models.md
describes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PrecisionName = Literal["fp32", "fp16", "int8"]
PRECISIONS: tuple[PrecisionName, ...] = get_args(PrecisionName)

# What exporters put behind a graph's name for its precision, best first.
_SUFFIXES: dict[PrecisionName, tuple[str, ...]] = {"fp32": ("",), "fp16": ("_fp16",), "int8": ("_int8", "_quantized")}
_EXTERNAL_DATA = ("_data", ".data")
_SHARD = r"-(\d{5})-of-(\d{5})\.safetensors"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay a model out: as ONNX graphs, or as weights that the engine writes graphs for.

    Attributes
    ----------
    name : str
        As the engine calls it.
    graphs : tuple of str
        The graphs, without their precision's suffix and ``.onnx``.
    weights : str
        The weights, without ``.safetensors``; they may be in one file or in several with an index.
    required : tuple of str
        The files beside them.
    tokenizer : tuple of tuples
        Of these groups of files the first that is complete is taken.
    optional : tuple of str
        Patterns of files that are taken where they are.
    """

    name: str
    graphs: tuple[str, ...] = ()
    weights: str = ""
    required: tuple[str, ...] = ()
    tokenizer: tuple[tuple[str, ...], ...] = (("tokenizer.json",),)
    optional: tuple[str, ...] = field(default=())

    def select(
        self, available: frozenset[str], precision: PrecisionName, absent: frozenset[str] | None
    ) -> Selection | None:
        """Choose this layout's files, None where they are not complete (see :func:`select`)."""
        tokenizer = next((group for group in self.tokenizer if available.issuperset(group)), None)
        missing: tuple[str, ...] = ()
        if not self.graphs:
            heavy = self._weights(available, precision)
        else:
            if precision == "int8" and self._graphs(available, precision) is None:
                # The engine makes them from those in fp32, where it is known that there are none.
                missing = tuple(f"{stem}{suffix}.onnx" for stem in self.graphs for suffix in _SUFFIXES["int8"])
                if not available.isdisjoint(missing) or (absent is not None and not absent.issuperset(missing)):
                    return None
            heavy = self._graphs(available, "fp32" if missing else precision)
        if tokenizer is None or heavy is None or not available.issuperset(self.required):
            return None
        beside = [name for name in sorted(available) if any(fnmatchcase(name, pattern) for pattern in self.optional)]
        return Selection(self.name, tuple(dict.fromkeys((*self.required, *tokenizer, *beside, *heavy))), missing)

    def expected(self) -> str:
        """Describe the layout by its files."""
        heavy = [f"{graph}.onnx" for graph in self.graphs] or [f"{self.weights}.safetensors"]
        tokenizer = [" and ".join(group) for group in self.tokenizer]
        return f"{self.name}: {', '.join([*heavy, *self.required, ' or '.join(tokenizer)])}"

    def _graphs(self, available: frozenset[str], precision: PrecisionName) -> list[str] | None:
        found = [_graph(stem, available, precision) for stem in self.graphs]
        graphs = [name for name in found if name is not None]
        if len(graphs) < len(found):
            return None
        return [name + end for name in graphs for end in _EXTERNAL_DATA if name + end in available] + graphs

    def _weights(self, available: frozenset[str], precision: PrecisionName) -> list[str] | None:
        if precision == "fp16":
            return None
        single, index = f"{self.weights}.safetensors", f"{self.weights}.safetensors.index.json"
        if single in available:
            return [single]
        shards = {
            name: int(match[2])
            for name in available
            if (match := re.fullmatch(re.escape(self.weights) + _SHARD, name)) is not None
        }
        if index not in available or not shards or any(count != len(shards) for count in shards.values()):
            return None
        return [*sorted(shards), index]


@dataclass(frozen=True, slots=True)
class Selection:
    """The files of a model, in the order in which they are to be fetched.

    The graphs and the weights come last, and external data before its graph: a
    snapshot that has them has everything, whatever interrupted the fetching.

    Attributes
    ----------
    layout : str
    files : tuple of str
    absent : tuple of str
        Files that would have been taken instead of some of these, and are not there.
    """

    layout: str
    files: tuple[str, ...]
    absent: tuple[str, ...] = ()


_TOKENIZER_FILES = ("tokenizer_config.json", "special_tokens_map.json")
_CLIP_TOKENIZER = (("tokenizer.json",), ("vocab.json", "merges.txt"))


def _inside(folder: str, groups: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(folder + name for name in group) for group in groups)


WHOLE: tuple[Layout, ...] = (
    Layout("innerspace", graphs=("image", "text"), required=("model.json",)),
    Layout(
        "transformers.js",
        graphs=("onnx/text_model", "onnx/vision_model"),
        required=("config.json", "preprocessor_config.json"),
        optional=_TOKENIZER_FILES,
    ),
    Layout(
        "pair",
        graphs=("text/model", "vision/model"),
        required=("vision/preprocessor_config.json",),
        tokenizer=(("text/tokenizer.json",),),
        optional=("vision/config.json", "text/config.json", *(f"text/{name}" for name in _TOKENIZER_FILES)),
    ),
    Layout(
        "immich",
        graphs=("textual/model", "visual/model"),
        required=("config.json", "visual/preprocess_cfg.json"),
        tokenizer=(("textual/tokenizer.json",),),
        optional=tuple(f"textual/{name}" for name in _TOKENIZER_FILES),
    ),
    Layout(
        "sentence-transformers",
        weights="0_CLIPModel/model",
        required=("modules.json", "0_CLIPModel/config.json", "0_CLIPModel/preprocessor_config.json"),
        tokenizer=_inside("0_CLIPModel/", _CLIP_TOKENIZER),
        optional=tuple(f"0_CLIPModel/{name}" for name in _TOKENIZER_FILES),
    ),
    Layout(
        "sentence-transformers",
        weights="model",
        required=("modules.json", "config.json"),
        optional=(
            "sentence_bert_config.json",
            "config_sentence_transformers.json",
            "[0-9]_*/config.json",
            "[0-9]_*/model.safetensors",
            *_TOKENIZER_FILES,
        ),
    ),
    Layout(
        "transformers",
        weights="model",
        required=("config.json", "preprocessor_config.json"),
        tokenizer=_CLIP_TOKENIZER,
        optional=_TOKENIZER_FILES,
    ),
    Layout(
        "open_clip",
        weights="open_clip_model",
        required=("open_clip_config.json",),
        tokenizer=_CLIP_TOKENIZER,
        optional=_TOKENIZER_FILES,
    ),
)
"""A model in one repository."""

IMAGE_HALF: tuple[Layout, ...] = (
    Layout(
        "pair", graphs=("model",), required=("preprocessor_config.json",), tokenizer=((),), optional=("config.json",)
    ),
)
TEXT_HALF: tuple[Layout, ...] = (Layout("pair", graphs=("model",), optional=("config.json", *_TOKENIZER_FILES)),)
"""A model whose halves are in repositories of their own."""


def select(
    names: Iterable[str],
    precision: PrecisionName,
    layouts: Sequence[Layout] = WHOLE,
    absent: Iterable[str] | None = None,
) -> Selection | None:
    """Choose the files of a model among the files of a repository or of a snapshot.

    Parameters
    ----------
    names : iterable of str
    precision : {"fp32", "fp16", "int8"}
    layouts : sequence of Layout
    absent : iterable of str, optional
        Of a snapshot, which holds what was fetched: the files that its
        repository is known not to have. What was fetched before must not decide
        which files run. Left out, ``names`` are all there are.

    Returns
    -------
    Selection or None
        None where they are not a complete model of a known layout in this precision.
    """
    available = frozenset(names)
    known = None if absent is None else frozenset(absent)
    selections = (layout.select(available, precision, known) for layout in layouts)
    return next((selection for selection in selections if selection is not None), None)


def precisions(
    names: Iterable[str], layouts: Sequence[Layout] = WHOLE, absent: Iterable[str] | None = None
) -> tuple[PrecisionName, ...]:
    """Return the precisions in which these files are a complete model; the arguments are those of :func:`select`."""
    available = frozenset(names)
    return tuple(precision for precision in PRECISIONS if select(available, precision, layouts, absent) is not None)


def expected(layouts: Sequence[Layout] = WHOLE) -> str:
    """Describe what is looked for, for messages."""
    return "; ".join(layout.expected() for layout in layouts)


def _graph(stem: str, available: frozenset[str], precision: PrecisionName) -> str | None:
    names = (f"{stem}{suffix}.onnx" for suffix in _SUFFIXES[precision])
    return next((name for name in names if name in available), None)
