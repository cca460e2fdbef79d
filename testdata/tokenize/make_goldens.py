"""Write goldens.json: the ids of Hugging Face's tokenizers for nasty_texts.py.

Needs tokenizers==0.22.2:

    python testdata/tokenize/make_goldens.py

Each set names the tokenizer.json it starts from (relative to the repository), the members it replaces in it, and
the length it cuts to. The first two sets are the tokenizers as they are; the others are what repositories ship.
"""

import json
import pathlib

import tokenizers
from nasty_texts import TEXTS

VERSION = "0.22.2"
HERE = pathlib.Path(__file__).resolve().parent
CLIP = "testdata/models/tiny-clip/tokenizer.json"
BERT = "python/innerspace/models/embedded/tokenizer.json"
SIGLIP, XLM_ROBERTA, SIGLIP2 = (f"testdata/tokenize/{name}.json" for name in ("siglip", "xlm_roberta", "siglip2"))

CLIP_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
MARKERS_PATTERN = r"<\|startoftext\|>|<\|endoftext\|>|" + CLIP_PATTERN


def clip_split(pattern, behavior, invert, **byte_level):
    return {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": invert},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True} | byte_level,
    ]}  # fmt: skip


def template(before, after):
    tokens = {content: {"id": content, "ids": [number], "tokens": [content]} for content, number in (before, after)}
    single = [{"SpecialToken": {"id": before[0], "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": after[0], "type_id": 0}}]  # fmt: skip
    pair = single + [{"Sequence": {"id": "B", "type_id": 1}}]
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}


def added(number, content, **flags):
    default = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": number, "content": content} | default | flags


def bert_normalizer(**flags):
    default = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": True,
        "strip_accents": None,
        "lowercase": True,
    }
    return default | flags


def nllb_model():
    """SigLIP 2's small model without its bytes, as NLLB's is."""
    model = json.loads((HERE.parent.parent / SIGLIP2).read_text(encoding="utf-8"))["model"]
    return model | {"byte_fallback": False}


SETS = {
    "clip": (CLIP, 77, {}),
    "bert": (BERT, 128, {}),
    "clip without NFC, white space kept, template": (CLIP, 20, {
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": clip_split(MARKERS_PATTERN, "Isolated", False),
        "post_processor": template(("<|startoftext|>", 49406), ("<|endoftext|>", 49407)),
        "added_tokens": [added(49406, "<|startoftext|>", normalized=True, lstrip=True),
                         added(49407, "<|endoftext|>", lstrip=True, rstrip=True)],
    }),
    "clip cased, no added tokens": (CLIP, 20, {
        "normalizer": None, "added_tokens": [],
        "pre_tokenizer": clip_split(MARKERS_PATTERN, "Removed", True, use_regex=False),
    }),
    "bert cased, greedy mask, added token": (BERT, 20, {
        "normalizer": bert_normalizer(lowercase=False, strip_accents=True, handle_chinese_chars=False),
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]},
        "added_tokens": [added(102, "[SEP]"), added(103, "[MASK]", lstrip=True, rstrip=True),
                         added(30522, "photo of", normalized=True, special=False)],
    }),
    "bert accents kept, unclean": (BERT, 20, {
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFD"}, bert_normalizer(clean_text=False, strip_accents=False)]},
    }),
    "siglip": (SIGLIP, 64, {}),
    "xlm-roberta": (XLM_ROBERTA, 77, {}),
    "siglip 2": (SIGLIP2, 64, {}),
    "unigram, words first, no character map": (XLM_ROBERTA, 20, {
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "NFC"}, {"type": "Replace", "pattern": {"String": "of"}, "content": "OF"}, {"type": "Prepend", "prepend": "a"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}]},
    }),
    "unigram, whole texts": (SIGLIP, 20, {
        "normalizer": {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never", "split": False},
    }),
    "character pairs with unknown ones": (XLM_ROBERTA, 20, {
        "model": nllb_model(), "added_tokens": [],
        "post_processor": template(("<bos>", 2), ("<eos>", 1)),
    }),
    "character pairs, words": (SIGLIP2, 20, {
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True, "prepend_scheme": "always"},
        "post_processor": template(("<bos>", 2), ("<eos>", 1)), "normalizer": None,
    }),
}  # fmt: skip


def encode(base, max_tokens, changes, texts):
    spec = json.loads((HERE.parent.parent / base).read_text(encoding="utf-8")) | changes
    tokenizer = tokenizers.Tokenizer.from_str(json.dumps(spec))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    counts = [len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]
    tokenizer.enable_truncation(max_tokens)
    return [[count, *encoding.ids] for count, encoding in zip(counts, tokenizer.encode_batch(texts), strict=True)]


def lines(items):
    return "[\n" + ",\n".join(json.dumps(item, ensure_ascii=True, separators=(",", ":")) for item in items) + "\n]"


def main():
    assert tokenizers.__version__ == VERSION, f"tokenizers=={VERSION} is needed, not {tokenizers.__version__}"
    texts = [text if isinstance(text, str) else text[0] * text[1] for text in TEXTS]
    sets = []
    for name, (base, max_tokens, changes) in SETS.items():
        head = {"name": name, "base": base, "max_tokens": max_tokens, "changes": changes}
        body = lines(encode(base, max_tokens, changes, texts))
        sets.append(json.dumps(head)[:-1] + ', "tokens_and_ids": ' + body + "}")
    about = json.dumps(
        "texts: a text, or [unit, count]; tokens_and_ids: tokens of the whole text, then the ids cut to max_tokens"
    )
    out = (
        f'{{"about": {about}, "tokenizers": "{VERSION}",\n"texts": {lines(TEXTS)},\n"sets": ['
        + ",\n".join(sets)
        + "]}\n"
    )
    (HERE / "goldens.json").write_text(out, encoding="ascii")
    print(f"{len(texts)} texts, {len(sets)} sets, {len(out)} bytes")


if __name__ == "__main__":
    main()
