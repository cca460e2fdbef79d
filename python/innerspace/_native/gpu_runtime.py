"""Finds the ONNX Runtime of an installed onnxruntime-gpu, without importing it."""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path

DISTRIBUTION = "onnxruntime-gpu"

OLDEST = (1, 24)
"""The first release that the engine can use; it refuses older ones, and a process cannot unload them."""

_taken: Path | None = None


def choose(device: str) -> Path | None:
    """Return the library that can use a GPU, if it is the one for this device.

    A process has one ONNX Runtime. So the processor is given this one too where
    an earlier app has loaded it.

    Parameters
    ----------
    device : {"cpu", "cuda", "auto"}
    """
    global _taken
    if device != "cpu":
        _taken = installed()
        return _taken
    return _taken if _taken is not None and is_loaded(_taken) else None


def installed() -> Path | None:
    """Return the library in the wheel, None where there is no such wheel or it is too old."""
    # Takes longer than the rest of opening the library, and is needed for a GPU only.
    from importlib import metadata

    try:
        wheel = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None
    numbers = re.match(r"(\d+)\.(\d+)", wheel.version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST:
        return None
    files = [file for file in wheel.files or () if file.match("onnxruntime/capi/libonnxruntime.so.*")]
    paths = sorted(path for path in (Path(str(wheel.locate_file(file))) for file in files) if path.is_file())
    return paths[-1] if paths else None


def is_loaded(library: Path) -> bool:
    """Tell whether this process has loaded a library."""
    try:
        ctypes.CDLL(str(library), mode=os.RTLD_NOLOAD | os.RTLD_NOW)
    except OSError:
        return False
    return True
