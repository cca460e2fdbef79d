"""A hub on 127.0.0.1: the part of the Hugging Face hub's API that fetching a model takes, and its ways to fail.

As on the hub, small files come from the hub itself, named by git's hash of them;
large ones are redirected to another host, named by their SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

LARGE = (".onnx", ".safetensors", ".onnx_data")


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Repository:
    """What a repository holds; the token that it wants, and whether its terms were accepted."""

    commits: dict[str, dict[str, bytes]]
    refs: dict[str, str]
    token: str | None = None
    gated: bool = False
    disabled: bool = False


@dataclass
class Request:
    method: str
    path: str
    range: str | None
    authorization: str | None
    sent: int = 0  # bytes of the body


@dataclass
class Fault:
    """What happens to the next requests that it is for."""

    wanted: Callable[[str], bool]
    times: int
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut_after: int | None = None  # bytes after which the connection is closed
    silent: threading.Event | None = None  # waits for it, says nothing
    ignore_range: bool = False


class FakeHub:
    """The hub and the host of its large files; both have a log."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.files_requests: list[Request] = []
        self.hashes_in_listing = True
        self.rename: Callable[[str], str] = lambda name: name
        self._lock = threading.Lock()
        self._hub = _serve(self, _HubHandler)
        self._files = _serve(self, _FilesHandler)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._hub.server_port}"

    @property
    def files_endpoint(self) -> str:
        return f"http://127.0.0.1:{self._files.server_port}"

    def close(self) -> None:
        for fault in self.faults:
            if fault.silent is not None:
                fault.silent.set()
        for server in (self._hub, self._files):
            server.shutdown()
            server.server_close()
            server.hang_up()

    def add(self, repository: str, files: dict[str, bytes], *, revision: str = "main", **kind: object) -> str:
        """Commit files and point a branch at the commit; return the commit."""
        commit = hashlib.sha1(repr(sorted((name, sha256(content)) for name, content in files.items())).encode())
        made = self.repositories.setdefault(repository, Repository({}, {}, **kind))  # type: ignore[arg-type]
        made.commits[commit.hexdigest()] = dict(files)
        made.refs[revision] = commit.hexdigest()
        return commit.hexdigest()

    def fail(self, part: str, *, times: int = 1, **how: object) -> Fault:
        """Let the next requests whose path contains ``part`` go wrong."""
        fault = Fault(lambda path: part in path, times, **how)  # type: ignore[arg-type]
        self.faults.append(fault)
        return fault

    def fault_for(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and fault.wanted(path):
                    fault.times -= 1
                    return fault
        return None

    def content_with(self, digest: str) -> tuple[str, bytes] | None:
        for repository in self.repositories.values():
            for files in repository.commits.values():
                for name, content in files.items():
                    if sha256(content) == digest:
                        return name, content
        return None

    @property
    def bytes_of_large_files(self) -> int:
        return sum(request.sent for request in self.files_requests)


class _Server(ThreadingHTTPServer):
    """A server that can drop the connections that clients keep open."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.connections: list[socket.socket] = []

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self.connections.append(request)
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def hang_up(self) -> None:
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _serve(hub: FakeHub, handler: type[_Handler]) -> _Server:
    server = _Server(type("Handler", (handler,), {"hub": hub}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the head and the body of an answer are two writes

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.request_log = Request(self.command, self.path, self.headers["range"], self.headers["authorization"])
        self.log().append(self.request_log)
        with suppress(BrokenPipeError, ConnectionResetError):
            self.answer(unquote(urlsplit(self.path).path))

    def log(self) -> list[Request]:
        raise NotImplementedError

    def answer(self, path: str) -> None:
        raise NotImplementedError

    def reply(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, cut_after: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        part = body if cut_after is None else body[:cut_after]
        self.request_log.sent = len(part)
        self.wfile.write(part)
        if cut_after is not None:
            self.close_connection = True

    def refuse(self, status: int, code: str, message: str) -> None:
        self.reply(status, message.encode(), {"X-Error-Code": code, "X-Error-Message": message})

    def happens(self, fault: Fault | None) -> bool:
        """Let a fault happen instead of an answer."""
        if fault is None:
            return False
        if fault.silent is not None:
            fault.silent.wait(60)
            self.close_connection = True
            return True
        if fault.status is not None:
            self.reply(fault.status, fault.body or b"", fault.headers)
            return True
        return False

    def ranged(self, content: bytes, headers: dict[str, str], fault: Fault | None) -> None:
        cut = fault.cut_after if fault is not None else None
        wanted = self.headers["range"]
        if fault is not None and fault.body is not None:
            content = fault.body
        if wanted is None or (fault is not None and fault.ignore_range):
            self.reply(200, content, headers, cut)
            return
        begin = int(wanted.removeprefix("bytes=").rstrip("-"))
        if begin >= len(content):
            self.reply(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        headers = {**headers, "Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"}
        self.reply(206, content[begin:], headers, cut)


class _HubHandler(_Handler):
    def log(self) -> list[Request]:
        return self.hub.requests

    def answer(self, path: str) -> None:
        fault = self.hub.fault_for(path)
        if self.happens(fault):
            return
        listing = path.startswith("/api/models/")
        name, _, rest = (
            path.removeprefix("/api/models/").partition("/revision/")
            if listing
            else path.removeprefix("/").partition("/resolve/")
        )
        repository = self.hub.repositories.get(name)
        token = (self.headers["authorization"] or "").removeprefix("Bearer ")
        if repository is None or (repository.token not in (None, token) and not repository.gated):
            if token:
                self.refuse(404, "RepoNotFound", "Repository not found")
            else:
                self.refuse(401, "RepoNotFound", "Invalid username or password.")
            return
        if repository.disabled:
            self.refuse(403, "", "Access to this resource is disabled.")
            return
        if listing:
            self.list_files(repository, rest)
            return
        if repository.gated and token != repository.token:
            self.refuse(403 if token else 401, "GatedRepo", f"Access to model {name} is restricted.")
            return
        revision, _, file = rest.partition("/")
        self.give_file(repository, revision, file, fault)

    def list_files(self, repository: Repository, revision: str) -> None:
        commit = repository.refs.get(revision, revision)
        if commit not in repository.commits:
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        siblings: list[dict[str, object]] = []
        for name, content in repository.commits[commit].items():
            entry: dict[str, object] = {"rfilename": self.hub.rename(name)}
            if self.hub.hashes_in_listing:
                entry |= {"size": len(content), "blobId": git_hash(content)}
                if name.endswith(LARGE):
                    entry["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        self.reply(
            200,
            json.dumps({"id": "x", "sha": commit, "siblings": siblings}).encode(),
            {"Content-Type": "application/json"},
        )

    def give_file(self, repository: Repository, revision: str, file: str, fault: Fault | None) -> None:
        commit = repository.refs.get(revision, revision)
        content = repository.commits.get(commit, {}).get(file)
        if content is None:
            self.refuse(404, "EntryNotFound", "Entry not found")
        elif file.endswith(LARGE):
            digest = sha256(content)
            headers = {
                "X-Repo-Commit": commit,
                "X-Linked-Etag": f'"{digest}"',
                "X-Linked-Size": str(len(content)),
                "Location": f"{self.hub.files_endpoint}/{digest}",
            }
            self.reply(302, b"", headers)
        else:
            self.ranged(content, {"X-Repo-Commit": commit, "ETag": f'"{git_hash(content)}"'}, fault)


class _FilesHandler(_Handler):
    def log(self) -> list[Request]:
        return self.hub.files_requests

    def answer(self, path: str) -> None:
        found = self.hub.content_with(path.removeprefix("/"))
        if found is None:
            self.reply(404)
            return
        name, content = found
        fault = self.hub.fault_for("files:" + name)
        if not self.happens(fault):
            self.ranged(content, {"ETag": f'"{sha256(content)}"'}, fault)


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    hub = FakeHub()
    try:
        yield hub
    finally:
        hub.close()
