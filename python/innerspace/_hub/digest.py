"""Whether a file's content is what its name in the cache says: the hub names content by its hash."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")


def describes_content(etag: str) -> bool:
    """Tell whether an etag is a hash that :func:`matches` can check."""
    return _SHA256.fullmatch(etag) is not None or _SHA1.fullmatch(etag) is not None


def matches(path: Path, etag: str) -> bool:
    r"""Tell whether a file has the content that an etag stands for.

    Parameters
    ----------
    path : Path
    etag : str
        The SHA-256 of the content (large files), or git's hash of it: SHA-1 over
        ``"blob <size>\0"`` and the content. Any other etag matches everything.
    """
    if _SHA256.fullmatch(etag):
        digest = hashlib.sha256()
    elif _SHA1.fullmatch(etag):
        digest = hashlib.sha1(usedforsecurity=False)
        digest.update(b"blob %d\0" % path.stat().st_size)
    else:
        return True
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == etag
