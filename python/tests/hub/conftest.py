"""The real client of the hub against a hub on 127.0.0.1, each test with a cache of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_hub import FakeHub, fake_hub
from huggingface_hub import constants
from model_files import MODEL_FILES, TINY

import innerspace as sl
from innerspace import _hub


@pytest.fixture(scope="session")
def tiny() -> dict[str, bytes]:
    """The files of a small CLIP that the engine runs."""
    return {name: (TINY / name).read_bytes() for name in MODEL_FILES}


@pytest.fixture
def small() -> dict[str, bytes]:
    """Files with the names of a model's; nothing looks into them before the engine does."""
    files = {name: name.encode() * 50 for name in MODEL_FILES}
    files["onnx/vision_model.onnx"] = bytes(range(256)) * 1200
    return files


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    """An empty hub; HF_ENDPOINT, HF_HUB_CACHE and the token are set to it for this process."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_ETAG_TIMEOUT", "INNERSPACE_MODEL"):
        monkeypatch.delenv(name, raising=False)
    with fake_hub() as made:
        monkeypatch.setattr(constants, "ENDPOINT", made.endpoint)
        template = made.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield made


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def find() -> Callable[..., _hub.Snapshot]:
    return lambda name, revision=None, **options: _hub.find(_hub.parse(name, revision), "fp32", **options)


@pytest.fixture
def python(hub: FakeHub, cache: Path, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a fresh interpreter whose environment names the hub."""

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "INNERSPACE_MODEL"))}
        named = {
            "HF_ENDPOINT": hub.endpoint,
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_CACHE": str(cache),
            "PYTHONPATH": str(Path(sl.__file__).parents[1]),
        }
        return subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**kept, **named, **environment},
        )

    return start
