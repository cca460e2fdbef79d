"""The settings of an engine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException

if TYPE_CHECKING:
    from innerspace._definition import Json

PixelPolicy = Literal["faithful", "reference"]
Device = Literal["cpu", "cuda", "auto"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How an executor's engine treats pictures, the network, memory and threads.

    Parameters
    ----------
    pixels : {"faithful", "reference"}
        ``"faithful"`` shows the model the picture as a viewer would: EXIF
        orientation applied, transparency over white, aspect ratio kept as the
        model's own preprocessing says. ``"reference"`` reproduces the pixels of
        the reference: alpha dropped, EXIF ignored, squashed to 224x224 and
        re-encoded as lossy WebP.
    max_pixels : int
        Larger pictures are refused before they are decoded.
    max_blob_bytes : int
        Larger files, downloads and base64 texts are refused.
    url_timeout : float
        Seconds that fetching one URL may take.
    allow_private_addresses : bool
        Whether URLs may lead to private, loopback or link-local addresses.
    embedding_cache_bytes : int
        Memory for embeddings of pictures and texts that were seen before;
        0 turns the cache off.
    threads : int
        Threads for decoding and inference; 0 means the cores that this process may use.
    device : {"cpu", "cuda", "auto"}
        What models run on. ``"cuda"`` is an NVIDIA GPU, through an installed
        onnxruntime-gpu or the library that ``INNERSPACE_ORT_LIBRARY`` names; an
        executor raises FeatureNotSupportedException where there is none.
        ``"auto"`` takes the processor then, and logs why. Untested on hardware
        (docs/models.md).

    Raises
    ------
    InvalidInputException
        If a value has the wrong type or is out of range.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.Options(pixels="reference", threads=1).pixels
    'reference'
    """

    pixels: PixelPolicy = "faithful"
    max_pixels: int = 89_478_485
    max_blob_bytes: int = 64 * 1024 * 1024
    url_timeout: float = 10.0
    allow_private_addresses: bool = False
    embedding_cache_bytes: int = 64 * 1024 * 1024
    threads: int = 0
    device: Device = "cpu"

    def __post_init__(self) -> None:
        if self.pixels not in get_args(PixelPolicy):
            self._refuse("pixels", "'faithful' or 'reference'")
        if self.device not in get_args(Device):
            self._refuse("device", "'cpu', 'cuda' or 'auto'")
        self._check_count("max_pixels", minimum=1)
        self._check_count("max_blob_bytes", minimum=1)
        self._check_count("embedding_cache_bytes", minimum=0)
        self._check_count("threads", minimum=0)
        timeout: object = self.url_timeout
        if (
            isinstance(timeout, bool)
            or not isinstance(timeout, (int, float))
            or not math.isfinite(timeout)
            or timeout <= 0
        ):
            self._refuse("url_timeout", "a positive number of seconds")
        if not isinstance(self.allow_private_addresses, bool):
            self._refuse("allow_private_addresses", "True or False")

    def _check_count(self, name: str, *, minimum: int) -> None:
        value = getattr(self, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            self._refuse(name, f"an int of at least {minimum}")

    def _refuse(self, name: str, expected: str) -> None:
        raise InvalidInputException(f"Options: parameter {name} must be {expected}, got {shown(getattr(self, name))}.")

    def _to_json(self) -> Json:
        return {
            "pixels": self.pixels,
            "max_pixels": self.max_pixels,
            "max_blob_bytes": self.max_blob_bytes,
            "url_timeout_seconds": self.url_timeout,
            "allow_private_addresses": self.allow_private_addresses,
            "embedding_cache_bytes": self.embedding_cache_bytes,
            "threads": self.threads,
            "device": self.device,
        }
