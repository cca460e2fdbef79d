"""Writes THIRD_PARTY_NOTICES: the licences of everything that the wheel carries.

usage: python tools/notices.py [--check]

The Go modules are those linked into the library (`go list -deps ./capi`), so a new dependency shows up by itself;
--check fails when the file in the repository is not what would be written.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "THIRD_PARTY_NOTICES"
LICENCE_NAMES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING", "NOTICE", "NOTICE.txt", "PATENTS")


def go(*arguments: str) -> str:
    return subprocess.run(["go", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def linked_modules() -> dict[str, Path]:
    """Path -> folder of every module with a package in the library."""
    template = "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}"
    lines = go("list", "-deps", "-f", template, "./capi").splitlines()
    return {path: Path(folder) for path, _, folder in sorted({line.partition("\t") for line in lines if line})}


def licence_texts(folder: Path) -> str:
    texts = [
        (folder / name).read_text(errors="replace").rstrip() for name in LICENCE_NAMES if (folder / name).is_file()
    ]
    if not texts:
        raise SystemExit(f"{folder} holds none of {', '.join(LICENCE_NAMES)}: add its licence by hand")
    return "\n\n".join(texts)


def notices() -> str:
    parts = [
        (
            "innerspace is licensed under the Apache License 2.0 (LICENSE). Its wheel also carries the following.\n"
            "ONNX Runtime (MIT) comes with its own LICENSE and ThirdPartyNotices.txt, in innerspace/_native."
        )
    ]
    parts += [f"{name}\n\n{(ROOT / 'tools/licences' / file).read_text().rstrip()}" for name, file in BUNDLED]
    parts.append(f"The Go runtime and standard library\n\n{licence_texts(Path(go('env', 'GOROOT').strip()))}")
    parts += [f"{path}\n\n{licence_texts(folder)}" for path, folder in linked_modules().items()]
    return ("\n\n" + "=" * 100 + "\n").join(parts) + "\n"


BUNDLED = [
    ("libjpeg-turbo", "libjpeg-turbo.txt"),
    ("libwebp", "libwebp.txt"),
    ("The embedded model", "embedded-model.txt"),
]

if __name__ == "__main__":
    text = notices()
    if "--check" in sys.argv:
        if not TARGET.is_file() or TARGET.read_text() != text:
            raise SystemExit("THIRD_PARTY_NOTICES is out of date: run .venv/bin/python tools/notices.py")
    else:
        TARGET.write_text(text)
