"""A Prefect server on loopback, started and stopped as one child process, its database in a folder of ours.

It promises that it answers before :meth:`LocalPrefectServer.start` returns, that it calls nobody, that no setting of
another Prefect reaches it, that a folder has one server at a time, and that only the process it started is stopped.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx

from living_review.errors import SourceUnavailable, UsageError

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
        # Kept in memory, the turn of a run that was killed would never end once the server has been started again.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
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
        self._lock: IO[str] | None = None

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
            UsageError: If the port is taken, or another server uses the folder.
            SourceUnavailable: If it ends early or does not answer in time; with the end of its log.
        """
        began = time.monotonic()
        self.home.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self.port = _free_port(self.port)
            self._tell_address()
            self._child = self._launch()
            self._wait_until_it_answers(began)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - began
        return self

    def stop(self) -> None:
        """Stop the process this object started; calling it twice does no harm."""
        child, self._child = self._child, None
        if child is not None and child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(self.port)]
        own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment = {**own, **quiet_environment(self.home), "PREFECT_UI_API_URL": self.url}
        with self._log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
            )

    def _wait_until_it_answers(self, began: float) -> None:
        while time.monotonic() - began < START_LIMIT_S:
            if self._child is None or self._child.poll() is not None:
                raise self._failed("ended early")
            try:
                if httpx.get(f"{self.url}/health", timeout=2, trust_env=False).status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise self._failed(f"did not answer in {START_LIMIT_S:.0f} seconds")

    def _take_lock(self) -> None:
        lock = (self.home / "server.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            address = lock.read().strip()
            lock.close()
            raise UsageError(
                f"a Prefect server is running already at {address}",
                str(self.home),
                f"stop it, or set PREFECT_API_URL={address} to use it",
            ) from None
        self._lock = lock

    def _tell_address(self) -> None:
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.write(self.url)
            self._lock.flush()

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    def _failed(self, what: str) -> SourceUnavailable:
        tail = self._log.read_text(errors="replace").strip().splitlines()[-3:]
        return SourceUnavailable(f"the Prefect server {what}: {' | '.join(tail)}", str(self._log), "see its log")


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        # As a server does: what a connection that has just ended leaves behind is no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError:
            raise UsageError(
                f"port {wanted} is taken",
                LOOPBACK,
                f"choose another with --port, or, if it is a Prefect server, set PREFECT_API_URL=http://{LOOPBACK}:{wanted}/api",
            ) from None
        return int(probe.getsockname()[1])
