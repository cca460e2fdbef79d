"""Fetching a file into the cache: resumed where it was cut off, checked, and only then under its name."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from innerspace._hub import failures
from innerspace._hub.digest import matches
from innerspace.exceptions import UnexpectedResponseException

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedWriter
    from pathlib import Path

    from innerspace._hub.cache import RepositoryFolder
    from innerspace._hub.listing import Content
    from innerspace._hub.names import HubName
    from innerspace._hub.progress import DownloadBar
    from innerspace._hub.remote import Hub

_BAR_GROUP = "huggingface_hub.http_get"


def is_present(folder: RepositoryFolder, file: Content) -> bool:
    """Tell whether the content of a file is in the cache, whole as far as its size says."""
    try:
        return folder.blob(file.etag).stat().st_size == file.size
    except OSError:
        return False


def remove_damaged(folder: RepositoryFolder, files: Iterable[Content]) -> None:
    """Remove content from the cache that is not what its hash says; who has it open keeps it."""
    for file in files:
        if is_present(folder, file) and not matches(folder.blob(file.etag), file.etag):
            folder.blob(file.etag).unlink(missing_ok=True)


def fetch(hub: Hub, folder: RepositoryFolder, name: HubName, commit: str, file: Content, bar: DownloadBar) -> None:
    """Fetch the content of a file and show it in the snapshot of a commit.

    Two processes that want the same content wait for each other and fetch it once.

    Raises
    ------
    UnexpectedResponseException
        If what arrives is not what the hub announced.
    NotFoundException, ForbiddenException, RequestTimeoutException, ExternalException
        See :func:`innerspace._hub.failures.explain`.
    """
    try:
        blob, lock = folder.blob(file.etag), folder.lock(file.etag)
        blob.parent.mkdir(parents=True, exist_ok=True)
        lock.parent.mkdir(parents=True, exist_ok=True)
        if not is_present(folder, file):
            from huggingface_hub.utils import WeakFileLock

            with WeakFileLock(lock):
                if not is_present(folder, file):
                    _fetch_content(hub, blob, name, commit, file, bar)
            bar.finish(file.size)
        folder.show(file.etag, commit, file.name)
    except Exception as error:
        raise failures.explain(error, name, endpoint=hub.endpoint, cache=folder.cache, file=file.name) from error


def _fetch_content(hub: Hub, blob: Path, name: HubName, commit: str, file: Content, bar: DownloadBar) -> None:
    # huggingface_hub 0.36 and 1.9 call it so too, and go on with what is there.
    partial = blob.with_name(f"{blob.name}.incomplete")
    resumed = _size(partial) > 0
    _append_rest(hub, partial, name, commit, file, bar)
    if not matches(partial, file.etag) and resumed:
        # What an earlier process left there was not the beginning of this file.
        partial.unlink()
        _append_rest(hub, partial, name, commit, file, bar)
    if not matches(partial, file.etag):
        partial.unlink()
        raise UnexpectedResponseException(
            f"{file.name} of the model {name.spelled!r} arrived corrupt from {hub.endpoint}: its content is not that "
            f"of the hash {file.etag}. It was removed; try again, and if that does not help, something between here "
            "and the hub changes files."
        )
    partial.replace(blob)


def _append_rest(hub: Hub, partial: Path, name: HubName, commit: str, file: Content, bar: DownloadBar) -> None:
    """Fetch what is missing of a file, going on after each break of the connection for as long as something arrives."""
    if _size(partial) > file.size:
        partial.unlink()
    while True:
        before = _size(partial)
        try:
            _append(hub, partial, name, commit, file, bar)
            return
        except _TooLongError:
            partial.unlink()
            raise UnexpectedResponseException(
                f"{file.name} of the model {name.spelled!r} should have {file.size} bytes; {hub.endpoint} sent more."
            ) from None
        except Exception as error:
            if failures.is_disk_full(error):
                partial.unlink(missing_ok=True)
            # Not every version of the client goes on by itself, nor after every kind of break.
            if not failures.is_broken_connection(error) or _size(partial) <= before:
                raise


def _append(hub: Hub, partial: Path, name: HubName, commit: str, file: Content, bar: DownloadBar) -> None:
    from huggingface_hub.file_download import http_get

    with partial.open("ab") as out, _without_bars_of_the_client():
        if file.size > 0:
            http_get(
                hub.url(name, commit, file.name),
                _Growing(out, file.size, bar),  # type: ignore[arg-type]  # it has what http_get uses of a file
                resume_size=_size(partial),
                headers=hub.headers(),
                expected_size=file.size,
                displayed_filename=file.name,
            )


class _TooLongError(Exception):
    """A server sent more than it announced."""


class _Growing:
    """A file as it arrives: shown by the bar, and refused to grow over the announced size."""

    def __init__(self, file: BufferedWriter, size: int, bar: DownloadBar) -> None:
        self._file = file
        self._size = size
        self._bar = bar
        self.name = file.name

    def write(self, data: bytes) -> int:
        if self._file.tell() + len(data) > self._size:
            raise _TooLongError
        written = self._file.write(data)
        self._bar.at(self._file.tell())
        return written

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._file, attribute)


@contextmanager
def _without_bars_of_the_client() -> Iterator[None]:
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if are_progress_bars_disabled(_BAR_GROUP):
        yield
        return
    with warnings.catch_warnings():
        # It warns where HF_HUB_DISABLE_PROGRESS_BARS=0 forbids to switch them off.
        warnings.simplefilter("ignore")
        disable_progress_bars(_BAR_GROUP)
    try:
        yield
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            enable_progress_bars(_BAR_GROUP)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
