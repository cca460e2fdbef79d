"""The hub's answer to which files a repository has: asked once for a model, and answered or given up quickly."""

from __future__ import annotations

import os
import queue
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from innerspace._hub import failures
from innerspace._hub.listing import Content, HubFile, Listing, checked_etag, checked_size, read_listing
from innerspace._version import __version__
from innerspace.exceptions import LimitExceededException, UnexpectedResponseException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from innerspace._hub.names import HubName

CONTACT_SECONDS = 4.0
"""How long the hub has for its first answer. HF_HUB_ETAG_TIMEOUT, in seconds, changes it."""

_MAX_LISTING_BYTES = 64 << 20


class Hub:
    """The hub that HF_ENDPOINT names, with the token that HF_TOKEN or a login gave.

    Parameters
    ----------
    cache : Path
        For messages: where files go.
    """

    def __init__(self, cache: Path) -> None:
        from huggingface_hub import constants

        self.endpoint: str = constants.ENDPOINT
        self.offline: bool = constants.HF_HUB_OFFLINE
        self._cache = cache

    def list_files(self, name: HubName) -> Listing:
        """Ask which files a repository has at a revision.

        Raises
        ------
        NotFoundException
            If the hub cannot be reached or may not be asked, or has no such repository or revision.
        ForbiddenException
            If it refuses access.
        RequestTimeoutException
            If it does not answer within ``CONTACT_SECONDS``.
        UnexpectedResponseException
            If it answers something else.
        """
        if self.offline:
            raise failures.offline(name, self._cache)
        seconds = _contact_seconds()
        try:
            return _within(seconds, lambda: self._ask(name, seconds))
        except queue.Empty:
            raise failures.silent(name, self.endpoint, seconds) from None
        except Exception as error:
            if failures.is_timeout(error):
                raise failures.silent(name, self.endpoint, seconds) from None
            raise failures.explain(error, name, endpoint=self.endpoint, cache=self._cache) from None

    def _ask(self, name: HubName, seconds: float) -> Listing:
        from huggingface_hub.utils import get_session, hf_raise_for_status

        url = f"{self.endpoint}/api/models/{name.repository}/revision/{quote(name.revision, safe='')}?blobs=true"
        response = get_session().get(url, headers=self.headers(), timeout=seconds)
        hf_raise_for_status(response)
        if len(response.content) > _MAX_LISTING_BYTES:
            raise LimitExceededException(f"The hub's list of the files of {name.repository} is too long to be read.")
        try:
            document = response.json()
        except ValueError:
            raise UnexpectedResponseException(
                f"{self.endpoint} did not answer with JSON about {name.repository}: is HF_ENDPOINT a hub, and is there "
                "a login page of a network in between?"
            ) from None
        return read_listing(document, name.repository)

    def url(self, name: HubName, commit: str, file: str) -> str:
        """Return the address of a file's content."""
        return f"{self.endpoint}/{name.repository}/resolve/{commit}/{quote(file)}"

    def content(self, file: HubFile, name: HubName, commit: str) -> Content:
        """Return the size and the hash of a file, asking for them where the list did not give them."""
        if file.etag is not None and file.size is not None:
            return Content(file.name, checked_size(file.size, file.name, name.repository), file.etag)
        from huggingface_hub import get_hf_file_metadata

        try:
            metadata = get_hf_file_metadata(self.url(name, commit, file.name), timeout=_contact_seconds())
        except Exception as error:
            raise failures.explain(error, name, endpoint=self.endpoint, cache=self._cache, file=file.name) from None
        return Content(
            file.name,
            checked_size(metadata.size, file.name, name.repository),
            checked_etag(metadata.etag, file.name, name.repository),
        )

    def headers(self) -> dict[str, str]:
        """Return the headers of a request: who asks, with which token.

        Content is asked for as it is: a compressed answer could not be resumed
        where it was cut off. The token goes to the hub only: the client drops it
        when a redirect leads to another host.
        """
        from huggingface_hub import __version__ as client
        from huggingface_hub import get_token

        headers = {"user-agent": f"innerspace/{__version__}; hf_hub/{client}", "accept-encoding": "identity"}
        token = get_token()
        if token:
            headers["authorization"] = f"Bearer {token}"
        return headers


def _contact_seconds() -> float:
    from huggingface_hub import constants

    if os.environ.get("HF_HUB_ETAG_TIMEOUT"):
        return float(constants.HF_HUB_ETAG_TIMEOUT)
    return CONTACT_SECONDS


def _within(seconds: float, call: Callable[[], Listing]) -> Listing:
    """Return what ``call`` returns, raise what it raises, or ``queue.Empty`` when it takes too long.

    A time-out of the client is for each address of a host and each step of a
    request, and none covers the look-up of the host's name: only a clock beside
    it keeps the promise. The thread that is left behind ends with its request.
    """
    outcome: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((True, call()))
        except BaseException as error:
            outcome.put((False, error))

    threading.Thread(target=run, name="innerspace-hub", daemon=True).start()
    succeeded, value = outcome.get(timeout=seconds)
    if not succeeded:
        raise value
    listing: Listing = value
    return listing
