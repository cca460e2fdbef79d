"""Which model a name means, and which one runs when none is named."""

from __future__ import annotations

import os
import threading
import warnings
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from innerspace._arguments import require, shown
from innerspace._definition import ModelInfo
from innerspace.exceptions import (
    FeatureNotSupportedException,
    InvalidInputException,
    InvalidStateException,
    NotFoundException,
)

EMBEDDED = "embedded"
MODEL_VARIABLE = "INNERSPACE_MODEL"
_EMBEDDED_DIRECTORY = Path(__file__).parent / "models" / "embedded"


class ModelHandler(Enum):
    """Which library's conventions a model follows."""

    SENTENCE_TRANSFORMERS = "sentence_transformers"
    OPEN_CLIP = "open_clip"
    MODAL = "modal"


class Precision(Enum):
    """The precision of a model's arithmetic."""

    FLOAT16 = "float16"
    FLOAT32 = "float32"


@dataclass(frozen=True, kw_only=True)
class EmbeddingEngineConfig:
    """How a model is run.

    Parameters
    ----------
    precision : Precision
        Taken for compatibility. Image models run in the precision of their
        files, as they do in the reference, where this has no effect on them.
    """

    precision: Precision = Precision.FLOAT16

    def __post_init__(self) -> None:
        require(self.precision, Precision, owner="EmbeddingEngineConfig", parameter="precision")


class EmbeddedModelNotice(UserWarning):
    """Says, once a process, that the small embedded model runs because none was named."""


def resolve(model: str | os.PathLike[str]) -> ModelInfo:
    """Find the model that a name means.

    Parameters
    ----------
    model : str or path
        ``"embedded"`` or the path of a directory.

    Raises
    ------
    InvalidInputException
        If it is empty, of another type, or a path to something else than a directory.
    NotFoundException
        If there is no such directory; a name on the hub is never replaced by another model.
    """
    if not isinstance(model, (str, os.PathLike)) or not str(model).strip():
        raise InvalidInputException(f"A model is a directory or {EMBEDDED!r}, got {shown(model)}.")
    if model == EMBEDDED:
        return ModelInfo(name=EMBEDDED, path=str(_EMBEDDED_DIRECTORY))
    name = os.fspath(model)
    path = Path(name).expanduser()
    if path.is_dir():
        return ModelInfo(name=name, path=str(path.resolve()))
    if path.exists():
        raise InvalidInputException(f"The model {name!r} is a file; a model is the directory that holds its files.")
    if isinstance(model, os.PathLike) or path.is_absolute() or name.startswith((".", "~")):
        raise NotFoundException(f"There is no model directory {str(path.absolute())!r}.")
    raise NotFoundException(
        f"The model {name!r} is not a directory here, and names on the hub are not available in this version. "
        f"Download the model and give its directory, or name the small model of the package: model={EMBEDDED!r}."
    )


def check_handler(model_handler: ModelHandler) -> None:
    """Refuse the handlers that innerspace does not run.

    Raises
    ------
    InvalidInputException
        If it is not a :class:`ModelHandler`.
    FeatureNotSupportedException
        If it is another one than ``SENTENCE_TRANSFORMERS``.
    """
    require(model_handler, ModelHandler, owner="ImageSpace", parameter="model_handler")
    if model_handler is not ModelHandler.SENTENCE_TRANSFORMERS:
        raise FeatureNotSupportedException(
            f"ModelHandler.{model_handler.name} is not available; use ModelHandler.SENTENCE_TRANSFORMERS "
            "with the directory of an ONNX model."
        )


class DefaultModel:
    """The model of the spaces that name none: chosen once, then fixed for the process.

    Spaces of one process must agree on it, or vectors made before and after a
    change would be compared without meaning.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chosen: str | os.PathLike[str] | None = None
        self._used = False
        self._notified = False

    def choose(self, name: str | os.PathLike[str]) -> None:
        """Make ``name`` the default.

        Raises
        ------
        InvalidStateException
            If another default was chosen before or a space already took the default.
        InvalidInputException, NotFoundException
            If there is no such model.
        """
        resolve(name)
        with self._lock:
            if self._chosen is not None and os.fspath(self._chosen) == os.fspath(name):
                return
            if self._chosen is not None:
                raise InvalidStateException(
                    f"use_model({os.fspath(self._chosen)!r}) was called before; the default model is chosen once. "
                    "Name another model for one space with ImageSpace(..., model=...)."
                )
            if self._used:
                raise InvalidStateException(
                    "A space already took the default model; call use_model before the first space, "
                    "or name the model with ImageSpace(..., model=...)."
                )
            self._chosen = name

    def take(self, stacklevel: int) -> ModelInfo:
        """Return the default model for a space.

        Parameters
        ----------
        stacklevel : int
            Of the notice, counted from the caller.
        """
        with self._lock:
            self._used = True
            name = self._chosen or os.environ.get(MODEL_VARIABLE) or None
            notify = name is None and not self._notified
            self._notified = self._notified or notify
        if notify:
            warnings.warn(
                "No model was named: this space runs the small model that ships with innerspace (model='embedded'). "
                "Name a better one with ImageSpace(..., model=<directory>), innerspace.use_model(<directory>) or the "
                f"environment variable {MODEL_VARIABLE}; naming 'embedded' silences this notice.",
                EmbeddedModelNotice,
                stacklevel=stacklevel + 1,
            )
        return resolve(name or EMBEDDED)


default_model = DefaultModel()


def use_model(name: str | os.PathLike[str]) -> None:
    """Choose the model of all spaces that name none.

    Parameters
    ----------
    name : str or path
        A directory, or ``"embedded"``. It takes precedence over the
        environment variable ``INNERSPACE_MODEL``.

    Raises
    ------
    InvalidStateException
        If another model was chosen before, or a space already took the default.
    InvalidInputException, NotFoundException
        If there is no such model.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.use_model("embedded")
    """
    default_model.choose(name)
