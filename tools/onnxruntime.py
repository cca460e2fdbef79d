"""Takes ONNX Runtime's shared library and licences out of a wheel.

usage: python tools/onnxruntime.py WHEEL_FOLDER OUT_FOLDER

The wheel is never installed: it would cost its user 150 MB and take the place of onnxruntime-gpu.
"""

import re
import sys
import zipfile
from pathlib import Path

WANTED = re.compile(
    r"onnxruntime/(?:capi/(libonnxruntime\.so\.[0-9.]+|libonnxruntime\.[0-9.]+\.dylib)|(LICENSE)|(ThirdPartyNotices\.txt))"
)


def main(wheels: Path, out: Path) -> None:
    found = sorted(wheels.glob("onnxruntime-*.whl"))
    if len(found) != 1:
        raise SystemExit(f"{wheels} should hold one onnxruntime wheel, it holds {[wheel.name for wheel in found]}")
    out.mkdir(parents=True, exist_ok=True)
    names = []
    with zipfile.ZipFile(found[0]) as wheel:
        for member in wheel.namelist():
            match = WANTED.fullmatch(member)
            if match:
                name = next(group for group in match.groups() if group)
                (out / name).write_bytes(wheel.read(member))
                names.append(name)
    if not any(name.startswith("libonnxruntime") for name in names):
        raise SystemExit(f"{found[0].name} holds no libonnxruntime (found {names}): this platform is not supported")
    print(f"ONNX Runtime: {', '.join(names)} in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
