"""What only a process of its own shows: its environment, its imports, its end."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from model_files import FOLDER, MODEL_FILES, REPOSITORY, files_below

if TYPE_CHECKING:
    from fake_hub import FakeHub

Start = Callable[..., "subprocess.Popen[str]"]

FIND = f"""
import json, sys
from innerspace.model_resolution import resolve
print(json.dumps(resolve({REPOSITORY!r}).to_json()))
"""


def output(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def test_the_environment_is_that_of_hugging_face(
    hub: FakeHub, python: Start, tmp_path: Path, small: dict[str, bytes]
) -> None:
    hub.add(REPOSITORY, small, token="hf_mine")
    program = "import os; del os.environ['HF_HUB_CACHE']\n" + FIND
    home = tmp_path / "another home"
    found = json.loads(output(python("-c", program, HF_HOME=str(home), HF_TOKEN="hf_mine")))
    assert Path(found["path"]).is_relative_to(home / "hub" / FOLDER)
    hub.close()
    assert json.loads(output(python("-c", program, HF_HOME=str(home), HF_HUB_OFFLINE="1"))) == found


def test_two_processes_at_once_fetch_once(hub: FakeHub, python: Start, cache: Path, small: dict[str, bytes]) -> None:
    small["onnx/vision_model.onnx"] = bytes(range(256)) * 40_000
    hub.add(REPOSITORY, small)
    processes = [python("-c", FIND) for _ in range(3)]
    paths = {json.loads(output(process))["path"] for process in processes}
    assert len(paths) == 1
    assert files_below(Path(paths.pop())) == sorted(MODEL_FILES)
    large = [content for name, content in small.items() if name.endswith(".onnx")]
    assert hub.bytes_of_large_files == sum(len(content) for content in large)
    assert not list(cache.rglob("*.incomplete")) + list(cache.rglob("*.tmp"))


def test_a_killed_process_leaves_a_beginning_that_the_next_one_uses(
    hub: FakeHub, python: Start, cache: Path, small: dict[str, bytes]
) -> None:
    small["onnx/vision_model.onnx"] = bytes(range(256)) * 4000
    hub.add(REPOSITORY, small)
    hub.fail("files:onnx/vision", cut_after=600_000)
    stalled = hub.fail("files:onnx/vision", silent=threading.Event())
    small_steps = "from huggingface_hub import constants; constants.DOWNLOAD_CHUNK_SIZE = 1000"
    process = python("-c", small_steps + FIND)
    deadline = time.monotonic() + 30
    while stalled.times and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    hub.files_requests.clear()
    found = json.loads(output(python("-c", FIND)))
    assert files_below(Path(found["path"])) == sorted(MODEL_FILES)
    assert (Path(found["path"]) / "onnx/vision_model.onnx").read_bytes() == small["onnx/vision_model.onnx"]
    (request,) = hub.files_requests
    assert request.range is not None
    assert request.sent < 1_024_000 / 2


@pytest.mark.parametrize("endpoint", ["silent", "closed", "unroutable"])
def test_a_name_that_cannot_be_had_is_an_error_within_five_seconds(hub: FakeHub, python: Start, endpoint: str) -> None:
    if endpoint == "silent":
        hub.fail("/api/", times=9, silent=threading.Event())
    elif endpoint == "closed":
        hub.close()
    address = {"HF_ENDPOINT": "http://192.0.2.1:9"} if endpoint == "unroutable" else {}
    # Half a second of imports is the machine's, and many times that where other processes want it too.
    program = (
        "import time, huggingface_hub.file_download, innerspace._hub; begin = time.monotonic()"
        + FIND.replace("print", "from innerspace import ExternalException\ntry: print")
        + "except ExternalException as error: print(json.dumps([time.monotonic() - begin, str(error)]))"
    )
    seconds, message = json.loads(output(python("-c", program, **address)))
    assert seconds < 5
    assert REPOSITORY in message


def test_a_directory_needs_no_client(hub: FakeHub, python: Start, tmp_path: Path) -> None:
    program = """
import sys
from innerspace.model_resolution import resolve
resolve("embedded"), resolve(sys.argv[1])
print([name for name in ("huggingface_hub", "httpx", "httpx2", "requests") if name in sys.modules])
"""
    assert output(python("-c", program, str(tmp_path))).strip() == "[]"


def test_a_cached_model_needs_the_clients_constants_only(
    hub: FakeHub, python: Start, cache: Path, small: dict[str, bytes]
) -> None:
    hub.add(REPOSITORY, small)
    output(python("-c", FIND))
    hub.close()
    program = FIND + "print([name for name in ('httpx', 'httpx2', 'requests', 'filelock') if name in sys.modules])"
    assert output(python("-c", program)).splitlines()[-1] == "[]"


@pytest.mark.parametrize(("variables", "shown"), [({}, False), ({"INNERSPACE_PROGRESS": "1"}, True)])
def test_one_bar_for_all_files_where_bars_are_shown(
    hub: FakeHub, python: Start, small: dict[str, bytes], variables: dict[str, str], shown: bool
) -> None:
    hub.add(REPOSITORY, small)
    _, error = python("-c", FIND, **variables).communicate(timeout=60)
    assert (f"{REPOSITORY}: 100%" in error) is shown
    assert ".onnx" not in error
    assert shown or error == ""
