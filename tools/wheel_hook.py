"""Marks the wheel as one for this platform that serves every Python 3."""

import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        native = Path(self.root, "python", "innerspace", "_native")
        if version == "editable":
            return
        if not list(native.glob("libinnerspace.*")):
            raise RuntimeError(f"{native} holds no libinnerspace: run ./build.sh build first, or ./build.sh wheel")
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        # The library is loaded by ctypes: one build serves every CPython, so the wheel names none.
        build_data["tag"] = f"py3-none-{platform}"
        build_data["pure_python"] = False
