"""Make the small models with ONNX graphs that the engine is tested with, one of each layout, and their goldens.

Made with: torch 2.15.0 (CPU), transformers 4.57.3, open_clip_torch 3.3.0, tokenizers 0.22.2, onnx 1.19.1, onnxruntime 1.32.0,
Pillow. Run in this directory: python make_exported.py
Each model has seeded random weights and is exported as the repositories of its layout were. goldens.json beside each is what
torch makes of texts and pictures, end to end; of the float16 and int8 graphs it is what ONNX Runtime makes of them in Python,
one text or picture at a time.
"""

import json
import logging
import shutil
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import open_clip
import torch
import transformers
from make_small import PICTURES, clip_model, clip_processor, clip_tokenizer, pictures, randomise, word_tokenizer
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch.nn.functional import normalize

HERE = Path(__file__).parent
EXPORTED = HERE / "exported"
TOKENIZERS = HERE.parent / "tokenize"
TEXTS = [
    "",
    "red",
    "A Red circle, in a black_frame!",
    "ünïcödé, 漢字 & 42 emojis 🎉",
    "a text that is much longer than the model takes: " + "blue square on white paper, " * 12,
    "two dogs  on the grass",
]
OPENAI_PREPROCESS = {
    "mean": [0.48145466, 0.4578275, 0.40821073],
    "std": [0.26862954, 0.26130258, 0.27577711],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
BATCH = {0: "batch"}
BATCH_TOKENS = {0: "batch", 1: "tokens"}


def fresh(name):
    folder = EXPORTED / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def golden(folder, made_with, texts, images):
    """Write goldens.json from rows [n, dimension]."""

    def rounded(rows):
        return [[float(f"{x:.9g}") for x in row] for row in np.asarray(rows, dtype=np.float64)]

    found = {
        "made_with": made_with,
        "texts": [{"text": t, "vector": v} for t, v in zip(TEXTS, rounded(texts), strict=True)],
        "images": [{"file": f, "vector": v} for f, v in zip(PICTURES, rounded(images), strict=True)],
    }
    (folder / "goldens.json").write_text(json.dumps(found, ensure_ascii=False, indent=0), encoding="utf-8")


class Call(torch.nn.Module):
    """A module whose forward is a function of tensors."""

    def __init__(self, model, call):
        super().__init__()
        self.model, self.call = model, call

    def forward(self, *inputs):
        return self.call(self.model, *inputs)


def export(path, model, call, inputs, outputs, example, dynamic=None):
    """Export a function of a model; inputs and outputs are names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Call(model, call).eval(), example, str(path), input_names=inputs, output_names=outputs, opset_version=17,
            dynamic_axes=dynamic or {}, dynamo=False,
        )  # fmt: skip


def export_clip(
    folder, model, dtype=torch.float32, suffix="", with_mask=False, image="onnx/vision_model", text="onnx/text_model"
):
    """Export both towers of a CLIP with their projections."""
    model = model.to(dtype)
    ids = torch.ones(1, 8, dtype=torch.int64)
    if with_mask:

        def call(m, ids, mask):
            return (
                m.get_text_features(input_ids=ids, attention_mask=mask),
                m.text_model(ids).last_hidden_state,
            )

        names, example = ["input_ids", "attention_mask"], (ids, ids)
        outputs = ["text_embeds", "last_hidden_state"]
    else:
        call, names, example, outputs = (
            lambda m, ids: m.get_text_features(input_ids=ids),
            ["input_ids"],
            (ids,),
            ["text_embeds"],
        )
    dynamic = dict.fromkeys([*names, "last_hidden_state"], BATCH_TOKENS) | {"text_embeds": BATCH}
    export(folder / f"{text}{suffix}.onnx", model, call, names, outputs, example, dynamic)
    export(
        folder / f"{image}{suffix}.onnx", model, lambda m, pixels: m.get_image_features(pixel_values=pixels), ["pixel_values"],
        ["image_embeds"], (torch.zeros(1, 3, 32, 32, dtype=dtype),), {"pixel_values": BATCH, "image_embeds": BATCH},
    )  # fmt: skip
    model.to(torch.float32)


def one_by_one(text_graph, image_graph, id_rows, pixels, dtype=np.float32):
    """Run graphs with ONNX Runtime, an item a run."""
    text = onnxruntime.InferenceSession(text_graph)
    image = onnxruntime.InferenceSession(image_graph)
    texts = [text.run(None, {"input_ids": np.array([ids], dtype=np.int64)})[0][0] for ids in id_rows]
    images = [image.run(None, {"pixel_values": pixels[i : i + 1].astype(dtype)})[0][0] for i in range(len(pixels))]
    return texts, images


@torch.no_grad()
def clip_features(model, tokenizer, processor):
    ids = tokenizer(TEXTS, padding=True, truncation=True, return_tensors="pt")
    return model.get_text_features(**ids), model.get_image_features(**processor(pictures(), return_tensors="pt"))


def make_clip():
    """Xenova/clip-vit-base-patch32 in three precisions: fp32, fp16 in and out, dynamic int8."""
    folder = fresh("clip")
    tokenizer, processor = clip_tokenizer(24), clip_processor()
    model = clip_model(tokenizer, 21, "quick_gelu")
    export_clip(folder, model)
    torch_texts, torch_images = clip_features(model, tokenizer, processor)
    export_clip(folder, model, torch.float16, "_fp16")
    for tower in ("text", "vision"):
        source = folder / f"onnx/{tower}_model.onnx"
        quantize_dynamic(
            source, folder / f"onnx/{tower}_model_quantized.onnx", weight_type=QuantType.QInt8 if tower == "text" else QuantType.QUInt8,
            per_channel=False, extra_options={"EnableSubgraph": True},
        )  # fmt: skip
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor.save_pretrained(folder)
    golden(folder, f"transformers {transformers.__version__}", torch_texts, torch_images)
    rows = tokenizer(TEXTS, truncation=True).input_ids
    pixels = processor(pictures(), return_tensors="np")["pixel_values"]
    for suffix, dtype in (("_fp16", np.float16), ("_quantized", np.float32)):
        goldens = folder / f"goldens{suffix}"
        goldens.mkdir()
        graphs = [folder / f"onnx/{tower}_model{suffix}.onnx" for tower in ("text", "vision")]
        golden(goldens, f"onnxruntime {onnxruntime.__version__}", *one_by_one(*graphs, rows, pixels, dtype))


def make_external_data():
    """A CLIP whose graphs keep their weights in files beside them."""
    folder = fresh("clip-external-data")
    tokenizer, processor = clip_tokenizer(24), clip_processor()
    model = clip_model(tokenizer, 22, "gelu")
    export_clip(folder, model)
    for tower in ("text", "vision"):
        path = folder / f"onnx/{tower}_model.onnx"
        loaded = onnx.load(path)
        onnx.save_model(
            loaded, path, save_as_external_data=True, location=f"{tower}_model.onnx_data", size_threshold=256
        )
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor.save_pretrained(folder)
    golden(folder, f"transformers {transformers.__version__}", *clip_features(model, tokenizer, processor))


def make_pair():
    """Qdrant/clip-ViT-B-32-vision and -text: the towers in directories of their own, the text tower with a mask."""
    folder = fresh("clip-pair")
    tokenizer, processor = clip_tokenizer(24), clip_processor()
    model = clip_model(tokenizer, 23, "quick_gelu")
    export_clip(folder, model, with_mask=True, image="vision/model", text="text/model")
    model.config.vision_config.save_pretrained(folder / "vision")
    processor.save_pretrained(folder / "vision")
    model.config.text_config.save_pretrained(folder / "text")
    tokenizer.save_pretrained(folder / "text")
    golden(folder, f"transformers {transformers.__version__}", *clip_features(model, tokenizer, processor))


@torch.no_grad()
def make_immich(name, seed, config, tokenizer, tokens, preprocess, as_bytes=False, clean=lambda text: text):
    """What immich-app exports from open_clip: a batch of one, ids of 32 bits, vectors of length 1."""
    folder = fresh(name)
    model = randomise(
        (open_clip.CustomTextCLIP if "no_causal_mask" in config["text_cfg"] else open_clip.CLIP)(**config), seed
    )
    size = config["vision_cfg"]["image_size"]
    transform = open_clip.transform.image_transform_v2(open_clip.transform.PreprocessCfg(**preprocess), is_train=False)
    mean, std = (torch.tensor(preprocess[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    # open_clip's export reads a text at its highest id, which is CLIP's end token.
    export(
        folder / "textual/model.onnx", model, lambda m, text: m.encode_text(text, normalize=True), ["text"], ["embedding"],
        (torch.ones(1, tokens, dtype=torch.int32),),
    )  # fmt: skip
    if as_bytes:

        def call(m, image):
            return m.encode_image((image.permute(0, 3, 1, 2).float() / 255 - mean) / std, normalize=True)

        example, dynamic = torch.zeros(1, size, size, 3, dtype=torch.uint8), {"image": BATCH, "embedding": BATCH}
    else:
        call, dynamic = lambda m, image: m.encode_image(image, normalize=True), None
        example = torch.zeros(1, 3, size, size)
    export(folder / "visual/model.onnx", model, call, ["image"], ["embedding"], (example,), dynamic)
    (folder / "visual/preprocess_cfg.json").write_text(json.dumps(preprocess))
    extra = {"tokenizer_kwargs": {"clean": "canonicalize"}} if clean("A") == "a" else {}
    (folder / "config.json").write_text(json.dumps(config | {"text_cfg": config["text_cfg"] | extra}, indent=2))
    tokenizer.save_pretrained(folder / "textual")
    ids = tokenizer(
        [clean(text) for text in TEXTS], padding="max_length", max_length=tokens, truncation=True, return_tensors="pt"
    ).input_ids
    texts = model.encode_text(ids, normalize=True)
    images = model.encode_image(torch.stack([transform(picture) for picture in pictures()]), normalize=True)
    golden(folder, f"open_clip {open_clip.__version__}", texts, images)


def sentencepiece_tokenizer(name, pad, length):
    """A tokenizer of testdata/tokenize without its large character map, which none of the texts needs."""
    parts = json.loads((TOKENIZERS / f"{name}.json").read_text(encoding="utf-8"))
    if parts["normalizer"]["type"] == "Sequence":
        steps = parts["normalizer"]["normalizers"]
        parts["normalizer"]["normalizers"] = [step for step in steps if step["type"] != "Precompiled"]
    file = EXPORTED / "tokenizer.json"
    file.write_text(json.dumps(parts), encoding="utf-8")
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(file), pad_token=pad, model_max_length=length)
    file.unlink()
    return tokenizer


@torch.no_grad()
def make_siglip(name, seed, tokenizer, resample):
    """onnx-community's SigLIP and SigLIP 2: pooler_output, every text padded to the full length."""
    folder = fresh(name)
    activation = "gelu_pytorch_tanh"
    shared = {"intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 4, "hidden_act": activation}
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "max_position_embeddings": 16,
        "projection_size": 32,
    } | shared
    vision = {"hidden_size": 32, "image_size": 32, "patch_size": 8} | shared
    model = randomise(transformers.SiglipModel(transformers.SiglipConfig(text_config=text, vision_config=vision)), seed)

    def pooled(tower):
        return lambda m, x: getattr(m, tower)(x).to_tuple()[:2]

    export(
        folder / "onnx/text_model.onnx", model, pooled("text_model"), ["input_ids"], ["last_hidden_state", "pooler_output"],
        (torch.ones(1, 16, dtype=torch.int64),),
        {"input_ids": BATCH_TOKENS, "last_hidden_state": BATCH_TOKENS, "pooler_output": BATCH},
    )  # fmt: skip
    export(
        folder / "onnx/vision_model.onnx", model, pooled("vision_model"), ["pixel_values"], ["last_hidden_state", "pooler_output"],
        (torch.zeros(1, 3, 32, 32),), {"pixel_values": BATCH, "last_hidden_state": BATCH, "pooler_output": BATCH},
    )  # fmt: skip
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor = transformers.SiglipImageProcessor(size={"height": 32, "width": 32}, resample=resample)
    processor.save_pretrained(folder)
    lower = [text.lower() for text in TEXTS]  # as both were trained
    ids = tokenizer(lower, padding="max_length", truncation=True, max_length=16, return_tensors="pt").input_ids
    golden(
        folder, f"transformers {transformers.__version__}", model.get_text_features(input_ids=ids),
        model.get_image_features(**processor(pictures(), return_tensors="pt")),
    )  # fmt: skip


@torch.no_grad()
def make_immich_multilingual():
    """What immich-app exports of open_clip's models with XLM-RoBERTa: the mask is made inside, from the pad token."""
    folder = fresh("immich-xlm-roberta")
    tokenizer = sentencepiece_tokenizer("xlm_roberta", "<pad>", 77)
    config = transformers.XLMRobertaConfig(
        vocab_size=len(tokenizer), hidden_size=24, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=80, pad_token_id=1,
    )  # fmt: skip
    words = randomise(transformers.XLMRobertaModel(config), 33)
    clip = clip_model(clip_tokenizer(24), 34, "gelu")

    def mean_pooled(model, ids):
        mask = (ids != 1).long()
        states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        return normalize((states * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True))

    def encode_image(model, image):
        return normalize(model.get_image_features(pixel_values=image))

    example = torch.full((1, 77), 5, dtype=torch.int32)
    export(folder / "textual/model.onnx", words, mean_pooled, ["text"], ["embedding"], (example,))
    export(folder / "visual/model.onnx", clip, encode_image, ["image"], ["embedding"], (torch.zeros(1, 3, 32, 32),))
    (folder / "visual/preprocess_cfg.json").write_text(json.dumps({"size": 32} | OPENAI_PREPROCESS))
    text = {
        "hf_model_name": "xlm-roberta-base",
        "hf_tokenizer_name": "xlm-roberta-base",
        "hf_pooler_type": "mean_pooler",
    }
    (folder / "config.json").write_text(json.dumps({"embed_dim": 24, "text_cfg": text}))
    tokenizer.save_pretrained(folder / "textual")
    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(size=32, **OPENAI_PREPROCESS), is_train=False
    )
    ids = tokenizer(TEXTS, padding="max_length", truncation=True, max_length=77, return_tensors="pt").input_ids
    images = encode_image(clip, torch.stack([transform(picture) for picture in pictures()]))
    made_with = f"transformers {transformers.__version__}, open_clip {open_clip.__version__}"
    golden(folder, made_with, mean_pooled(words, ids), images)


@torch.no_grad()
def make_jina():
    """jinaai/jina-clip-v1: a BERT that makes its mask from the pad token, with mean pooling, beside a CLIP vision tower."""
    folder = fresh("jina-clip")
    tokenizer = word_tokenizer(transformers.BertTokenizerFast, 20, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    bert = randomise(
        transformers.BertModel(transformers.BertConfig(
            vocab_size=len(tokenizer), hidden_size=24, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=40,
        )), 31,
    )  # fmt: skip
    clip = clip_model(clip_tokenizer(24), 32, "gelu")

    def mean_pooled(model, ids):
        mask = (ids != 0).long()
        states = model(input_ids=ids, attention_mask=mask).last_hidden_state
        return (states * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)

    export(
        folder / "onnx/text_model.onnx", bert, mean_pooled, ["input_ids"], ["text_embeds"], (torch.ones(1, 8, dtype=torch.int64),),
        {"input_ids": BATCH_TOKENS, "text_embeds": BATCH},
    )  # fmt: skip
    export(
        folder / "onnx/vision_model.onnx", clip, lambda m, pixels: m.get_image_features(pixel_values=pixels), ["pixel_values"],
        ["image_embeds"], (torch.zeros(1, 3, 32, 32),), {"pixel_values": BATCH, "image_embeds": BATCH},
    )  # fmt: skip
    (folder / "config.json").write_text(
        json.dumps({"model_type": "jina_clip", "projection_dim": 24, "text_config": {"embed_dim": 24}})
    )
    (folder / "preprocessor_config.json").write_text(
        json.dumps(OPENAI_PREPROCESS | {"size": 32, "fill_color": 0, "image_processor_type": "JinaCLIPImageProcessor"})
    )
    tokenizer.save_pretrained(folder)
    transform = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(size=32, **OPENAI_PREPROCESS), is_train=False
    )
    ids = tokenizer(TEXTS, padding=True, truncation=True, return_tensors="pt").input_ids
    images = clip.get_image_features(pixel_values=torch.stack([transform(picture) for picture in pictures()]))
    golden(
        folder,
        f"transformers {transformers.__version__}, open_clip {open_clip.__version__}",
        mean_pooled(bert, ids),
        images,
    )


def main():
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    torch.backends.mha.set_fastpath_enabled(False)  # it has no counterpart in ONNX
    make_clip()
    make_external_data()
    make_pair()
    clip_words = clip_tokenizer(24)
    clip_preprocess = OPENAI_PREPROCESS | {"size": [32, 32], "mode": "RGB", "fill_color": 0}
    vision = {"image_size": 32, "layers": 2, "width": 48, "patch_size": 8, "head_width": 12}
    words = {"context_length": 24, "vocab_size": len(clip_words), "width": 32, "heads": 4, "layers": 2}
    make_immich(
        "immich", 24, {"embed_dim": 24, "vision_cfg": vision, "text_cfg": words}, clip_words, 24, clip_preprocess
    )
    make_immich(
        "immich-bytes",
        25,
        {"embed_dim": 24, "vision_cfg": vision, "text_cfg": words},
        clip_words,
        24,
        clip_preprocess,
        as_bytes=True,
    )
    siglip_words = sentencepiece_tokenizer("siglip", "</s>", 16)
    words = {"context_length": 16, "vocab_size": len(siglip_words), "width": 32, "heads": 4, "layers": 2, "no_causal_mask": True,
             "proj_bias": True, "pool_type": "last"}  # fmt: skip
    half = [0.5, 0.5, 0.5]
    siglip_preprocess = clip_preprocess | {"mean": half, "std": half, "resize_mode": "squash"}
    make_immich(
        "immich-siglip", 26, {"embed_dim": 24, "vision_cfg": vision, "text_cfg": words}, siglip_words, 16, siglip_preprocess,
        clean=open_clip.tokenizer.canonicalize_text,
    )  # fmt: skip
    make_siglip("siglip", 27, siglip_words, resample=3)
    make_siglip("siglip2", 28, sentencepiece_tokenizer("siglip2", "<pad>", 16), resample=2)
    make_jina()
    make_immich_multilingual()


if __name__ == "__main__":
    main()
