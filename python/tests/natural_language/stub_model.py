"""A chat-completions endpoint on a port of this machine that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class StubModel:
    """Keeps what it was asked; ``reply`` is the content of its answers, or what makes one of a request."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.reply: str | dict[str, Any] | Callable[[dict[str, Any]], tuple[int, Any]] = {}
        self.finish_reason = "stop"
        self.refusal: str | None = None
        self.address = ""

    @property
    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.requests[-1]["response_format"]["json_schema"]["schema"]
        return schema

    def answer(self, request: dict[str, Any]) -> tuple[int, Any]:
        self.requests.append(request)
        if callable(self.reply):
            return self.reply(request)
        content = self.reply if isinstance(self.reply, str) else json.dumps(self.reply)
        message = {"role": "assistant", "content": content, "refusal": self.refusal}
        choice = {"index": 0, "finish_reason": self.finish_reason, "message": message}
        return 200, {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [choice],
        }


@contextmanager
def running(model: StubModel) -> Iterator[StubModel]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model.keys.append(self.headers["authorization"])
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, document = model.answer(request)
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            try:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except BrokenPipeError:  # a client that would not wait any longer
                pass

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        model.address = f"http://127.0.0.1:{server.server_port}/v1"
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()
