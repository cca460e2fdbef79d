"""The text encoder, all-MiniLM-L6-v2, and its embeddings of every caption that is learned with.

Writes captions.json (what may be said about each picture) and texts.npz (texts and their embeddings [n, 384], float32).
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from captions import of_classes, of_item
from numpy.typing import NDArray
from places import RAW, WORK, features
from timm.data import ImageNetInfo
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer, BertModel, PreTrainedTokenizerFast

FOLDER = RAW / "minilm"
BATCH = 64
LONGEST = 64


class Sentence(nn.Module):
    """Token ids and mask [b, t] to the normalised mean of the last layer's states [b, 384]."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask[..., None].to(states.dtype)
        return functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)


def tokenizer() -> PreTrainedTokenizerFast:
    loaded: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(FOLDER)
    return loaded


def pretrained() -> Sentence:
    return Sentence(AutoModel.from_pretrained(FOLDER, attn_implementation="eager")).eval()


def session() -> onnxruntime.InferenceSession:
    path = WORK / "sentence.onnx"
    if not path.exists():
        example = tokenizer()(["a blue square", "hello there big world"], padding=True, return_tensors="pt")
        axes = {"input_ids": {0: "b", 1: "t"}, "attention_mask": {0: "b", 1: "t"}, "embedding": {0: "b"}}
        torch.onnx.export(pretrained(), (example["input_ids"], example["attention_mask"]), str(path),
                          input_names=["input_ids", "attention_mask"], output_names=["embedding"], dynamic_axes=axes,
                          opset_version=17, dynamo=False)  # fmt: skip
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def embedded(texts: list[str], run: onnxruntime.InferenceSession) -> NDArray[np.float32]:
    """Return the embeddings of texts, run in batches of like length."""
    encode, out = tokenizer(), np.zeros((len(texts), 384), np.float32)
    order = np.argsort([len(text) for text in texts], kind="stable")
    for at in range(0, len(order), BATCH):
        chosen = order[at : at + BATCH]
        tokens = encode(
            [texts[i] for i in chosen], padding=True, truncation=True, max_length=LONGEST, return_tensors="np"
        )
        feed = {name: tokens[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
        out[chosen] = run.run(None, feed)[0]
    return out


class Remembered:
    """Embeds texts that were not embedded before, and keeps what they become in a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._known = path, dict[str, NDArray[np.float32]]()
        if path.exists():
            with np.load(path) as stored:
                self._known = dict(zip(stored["texts"].tolist(), stored["vectors"], strict=True))

    def embedded(self, texts: list[str]) -> NDArray[np.float32]:
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, embedded(missing, session()), strict=True))
            part = self._path.with_suffix(f".{os.getpid()}.npz")
            np.savez(part, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
            part.rename(self._path)
        return np.stack([self._known[text] for text in texts])


def classes() -> list[list[str]]:
    info = ImageNetInfo("imagenet-1k")
    labels = [info.index_to_description(i) for i in range(1000)]
    detailed = [info.index_to_description(i, detailed=True).split(": ", 1)[-1] for i in range(1000)]
    return of_classes(labels, detailed)


def main() -> None:
    items = json.loads((WORK / "items.json").read_text())
    of_items = [of_item(item) if item["split"] == "train" else [] for item in items]
    of_scenes = [row[0] for row in json.loads((features("pretrained") / "shapes.json").read_text())]
    of_classes = classes()
    texts = sorted(
        {t for row in of_items for t, _ in row} | {t for rows in (of_scenes, of_classes) for row in rows for t in row}
    )
    (WORK / "captions.json").write_text(json.dumps({"items": of_items, "scenes": of_scenes, "classes": of_classes}))
    start = time.monotonic()
    Remembered(WORK / "texts.npz").embedded(texts)
    print(f"{len(texts)} captions embedded in {time.monotonic() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
