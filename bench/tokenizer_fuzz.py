"""Compare core/embed/tokenize with Hugging Face's tokenizers on random texts.

Needs Go and tokenizers==0.22.2:

    python bench/tokenizer_fuzz.py [--texts 200000] [--seed 1]

Runs the tokenizers the project ships or tests with, and variants of them that differ in the parts real
repositories differ in, and exits with 1 where any text has other ids. Half of the texts are encoded with a
length they mostly exceed, so that truncation is compared too.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import tokenizers

VERSION = "0.22.2"
ROOT = pathlib.Path(__file__).resolve().parent.parent
CLIP = ROOT / "testdata/models/tiny-clip/tokenizer.json"
BERT = ROOT / "python/innerspace/models/embedded/tokenizer.json"
SENTENCEPIECE = ROOT / "testdata/tokenize"

WORDS = (
    "a photo of the cat dog's running UPPER Café naïve İstanbul ΣΊΣΥΦΟΣ straße I'll don't he'd we've y'all 'tis "
    "rock'n'roll 1234 3.14 $5.00 hello,world foo_bar <|endoftext|> <|startoftext|> <|ENDOFTEXT|> <|endoftext <|endoftext|>!! "
    "[SEP] [CLS] [MASK] [UNK] [PAD] [mask] [[SEP]] [NEW] ##ing &amp; &lt;b&gt; https://a.b/c?d=e #tag @me unaffable "
    "supercalifragilisticexpialidocious 東京 中文 한국어 ไทย हिन्दी العربية עברית"
).split()
SNIPPETS = [
    "'s", "'re", "'", "''", "!!'s", "'S", "\u2019s", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "\u200d", "\ufeff", "\u00a0", "\u3000", "\u2028",
    "\x85", "\x1c", "\x0b", "\ufffd", "\x00", "...", "—", "ﬁ", "Å", "Ａ", "ǅ", "ẞ", "\u1e9b\u0323", "\U0001d15e", "\u0f73",
]  # fmt: skip
BLOCKS = [
    (0x20, 0x7F), (0x20, 0x7F), (0, 0x20), (0x7F, 0x250), (0x250, 0x300), (0x300, 0x370), (0x370, 0x530),
    (0x530, 0x700), (0x700, 0x900), (0x900, 0xE00), (0xE00, 0x1000), (0x1000, 0x1400), (0x1400, 0x2000),
    (0x1E00, 0x2000), (0x2000, 0x2100), (0x2100, 0x2C00), (0x2C00, 0x3000), (0x3000, 0x3100), (0x3040, 0x3200),
    (0x3200, 0x4E00), (0x4E00, 0xA000), (0xA000, 0xAC00), (0xAC00, 0xD7B0), (0xD7B0, 0xD800), (0xE000, 0xF900),
    (0xF900, 0x10000), (0xFB00, 0xFFFF), (0x10000, 0x11000), (0x11000, 0x12000), (0x16000, 0x17000),
    (0x1B000, 0x1D000), (0x1D000, 0x1E000), (0x1E000, 0x1F000), (0x1F300, 0x1FB00), (0x20000, 0x32000),
    (0xE0000, 0xE0200), (0x10000, 0x110000),
]  # fmt: skip
JAMO = [(0x1100, 0x1113), (0x1161, 0x1176), (0x11A7, 0x11C3), (0xAC00, 0xAC40)]


class Texts:
    """A seeded stream of texts that mix scripts, words, marks, markers and long words."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def character(self, block):
        while True:
            code_point = self.random.randrange(*block)
            if not 0xD800 <= code_point < 0xE000:
                return chr(code_point)

    def characters(self, count, *blocks):
        return "".join(self.character(self.random.choice(blocks)) for _ in range(self.random.randrange(1, count)))

    def part(self):
        kind = self.random.random()
        if kind < 0.3:
            return self.random.choice(WORDS)
        if kind < 0.7:
            return self.characters(7, self.random.choice(BLOCKS))
        if kind < 0.8:
            return self.characters(7, *BLOCKS)
        if kind < 0.85:
            marks = self.random.choice([1, 2, 3, 40])
            return self.random.choice("aeoAE가αक") + "".join(self.character((0x300, 0x370)) for _ in range(marks))
        if kind < 0.9:
            return self.characters(6, *JAMO)
        if kind < 0.96:
            return self.random.choice(SNIPPETS)
        return self.random.choice("abcxyz0123!é") * self.random.choice([3, 30, 99, 100, 101, 150])

    def text(self):
        parts = []
        for _ in range(self.random.randrange(9)):
            parts.append(self.part())
            if self.random.random() < 0.5:
                parts.append(self.random.choice([" ", " ", "  ", "\n", "\t", "\u00a0"]))
        return "".join(parts)


def variants():
    """Name and tokenizer.json of each tokenizer compared."""
    clip, bert = CLIP.read_text(encoding="utf-8"), BERT.read_text(encoding="utf-8")
    yield "clip", json.loads(clip)
    yield "bert", json.loads(bert)

    spec = json.loads(clip)
    spec["normalizer"] = {"type": "Lowercase"}
    split = spec["pre_tokenizer"]["pretokenizers"][0]
    split["behavior"], split["invert"] = "Isolated", False
    split["pattern"]["Regex"] = r"<\|startoftext\|>|<\|endoftext\|>|" + split["pattern"]["Regex"]
    spec["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "s", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "e", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"s": {"id": "s", "ids": [49406], "tokens": ["<|startoftext|>"]},
                           "e": {"id": "e", "ids": [49407], "tokens": ["<|endoftext|>"]}},
    }  # fmt: skip
    spec["added_tokens"][0]["lstrip"] = True
    spec["added_tokens"][1].update(normalized=False, lstrip=True, rstrip=True)
    spec["model"]["merges"] = [m if isinstance(m, list) else m.split(" ") for m in spec["model"]["merges"]]
    yield "clip, no NFC, isolated, template", spec

    spec = json.loads(clip)
    spec["normalizer"] = None
    spec["pre_tokenizer"]["pretokenizers"][1]["use_regex"] = False
    split = spec["pre_tokenizer"]["pretokenizers"][0]
    split["pattern"]["Regex"] = r"<\|startoftext\|>|<\|endoftext\|>|" + split["pattern"]["Regex"]
    spec["added_tokens"] = []
    yield "clip, cased, no added tokens", spec

    spec = json.loads(bert)
    spec["normalizer"].update(lowercase=False, strip_accents=True, handle_chinese_chars=False)
    spec["post_processor"] = {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}
    spec["added_tokens"][-1].update(lstrip=True, rstrip=True)
    spec["added_tokens"].append({"id": 30522, "content": "[NEW]", "single_word": False, "lstrip": False,
                                 "rstrip": True, "normalized": True, "special": False})  # fmt: skip
    yield "bert, cased, added token", spec

    spec = json.loads(bert)
    spec["normalizer"].update(clean_text=False, strip_accents=False)
    spec["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "NFD"}, spec["normalizer"]]}
    yield "bert, accents kept, NFD", spec
    yield from sentencepiece_variants()


def sentencepiece_variants():
    """Name and tokenizer.json of each tokenizer of SentencePiece's families."""
    siglip, xlm_roberta, siglip2 = (
        (SENTENCEPIECE / f"{name}.json").read_text(encoding="utf-8") for name in ("siglip", "xlm_roberta", "siglip2")
    )
    yield "siglip", json.loads(siglip)
    yield "xlm-roberta", json.loads(xlm_roberta)
    yield "siglip 2", json.loads(siglip2)

    spec = json.loads(xlm_roberta)
    spec["normalizer"] = spec["normalizer"]["normalizers"][0]
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    spec["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    spec["added_tokens"][-1].update(normalized=True, rstrip=True)
    yield "xlm-roberta, words first", spec

    spec = json.loads(siglip)
    spec["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"String": "ll"}, "content": ""}, {"type": "NFC"}, spec["normalizer"]["normalizers"][-1],
    ]}  # fmt: skip
    spec["pre_tokenizer"] = metaspace | {"prepend_scheme": "never", "split": False}
    yield "siglip, whole texts", spec

    spec = json.loads(siglip)
    spec["model"]["vocab"] += [[f"<0x{value:02X}>", -20.0] for value in range(256)]
    spec["model"]["byte_fallback"] = True
    yield "siglip, byte fallback", spec

    spec = json.loads(xlm_roberta)
    spec["model"] = json.loads(siglip2)["model"] | {"byte_fallback": False}
    spec["added_tokens"] = []
    yield "character pairs with unknown ones", spec

    spec = json.loads(siglip2)
    spec["model"] |= {"byte_fallback": False, "fuse_unk": False}
    spec["pre_tokenizer"] = metaspace
    yield "character pairs, each unknown alone", spec

    spec = json.loads(siglip2)
    spec["model"]["ignore_merges"] = True
    spec["pre_tokenizer"] = metaspace
    yield "siglip 2, words, whole where known", spec


def compare(tokenids, name, spec, texts, seed):
    """Print and return the number of texts that Go and Hugging Face encode differently."""
    differences = 0
    for max_tokens in (100_000, 16):
        chosen = texts if max_tokens > 16 else texts[: len(texts) // 2]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "tokenizer.json")
            path.write_text(json.dumps(spec), encoding="utf-8")
            lines = "".join(json.dumps(text) + "\n" for text in chosen)
            ours = subprocess.run(
                [tokenids, path, str(max_tokens)], input=lines, capture_output=True, text=True, check=True
            )
        theirs = tokenizers.Tokenizer.from_str(json.dumps(spec))
        theirs.no_padding()
        theirs.no_truncation()
        lengths = [len(e.ids) for e in theirs.encode_batch(chosen)] if max_tokens == 16 else None
        theirs.enable_truncation(max_tokens)
        for i, (text, line, encoding) in enumerate(
            zip(chosen, ours.stdout.splitlines(), theirs.encode_batch(chosen), strict=True)
        ):
            got = json.loads(line)
            want = {"ids": encoding.ids, "tokens": lengths[i] if lengths else len(encoding.ids)}
            if got != want:
                differences += 1
                if differences <= 10:
                    print(f"  {text!a}\n    ours   {got}\n    theirs {want}")
    print(f"{name}: {len(texts)} texts, seed {seed}, {differences} differences", flush=True)
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=200_000, help="texts for each tokenizer (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--every-character", action="store_true", help="compare each Unicode character between two letters instead"
    )
    options = parser.parse_args()
    if tokenizers.__version__ != VERSION:
        print(f"note: made for tokenizers {VERSION}, this is {tokenizers.__version__}")
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        tokenids = pathlib.Path(folder, "tokenids")
        subprocess.run(["go", "build", "-o", tokenids, "./bench/tokenids"], cwd=ROOT, check=True)
        for number, (name, spec) in enumerate(variants()):
            stream = Texts(options.seed * 1000 + number)
            if options.every_character:
                texts = [f"a{chr(c)}B" for c in range(0x110000) if not 0xD800 <= c < 0xE000]
            else:
                texts = [stream.text() for _ in range(options.texts)]
            total += compare(tokenids, name, spec, texts, options.seed)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
