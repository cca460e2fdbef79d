"""Make the small SentencePiece tokenizers that core/embed/tokenize is tested with.

Made with: sentencepiece 0.2.3, tokenizers 0.22.2, transformers 4.57.3. Run in this directory: python make_sentencepiece.py
Each is trained on a few sentences and put together as the tokenizer.json of its family is: SigLIP's (a unigram model in lower
case, without punctuation), XLM-RoBERTa's (a unigram model with byte fallback off), SigLIP 2's (Gemma's byte-pair model,
which spells in bytes what it does not know).
"""

import io
import json
import pathlib
import re
import string

import sentencepiece
from nasty_texts import TEXTS
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers.convert_slow_tokenizer import generate_merges
from transformers.utils import sentencepiece_model_pb2_new as sentencepiece_model_pb2

HERE = pathlib.Path(__file__).parent
SENTENCES = [text for text in TEXTS if isinstance(text, str) and text.isprintable()] + [
    "a photo of a cat and two dogs on the green grass", "the red circle in a black frame", "a blue square on white paper",
    "people are walking down a busy street at night", "an old wooden cabin near the frozen lake", "una foto de un gato negro",
    "ein Foto von einem roten Kreis", "une photo de deux chiens", "фотография красного круга", "一张红色圆圈的照片", "赤い丸の写真",
] * 10  # fmt: skip


def train(**options):
    """Train a model and return its parsed file."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 3), model_writer=model, character_coverage=0.98, hard_vocab_limit=False,
        num_threads=1, minloglevel=2, **options,
    )  # fmt: skip
    return sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())


def special(*contents, **options):
    return [AddedToken(content, special=True, normalized=False, **options) for content in contents]


def save(name, tokenizer):
    parts = json.loads(tokenizer.to_str())
    (HERE / f"{name}.json").write_text(
        json.dumps(parts, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )


def siglip():
    trained = train(vocab_size=700, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, pad_piece="<pad>")
    tokenizer = Tokenizer(models.Unigram([(p.piece, p.score) for p in trained.pieces], unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Lowercase(),
        normalizers.Replace(Regex("[" + re.escape(string.punctuation) + "]"), ""),
        normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(),
        normalizers.Precompiled(trained.normalizer_spec.precompiled_charsmap),
    ])  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.add_special_tokens(special("<pad>", "</s>", "<unk>"))
    save("siglip", tokenizer)


def xlm_roberta():
    trained = train(vocab_size=900, model_type="unigram", byte_fallback=False)
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    vocabulary += [(p.piece, p.score) for p in trained.pieces[3:]] + [("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(trained.normalizer_spec.precompiled_charsmap),
        normalizers.Strip(left=False, right=True),
        normalizers.Replace(Regex(" {2,}"), "▁"),
    ])  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(special("<s>", "<pad>", "</s>", "<unk>") + special("<mask>", lstrip=True))
    save("xlm_roberta", tokenizer)


def siglip2():
    trained = train(
        vocab_size=1100, model_type="bpe", byte_fallback=True, split_digits=True, normalization_rule_name="identity",
        allow_whitespace_only_pieces=True, remove_extra_whitespaces=False, add_dummy_prefix=False,
        pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>",
    )  # fmt: skip
    scores = {p.piece: p.score for p in trained.pieces}
    vocabulary = {piece: i for i, piece in enumerate(scores)}
    tokenizer = Tokenizer(
        models.BPE(
            vocabulary, generate_merges(vocabulary, scores), unk_token="<unk>", fuse_unk=True, byte_fallback=True
        )
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <eos>", pair="$A <eos> $B <eos>", special_tokens=[("<eos>", 1)]
    )
    tokenizer.add_special_tokens(special("<pad>", "<eos>", "<bos>", "<unk>"))
    tokenizer.add_tokens([AddedToken("[multimodal]", normalized=False), AddedToken("\n\n", normalized=False)])
    save("siglip2", tokenizer)


if __name__ == "__main__":
    siglip()
    xlm_roberta()
    siglip2()
