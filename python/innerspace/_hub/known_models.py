"""The table of models known by name. Data only: to add one, add a row."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    text_repository : str or None
        Where the text half is, if not in ``repository``.
    images : bool
        Whether it embeds pictures beside texts.
    """

    name: str
    repository: str
    dimension: int
    megabytes: int
    aliases: tuple[str, ...] = ()
    text_repository: str | None = None
    images: bool = True


KNOWN_MODELS: tuple[KnownModel, ...] = (
    # sentence-transformers' short names: OpenAI's weights, as ONNX in every precision.
    KnownModel("clip-ViT-B-32", "Xenova/clip-vit-base-patch32", 512, 610),
    KnownModel("clip-ViT-B-16", "Xenova/clip-vit-base-patch16", 512, 600),
    KnownModel("clip-ViT-L-14", "Xenova/clip-vit-large-patch14", 768, 1710),
    # open_clip: an architecture and its weights.
    KnownModel("ViT-B-32/openai", "timm/vit_base_patch32_clip_224.openai", 512, 606),
    KnownModel("ViT-B-16/openai", "timm/vit_base_patch16_clip_224.openai", 512, 599),
    KnownModel("ViT-L-14/openai", "timm/vit_large_patch14_clip_224.openai", 768, 1711),
    KnownModel("ViT-L-14-336/openai", "timm/vit_large_patch14_clip_336.openai", 768, 1713),
    KnownModel("ViT-B-32/laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", 512, 606),
    KnownModel("ViT-B-32/datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K", 512, 606),
    KnownModel("ViT-B-16/laion2b_s34b_b88k", "laion/CLIP-ViT-B-16-laion2B-s34B-b88K", 512, 599),
    KnownModel("ViT-B-16/datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K", 512, 599),
    KnownModel("ViT-L-14/laion2b_s32b_b82k", "laion/CLIP-ViT-L-14-laion2B-s32B-b82K", 768, 1711),
    KnownModel("ViT-L-14/datacomp_xl_s13b_b90k", "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K", 768, 1711),
    KnownModel("ViT-H-14/laion2b_s32b_b79k", "laion/CLIP-ViT-H-14-laion2B-s32B-b79K", 1024, 3944),
    # The same as ONNX, by the names that immich gives them.
    KnownModel("ViT-B-32__openai", "immich-app/ViT-B-32__openai", 512, 610),
    KnownModel("ViT-B-16__openai", "immich-app/ViT-B-16__openai", 512, 600),
    KnownModel("ViT-L-14__openai", "immich-app/ViT-L-14__openai", 768, 1710),
    KnownModel("ViT-B-32__laion2b-s34b-b79k", "immich-app/ViT-B-32__laion2b-s34b-b79k", 512, 610),
    KnownModel("ViT-L-14__laion2b-s32b-b82k", "immich-app/ViT-L-14__laion2b-s32b-b82k", 768, 1710),
    KnownModel("ViT-B-16-SigLIP__webli", "immich-app/ViT-B-16-SigLIP__webli", 768, 815),
    KnownModel("ViT-B-16-SigLIP-384__webli", "immich-app/ViT-B-16-SigLIP-384__webli", 768, 817),
    KnownModel("ViT-B-16-SigLIP2__webli", "immich-app/ViT-B-16-SigLIP2__webli", 768, 1540),
    # Others.
    KnownModel("siglip-base-patch16-224", "Xenova/siglip-base-patch16-224", 768, 815),
    KnownModel("siglip2-base-patch16-224", "onnx-community/siglip2-base-patch16-224-ONNX", 768, 1540),
    KnownModel("jina-clip-v1", "jinaai/jina-clip-v1", 768, 890),
    KnownModel(
        "Qdrant/clip-ViT-B-32",
        "Qdrant/clip-ViT-B-32-vision",
        512,
        610,
        aliases=("Qdrant/clip-ViT-B-32-vision", "Qdrant/clip-ViT-B-32-text"),
        text_repository="Qdrant/clip-ViT-B-32-text",
    ),
    # Texts only.
    KnownModel("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", 384, 92, images=False),
    KnownModel("all-MiniLM-L12-v2", "sentence-transformers/all-MiniLM-L12-v2", 384, 135, images=False),
    KnownModel("all-mpnet-base-v2", "sentence-transformers/all-mpnet-base-v2", 768, 440, images=False),
)

UNSUPPORTED_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "clip-vit-b-32-multilingual-v1": (
            "it is a text model only, made to be used beside the picture model clip-ViT-B-32."
        ),
    }
    | dict.fromkeys(
        ("rn50/openai", "rn101/openai", "rn50x4/openai", "rn50x16/openai", "rn50x64/openai"),
        "its picture tower is a ResNet; those that are transformers run, such as ViT-B-32/openai.",
    )
)
"""Names of models that a user may well try, in lower case, and why they do not run."""
