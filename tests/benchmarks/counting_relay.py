"""Counts the bytes that pass between a client and a server on loopback: all of HTTP, without TCP's own and without TLS."""

from __future__ import annotations

import socket
import socketserver
import threading
from urllib.parse import urlsplit, urlunsplit

from infra.local.loopback import LoopbackServer

_AT_ONCE = 65_536


class CountingRelay(LoopbackServer):
    """A relay to the server at ``url`` between entering and leaving; clients use :attr:`url` of the relay."""

    def __init__(self, url: str) -> None:
        there = urlsplit(url)
        self._target = (there.hostname, there.port)
        self._lock = threading.Lock()
        self.sent = self.received = self.connections = 0
        relay = self

        class _Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(relay._target) as server:
                    relay._count(connections=1)
                    up = threading.Thread(target=_pass_on, args=(self.request, server, relay._up), daemon=True)
                    up.start()
                    _pass_on(server, self.request, relay._down)
                    up.join()

        super().__init__(_Threads(("127.0.0.1", 0), _Handler))
        self.url = urlunsplit(there._replace(netloc=f"127.0.0.1:{self.port}"))

    def told(self) -> dict[str, int]:
        """What passed since the last question."""
        with self._lock:
            counted = {"bytes sent": self.sent, "bytes received": self.received, "connections": self.connections}
            self.sent = self.received = self.connections = 0
        return counted

    def _up(self, number: int) -> None:
        self._count(sent=number)

    def _down(self, number: int) -> None:
        self._count(received=number)

    def _count(self, sent: int = 0, received: int = 0, connections: int = 0) -> None:
        with self._lock:
            self.sent += sent
            self.received += received
            self.connections += connections


class _Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64


def _pass_on(source: socket.socket, target: socket.socket, count: object) -> None:
    try:
        while piece := source.recv(_AT_ONCE):
            count(len(piece))
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
