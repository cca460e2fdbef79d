"""Make a full-size CLIP ViT-B/32 with seeded random weights, to measure speed with.

usage: python bench/make_vit_b32.py DIRECTORY

Made with: torch 2.15.0, transformers 4.57.3, onnx 1.23.2. DIRECTORY gets what three libraries read:

    onnx/{text,vision}_model.onnx, config.json, ...   ONNX graphs in the layout of Transformers.js
    model.safetensors                                 the same weights, for transformers
    modules.json, 0_CLIPModel/                        the same weights, for sentence-transformers

Weights are normal with CLIP's own standard deviations, so that activations keep the sizes that a
trained model has; what the vectors mean is nothing.
"""

import argparse
import json
import os
import shutil
from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizerFast

TOKENIZER = Path(__file__).parent.parent / "testdata" / "models" / "tiny-clip"
SEED = 20260509


class Text(torch.nn.Module):
    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        return self.clip.get_text_features(input_ids=input_ids)


class Vision(torch.nn.Module):
    def __init__(self, clip: CLIPModel) -> None:
        super().__init__()
        self.clip = clip

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return self.clip.get_image_features(pixel_values=pixel_values)


def export(
    model: torch.nn.Module, example: torch.Tensor, path: Path, name: str, output: str, axes: dict[int, str]
) -> None:
    torch.onnx.export(
        model.eval(),
        (example,),
        str(path),
        input_names=[name],
        output_names=[output],
        dynamic_axes={name: axes, output: {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    directory: Path = parser.parse_args().directory
    (directory / "onnx").mkdir(parents=True, exist_ok=True)

    torch.manual_seed(SEED)
    config = CLIPConfig(  # the sizes of openai/clip-vit-base-patch32
        projection_dim=512,
        text_config={"eos_token_id": 2, "bos_token_id": 0, "pad_token_id": 1},
        vision_config={},
        attn_implementation="eager",
    )
    clip = CLIPModel(config).eval()
    clip.save_pretrained(directory)
    CLIPImageProcessor().save_pretrained(directory)
    for file in TOKENIZER.glob("*token*.json"):
        shutil.copy(file, directory)

    with torch.inference_mode():
        export(
            Text(clip),
            torch.randint(1000, 2000, (2, 12)),
            directory / "onnx" / "text_model.onnx",
            "input_ids",
            "text_embeds",
            {0: "batch", 1: "tokens"},
        )
        export(
            Vision(clip),
            torch.rand(2, 3, 224, 224),
            directory / "onnx" / "vision_model.onnx",
            "pixel_values",
            "image_embeds",
            {0: "batch"},
        )

    module = directory / "0_CLIPModel"
    module.mkdir(exist_ok=True)
    CLIPTokenizerFast(tokenizer_file=str(directory / "tokenizer.json")).save_pretrained(module)
    for name in ["config.json", "preprocessor_config.json", "model.safetensors"]:
        (module / name).unlink(missing_ok=True)
        os.link(directory / name, module / name)
    (directory / "modules.json").write_text(
        json.dumps([{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}])
    )
    print(directory)


if __name__ == "__main__":
    main()
