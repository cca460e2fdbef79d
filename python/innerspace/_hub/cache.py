"""The Hugging Face cache: a folder a repository, in it blobs, snapshots of links to them, and refs to the snapshots.

Reading it needs no network and no more of huggingface_hub than its constants.
The layout is the documented one, which all Hugging Face libraries share.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from innerspace._hub.layouts import WHOLE, Layout, PrecisionName, select
from innerspace._hub.names import HubName, is_commit
from innerspace._hub.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_ENTRIES = 10_000
_DEEPEST = 4


def default_directory() -> Path:
    """Return the directory that HF_HUB_CACHE and HF_HOME name, as huggingface_hub read them."""
    from huggingface_hub import constants

    # Set to nothing, HF_HUB_CACHE would name the working directory.
    return Path(constants.HF_HUB_CACHE or constants.default_cache_path)


@dataclass(frozen=True, slots=True)
class RepositoryFolder:
    """The folder of a repository in a cache directory; it need not exist.

    Parameters
    ----------
    cache : Path
    repository : str
    """

    cache: Path
    repository: str

    @property
    def path(self) -> Path:
        """The folder."""
        return self.cache / self._name

    @property
    def _name(self) -> str:
        return "--".join(("models", *self.repository.split("/")))

    def blob(self, etag: str) -> Path:
        """Name the place of the content with this hash; the same content in two commits is there once."""
        return self.path / "blobs" / etag

    def lock(self, etag: str) -> Path:
        """Name the lock that a process holds while it fetches the content with this hash."""
        return self.cache / ".locks" / self._name / f"{etag}.lock"

    def snapshot(self, commit: str) -> Path:
        """Name the directory that shows the files of a commit under their names."""
        return self.path / "snapshots" / commit

    def commit_of(self, revision: str) -> str | None:
        """Return the commit that a revision stood for when it was last fetched, None where it never was."""
        if is_commit(revision):
            return revision
        try:
            with (self.path / "refs" / revision).open(encoding="ascii") as file:
                commit = file.read(64).strip()
        except (OSError, UnicodeDecodeError):
            return None
        return commit if is_commit(commit) else None

    def note_absent(self, commit: str, names: Sequence[str]) -> None:
        """Note that a commit has no files of these names."""
        for name in names:
            path = self._absent(commit) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def absent_in(self, commit: str) -> frozenset[str]:
        """Return the names that a commit is known not to have."""
        return frozenset(files_below(self._absent(commit)))

    def _absent(self, commit: str) -> Path:
        return self.path / ".no_exist" / commit

    def remember(self, revision: str, commit: str) -> None:
        """Note which commit a revision stands for, in one step: readers see the old one or the new one."""
        if revision == commit or self.commit_of(revision) == commit:
            return
        path = self.path / "refs" / revision
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            temporary.write_text(commit, encoding="ascii")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def show(self, etag: str, commit: str, name: str) -> None:
        """Give a blob its name in a snapshot: a relative link, or a copy where the file system has no links."""
        target = self.snapshot(commit) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = self.blob(etag)
        if target.exists() and target.samefile(source):
            return
        temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        with suppress(FileNotFoundError):
            temporary.unlink()
        try:
            try:
                temporary.symlink_to(os.path.relpath(source, target.parent))
            except OSError:
                _copy(source, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


def find_cached(
    name: HubName, precision: PrecisionName, cache: Path, layouts: Sequence[Layout] = WHOLE
) -> Snapshot | None:
    """Return the snapshot of a model in the cache, None where it is not there or not complete."""
    folder = RepositoryFolder(cache, name.repository)
    commit = folder.commit_of(name.revision)
    if commit is None:
        return None
    path = folder.snapshot(commit)
    selection = select(files_below(path), precision, layouts, folder.absent_in(commit))
    if selection is None:
        return None
    return Snapshot(path, name.repository, commit, selection.layout, selection.files)


def known_absent(directory: Path) -> frozenset[str] | None:
    """Return the names that the commit of a snapshot is known not to have, None for another directory."""
    if directory.parent.name != "snapshots" or not is_commit(directory.name):
        return None
    return frozenset(files_below(directory.parents[1] / ".no_exist" / directory.name))


def files_below(directory: Path) -> Iterator[str]:
    """Yield the names of the files below a directory, with slashes; a link to nothing is no file."""
    left = _MOST_ENTRIES
    pending = [("", directory)]
    while pending:
        prefix, folder = pending.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            left -= 1
            if left < 0:
                return
            if entry.is_file():
                yield prefix + entry.name
            elif entry.is_dir(follow_symlinks=False) and prefix.count("/") < _DEEPEST:
                pending.append((f"{prefix}{entry.name}/", Path(entry.path)))


def _copy(source: Path, target: Path) -> None:
    import shutil

    shutil.copyfile(source, target)
