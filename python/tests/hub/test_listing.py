from __future__ import annotations

from typing import Any

import pytest

import innerspace as sl
from innerspace._hub import listing
from innerspace._hub.listing import HubFile, checked_etag, checked_size, read_listing

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def answer(*siblings: object) -> dict[str, Any]:
    return {"sha": COMMIT, "siblings": list(siblings)}


def test_small_files_have_gits_hash_and_large_ones_sha256() -> None:
    small = {"rfilename": "config.json", "size": 7, "blobId": "a" * 40}
    large = {"rfilename": "m.onnx", "size": 9, "blobId": "b" * 40, "lfs": {"sha256": "c" * 64, "size": 9}}
    assert read_listing(answer(small, large, {"rfilename": "x"}), "o/n").files == {
        "config.json": HubFile("config.json", 7, "a" * 40),
        "m.onnx": HubFile("m.onnx", 9, "c" * 64),
        "x": HubFile("x", None, None),
    }


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (7, "is not a JSON object"),
        ({}, "names no commit"),
        ({"sha": "main"}, "names no commit"),
        ({"sha": COMMIT}, "lists no files"),
        ({"sha": COMMIT, "siblings": {}}, "lists no files"),
        (answer("config.json"), "lists something that is not a file"),
        (answer({"size": 7}), "lists a file without a name"),
        (answer({"rfilename": "x", "blobId": "../../x"}), "gives '../../x' as the hash of x"),
        (answer({"rfilename": "x", "lfs": {"sha256": 7}}), "gives 7 as the hash of x"),
    ],
)
def test_an_answer_that_is_none(document: object, what: str) -> None:
    with pytest.raises(sl.UnexpectedResponseException, match=f"The hub's answer about the repository o/n {what}"):
        read_listing(document, "o/n")


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_FILES", 2)
    with pytest.raises(sl.LimitExceededException, match="has 3 files; at most 2"):
        read_listing(answer(*({"rfilename": str(number)} for number in range(3))), "o/n")


@pytest.mark.parametrize("size", [None, -1, True, "7", 1.5])
def test_a_size_that_is_none(size: object) -> None:
    with pytest.raises(sl.UnexpectedResponseException, match="as the size of x"):
        checked_size(size, "x", "o/n")


def test_a_file_that_is_too_large() -> None:
    assert checked_size(listing.MAX_FILE_BYTES, "x", "o/n") == 16 << 30
    with pytest.raises(sl.LimitExceededException, match="x of the repository o/n has"):
        checked_size(listing.MAX_FILE_BYTES + 1, "x", "o/n")


@pytest.mark.parametrize("etag", [None, "", "..", "../x", "a/b", "x" * 200, ".hidden-file"])
def test_a_hash_that_is_no_file_name(etag: object) -> None:
    with pytest.raises(sl.UnexpectedResponseException, match="as the hash of x"):
        checked_etag(etag, "x", "o/n")
