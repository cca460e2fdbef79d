from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from huggingface_hub import constants
from model_files import REPOSITORY

import innerspace as sl
from innerspace import _hub
from innerspace._hub import remote

if TYPE_CHECKING:
    from fake_hub import FakeHub

Find = Callable[..., _hub.Snapshot]


@pytest.mark.parametrize("token", ["", "hf_mine"])
def test_a_repository_that_is_not_there_or_private(
    hub: FakeHub, find: Find, small: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    hub.add("owner/private", small, token="hf_of_the_owner")
    for name in ("owner/absent", "owner/private"):
        with pytest.raises(sl.NotFoundException, match=rf"no repository {name} at .*, or it is private.*HF_TOKEN"):
            find(name)


@pytest.mark.parametrize(("token", "status"), [("", 401), ("hf_mine", 403)])
def test_a_gated_repository(
    hub: FakeHub,
    find: Find,
    small: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    token: str,
    status: int,
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    hub.add("owner/gated", small, token="hf_accepted", gated=True)
    with pytest.raises(sl.ForbiddenException) as caught:
        find("owner/gated")
    assert str(caught.value) == (
        "The repository owner/gated is gated: the hub says 'Access to model owner/gated is restricted'. "
        f"Accept its terms at {hub.endpoint}/owner/gated and log in: set HF_TOKEN, or run `hf auth login`."
    )
    monkeypatch.setenv("HF_TOKEN", "hf_accepted")
    assert find("owner/gated").files


def test_a_disabled_repository(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add("owner/disabled", small, disabled=True)
    with pytest.raises(sl.ForbiddenException, match="was disabled on the hub"):
        find("owner/disabled")


def test_a_revision_that_is_not_there(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    with pytest.raises(
        sl.NotFoundException, match=r"has no revision 'v9'.*the hub says 'Invalid rev id: v9'.*/commits/"
    ):
        find(f"{REPOSITORY}@v9")


def test_a_file_that_vanished(hub: FakeHub, find: Find, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    hub.fail("/resolve/", status=404, headers={"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"})
    with pytest.raises(sl.NotFoundException, match=r"config.json of the repository Xenova/.* is not at http://"):
        find(REPOSITORY)


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (401, sl.ForbiddenException, r"refused access to Xenova/\S+ \(HTTP 401\).*HF_TOKEN"),
        (403, sl.ForbiddenException, r"refused access to Xenova/\S+ \(HTTP 403\)"),
        (404, sl.NotFoundException, r"The repository Xenova/\S+ is not at"),
        (418, sl.UnexpectedResponseException, r"answered HTTP 418 when the list of files of Xenova/\S+ was asked for"),
        (429, sl.UnexpectedResponseException, r"too many requests \(HTTP 429\)"),
        (500, sl.UnexpectedResponseException, r"answered HTTP 500"),
        (503, sl.UnexpectedResponseException, r"answered HTTP 503.*the hub says 'down for an hour'"),
    ],
)
def test_statuses(
    hub: FakeHub,
    find: Find,
    small: dict[str, bytes],
    status: int,
    error: type[Exception],
    message: str,
) -> None:
    hub.add(REPOSITORY, small)
    hub.fail("/api/models/", status=status, headers={"X-Error-Message": "down for an hour"})
    with pytest.raises(error, match=message):
        find(REPOSITORY)


@pytest.mark.parametrize(
    "body",
    [b"<html>Log in to the hotel's network</html>", b"[]", b"{}", b'{"sha": "../x", "siblings": []}', b"\xff\xfe"],
)
def test_an_answer_that_is_no_hubs(hub: FakeHub, find: Find, body: bytes) -> None:
    hub.fail("/api/models/", status=200, body=body)
    with pytest.raises(sl.UnexpectedResponseException, match="HF_ENDPOINT"):
        find(REPOSITORY)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "onnx/../../x", "a\\b", "onnx//x", ".", "a\0b"])
def test_a_file_name_that_leads_out(hub: FakeHub, find: Find, small: dict[str, bytes], name: str) -> None:
    hub.add(REPOSITORY, {**small, "evil": b"x"})
    hub.rename = lambda listed: name if listed == "evil" else listed
    with pytest.raises(sl.ForbiddenException, match="could lead out of its directory"):
        find(REPOSITORY)
    assert hub.files_requests == []


def test_a_repository_without_a_model_that_runs(hub: FakeHub, find: Find) -> None:
    hub.add("owner/pickles", {"pytorch_model.bin": b"x", "config.json": b"{}"})
    with pytest.raises(sl.FeatureNotSupportedException) as caught:
        find("owner/pickles")
    assert "holds no model that runs here. It holds config.json, pytorch_model.bin." in str(caught.value)
    assert "Looked for innerspace: image.onnx, text.onnx, model.json, tokenizer.json; transf" in str(caught.value)


def test_a_precision_without_files(hub: FakeHub, small: dict[str, bytes]) -> None:
    hub.add(REPOSITORY, small)
    with pytest.raises(sl.FeatureNotSupportedException, match=r"no files for precision 'fp16'; it has fp32, int8"):
        _hub.find(_hub.parse(REPOSITORY), "fp16")


def test_a_silent_hub_is_given_up(hub: FakeHub, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "CONTACT_SECONDS", 0.3)
    hub.fail("/api/models/", silent=threading.Event())
    begin = time.monotonic()
    with pytest.raises(sl.RequestTimeoutException, match=r"did not answer within 0.3 seconds.*HF_HUB_ETAG_TIMEOUT"):
        find(REPOSITORY)
    assert time.monotonic() - begin < 3


def test_a_name_server_that_hangs_is_given_up_too(hub: FakeHub, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    released = threading.Event()

    def look_up(*arguments: Any, **options: Any) -> Any:
        released.wait(60)
        raise socket.gaierror("given up")

    monkeypatch.setattr(remote, "CONTACT_SECONDS", 0.3)
    monkeypatch.setattr(constants, "ENDPOINT", "http://a-host-of-the-hub.test")
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    begin = time.monotonic()
    with pytest.raises(sl.RequestTimeoutException, match=r"did not answer within 0\.3 seconds"):
        find(REPOSITORY)
    assert time.monotonic() - begin < 3
    released.set()


def test_the_time_for_an_answer_can_be_changed(hub: FakeHub, find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "1")
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 1)
    hub.fail("/api/models/", silent=threading.Event())
    with pytest.raises(sl.RequestTimeoutException, match="did not answer within 1 seconds"):
        find(REPOSITORY)


def test_a_hub_that_is_not_there(hub: FakeHub, find: Find) -> None:
    hub.close()
    with pytest.raises(sl.NotFoundException) as caught:
        find("clip-ViT-B-32")
    assert "The model 'clip-ViT-B-32' (Xenova/clip-vit-base-patch32) is not in the cache" in str(caught.value)
    assert f"{hub.endpoint} cannot be reached" in str(caught.value)
    assert "model='embedded'" in str(caught.value)
