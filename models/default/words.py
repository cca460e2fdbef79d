"""Names of concepts, made comparable: which two names mean the same thing, or nearly."""

import hashlib
import re

ARTICLES = re.compile(r"^(this is |an? |the |some |a pair of |one )+")
NOT_CONTENT = frozenset(
    ["of", "the", "a", "an", "and", "with", "in", "on", "to", "for", "s", "icon", "button", "symbol", "sign"]
)


def normalised(name: str) -> str:
    """Return `name` in lower case, without punctuation and leading articles: the key of its concept."""
    name = re.sub(r"[^a-z0-9' ]+", " ", name.lower().replace("’", "'"))
    return re.sub(r"\s+", " ", ARTICLES.sub("", name.strip())).strip()


def content(key: str) -> frozenset[str]:
    """Return the words of a key that say what it is, plurals taken for singulars."""
    words = (word for word in re.findall(r"[a-z0-9]+", key) if word not in NOT_CONTENT)
    return frozenset(w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in words)


def siblings(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two names are the same, or one is the other with something said about it."""
    if not one or not other:
        return False
    return one <= other or (other < one and len(one) == len(other) + 1)


def drawn(key: str, part: float) -> bool:
    """Tell whether a key falls into the given part of all keys, by its hash: the same on every machine."""
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16) / 0xFFFFFFFF < part
