from __future__ import annotations

import errno
import time
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_hub import FakeHub, sha256
from huggingface_hub import constants
from model_files import FOLDER, MODEL_FILES, REPOSITORY, files_below

import innerspace as sl
from innerspace import _hub
from innerspace._hub import transfer

Find = Callable[..., _hub.Snapshot]
VISION = "onnx/vision_model.onnx"


@pytest.fixture(autouse=True)
def no_pauses_and_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client waits a second before it goes on with a file, and writes ten megabytes at a time."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)


def nothing_installed(cache: Path, name: str) -> bool:
    return not any((cache / FOLDER / "snapshots").glob(f"*/{name}"))


def test_a_dropped_connection_is_resumed_at_once(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    hub.fail("files:" + VISION, cut_after=100_000)
    snapshot = find(REPOSITORY)
    assert (snapshot.path / VISION).read_bytes() == small[VISION]
    ranges = [request.range for request in hub.files_requests]
    assert ranges == [None, None, "bytes=100000-"]


def test_an_interrupted_download_goes_on_where_it_stopped(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes]
) -> None:
    hub.add(REPOSITORY, small)
    hub.fail("files:" + VISION, cut_after=100_000)
    hub.fail("files:" + VISION, status=503)
    with pytest.raises(sl.UnexpectedResponseException, match=r"HTTP 503 when onnx/vision_model.onnx"):
        find(REPOSITORY)
    assert nothing_installed(cache, VISION)
    assert not (cache / FOLDER / "refs").exists()
    hub.files_requests.clear()
    snapshot = find(REPOSITORY)
    assert (snapshot.path / VISION).read_bytes() == small[VISION]
    assert [(request.range, request.sent) for request in hub.files_requests] == [
        ("bytes=100000-", len(small[VISION]) - 100_000)
    ]
    assert not list(cache.rglob("*.incomplete"))


def test_a_beginning_of_something_else_is_fetched_anew(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes]
) -> None:
    hub.add(REPOSITORY, small)
    partial = cache / FOLDER / "blobs" / f"{sha256(small[VISION])}.incomplete"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"not its beginning")
    assert (find(REPOSITORY).path / VISION).read_bytes() == small[VISION]


@pytest.mark.parametrize("length", [len("x") * 10**6, 307_200])
def test_a_beginning_that_is_too_long_or_whole_but_wrong(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes], length: int
) -> None:
    hub.add(REPOSITORY, small)
    partial = cache / FOLDER / "blobs" / f"{sha256(small[VISION])}.incomplete"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"x" * length)
    assert (find(REPOSITORY).path / VISION).read_bytes() == small[VISION]


def test_a_server_that_cannot_resume_sends_all_again(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    hub.fail("files:" + VISION, cut_after=100_000)
    hub.fail("files:" + VISION, ignore_range=True)
    assert (find(REPOSITORY).path / VISION).read_bytes() == small[VISION]


@pytest.mark.parametrize("name", [VISION, "config.json"])
def test_a_corrupt_file_is_named_and_not_installed(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes], name: str
) -> None:
    hub.add(REPOSITORY, small)
    flipped = bytes([small[name][0] ^ 1]) + small[name][1:]
    hub.fail(("files:" if name == VISION else "") + name, body=flipped)
    with pytest.raises(sl.UnexpectedResponseException, match=f"{name} of the model '{REPOSITORY}' arrived corrupt"):
        find(REPOSITORY)
    assert nothing_installed(cache, name)
    assert not list(cache.rglob("*.incomplete"))
    assert sorted(find(REPOSITORY).files) == sorted(MODEL_FILES)


@pytest.mark.parametrize("change", [-1000, +1000])
def test_a_file_of_another_size_than_announced(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes], change: int
) -> None:
    hub.add(REPOSITORY, small)
    hub.fail("files:" + VISION, times=20, body=b"x" * (len(small[VISION]) + change))
    with pytest.raises(sl.UnexpectedResponseException, match=VISION):
        find(REPOSITORY)
    assert nothing_installed(cache, VISION)
    assert all(path.stat().st_size <= len(small[VISION]) for path in cache.rglob("*.incomplete"))


def test_a_blob_that_was_cut_off_is_replaced_by_a_download(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes]
) -> None:
    hub.add(REPOSITORY, small)
    snapshot = find(REPOSITORY)
    (snapshot.path / VISION).resolve().write_bytes(small[VISION][:1000])
    again = _hub.download(_hub.parse(REPOSITORY), "fp32")
    assert again == snapshot
    assert (again.path / VISION).read_bytes() == small[VISION]


def test_a_full_disk_is_seen_before_anything_is_fetched(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage(10**6, 10**6 - 1000, 1000))
    hub.add(REPOSITORY, small)
    with pytest.raises(sl.ExternalException, match=r"The disk is full: .* MB are needed. Make room"):
        find(REPOSITORY)
    assert files_below(cache) == [] if cache.exists() else True
    assert hub.files_requests == []


def test_ctrl_c_keeps_what_has_arrived(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = transfer._Growing.write

    def interrupted(self: transfer._Growing, data: bytes) -> int:
        if self._file.tell() > 100_000:
            raise KeyboardInterrupt
        return written(self, data)

    hub.add(REPOSITORY, small)
    with monkeypatch.context() as patched:
        patched.setattr(transfer._Growing, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            find(REPOSITORY)
    (partial,) = cache.rglob("*.incomplete")
    assert partial.read_bytes() == small[VISION][: partial.stat().st_size]
    hub.files_requests.clear()
    assert (find(REPOSITORY).path / VISION).read_bytes() == small[VISION]
    assert [request.range for request in hub.files_requests] == ["bytes=101000-"]


def test_a_disk_that_fills_up_on_the_way(
    hub: FakeHub, find: Find, cache: Path, small: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    hub.add(REPOSITORY, small)
    with monkeypatch.context() as patched:
        patched.setattr(transfer._Growing, "write", full)
        with pytest.raises(sl.ExternalException, match=r"The disk is full.*HF_HUB_CACHE or model_cache_dir"):
            find(REPOSITORY)
    assert not list(cache.rglob("*.incomplete"))
    assert not list((cache / FOLDER).glob("snapshots/*/*"))
    assert find(REPOSITORY).files


def test_a_directory_that_cannot_be_written(hub: FakeHub, find: Find, tmp_path: Path, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    (tmp_path / "file").write_text("")
    with pytest.raises(sl.ExternalException, match="cannot be stored"):
        find(REPOSITORY, cache_directory=tmp_path / "file" / "cache")
