"""Makes embedded.json: what the embedded model gives, from ONNX Runtime and Pillow in Python.

usage: python testdata/goldens/make_embedded.py

Made with: onnxruntime 1.32.0, pillow 11.3.0, tokenizers 0.22.2, numpy 2.4.6.
Alpha over white, shortest side to 224 (the longer one rounded down), bicubic, centre crop, one input at a time.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from tokenizers import Tokenizer

HERE = Path(__file__).parent
MODEL = HERE.parents[1] / "python" / "innerspace" / "models" / "embedded"
IMAGES = HERE.parent / "images"
LABELS = ["blue-circle", "blue-square", "red-circle", "red-rectangle", "red-circle-with-black-frame"]
SIZE = 224

config = json.loads((MODEL / "model.json").read_text())
text_tower, image_tower = (onnxruntime.InferenceSession(str(MODEL / f"{name}.onnx")) for name in ("text", "image"))
tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
tokenizer.no_padding()


def text(value):
    code = tokenizer.encode(value)
    feed = {"input_ids": np.array([code.ids]), "attention_mask": np.array([code.attention_mask])}
    return text_tower.run(None, feed)[0][0].astype(np.float64)


def image(name):
    picture = Image.open(IMAGES / f"{name}.png").convert("RGBA")
    flat = Image.new("RGB", picture.size, (255, 255, 255))
    flat.paste(picture, mask=picture.getchannel("A"))
    short = min(flat.size)
    width, height = (SIZE if side == short else int(SIZE * side / short) for side in flat.size)
    flat = flat.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - SIZE) // 2, (height - SIZE) // 2
    pixels = np.asarray(flat.crop((left, top, left + SIZE, top + SIZE)), np.float64) / 255
    rule = config["image"]["preprocessing"]
    pixels = (pixels - rule["mean"]) / rule["std"]
    return image_tower.run(None, {"pixel_values": pixels.transpose(2, 0, 1)[None].astype(np.float32)})[0][0].astype(
        np.float64
    )


def unit(vector):
    return vector / np.linalg.norm(vector)


pictures = {name: image(name) for name in LABELS}
described = {name: f"This is a {name.replace('-', ' ')}." for name in LABELS} | {
    "red-rectangle": "This is a blue rectangle."
}
described["red-circle-with-black-frame"] = "This is a red circle with black frame."
alone = {name: unit(vector) for name, vector in pictures.items()}
both = {name: unit(unit(vector) + unit(text(described[name]))) for name, vector in pictures.items()}
framed, red = "black frame around a red circle", "red circle"
square = unit(pictures["blue-square"])
questions = {
    "1 image, no descriptions": (square, alone),
    "2 image, with descriptions": (square, both),
    f"3 text: {framed}": (unit(text(framed)), both),
    "4 image + text red circle": (unit(square + unit(text(red))), both),
    "5 image 0.1 + text red circle 1.0": (unit(0.1 * square + unit(text(red))), both),
}
tables = {}
for name, (question, stored) in questions.items():
    scores = {label: float(question @ vector) for label, vector in stored.items()}
    tables[name] = [[label, round(score, 6)] for label, score in sorted(scores.items(), key=lambda pair: -pair[1])]


def rounded(vector):
    return [round(float(number), 7) for number in vector]


result = {
    "about": "the embedded model on testdata/images, by make_embedded.py",
    "texts": {value: rounded(text(value)) for value in (framed, red, "This is a blue square.")},
    "images": {name: rounded(vector) for name, vector in pictures.items()},
    "tables": tables,
}
(HERE / "embedded.json").write_text(json.dumps(result) + "\n")
