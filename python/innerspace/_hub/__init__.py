"""Models by name: found in the Hugging Face cache, fetched from the hub where they are not there yet.

``find`` is the way in. The cache is the one that every Hugging Face library
shares, laid out as huggingface_hub lays it out, and its environment variables
(HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE, HF_ENDPOINT, HF_TOKEN) mean what they mean
there. A model in the cache is used without a single network request.

huggingface_hub makes the requests; it is imported when one is due. Files are not
fetched by its ``hf_hub_download``, which compares sizes but no hashes and, in its
newest versions, starts a file over where an earlier process was interrupted
(docs/decisions/hub.md).
"""

from innerspace._hub.layouts import PRECISIONS, PrecisionName
from innerspace._hub.names import parse
from innerspace._hub.resolution import download, find, find_local
from innerspace._hub.snapshot import Snapshot
from innerspace._hub.verification import Verification, verify

__all__ = [
    "PRECISIONS",
    "PrecisionName",
    "Snapshot",
    "Verification",
    "download",
    "find",
    "find_local",
    "parse",
    "verify",
]
