"""Which model a name means, and which one runs when none is named."""

from __future__ import annotations

import os
import threading
import warnings
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from innerspace._arguments import require
from innerspace.exceptions import FeatureNotSupportedException, InnerspaceException, InvalidStateException
from innerspace.model_resolution import EMBEDDED, resolve

if TYPE_CHECKING:
    from innerspace._definition import ModelInfo

MODEL_VARIABLE = "INNERSPACE_MODEL"


class ModelHandler(Enum):
    """Which library's names and conventions a model follows.

    ``SENTENCE_TRANSFORMERS`` and ``OPEN_CLIP`` are available; the files of a
    model say how it is run, so that either takes every name.
    """

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
        Taken for compatibility, and without effect: models run in float32 unless
        a space is given ``precision="int8"`` or ``"fp16"``.
    """

    precision: Precision = Precision.FLOAT16

    def __post_init__(self) -> None:
        require(self.precision, Precision, owner="EmbeddingEngineConfig", parameter="precision")


class EmbeddedModelNotice(UserWarning):
    """Says, once a process, that the small embedded model runs because none was named."""


def check_handler(model_handler: ModelHandler) -> None:
    """Refuse the handlers that innerspace does not run.

    Raises
    ------
    InvalidInputException
        If it is not a :class:`ModelHandler`.
    FeatureNotSupportedException
        If it is ``MODAL``, which runs models on another company's machines.
    """
    require(model_handler, ModelHandler, owner="ImageSpace", parameter="model_handler")
    if model_handler is ModelHandler.MODAL:
        raise FeatureNotSupportedException(
            "ModelHandler.MODAL is not available: models run in this process; use "
            "ModelHandler.SENTENCE_TRANSFORMERS or ModelHandler.OPEN_CLIP."
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
        InnerspaceException
            As :func:`innerspace.model_resolution.resolve` raises it.
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

    def take(
        self,
        stacklevel: int,
        *,
        precision: str | None = None,
        cache_directory: str | os.PathLike[str] | None = None,
    ) -> ModelInfo:
        """Return the default model for a space.

        Parameters
        ----------
        stacklevel : int
            Of the notice, counted from the caller.
        precision, cache_directory : optional
            As of :func:`innerspace.model_resolution.resolve`.
        """
        with self._lock:
            used_before, self._used = self._used, True
            name = self._chosen or os.environ.get(MODEL_VARIABLE) or None
            notify = name is None and not self._notified
            self._notified = self._notified or notify
        if notify:
            warnings.warn(
                "No model was named: this space runs the small model that ships with innerspace (model='embedded'). "
                "Name a better one, for example ImageSpace(..., model='clip-ViT-B-32'), which is fetched once; or for "
                f"all spaces innerspace.use_model('clip-ViT-B-32') or the environment variable {MODEL_VARIABLE}. "
                "Naming 'embedded' silences this notice.",
                EmbeddedModelNotice,
                stacklevel=stacklevel + 1,
            )
        try:
            return resolve(name or EMBEDDED, precision=precision, cache_directory=cache_directory)
        except InnerspaceException:
            with self._lock:
                self._used = used_before
            raise


default_model = DefaultModel()


def use_model(name: str | os.PathLike[str]) -> None:
    """Choose the model of all spaces that name none.

    Parameters
    ----------
    name : str or path
        A directory, ``"embedded"`` or a name of the hub such as
        ``"clip-ViT-B-32"``. It takes precedence over the environment variable
        ``INNERSPACE_MODEL``.

    Raises
    ------
    InvalidStateException
        If another model was chosen before, or a space already took the default.
    InvalidInputException, NotFoundException, ForbiddenException, RequestTimeoutException
        If there is no such model, or it cannot be fetched.

    Examples
    --------
    >>> import innerspace as sl
    >>> sl.use_model("embedded")
    """
    default_model.choose(name)
