"""A server of the tests' own, for answers that no real one gives on demand; it keeps all that it was sent."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass
class Told:
    """One answer: JSON, or text as it stands; `hangs` seconds late."""

    body: Body | str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: float = 0.0


def chat(text: str | None = "yes", finish: str = "stop", **more: Any) -> Told:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 10, "completion_tokens": 2}
    return Told({"choices": [{"finish_reason": finish, "message": message} | more], "usage": usage})


def likeliest(**tokens: float) -> Body:
    """Log-probabilities of a chat: of the first place, the likeliest tokens."""
    top = [{"token": token, "logprob": value} for token, value in tokens.items()]
    return {"content": [top[0] | {"top_logprobs": top}]}


def refusal(status: int, message: str = "no", code: str | None = None, **headers: str) -> Told:
    said = {"error": {"message": message, "code": code, "type": None}}
    return Told(said, status, {name.replace("_", "-"): value for name, value in headers.items()})


Script = Callable[[Body, int], Told]
"""The answer to a body that is the n-th to come, from 0."""


class ScriptedServer:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.bodies: list[Body] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.under_way = self.most = 0
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.base_url = ""


@contextlib.contextmanager
def scripted_server(script: Script) -> Iterator[ScriptedServer]:
    server = ScriptedServer(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(6, 1, 1)  # TCP_NODELAY: headers and body leave in two writes

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                number = len(server.bodies)
                server.bodies.append(body)
                server.paths.append(self.path)
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                server.under_way += 1
                server.most = max(server.most, server.under_way)
            told = server.script(body, number)
            server.stopped.wait(told.hangs)
            with server.lock:
                server.under_way -= 1
            self.tell(told)

        def do_GET(self) -> None:
            self.tell(Told("<html>Sign in</html>", headers={"Content-Type": "text/html"}))

        def tell(self, told: Told) -> None:
            data = (told.body if isinstance(told.body, str) else json.dumps(told.body)).encode()
            self.send_response(told.status)
            for name, value in ({"Content-Type": "application/json"} | told.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # whoever asked may be gone
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Quick(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Quick(("127.0.0.1", 0), Handler) as http:
        server.base_url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            http.shutdown()
            thread.join()
