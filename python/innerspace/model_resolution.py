"""What a model's name means: a directory, the embedded model, or a model of the hub.

All that knows the hub is imported where a name needs it: it would take a quarter of
the time that importing the package takes.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from innerspace._arguments import shown
from innerspace._definition import Json, ModelInfo
from innerspace.exceptions import InvalidInputException, NotFoundException

if TYPE_CHECKING:
    from innerspace import _hub

EMBEDDED = "embedded"
EMBEDDED_DIRECTORY = Path(__file__).parent / "models" / "embedded"


def resolve(
    model: str | os.PathLike[str],
    *,
    revision: str | None = None,
    precision: str | None = None,
    cache_directory: str | os.PathLike[str] | None = None,
) -> ModelInfo:
    """Find the model that a name means.

    In this order: an existing directory, ``"embedded"``, a model in the Hugging
    Face cache, a model on the hub, which is fetched into the cache.

    Parameters
    ----------
    model : str or path
    revision : str, optional
        Of a model on the hub: a branch, a tag or a commit.
    precision : {"fp32", "fp16", "int8"}, optional
        ``"fp32"`` if left out.
    cache_directory : str or path, optional
        Instead of the directory that HF_HUB_CACHE or HF_HOME names.

    Raises
    ------
    InvalidInputException
        If it is empty, of another type, or a path to something else than a directory;
        if a revision is given for what has none, or the precision is another text.
    NotFoundException
        If there is no such directory, or no such model on the hub, or the hub
        cannot be reached. A name is never taken for another model.
    ForbiddenException, RequestTimeoutException, UnexpectedResponseException, FeatureNotSupportedException
        If the hub does not give it, or it is no model that runs here.
    """
    if not isinstance(model, (str, os.PathLike)) or not str(model).strip():
        raise InvalidInputException(f"A model is a directory, {EMBEDDED!r} or a name of the hub, got {shown(model)}.")
    chosen = check_precision(precision)
    local = local_directory(model)
    if local is None:
        from innerspace import _hub

        name = _hub.parse(os.fspath(model), revision)
        return described(name.spelled, _hub.find(name, chosen, cache_directory), chosen)
    if revision is not None:
        raise InvalidInputException(
            f"The model {os.fspath(model)!r} is a directory, which has no revisions; got revision={revision!r}."
        )
    return replace(local, precision=chosen)


def described(name: str, snapshot: _hub.Snapshot, precision: str) -> ModelInfo:
    """Return what the engine is told of a model that lies in the cache."""
    text_path = "" if snapshot.text is None else str(snapshot.text.path)
    return ModelInfo(name=name, path=str(snapshot.path), text_path=text_path, precision=precision)


def raise_if_damaged(definition: Json, cause: Exception) -> None:
    """Name the damaged files of the models of a definition that could not be opened, where that is why.

    Raises
    ------
    InvalidInputException
        If a model lies in the Hugging Face cache and a file of it is not what it was when it was fetched.
    """
    from innerspace import _hub

    for space in cast("list[Json]", definition["spaces"]):
        model = cast("dict[str, str]", space.get("model") or {})
        for key in ("path", "text_path"):
            damaged = _hub.verify(Path(model[key])).damaged if model.get(key) else ()
            if damaged:
                raise InvalidInputException(
                    f"The model {model['name']!r} is damaged in the cache: {', '.join(damaged)} of {model[key]} differ "
                    f"from what was fetched. Fetch them anew: innerspace models download {model['name']}"
                ) from cause


def check_precision(precision: str | None) -> _hub.PrecisionName:
    """Return a precision by its name, ``"fp32"`` where there is none.

    Raises
    ------
    InvalidInputException
        If it is the name of none.
    """
    if precision is None:
        return "fp32"
    from innerspace import _hub

    for known in _hub.PRECISIONS:
        if precision == known:
            return known
    raise InvalidInputException(
        f"A model's precision is {', '.join(map(repr, _hub.PRECISIONS))}; got precision={shown(precision)}."
    )


def local_directory(model: str | os.PathLike[str]) -> ModelInfo | None:
    """Return the model that a directory or ``"embedded"`` means, None for a name that must be one of the hub.

    Raises
    ------
    InvalidInputException
        If it is a path to something else than a directory, or one that cannot be looked at.
    NotFoundException
        If it can only be a path, and nothing is there.
    """
    if model == EMBEDDED:
        return ModelInfo(name=EMBEDDED, path=str(EMBEDDED_DIRECTORY))
    name = os.fspath(model)
    try:
        path = Path(name).expanduser()
        is_directory, exists = path.is_dir(), path.exists()
    except (OSError, RuntimeError) as error:
        # Too long for the file system, behind a directory that is closed to us, or "~somebody" whom nobody knows.
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInputException(f"The model {name[:80]!r} cannot be looked for on this disk: {reason}.") from error
    if is_directory:
        return ModelInfo(name=name, path=str(path.resolve()))
    if exists:
        raise InvalidInputException(f"The model {name!r} is a file; a model is the directory that holds its files.")
    if isinstance(model, os.PathLike) or path.is_absolute() or name.startswith((".", "~")):
        raise NotFoundException(f"There is no model directory {str(path.absolute())!r}.")
    return None
