"""What pyproject.toml, the requirement files, the Go module and the package must agree on."""

import re
import tomllib
from pathlib import Path

import innerspace

ROOT = Path(__file__).parents[2]


def test_requirements_for_development_are_those_of_the_package():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    listed = (ROOT / "requirements/runtime.in").read_text().splitlines()
    assert [line for line in listed if line and not line.startswith("#")] == declared


def test_library_and_package_have_one_version():
    version = re.search(r'Version = "([^"]+)"', (ROOT / "core/version.go").read_text())
    assert version is not None
    assert version[1] == innerspace.__version__


def test_every_locked_requirement_is_hashed():
    for name in ("dev.txt", "onnxruntime.txt"):
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        pinned = [number for number, line in enumerate(lines) if re.match(r"\w[\w.-]*==", line)]
        assert pinned
        assert all("--hash=sha256:" in lines[number + 1] for number in pinned)
