from __future__ import annotations

import inspect
import json
import logging
import subprocess
import sys
from pathlib import Path

import innerspace as sl
from innerspace import framework

HEAVY = [
    *("PIL", "huggingface_hub", "innerspace._hub", "nanoarrow", "numpy", "pandas", "polars", "pyarrow", "tqdm"),
    *("altair", "openai", "starlette", "uvicorn"),
]


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(sl.__file__).parents[1]
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=root, timeout=60
    )


def test_framework_has_the_same_names() -> None:
    assert framework.__all__ == sl.__all__
    assert all(getattr(framework, name) is getattr(sl, name) for name in sl.__all__)


def test_every_public_name_is_listed_once() -> None:
    assert len(sl.__all__) == len(set(sl.__all__))
    public = {name for name, value in vars(sl).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert public <= set(sl.__all__)


def test_every_public_class_is_documented() -> None:
    undocumented = [
        name for name in sl.__all__ if callable(getattr(sl, name)) and not inspect.getdoc(getattr(sl, name))
    ]
    assert undocumented == []


def test_importing_loads_nothing_heavy() -> None:
    program = f"import innerspace, json, sys; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    assert json.loads(run_python("-c", program).stdout) == []


def test_importing_is_quick() -> None:
    # The best of three, in processor time: what is measured is our own work, not what else the machine does.
    program = "import time; begin = time.process_time(); import innerspace; print(time.process_time() - begin)"
    assert min(float(run_python("-c", program).stdout) for _ in range(3)) < 0.15


def test_nothing_is_logged_unless_asked() -> None:
    handlers = logging.getLogger("innerspace").handlers
    assert [type(handler) for handler in handlers] == [logging.NullHandler]


def test_the_package_is_typed() -> None:
    assert (Path(sl.__file__).parent / "py.typed").is_file()
