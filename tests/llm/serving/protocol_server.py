"""A small server whose answers a test decides: for what no real server does when it is told to."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Said:
    """A response; `body` is sent as JSON unless it is text; `hang`: seconds before it."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0.0


def chat(text: str, *, finish: str = "stop", usage: bool = True, **choice: Any) -> Said:
    """A chat completion."""
    message = {"role": "assistant", "content": text} | choice.pop("message", {})
    told: dict[str, Any] = {"choices": [{"index": 0, "finish_reason": finish, "message": message, **choice}]}
    return Said(body=told | ({"usage": {"prompt_tokens": 11, "completion_tokens": 2}} if usage else {}))


def error(status: int, message: str = "no", code: str | None = None, **headers: str) -> Said:
    """An error as the protocol has it."""
    return Said(status, {"error": {"message": message, "code": code, "type": None}}, headers)


def inside(message: str = "no", code: int | str | None = None, **more: Any) -> Said:
    """An error with the status of an answer."""
    return Said(body={"error": {"message": message, "code": code, **more}})


def in_choice(message: str, code: int) -> Said:
    """An error in the choice that it cut short."""
    return chat("a be", finish="error", error={"message": message, "code": code})


def moderated(message: str, **metadata: Any) -> Said:
    """A refusal of what was asked with the status of missing rights."""
    return Said(403, {"error": {"message": message, "code": 403, "metadata": metadata}})


def leaking(said: Said, secret: str) -> Said:
    """The same, but an error repeats a secret."""
    if not isinstance(said.body, dict) or "error" not in said.body:
        return said
    return replace(said, body={"error": said.body["error"] | {"message": f"you sent {secret}"}})


def top(**log_p: float) -> dict[str, Any]:
    """What of a choice tells the likeliest tokens, the first of them written."""
    listed = [{"token": token, "logprob": value} for token, value in log_p.items()]
    return {"logprobs": {"content": [listed[0] | {"top_logprobs": listed}]}}


@dataclass
class ProtocolServer:
    """`asked`: bodies in the order in which they came, and the headers of each."""

    base_url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextlib.contextmanager
def answering(say: Callable[[dict[str, Any], int], Said]) -> Iterator[ProtocolServer]:
    """A server that answers the n-th request (from 0) with `say(body, n)`."""
    told = ProtocolServer()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                number = len(told.asked)
                told.asked.append(body)
                told.headers.append({name.lower(): value for name, value in self.headers.items()})
                told.paths.append(self.path)
            said = say(body, number)
            time.sleep(said.hang)
            raw = (said.body if isinstance(said.body, str) else json.dumps(said.body)).encode()
            with contextlib.suppress(OSError):  # whoever asked may have gone
                self.send_response(said.status)
                for name, value in {"Content-Type": "application/json", **said.headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
