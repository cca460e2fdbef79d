"""Compare the engine's vectors with those of the libraries that ONNX graphs were exported from, at full size.

usage: python bench/parity/exported.py SCRATCH_DIRECTORY      (about 3 GB; INNERSPACE_ORT_LIBRARY has to be set)

As parity.py, and with what it needs; also onnx 1.19.1. Prints the table of docs/models.md. SigLIP's vocabularies
are not to be had without the hub: the towers have their real sizes, the tokenizers are those of testdata/tokenize.
"""

import json
import sys
from pathlib import Path

import open_clip
import torch
import transformers
from parity import TOKENIZER, compare, randomise
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "testdata" / "models"))
from make_exported import BATCH, BATCH_TOKENS, OPENAI_PREPROCESS, export  # noqa: E402

IMAGE = torch.zeros(1, 3, 224, 224)


def opened(paths):
    return [Image.open(path).convert("RGB") for path in paths]


def save_clip(folder, text="onnx/text_model", image="onnx/vision_model", with_mask=False):
    """Xenova/clip-vit-base-patch32, or Qdrant's halves of it."""
    model = randomise(transformers.CLIPModel(transformers.CLIPConfig()))
    tokenizer = transformers.CLIPTokenizerFast.from_pretrained(TOKENIZER)
    processor = transformers.CLIPImageProcessor()
    names = ["input_ids", "attention_mask"] if with_mask else ["input_ids"]
    ids = torch.ones(1, 8, dtype=torch.int64)
    export(
        folder / f"{text}.onnx",
        model,
        lambda m, *tokens: m.get_text_features(*tokens),
        names,
        ["text_embeds"],
        (ids,) * len(names),
        dict.fromkeys(names, BATCH_TOKENS) | {"text_embeds": BATCH},
    )
    export(
        folder / f"{image}.onnx",
        model,
        lambda m, pixels: m.get_image_features(pixel_values=pixels),
        ["pixel_values"],
        ["image_embeds"],
        (IMAGE,),
        {"pixel_values": BATCH, "image_embeds": BATCH},
    )
    words, sights = (folder / "text", folder / "vision") if with_mask else (folder, folder)
    if not with_mask:
        model.config.save_pretrained(folder)
    tokenizer.save_pretrained(words)
    processor.save_pretrained(sights)

    def embed(texts, images):
        ids = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        pixels = processor(opened(images), return_tensors="pt")
        return model.get_text_features(**ids), model.get_image_features(**pixels)

    return embed


def save_immich(folder, as_bytes=False):
    """immich-app/ViT-B-32__openai, as it was first exported and as it is now."""
    model = randomise(open_clip.create_model("ViT-B-32"))
    tokenise = open_clip.tokenizer.SimpleTokenizer()
    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(size=224, **OPENAI_PREPROCESS), is_train=False
    )
    mean, std = (torch.tensor(OPENAI_PREPROCESS[key]).view(1, 3, 1, 1) for key in ("mean", "std"))

    def encode_bytes(m, image):
        return m.encode_image((image.permute(0, 3, 1, 2).float() / 255 - mean) / std, normalize=True)

    export(
        folder / "textual/model.onnx",
        model,
        lambda m, text: m.encode_text(text, normalize=True),
        ["text"],
        ["embedding"],
        (torch.ones(1, 77, dtype=torch.int32),),
    )
    if as_bytes:
        example, dynamic = torch.zeros(1, 224, 224, 3, dtype=torch.uint8), {"image": BATCH, "embedding": BATCH}
        export(folder / "visual/model.onnx", model, encode_bytes, ["image"], ["embedding"], (example,), dynamic)
    else:
        export(
            folder / "visual/model.onnx",
            model,
            lambda m, image: m.encode_image(image, normalize=True),
            ["image"],
            ["embedding"],
            (IMAGE,),
        )
    (folder / "visual/preprocess_cfg.json").write_text(json.dumps({"size": [224, 224]} | OPENAI_PREPROCESS))
    (folder / "config.json").write_text(json.dumps(open_clip.get_model_config("ViT-B-32")))
    transformers.CLIPTokenizerFast.from_pretrained(TOKENIZER).save_pretrained(folder / "textual")

    def embed(texts, images):
        pixels = torch.stack([transform(picture) for picture in opened(images)])
        return model.encode_text(tokenise(texts), normalize=True), model.encode_image(pixels, normalize=True)

    return embed


def save_siglip(folder, tokenizer, pad, resample):
    """SigLIP ViT-B/16 at 224, with 32,000 tokens."""
    model = randomise(transformers.SiglipModel(transformers.SiglipConfig()))
    words = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(ROOT / "testdata" / "tokenize" / f"{tokenizer}.json"), pad_token=pad, model_max_length=64
    )
    processor = transformers.SiglipImageProcessor(resample=resample)
    for tower, name, example, axes in (
        ("text_model", "input_ids", torch.ones(1, 64, dtype=torch.int64), BATCH_TOKENS),
        ("vision_model", "pixel_values", IMAGE, BATCH),
    ):
        export(
            folder / f"onnx/{tower}.onnx",
            getattr(model, tower),
            lambda m, x: m(x).to_tuple()[:2],
            [name],
            ["last_hidden_state", "pooler_output"],
            (example,),
            {name: axes, "last_hidden_state": axes, "pooler_output": BATCH},
        )
    model.config.save_pretrained(folder)
    words.save_pretrained(folder)
    processor.save_pretrained(folder)

    def embed(texts, images):
        lower = [text.lower() for text in texts]
        ids = words(lower, padding="max_length", truncation=True, max_length=64, return_tensors="pt").input_ids
        pixels = processor(opened(images), return_tensors="pt")
        return model.get_text_features(input_ids=ids), model.get_image_features(**pixels)

    return embed


LAYOUTS = {
    "transformers.js, CLIP ViT-B/32": save_clip,
    "pair, CLIP ViT-B/32": lambda folder: save_clip(folder, "text/model", "vision/model", with_mask=True),
    "immich, ViT-B-32": save_immich,
    "immich, ViT-B-32, bytes": lambda folder: save_immich(folder, as_bytes=True),
    "transformers.js, SigLIP ViT-B/16": lambda folder: save_siglip(folder, "siglip", "</s>", 3),
    "transformers.js, SigLIP 2 ViT-B/16": lambda folder: save_siglip(folder, "siglip2", "<pad>", 2),
}


if __name__ == "__main__":
    torch.backends.mha.set_fastpath_enabled(False)  # it has no counterpart in ONNX
    with torch.no_grad():
        compare(LAYOUTS, __doc__)
