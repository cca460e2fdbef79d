"""From a model's name to its files on this disk: the cache first, then the hub."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from innerspace._hub import failures
from innerspace._hub.cache import RepositoryFolder, default_directory, find_cached
from innerspace._hub.layouts import (
    IMAGE_HALF,
    TEXT_HALF,
    WHOLE,
    Layout,
    PrecisionName,
    expected,
    precisions,
    select,
)
from innerspace._hub.progress import DownloadBar
from innerspace._hub.remote import Hub
from innerspace._hub.snapshot import Snapshot
from innerspace._hub.transfer import fetch, is_present, remove_damaged
from innerspace.exceptions import FeatureNotSupportedException

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from innerspace._hub.listing import Listing
    from innerspace._hub.names import HubName

_MOST_NAMED = 20


def find(name: HubName, precision: PrecisionName, cache_directory: str | os.PathLike[str] | None = None) -> Snapshot:
    """Return a model's files, fetching them only if the cache does not have them.

    What is in the cache is taken as it is, with no look at the hub whether there
    is a newer commit: :func:`download` looks.

    Parameters
    ----------
    name : HubName
    precision : {"fp32", "fp16", "int8"}
    cache_directory : str or path, optional
        Instead of HF_HUB_CACHE.

    Raises
    ------
    NotFoundException, ForbiddenException, RequestTimeoutException, UnexpectedResponseException
        If the hub does not have it, does not give it, or cannot be reached.
    FeatureNotSupportedException
        If the repository holds no model that runs here.
    ExternalException
        If the files cannot be stored.
    """
    cache = _directory(cache_directory)
    return _joined(
        [
            find_cached(part, precision, cache, layouts) or _fetch(part, precision, cache, layouts)
            for part, layouts in _parts(name)
        ]
    )


def download(
    name: HubName, precision: PrecisionName, cache_directory: str | os.PathLike[str] | None = None
) -> Snapshot:
    """Return a model's files as they are on the hub now; only what is not in the cache, or damaged there, is fetched.

    Parameters, errors
        As of :func:`find`.
    """
    cache = _directory(cache_directory)
    return _joined([_fetch(part, precision, cache, layouts, thorough=True) for part, layouts in _parts(name)])


def find_local(
    name: HubName, precision: PrecisionName, cache_directory: str | os.PathLike[str] | None = None
) -> Snapshot | None:
    """Return a model's files if the cache has them, else None; no network."""
    cache = _directory(cache_directory)
    found = [find_cached(part, precision, cache, layouts) for part, layouts in _parts(name)]
    complete = [snapshot for snapshot in found if snapshot is not None]
    return _joined(complete) if len(complete) == len(found) else None


def _parts(name: HubName) -> list[tuple[HubName, Sequence[Layout]]]:
    """Return the repositories of a model, and what is looked for in each: one with all of it, or one for each half."""
    text = name.text_half()
    whole: list[tuple[HubName, Sequence[Layout]]] = [(name, WHOLE)]
    return whole if text is None else [(name, IMAGE_HALF), (text, TEXT_HALF)]


def _joined(parts: Sequence[Snapshot]) -> Snapshot:
    first, *others = parts
    return replace(first, text=others[0]) if others else first


def _directory(given: str | os.PathLike[str] | None) -> Path:
    directory = default_directory() if given is None else Path(given).expanduser()
    return directory.absolute()


def _fetch(
    name: HubName, precision: PrecisionName, cache: Path, layouts: Sequence[Layout], *, thorough: bool = False
) -> Snapshot:
    hub = Hub(cache)
    listing = hub.list_files(name)
    selection = select(listing.files, precision, layouts)
    if selection is None:
        raise _no_model(name, precision, listing, layouts)
    folder = RepositoryFolder(cache, name.repository)
    contents = [hub.content(listing.files[file], name, listing.commit) for file in selection.files]
    if thorough:
        remove_damaged(folder, contents)
    missing = sum(content.size for content in contents if not is_present(folder, content))
    _check_room(name, cache, missing)
    with DownloadBar(name.spelled, missing) as bar:
        for content in contents:
            fetch(hub, folder, name, listing.commit, content, bar)
    try:
        folder.note_absent(listing.commit, selection.absent)
        # Last: until everything is there, the revision stands for what it stood for before.
        folder.remember(name.revision, listing.commit)
    except OSError as error:
        raise failures.explain(error, name, endpoint=hub.endpoint, cache=cache) from error
    return Snapshot(folder.snapshot(listing.commit), name.repository, listing.commit, selection.layout, selection.files)


def _check_room(name: HubName, cache: Path, needed: int) -> None:
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    if needed > shutil.disk_usage(existing).free:
        raise failures.disk_full(name, cache, needed)


def _no_model(
    name: HubName, precision: PrecisionName, listing: Listing, layouts: Sequence[Layout]
) -> FeatureNotSupportedException:
    others = precisions(listing.files, layouts)
    if others:
        return FeatureNotSupportedException(
            f"The repository {name.repository} has no files for precision {precision!r}; it has {', '.join(others)}."
        )
    names = sorted(listing.files)
    held = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    return FeatureNotSupportedException(
        f"The repository {name.repository} holds no model that runs here. It holds {held or 'no files'}. "
        f"Looked for {expected(layouts)}. `innerspace models list` shows models that run."
    )
