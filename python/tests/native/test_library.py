from __future__ import annotations

import ctypes
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import innerspace
from innerspace._native import calls, library
from innerspace._native.signatures import ABI_VERSION
from innerspace._version import __version__
from innerspace.exceptions import (
    EXCEPTION_BY_STATUS,
    FeatureNotSupportedException,
    InvalidInputException,
    InvalidStateException,
    Status,
)

Run = Callable[..., Any]
OPEN = (
    "from innerspace._native import calls\n"
    "from innerspace.exceptions import InnerspaceException\n"
    "try: print(calls.memory_in_use())\n"
    "except InnerspaceException as error: print(type(error).__name__, error)\n"
)


def fake(abi: int, version: str) -> Any:
    """A library of another build."""

    def answer(value: object) -> Callable[[], object]:
        def function() -> object:
            return value

        return function

    return SimpleNamespace(innerspace_abi_version=answer(abi), innerspace_version=answer(version.encode()))


def test_the_library_is_this_package_s() -> None:
    assert library.library().innerspace_version().decode() == __version__


@pytest.mark.parametrize(
    ("abi", "version", "words"),
    [
        (
            ABI_VERSION + 1,
            __version__,
            [f"version {ABI_VERSION + 1} of the C ABI", f"this package version {ABI_VERSION}"],
        ),
        (ABI_VERSION, "99.0", ["has version 99.0", f"this package version {__version__}"]),
        (ABI_VERSION, __version__, ["lacks a function", "innerspace_"]),
    ],
)
def test_a_library_of_another_build_is_refused(abi: int, version: str, words: list[str]) -> None:
    with pytest.raises(InvalidStateException) as refused:
        library.check_version(fake(abi, version), Path("/some/libinnerspace.so"))
    for word in (*words, "/some/libinnerspace.so", "./build.sh build"):
        assert word in str(refused.value)


def test_nothing_is_loaded_by_an_import(run_python: Run) -> None:
    done = run_python(
        "import innerspace._engine\nfrom innerspace._native import library\n"
        "print(library.can_call(), 'libinnerspace' in open('/proc/self/maps').read())"
        if os.path.exists("/proc/self/maps")  # noqa: PTH110
        else "import innerspace._engine\nfrom innerspace._native import library\nprint(library.can_call(), False)"
    )
    assert done.stdout.split() == ["False", "False"], done.stderr


def test_a_library_that_is_not_there(run_python: Run, tmp_path: Path) -> None:
    done = run_python(OPEN, INNERSPACE_LIBRARY=str(tmp_path / "nowhere.so"))
    assert "InvalidStateException" in done.stdout
    assert "INNERSPACE_LIBRARY names" in done.stdout
    assert "nowhere.so, which is not a file" in done.stdout


def test_a_file_that_is_no_library(run_python: Run, tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("not a library")
    done = run_python(OPEN, INNERSPACE_LIBRARY=str(tmp_path / "text.so"))
    assert "InvalidStateException" in done.stdout
    assert "could not be loaded" in done.stdout


def test_a_library_that_is_another(run_python: Run) -> None:
    import _ctypes

    done = run_python(OPEN, INNERSPACE_LIBRARY=_ctypes.__file__)
    assert "is not innerspace's library" in done.stdout


def test_a_package_without_its_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(library.LIBRARY_VARIABLE, raising=False)
    monkeypatch.delenv(library.RUNTIME_VARIABLE, raising=False)
    monkeypatch.setattr(library, "__file__", str(tmp_path / "library.py"))
    for find in (library.library_path, library.runtime_path):
        with pytest.raises(InvalidStateException, match=r"\./build\.sh build.*pip install"):
            find()


@pytest.mark.parametrize(("platform", "words"), [("win32", "WSL 2"), ("emscripten", "Linux and macOS")])
def test_other_platforms_are_refused(monkeypatch: pytest.MonkeyPatch, platform: str, words: str) -> None:
    monkeypatch.setattr(library.sys, "platform", platform)
    with pytest.raises(FeatureNotSupportedException, match=words):
        library.library_path()


def test_every_status_of_the_header_has_an_exception() -> None:
    header = Path(innerspace.__file__).parents[2] / "capi" / "include" / "innerspace.h"
    named = {
        name.removeprefix("INNERSPACE_"): int(value)
        for name, value in (
            line.strip().rstrip(",").split(" = ")
            for line in header.read_text().splitlines()
            if line.startswith("  INNERSPACE_")
        )
    }
    assert named.pop("OK") == 0
    assert named == {status.name: status.value for status in Status}
    assert set(EXCEPTION_BY_STATUS) == set(Status)


def test_a_foreign_handle_is_an_error_and_not_a_crash() -> None:
    for handle in (0, 1, 2**64 - 1):
        with pytest.raises(InvalidStateException):
            calls.close(handle)
        with pytest.raises(InvalidStateException):
            calls.engine_describe(handle)


def test_an_error_says_where() -> None:
    with pytest.raises(InvalidInputException) as refused:
        calls.engine_open(b'{"version": 1, "schemas": [], "spaces": [], "indices": [], "unheard": 1}')
    assert "unheard" in str(refused.value)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_is_told_to_spawn() -> None:
    calls.memory_in_use()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            calls.memory_in_use()
            said = "nothing"
        except InvalidStateException as error:
            said = str(error)
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    assert "forked" in said
    assert "spawn" in said
    calls.memory_in_use()


def test_a_forked_child_can_end_with_an_engine_open(run_python: Run) -> None:
    done = run_python(
        "import os, gc\nfrom innerspace._native import calls\nfrom innerspace._native.handle import Handle\n"
        "task = Handle(calls.task_new(), 'the task')\n"
        "child = os.fork()\n"
        "if child == 0:\n    task.close(); del task; gc.collect(); raise SystemExit(7)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), task.closed, calls.memory_in_use()[1])\n"
    )
    assert done.stdout.split() == ["7", "False", "1"], done.stderr


def test_a_forked_child_can_end_with_a_model_loaded(run_python: Run, tmp_path: Path) -> None:
    done = run_python(
        f"import os, sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from innerspace._engine import Engine\nfrom notebook_app import definition\n"
        "engine = Engine(definition())\n"
        "child = os.fork()\n"
        "if child == 0:\n    raise SystemExit(7)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n",
        HOME=str(tmp_path),
    )
    assert done.stdout.split() == ["7"], done.stderr
    assert not list(tmp_path.iterdir()), "something was left in the user's home"


def test_a_spawned_child_works(monkeypatch: pytest.MonkeyPatch) -> None:
    calls.memory_in_use()
    monkeypatch.setenv("PYTHONPATH", str(Path(innerspace.__file__).parents[1]))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(eval, ("__import__('innerspace._native.calls', fromlist=['x']).memory_in_use()[1]",)) == 0


def test_calls_leave_the_gil() -> None:
    assert not library.library()._func_flags_ & ctypes._FUNCFLAG_PYTHONAPI  # type: ignore[attr-defined]
