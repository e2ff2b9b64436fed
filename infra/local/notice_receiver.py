"""Receives notices on loopback and keeps them, so that a rehearsal or a test can show what people would be told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_LARGEST_BYTES = 10_000_000


@dataclass(frozen=True)
class ReceivedNotice:
    """One notice as it came."""

    title: str
    body: str


class NoticeReceiver:
    """An HTTP server of one's own that takes Apprise's JSON notices between start and stop."""

    def __init__(self) -> None:
        self.received: list[ReceivedNotice] = []
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = min(int(self.headers.get("Content-Length") or 0), _LARGEST_BYTES)
                told = json.loads(self.rfile.read(length))
                received.append(ReceivedNotice(str(told.get("title", "")), str(told.get("message", ""))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def address(self) -> str:
        """What a notice is sent to, in Apprise's form."""
        if self._server is None:
            raise RuntimeError("the receiver is not started")
        return f"json://127.0.0.1:{self._server.server_address[1]}"
