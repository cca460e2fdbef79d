"""Compare the engine's vectors with those of the libraries that models come from, at full size.

usage: python bench/parity/parity.py SCRATCH_DIRECTORY      (about 8 GB; INNERSPACE_ORT_LIBRARY has to be set)

Run with: torch 2.15.0 (CPU), transformers 4.57.3, sentence-transformers 5.1.2, open_clip_torch 3.3.0,
scikit-learn (its two sample photographs are the pictures), Pillow, safetensors 0.8.0. None of them is needed to
run innerspace. Models of the real sizes get seeded random weights and are saved by their own libraries; both
sides then start from the same texts and the same encoded picture files. Prints the table of docs/models.md.
"""

import argparse
import functools
import json
import logging
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import open_clip
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sklearn.datasets import load_sample_images

HERE = Path(__file__).parent
TOKENIZER = HERE.parent.parent / "testdata" / "models" / "tiny-clip"  # CLIP's own, with all its 49,408 tokens
TEXTS = [
    "",
    "a photo of a cat",
    "Two dogs playing in the snow, golden hour, 35mm",
    "ünïcödé, 漢字 & 42 emojis 🎉",
    "red",
    "a very long description of a harbour at night with boats and lights and people " * 8,
]


def pictures(folder):
    """Return paths of pictures that are already as large as the model takes, and of photographs of odd sizes."""
    folder.mkdir(exist_ok=True)
    exact, photos = [], []
    china, flower = (Image.fromarray(array) for array in load_sample_images().images)
    for name, photo in {"china": china, "flower": flower}.items():
        square = photo.crop((60, 40, 60 + 224, 40 + 224))
        for suffix, options in {"png": {}, "jpg": {"quality": 92}, "webp": {"lossless": True}}.items():
            exact.append(folder / f"{name}-224.{suffix}")
            square.save(exact[-1], **options)
    for name, photo, suffix, options in [
        ("china-639x427", china.crop((0, 0, 639, 427)), "jpg", {"quality": 85}),
        ("china-333x401", china.crop((100, 3, 433, 404)), "png", {}),
        ("china-517x225", china.crop((7, 100, 524, 325)), "webp", {"quality": 80}),
        ("flower-101x399", flower.crop((300, 11, 401, 410)), "jpg", {"quality": 90, "subsampling": 0}),
        ("flower-225x223", flower.crop((200, 100, 425, 323)), "jpg", {"quality": 75}),
        ("flower-1280x853", flower.resize((1280, 853), Image.Resampling.LANCZOS), "webp", {"quality": 90}),
        ("flower-grey-411x377", flower.crop((50, 20, 461, 397)).convert("L"), "jpg", {"quality": 85}),
    ]:
        photos.append(folder / f"{name}.{suffix}")
        photo.save(photos[-1], **options)
    return exact, photos


def randomise(model, seed=7):
    """Seeded random weights of the scale that keeps activations near 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.dim() == 1:
                parameter.copy_(
                    0.1 * torch.randn(parameter.shape, generator=generator) + (1 if name.endswith("weight") else 0)
                )
            elif parameter.dim() > 1:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) / parameter[0].numel() ** 0.5)
    return model.eval()


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def save_transformers(folder):
    randomise(transformers.CLIPModel(transformers.CLIPConfig())).save_pretrained(folder)
    transformers.CLIPTokenizerFast.from_pretrained(TOKENIZER).save_pretrained(folder)
    transformers.CLIPImageProcessor().save_pretrained(folder)


@torch.no_grad()
def with_transformers(folder, texts, images):
    model = transformers.CLIPModel.from_pretrained(folder).eval()
    ids = transformers.CLIPTokenizerFast.from_pretrained(folder)(
        texts, padding=True, truncation=True, return_tensors="pt"
    )
    pixels = transformers.CLIPImageProcessor.from_pretrained(folder)(
        [Image.open(path).convert("RGB") for path in images], return_tensors="pt"
    )
    return model.get_text_features(**ids), model.get_image_features(**pixels)


def save_sentence_transformers(folder):
    """sentence-transformers/clip-ViT-B-32 as it lies on the hub."""
    save_transformers(folder / "0_CLIPModel")
    modules = [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}]
    (folder / "modules.json").write_text(json.dumps(modules))


def with_sentence_transformers(folder, texts, images):
    model = SentenceTransformer(str(folder), device="cpu")
    pictures = [Image.open(path).convert("RGB") for path in images]
    return model.encode(texts, convert_to_tensor=True), model.encode(pictures, convert_to_tensor=True)


def save_open_clip(folder, name):
    config = open_clip.get_model_config(name)
    save_file(
        {k: v.contiguous() for k, v in randomise(open_clip.create_model(name)).state_dict().items()},
        folder / "open_clip_model.safetensors",
    )
    preprocess = {"mean": open_clip.OPENAI_DATASET_MEAN, "std": open_clip.OPENAI_DATASET_STD}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": preprocess}))
    shutil.copy(TOKENIZER / "tokenizer.json", folder)


@torch.no_grad()
def with_open_clip(folder, texts, images):
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    model.eval()
    ids = open_clip.tokenizer.SimpleTokenizer()(texts)
    return model.encode_text(ids), model.encode_image(
        torch.stack([transform(Image.open(path).convert("RGB")) for path in images])
    )


def with_innerspace(folder, texts, images):
    request = json.dumps({"model": str(folder), "texts": texts, "images": [str(path) for path in images]})
    run = subprocess.run(["go", "run", str(HERE)], input=request, capture_output=True, text=True, check=True, cwd=HERE)
    found = json.loads(run.stdout)
    return np.array(found["texts"], np.float64), np.array(found["images"], np.float64)


def unit(vectors):
    vectors = np.asarray(vectors, np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def lowest(ours, theirs):
    return (unit(ours) * unit(theirs)).sum(axis=1).min()


def closest(vectors):
    """The largest cosine between vectors of different things: that the comparison could fail."""
    products = unit(vectors) @ unit(vectors).T
    return (products - 2 * np.eye(len(products))).max()


def compare(layouts, description):
    """Print a table with a row for each layout, and end the process, with 1 where a vector is too far off.

    A layout is a function that saves a model in a folder and returns what embeds texts and pictures with its library.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path)
    scratch = parser.parse_args().scratch.resolve()
    scratch.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    exact, photos = pictures(scratch / "pictures")
    print(
        "1 - cosine, the largest of all texts or pictures; in the last column the smallest between different things\n"
    )
    print("| layout | texts | pictures of 224x224 | photographs | different things |")
    print("|---|---|---|---|---|", flush=True)
    failed = False
    for name, save in layouts.items():
        folder = fresh(scratch / "model")
        embed = save(folder)
        theirs_texts, theirs_images = (np.asarray(vectors, np.float64) for vectors in embed(TEXTS, exact + photos))
        ours_texts, ours_images = with_innerspace(folder, TEXTS, exact + photos)
        n = len(exact)
        cosines = [
            lowest(ours_texts, theirs_texts),
            lowest(ours_images[:n], theirs_images[:n]),
            lowest(ours_images[n:], theirs_images[n:]),
        ]
        apart = max(closest(theirs_texts), closest(theirs_images[n:]))
        print(
            f"| {name} | " + " | ".join(f"{max(1 - cosine, 0):.1e}" for cosine in cosines) + f" | {1 - apart:.3f} |",
            flush=True,
        )
        failed |= cosines[0] < 0.99999 or cosines[1] < 0.99999 or cosines[2] < 0.9999
        shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


def layout(save, embed):
    def saved(folder):
        save(folder)
        return functools.partial(embed, folder)

    return saved


LAYOUTS = {
    "transformers, ViT-B/32, QuickGELU": layout(save_transformers, with_transformers),
    "sentence-transformers, 0_CLIPModel, ViT-B/32": layout(save_sentence_transformers, with_sentence_transformers),
    **{
        f"open_clip, {name}": layout(functools.partial(save_open_clip, name=name), with_open_clip)
        for name in ["ViT-B-32", "ViT-B-32-quickgelu", "ViT-B-16", "ViT-L-14", "ViT-H-14"]
    },
}


if __name__ == "__main__":
    compare(LAYOUTS, __doc__)
