"""Make the small models without ONNX graphs that the engine is tested with, and their goldens.

Made with: torch 2.15.0 (CPU), transformers 4.57.3, sentence-transformers 5.1.2, open_clip_torch 3.3.0,
tokenizers 0.22.2, safetensors 0.8.0, Pillow. Run in this directory: python make_small.py
Each model has seeded random weights, large enough that every layer shows in the output, and is
saved by its own library. goldens.json beside each is what that library makes of texts and pictures.
"""

import json
import logging
import shutil
from pathlib import Path

import open_clip
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer, models
from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers import models as tokenizer_models
from transformers.models.clip.tokenization_clip import bytes_to_unicode

HERE = Path(__file__).parent
SMALL = HERE / "small"
IMAGES = HERE.parent / "images"
# Neither alpha nor an EXIF orientation: of these we differ from the libraries on purpose.
PICTURES = [
    "red-circle.png",
    "blue-square.png",
    "syn-rgb-225x223.jpg",
    "syn-rgb-224x224.png",
    "syn-3000x10.png",
    "syn-l-97x131.png",
]
TEXTS = [
    "",
    "red",
    "a red circle in a black frame",
    "ünïcödé, 漢字 & 42 emojis 🎉",
    "a text that is much longer than the model takes: " + "blue square on white paper, " * 12,
    "a marker <|endoftext|> in the middle",
]
CORPUS = [
    "a red circle in a black frame",
    "the blue square on white paper",
    "a photo of a green triangle",
    "two yellow stars",
    "a text that is much longer than the model takes",
    "unicode and emojis in the middle of a marker",
] * 4


def randomise(module, seed):
    """Give every parameter seeded random numbers of the scale that keeps activations near 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 0:
                continue
            if parameter.dim() == 1:
                is_scale = name.endswith("weight")
                parameter.copy_(0.1 * noise + (1 if is_scale else 0))
            else:
                parameter.copy_(noise / parameter[0].numel() ** 0.5)
    return module.eval()


def clip_tokenizer(length):
    """A CLIP tokenizer with all bytes and few merges."""
    trained = Tokenizer(tokenizer_models.BPE(end_of_word_suffix="</w>"))
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    trained.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=200, end_of_word_suffix="</w>", show_progress=False)
    )
    merges = [
        pair if isinstance(pair, str) else " ".join(pair) for pair in json.loads(trained.to_str())["model"]["merges"]
    ]
    letters = list(bytes_to_unicode().values())
    tokens = letters + [letter + "</w>" for letter in letters] + ["".join(merge.split()) for merge in merges]
    tokens = list(dict.fromkeys(tokens)) + ["<|startoftext|>", "<|endoftext|>"]
    folder = SMALL / "files"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    tokenizer = transformers.CLIPTokenizerFast(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=length
    )
    shutil.rmtree(folder)
    return tokenizer


def word_tokenizer(kind, length, markers):
    """A WordPiece tokenizer with few words."""
    trained = Tokenizer(tokenizer_models.WordPiece(unk_token="[UNK]"))
    trained.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trained.train_from_iterator(
        CORPUS, trainers.WordPieceTrainer(vocab_size=150, special_tokens=markers, show_progress=False)
    )
    words = sorted(trained.get_vocab(), key=trained.get_vocab().get)
    file = SMALL / "vocab.txt"
    file.write_text("\n".join(words) + "\n")
    tokenizer = kind(str(file), model_max_length=length)
    file.unlink()
    return tokenizer


def clip_model(tokenizer, seed, activation, legacy=False, length=24):
    end = tokenizer.eos_token_id
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": length,
        "hidden_act": activation,
        "bos_token_id": end - 1,
        "pad_token_id": end,
        "eos_token_id": 2 if legacy else end,
    }
    vision = {
        "hidden_size": 48,
        "intermediate_size": 128,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "image_size": 32,
        "patch_size": 8,
        "hidden_act": activation,
    }
    return randomise(
        transformers.CLIPModel(transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)), seed
    )


def clip_processor():
    return transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})


def pictures():
    return [Image.open(IMAGES / name).convert("RGB") for name in PICTURES]


def golden(folder, library, texts, images):
    """Write goldens.json; texts and images are tensors [n, dimension], images None for a text encoder."""

    def rounded(rows):
        return [[float(f"{x:.9g}") for x in row] for row in rows.tolist()]

    found = {
        "made_with": library,
        "texts": [{"text": t, "vector": v} for t, v in zip(TEXTS, rounded(texts), strict=True)],
        "images": [],
    }
    if images is not None:
        found["images"] = [{"file": f, "vector": v} for f, v in zip(PICTURES, rounded(images), strict=True)]
    (folder / "goldens.json").write_text(json.dumps(found, ensure_ascii=False, indent=0))


def fresh(name):
    folder = SMALL / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@torch.no_grad()
def clip_goldens(folder):
    """Load a saved CLIP and compute in float32 whatever it was saved in."""
    model = transformers.CLIPModel.from_pretrained(folder).float().eval()
    tokenizer = transformers.CLIPTokenizerFast.from_pretrained(folder)
    ids = tokenizer(TEXTS, padding=True, truncation=True, return_tensors="pt")
    pixels = transformers.CLIPImageProcessor.from_pretrained(folder)(pictures(), return_tensors="pt")
    golden(
        folder,
        f"transformers {transformers.__version__}",
        model.get_text_features(**ids),
        model.get_image_features(**pixels),
    )


def make_clip(name, seed, activation, dtype=torch.float32, legacy=False, shard="5GB"):
    folder = fresh(name)
    tokenizer = clip_tokenizer(24)
    clip_model(tokenizer, seed, activation, legacy).to(dtype).save_pretrained(folder, max_shard_size=shard)
    tokenizer.save_pretrained(folder)
    clip_processor().save_pretrained(folder)
    clip_goldens(folder)


def make_sentence_transformers_clip(name, seed):
    """The layout of sentence-transformers/clip-ViT-B-32: the model in a folder of its own, with vocab.json and merges.txt."""
    folder = fresh(name)
    inner = folder / "0_CLIPModel"
    tokenizer = clip_tokenizer(24)
    clip_model(tokenizer, seed, "quick_gelu").save_pretrained(inner)
    tokenizer.save_pretrained(inner)
    clip_processor().save_pretrained(inner)
    modules = [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2))
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"__version__": {"sentence_transformers": "2.0.0"}})
    )
    model = SentenceTransformer(str(folder), device="cpu")
    golden(
        folder,
        "sentence-transformers",
        model.encode(TEXTS, convert_to_tensor=True),
        model.encode(pictures(), convert_to_tensor=True),
    )
    (inner / "tokenizer.json").unlink()


@torch.no_grad()
def make_open_clip(name, seed, quick_gelu, custom_text=False, resize_mode="shortest"):
    folder = fresh(name)
    tokenizer = clip_tokenizer(24)
    config = {
        "embed_dim": 24,
        "quick_gelu": quick_gelu,
        "vision_cfg": {"image_size": 32, "layers": 3, "width": 48, "patch_size": 8, "head_width": 12},
        "text_cfg": {
            "context_length": 24,
            "vocab_size": len(tokenizer),
            "width": 32,
            "heads": 4,
            "layers": 2,
            "hf_tokenizer_name": "local",
        },
    }
    if custom_text:
        config["custom_text"] = True
        config["text_cfg"]["proj_bias"] = True
    model = randomise(
        (open_clip.CustomTextCLIP if custom_text else open_clip.CLIP)(
            **{k: v for k, v in config.items() if k != "custom_text"}
        ),
        seed,
    )
    tensors = {key: tensor.contiguous() for key, tensor in model.state_dict().items()}
    save_file(tensors, folder / "open_clip_model.safetensors")
    preprocess = {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": resize_mode,
    }
    (folder / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": config, "preprocess_cfg": preprocess}, indent=2)
    )
    tokenizer.save_pretrained(folder)
    loaded, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    loaded.eval()
    tokenise = open_clip.get_tokenizer(f"local-dir:{folder}")
    texts = loaded.encode_text(tokenise(TEXTS))
    images = loaded.encode_image(torch.stack([transform(picture) for picture in pictures()]))
    golden(folder, f"open_clip {open_clip.__version__}", texts, images)


@torch.no_grad()
def make_siglip(name, seed):
    folder = fresh(name)
    tokenizer = word_tokenizer(transformers.BertTokenizerFast, 16, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    activation = "gelu_pytorch_tanh"
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 80,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 16,
        "hidden_act": activation,
        "projection_size": 48,
        "pad_token_id": 0,
        "bos_token_id": 2,
        "eos_token_id": 3,
    }
    vision = {
        "hidden_size": 48,
        "intermediate_size": 112,
        "num_hidden_layers": 2,
        "num_attention_heads": 6,
        "image_size": 32,
        "patch_size": 8,
        "hidden_act": activation,
    }
    model = randomise(transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision)), seed)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor = transformers.SiglipImageProcessor(size={"height": 32, "width": 32})
    processor.save_pretrained(folder)
    ids = tokenizer(TEXTS, padding="max_length", truncation=True, max_length=16, return_tensors="pt").input_ids
    texts = model.get_text_features(input_ids=ids)
    images = model.get_image_features(**processor(pictures(), return_tensors="pt"))
    golden(folder, f"transformers {transformers.__version__}", texts, images)


def make_encoder(name, seed, kind, pooling, dense=None, normalise=True):
    """A sentence-transformers text encoder: transformer, pooling and what may follow."""
    folder = fresh(name)
    sizes = {"hidden_size": 32, "intermediate_size": 72, "num_hidden_layers": 2, "num_attention_heads": 4}
    if kind == "bert":
        tokenizer = word_tokenizer(transformers.BertTokenizerFast, 20, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
        model = transformers.BertModel(
            transformers.BertConfig(vocab_size=len(tokenizer), max_position_embeddings=40, **sizes)
        )
    else:
        tokenizer = word_tokenizer(transformers.MPNetTokenizerFast, 20, ["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])
        model = transformers.MPNetModel(
            transformers.MPNetConfig(vocab_size=len(tokenizer), max_position_embeddings=42, **sizes)
        )
    parts = SMALL / "parts"
    randomise(model, seed).save_pretrained(parts)
    tokenizer.save_pretrained(parts)
    modules = [models.Transformer(str(parts), max_seq_length=18)]
    modules.append(models.Pooling(32, pooling_mode=pooling))
    if dense:
        modules.append(randomise(models.Dense(32, dense, activation_function=torch.nn.Tanh()), seed + 1))
    if normalise:
        modules.append(models.Normalize())
    SentenceTransformer(modules=modules, device="cpu").save(str(folder), create_model_card=False)
    shutil.rmtree(parts)
    loaded = SentenceTransformer(str(folder), device="cpu")
    golden(folder, "sentence-transformers", loaded.encode(TEXTS, convert_to_tensor=True), None)


def mpnet_buckets():
    """Which bias MPNet adds for each distance from -511 to 511."""
    distances = torch.arange(-511, 512)
    return transformers.models.mpnet.modeling_mpnet.MPNetEncoder.relative_position_bucket(
        distances, num_buckets=32
    ).tolist()


def main():
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    make_clip("clip", 1, "quick_gelu")
    make_clip("clip-old-config-float16-shards", 2, "gelu", torch.float16, legacy=True, shard="60KB")
    make_clip("clip-bfloat16", 3, "gelu", torch.bfloat16)
    make_sentence_transformers_clip("sentence-transformers-clip", 4)
    make_open_clip("open-clip", 5, quick_gelu=False)
    make_open_clip("open-clip-quick-gelu", 6, quick_gelu=True, resize_mode="squash")
    make_open_clip("open-clip-text-tower", 7, quick_gelu=False, custom_text=True)
    make_siglip("siglip", 8)
    make_encoder("bert-mean-normalize", 9, "bert", "mean")
    make_encoder("bert-cls-dense", 10, "bert", "cls", dense=20, normalise=False)
    make_encoder("mpnet-mean-normalize", 11, "mpnet", "mean")
    (SMALL / "mpnet_buckets.json").write_text(json.dumps(mpnet_buckets()))


if __name__ == "__main__":
    main()
