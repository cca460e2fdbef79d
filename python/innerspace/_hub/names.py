"""What a model's name means: which repository of the hub, at which revision."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from innerspace._hub.known_models import KNOWN_MODELS, UNSUPPORTED_MODELS
from innerspace.exceptions import FeatureNotSupportedException, InvalidInputException

OPEN_CLIP_PREFIX = "hf-hub:"
SENTENCE_TRANSFORMERS = "sentence-transformers"
MAIN = "main"

_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
_REPOSITORY = re.compile(rf"{_PART}/{_PART}")
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}")
_COMMIT = re.compile(r"[0-9a-f]{40}")

_ALIASES = {alias.lower(): model for model in KNOWN_MODELS for alias in (model.name, *model.aliases)}


@dataclass(frozen=True, slots=True)
class HubName:
    """A model on the hub.

    Attributes
    ----------
    spelled : str
        As the user wrote it, for messages and results.
    repository : str
        ``"owner/name"``.
    revision : str
        A branch, a tag or a commit.
    text_repository : str or None
        The repository of the text half, if it is in one of its own.
    """

    spelled: str
    repository: str
    revision: str
    text_repository: str | None = None

    def text_half(self) -> HubName | None:
        """Return the name of the text half, None where the model is in one repository."""
        return None if self.text_repository is None else replace(self, repository=self.text_repository)

    @property
    def pinned(self) -> bool:
        """Whether the revision is a commit, which never changes."""
        return is_commit(self.revision)


def is_commit(revision: str) -> bool:
    """Tell whether a revision is the full hash of a commit."""
    return _COMMIT.fullmatch(revision) is not None


def is_repository(name: str) -> bool:
    """Tell whether a text is the id of a repository and safe as the name of its folder in the cache."""
    return _REPOSITORY.fullmatch(name) is not None and "--" not in name and ".." not in name


def is_revision(revision: str) -> bool:
    """Tell whether a text can be a revision and is safe as the name of a file in the cache."""
    return (
        _REVISION.fullmatch(revision) is not None
        and not any(part in ("", ".", "..") for part in revision.split("/"))
        and not revision.endswith(".lock")
    )


def parse(name: str, revision: str | None = None) -> HubName:
    """Read a model's name.

    Parameters
    ----------
    name : str
        A known name such as ``"clip-ViT-B-32"``, or ``"owner/name"``, of which the
        owner is sentence-transformers where none is given; with ``"hf-hub:"``
        before it, as open_clip writes it, or ``"@revision"`` after it.
    revision : str, optional
        A branch, a tag or a commit, instead of ``"@revision"``.

    Raises
    ------
    InvalidInputException
        If the name or the revision cannot be one, or there are two revisions.
    FeatureNotSupportedException
        If the model is known to be of a kind that does not run here.
    """
    bare, at, pin = name.strip().removeprefix(OPEN_CLIP_PREFIX).partition("@")
    if at and revision is not None and pin != revision:
        raise InvalidInputException(
            f"The model {name!r} names the revision {pin!r} and the parameter revision is {revision!r}."
        )
    chosen = pin if at else (revision if revision is not None else MAIN)
    if not is_revision(chosen):
        raise InvalidInputException(
            f"{chosen!r} cannot be a revision of the model {bare!r}: a revision is a branch, a tag or a commit."
        )
    reason = UNSUPPORTED_MODELS.get(bare.lower()) or UNSUPPORTED_MODELS.get(bare.rpartition("/")[2].lower())
    if reason is not None:
        raise FeatureNotSupportedException(f"The model {bare!r} is not available: {reason}")
    known = _ALIASES.get(bare.lower())
    if known is not None:
        if known.text_repository is not None and chosen != MAIN:
            raise InvalidInputException(
                f"The model {bare!r} is in two repositories, {known.repository} and {known.text_repository}; it cannot "
                f"be pinned to one revision, got {chosen!r}."
            )
        return HubName(name.strip(), known.repository, chosen, known.text_repository)
    weights = [model.name for model in KNOWN_MODELS if model.name.lower().startswith(bare.lower() + "/")]
    if weights:
        raise InvalidInputException(
            f"{bare!r} names an architecture, of which there are several models: {', '.join(weights)}."
        )
    repository = bare if "/" in bare else f"{SENTENCE_TRANSFORMERS}/{bare}"
    if not is_repository(repository):
        raise InvalidInputException(f"{bare!r} is neither a directory nor the name of a repository ('owner/name').")
    return HubName(name.strip(), repository, chosen)
