"""Finds, checks and loads the shared library, once a process."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from pathlib import Path

from innerspace._native import gpu_runtime
from innerspace._native.signatures import ABI_VERSION, declare
from innerspace._version import __version__
from innerspace.exceptions import FeatureNotSupportedException, InvalidStateException

LIBRARY_VARIABLE = "INNERSPACE_LIBRARY"
"""Environment variable: the library to load in place of the one in this package."""

RUNTIME_VARIABLE = "INNERSPACE_ORT_LIBRARY"
"""Environment variable: the ONNX Runtime to use in place of the one in this package."""

_lock = threading.Lock()
_loaded: ctypes.CDLL | None = None
_forked = False


def library() -> ctypes.CDLL:
    """Return the loaded library; the first call loads it.

    The library is never unloaded: it runs threads of its own.

    Raises
    ------
    InvalidStateException
        If there is no library, if its version is not the package's, or if this
        process was forked from one that had loaded it.
    FeatureNotSupportedException
        On a platform that innerspace is not built for.
    """
    if _forked:
        raise InvalidStateException(
            "innerspace cannot be used in this process: it was forked from one that had used innerspace, and the "
            'engine does not survive a fork. Use the spawn start method (multiprocessing.get_context("spawn")) and '
            "build the app in the child."
        )
    return _loaded if _loaded is not None else _load_once()


def runtime_path(device: str = "cpu") -> Path:
    """Return where ONNX Runtime's shared library lies.

    Parameters
    ----------
    device : {"cpu", "cuda", "auto"}
        All but the processor take the library of an installed onnxruntime-gpu,
        unless this process runs the package's own already.

    Raises
    ------
    InvalidStateException
        If it is neither in the package nor where ``INNERSPACE_ORT_LIBRARY`` says.
    """
    named = os.environ.get(RUNTIME_VARIABLE)
    if named:
        return _existing(Path(named), RUNTIME_VARIABLE)
    found = sorted(Path(__file__).parent.glob("libonnxruntime*"))
    if not found or not gpu_runtime.is_loaded(found[-1]):
        for_gpu = gpu_runtime.choose(device)
        if for_gpu is not None:
            return for_gpu
    if found:
        return found[-1]
    raise InvalidStateException(
        f"ONNX Runtime's library is missing from {Path(__file__).parent}. {_how_to_get_it()} "
        f"A library elsewhere can be named in {RUNTIME_VARIABLE}."
    )


def can_call() -> bool:
    """Tell whether the library is loaded and this process may call it."""
    return _loaded is not None and not _forked


def _load_once() -> ctypes.CDLL:
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load(library_path())
            os.register_at_fork(after_in_child=_mark_forked)
        return _loaded


def library_path() -> Path:
    """Return where the shared library lies.

    Raises
    ------
    InvalidStateException
        If there is none.
    FeatureNotSupportedException
        On a platform that innerspace is not built for.
    """
    suffix = {"linux": ".so", "darwin": ".dylib"}.get(sys.platform)
    if suffix is None:
        advice = "On Windows, use WSL 2." if sys.platform == "win32" else "It is built for Linux and macOS."
        raise FeatureNotSupportedException(f"innerspace does not run on {sys.platform}. {advice}")
    named = os.environ.get(LIBRARY_VARIABLE)
    if named:
        return _existing(Path(named), LIBRARY_VARIABLE)
    path = Path(__file__).with_name("libinnerspace" + suffix)
    if not path.is_file():
        raise InvalidStateException(
            f"innerspace's library is missing: {path} does not exist. {_how_to_get_it()} "
            f"A library elsewhere can be named in {LIBRARY_VARIABLE}."
        )
    return path


def _how_to_get_it() -> str:
    return "In a source tree, run ./build.sh build; else reinstall with `pip install --force-reinstall innerspace`."


def _existing(path: Path, variable: str) -> Path:
    if path.is_file():
        return path
    raise InvalidStateException(f"the environment variable {variable} names {path}, which is not a file")


def _load(path: Path) -> ctypes.CDLL:
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        raise InvalidStateException(f"innerspace's library {path} could not be loaded: {error}") from error
    check_version(loaded, path)
    return loaded


def check_version(loaded: ctypes.CDLL, path: Path) -> None:
    """Refuse a library of another version than this package, then declare its functions.

    Raises
    ------
    InvalidStateException
        Says which of the two has which version.
    """
    advice = f"Both must come from one build. {_how_to_get_it()}"
    try:
        loaded.innerspace_abi_version.restype = ctypes.c_uint32
        abi = loaded.innerspace_abi_version()
        loaded.innerspace_version.restype = ctypes.c_char_p
        version = loaded.innerspace_version().decode()
    except AttributeError as error:
        raise InvalidStateException(f"{path} is not innerspace's library: {error}") from error
    if abi != ABI_VERSION:
        raise InvalidStateException(
            f"the library {path} speaks version {abi} of the C ABI, this package version {ABI_VERSION}. {advice}"
        )
    if version != __version__:
        raise InvalidStateException(
            f"the library {path} has version {version}, this package version {__version__}. {advice}"
        )
    try:
        declare(loaded)
    except AttributeError as error:
        raise InvalidStateException(f"the library {path} lacks a function: {error}. {advice}") from error


def _mark_forked() -> None:
    global _forked
    _forked = True
