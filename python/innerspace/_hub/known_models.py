"""The table of models known by name. Data only: to add one, add a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One row.

    Attributes
    ----------
    name : str
    repository : str
        Where its files are. Its weights are those that the name stands for.
    dimension : int
        Length of the vectors.
    megabytes : int
        About what is fetched for precision fp32.
    aliases : tuple of str
        Other spellings, without regard to upper and lower case.
    """

    name: str
    repository: str
    dimension: int
    megabytes: int
    aliases: tuple[str, ...] = ()


KNOWN_MODELS: tuple[KnownModel, ...] = (
    # sentence-transformers' short names: OpenAI's weights, as ONNX.
    KnownModel("clip-ViT-B-32", "Xenova/clip-vit-base-patch32", 512, 610),
    KnownModel("clip-ViT-B-16", "Xenova/clip-vit-base-patch16", 512, 600),
    KnownModel("clip-ViT-L-14", "Xenova/clip-vit-large-patch14", 768, 1710),
    KnownModel("clip-ViT-L-14-336", "Xenova/clip-vit-large-patch14-336", 768, 1710),
)

UNSUPPORTED_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "clip-vit-b-32-multilingual-v1": (
            "it is a text model only, made to be used beside the picture model clip-ViT-B-32."
        ),
    }
)
"""Names of models that a user may well try, in lower case, and why they do not run."""
