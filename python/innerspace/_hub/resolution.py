"""From a model's name to its files on this disk: the cache first, then the hub."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from innerspace._hub import failures
from innerspace._hub.cache import RepositoryFolder, default_directory, find_cached
from innerspace._hub.layouts import PrecisionName, expected, precisions, select
from innerspace._hub.progress import DownloadBar
from innerspace._hub.remote import Hub
from innerspace._hub.snapshot import Snapshot
from innerspace._hub.transfer import fetch, is_present
from innerspace.exceptions import FeatureNotSupportedException

if TYPE_CHECKING:
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
    return find_cached(name, precision, cache) or _fetch(name, precision, cache)


def download(
    name: HubName, precision: PrecisionName, cache_directory: str | os.PathLike[str] | None = None
) -> Snapshot:
    """Return a model's files as they are on the hub now; only what is not in the cache is fetched.

    Parameters, errors
        As of :func:`find`.
    """
    return _fetch(name, precision, _directory(cache_directory))


def find_local(
    name: HubName, precision: PrecisionName, cache_directory: str | os.PathLike[str] | None = None
) -> Snapshot | None:
    """Return a model's files if the cache has them, else None; no network."""
    return find_cached(name, precision, _directory(cache_directory))


def _directory(given: str | os.PathLike[str] | None) -> Path:
    directory = default_directory() if given is None else Path(given).expanduser()
    return directory.absolute()


def _fetch(name: HubName, precision: PrecisionName, cache: Path) -> Snapshot:
    hub = Hub(cache)
    listing = hub.list_files(name)
    selection = select(listing.files, precision)
    if selection is None:
        raise _no_model(name, precision, listing)
    folder = RepositoryFolder(cache, name.repository)
    contents = [hub.content(listing.files[file], name, listing.commit) for file in selection.files]
    missing = sum(content.size for content in contents if not is_present(folder, content))
    _check_room(name, cache, missing)
    with DownloadBar(name.spelled, missing) as bar:
        for content in contents:
            fetch(hub, folder, name, listing.commit, content, bar)
    try:
        # Last: until everything is there, the revision stands for what it stood for before.
        folder.remember(name.revision, listing.commit)
    except OSError as error:
        raise failures.explain(error, name, endpoint=hub.endpoint, cache=cache) from error
    return Snapshot(folder.snapshot(listing.commit), name.repository, listing.commit, selection.layout, selection.files)


def _check_room(name: HubName, cache: Path, needed: int) -> None:
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    if needed > shutil.disk_usage(existing).free:
        raise failures.disk_full(name, cache, needed)


def _no_model(name: HubName, precision: PrecisionName, listing: Listing) -> FeatureNotSupportedException:
    others = precisions(listing.files)
    if others:
        return FeatureNotSupportedException(
            f"The repository {name.repository} has no files for precision {precision!r}; it has {', '.join(others)}."
        )
    names = sorted(listing.files)
    held = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    return FeatureNotSupportedException(
        f"The repository {name.repository} holds no model that runs here. Looked for {expected(precision)}. "
        f"It holds {held or 'no files'}. `innerspace models list` shows models that run."
    )
