"""A Prefect server on loopback, started and stopped as one child process, its database in a folder of ours.

It promises that it answers before :meth:`LocalPrefectServer.start` returns, that it calls nobody, and that only the
process it started is stopped.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from living_review.errors import SourceUnavailable

LOOPBACK = "127.0.0.1"
START_LIMIT_S = 180.0
"""Seconds to wait for the first answer; a first start migrates its database, 20 to 30 s were measured."""
STOP_LIMIT_S = 15.0


def quiet_environment(home: Path) -> dict[str, str]:
    """What keeps Prefect offline, and its files in ``home``."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    }


class LocalPrefectServer:
    """A Prefect server of one's own between start and stop.

    Args:
        home: Where its database, log and settings are kept; made when missing.
        port: Port on loopback; 0 takes a free one.
    """

    def __init__(self, home: Path, port: int = 0) -> None:
        self.home = home.resolve()
        self.port = port
        self.start_seconds = 0.0
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """What ``PREFECT_API_URL`` must be."""
        return f"http://{LOOPBACK}:{self.port}/api"

    @property
    def page(self) -> str:
        """Where people look."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a process uses this server."""
        return {**quiet_environment(self.home), "PREFECT_API_URL": self.url}

    def start(self) -> Self:
        """Start the server and wait until it answers.

        Raises:
            SourceUnavailable: If it ends early or does not answer in time; with the end of its log.
        """
        began = time.monotonic()
        self.home.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(self.port)]
        environment = {**os.environ, **quiet_environment(self.home), "PREFECT_UI_API_URL": self.url}
        environment.pop("PREFECT_API_URL", None)
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
            )
        while time.monotonic() - began < START_LIMIT_S:
            if self._child.poll() is not None:
                raise self._failed("ended early")
            try:
                if httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == httpx.codes.OK:
                    self.start_seconds = time.monotonic() - began
                    return self
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        self.stop()
        raise self._failed(f"did not answer in {START_LIMIT_S:.0f} seconds")

    def stop(self) -> None:
        """Stop the process this object started."""
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    def _failed(self, what: str) -> SourceUnavailable:
        tail = self._log.read_text(errors="replace").strip().splitlines()[-3:]
        return SourceUnavailable(f"the Prefect server {what}: {' | '.join(tail)}", str(self._log), "see its log")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
