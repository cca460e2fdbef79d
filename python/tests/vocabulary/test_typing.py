from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import innerspace as sl

PACKAGE_ROOT = Path(sl.__file__).parents[1]
PROGRAM = Path(__file__).with_name("typed_program.py")


def mypy(path: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--follow-imports=silent",
            "--config-file=",
            f"--cache-dir={cache}",
            str(path),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"MYPYPATH": str(PACKAGE_ROOT), "PATH": ""},
        timeout=240,
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def test_a_users_program_passes_strict_mypy(cache: Path) -> None:
    checked = mypy(PROGRAM, cache)
    assert checked.returncode == 0, checked.stdout


def test_a_users_mistakes_are_found(cache: Path, tmp_path: Path) -> None:
    program = tmp_path / "mistakes.py"
    program.write_text(
        "import innerspace as sl\n"
        "class Image(sl.Schema):\n"
        "    id: sl.IdField\n"
        "    image: sl.Blob\n"
        "image = Image()\n"
        "image.image + image.id\n"
        "sl.ImageSpace(image.id)\n"
        "sl.Options(pixels='exact')\n"
        "sl.InMemorySource(Image)\n"
    )
    found = mypy(program, cache).stdout
    assert [int(line.split(":")[1]) for line in found.splitlines() if "error:" in line] == [6, 7, 8, 9], found
