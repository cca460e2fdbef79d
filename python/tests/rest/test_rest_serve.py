"""``innerspace serve`` on a port of this machine."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

import innerspace as sl
from innerspace.__main__ import main
from innerspace._cli.serve import executors_of

MODULE = """
import innerspace as sl

class Item(sl.Schema):
    id: sl.IdField
    price: sl.Float

item = Item()
space = sl.NumberSpace(item.price, 0, 10, sl.Mode.MINIMUM)
index = sl.Index(space)
query = sl.RestQuery(sl.RestDescriptor("cheapest"), sl.Query(index, {space: 1.0}).find(item).select_all())
executor = sl.RestExecutor(sl.RestSource(item), index, query)
"""


def post(address: str, body: Any) -> Any:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_server_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "cheap_shop.py").write_text(f"{MODULE}\nsl.SuperlinkedRegistry.register(executor)\n")
    command = [sys.executable, "-m", "innerspace", "serve", "cheap_shop", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            log = []
            for line in server.stderr:
                log.append(line)
                if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
                    break
            else:
                pytest.fail("".join(log))
            rows = [{"id": "a", "price": 9}, {"id": "b", "price": 1}]
            assert post(f"{found[1]}/api/v1/ingest/item", rows)["stored"] == 2
            answer = post(f"{found[1]}/api/v1/search/cheapest", {})
            assert [entry["id"] for entry in answer["entries"]] == ["b", "a"]
        finally:
            server.send_signal(signal.SIGINT)
        server.stderr.read()
        assert server.wait(30) == 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sl.SuperlinkedRegistry, "_executors", {})
    return tmp_path


def test_an_executor_that_is_named(folder: Path) -> None:
    (folder / "named_shop.py").write_text(MODULE)
    (executor,) = executors_of("named_shop:executor")
    assert isinstance(executor, sl.RestExecutor)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_such_module", "There is no module 'no_such_module'"),
        ("mistaken_shop", "registers no RestExecutor"),
        ("mistaken_shop:nothing", "has no 'nothing'"),
        ("mistaken_shop:item", "mistaken_shop:item is no RestExecutor but of type Item"),
    ],
)
def test_mistakes(folder: Path, target: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mistaken_shop.py").write_text(MODULE)
    assert main(["serve", target]) == 1
    assert message in capsys.readouterr().err


def test_several_apps_share_no_path(folder: Path) -> None:
    from innerspace.rest.server import asgi_app

    (folder / "two_shops.py").write_text(MODULE)
    (executor,) = executors_of("two_shops:executor")
    duplicate = pytest.raises(sl.InvalidInputException, match="Endpoint duplication detected")
    with executor.run() as one, executor.run() as other, duplicate:
        asgi_app([one, other])


def test_without_the_servers_packages(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "plain_shop.py").write_text(MODULE)
    (executor,) = executors_of("plain_shop:executor")
    monkeypatch.delitem(sys.modules, "innerspace.rest.server", raising=False)
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with executor.run() as app, pytest.raises(sl.FeatureNotSupportedException, match=r"install 'innerspace\[server\]'"):
        _ = app.asgi
    assert main(["serve", "plain_shop:executor"]) == 1
