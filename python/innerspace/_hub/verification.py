"""Whether the files of a snapshot are what they were when they were fetched.

It takes no network: the cache names content by its hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from innerspace._hub.digest import describes_content, matches

_MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome for a directory.

    Attributes
    ----------
    checked : tuple of str
        Files whose content was compared with their hash.
    damaged : tuple of str
        Those of them that differ, and links to content that is gone.
    """

    checked: tuple[str, ...]
    damaged: tuple[str, ...]


def verify(directory: Path) -> Verification:
    """Compare the files of a snapshot with the hashes that the cache knows of them.

    A directory that is no snapshot has nothing to compare with: no file is checked.
    """
    checked, damaged = [], []
    for path in sorted(directory.rglob("*"))[:_MOST_FILES]:
        if not path.is_symlink():
            continue
        content = Path(path.resolve())
        if content.parent.name != "blobs" or not describes_content(content.name):
            continue
        name = path.relative_to(directory).as_posix()
        checked.append(name)
        try:
            whole = matches(content, content.name)
        except OSError:
            whole = False
        if not whole:
            damaged.append(name)
    return Verification(tuple(checked), tuple(damaged))
