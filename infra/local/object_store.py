"""A real S3-compatible object store on loopback: SeaweedFS, started and stopped as one child process.

It promises that nothing listens beyond 127.0.0.1, that all files are inside the folder it is given, that several
stores run side by side, that only the process it started is stopped, and that the data is still there next time.

``python -m infra.local.object_store --folder D --port P`` keeps a store in the foreground.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.folder_lock import FolderLock
from infra.local.seaweedfs import LOOPBACK, ROLES, choose_ports, launch, remove_sockets
from living_review.errors import LivingReviewError, ServiceRefused, SourceUnavailable, UsageError
from living_review.store_access import open_to_readers
from living_review.store_layout import StoreAddress

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LOG = logging.getLogger(__name__)

REGION = "us-east-1"
START_LIMIT_S = 30.0
"""Seconds to wait for the first answer; 0.8 to 1.5 s were measured on two cores."""
STOP_LIMIT_S = 15.0
"""Seconds a store may take to write what it holds before it is killed; 1.3 to 3.5 s were measured."""

_LOG_TAIL_LINES = 5


class LocalObjectStore:
    """A SeaweedFS of one's own in ``folder``, answering S3 at :attr:`endpoint_url` between start and stop.

    Args:
        folder: Where data, keys and log are kept; made when missing.
        port: Port for S3; ``None`` takes the one used last time, or a free one.
        access_key: S3 access key; empty for the one kept in the folder, made at random the first time.
        secret_key: S3 secret key; likewise.
        join: Whether a store that another process keeps in this folder is used; only who started it stops it.
    """

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        access_key: str = "",
        secret_key: str = "",
        *,
        join: bool = False,
    ) -> None:
        if bool(access_key) != bool(secret_key):
            raise UsageError("an object store needs both keys or neither", str(folder), "give both keys")
        self.folder = Path(folder).resolve()
        self.access_key, self._secret_key = access_key, secret_key
        self.start_seconds = 0.0
        self._wanted_port = port
        self._ports: dict[str, int] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = FolderLock(self.folder)
        self._joins = join

    def __repr__(self) -> str:
        state = self.endpoint_url if self._ports else "stopped"
        return f"LocalObjectStore({str(self.folder)!r}, {state})"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """Address of the S3 service, ``http://127.0.0.1:PORT``.

        Raises:
            UsageError: If the store is not started.
        """
        if not self._ports:
            raise UsageError("the object store is not started", str(self.folder), "call start() first")
        return f"http://{LOOPBACK}:{self._ports['s3']}"

    @property
    def secret_key(self) -> str:
        """The secret S3 key; known after the start."""
        return self._secret_key

    @property
    def environment(self) -> dict[str, str]:
        """The variables a child process needs to write here: endpoint, keys and region."""
        return {
            "LIVING_REVIEW_S3_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
        }

    def start(self) -> Self:
        """Start the store and wait until S3 answers.

        Returns:
            The store itself; :attr:`start_seconds` says how long it took.

        Raises:
            UsageError: If another process uses the folder and it is not to be joined, or the wanted port is taken.
            SourceUnavailable: If SeaweedFS is missing, ends early or does not answer in time.
        """
        if self._child is not None:
            return self
        began = time.monotonic()
        for name in ("data", "home", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if not self._took_or_joined(began):
            return self
        try:
            self._load_keys()
            self._ports = choose_ports(self.folder, self._wanted_port)
            self._child = launch(self.folder, self._ports, (self.access_key, self._secret_key), self._lock.fileno())
            self._lock.note(self._child.pid)
            self._wait_until_it_answers(began)
        except BaseException:
            self.stop()
            raise
        _write_private(self.folder / "ports.json", json.dumps(self._ports))
        self.start_seconds = time.monotonic() - began
        return self

    def stop(self) -> None:
        """Stop the process this object started, if any; the data stays. Calling it twice does no harm."""
        if self._child is not None:
            if self._child.poll() is None:
                self._child.send_signal(signal.SIGTERM)
                try:
                    self._child.wait(STOP_LIMIT_S)
                except subprocess.TimeoutExpired:
                    _LOG.warning("the object store in %s did not stop in %.0f s: killed", self.folder, STOP_LIMIT_S)
                    self._child.kill()
                    self._child.wait()
            self._child = None
            remove_sockets(self._ports)
        self._ports = {}
        self._lock.release()

    def wait(self) -> None:
        """Wait for as long as the store runs.

        Raises:
            SourceUnavailable: When it ends without having been told to.
        """
        while self._child is not None and self._child.poll() is None:
            time.sleep(0.5)
        if self._child is not None:
            raise self._ended("the object store ended by itself")

    def client(self) -> S3Client:
        """A boto3 S3 client with this store's keys, path-style, that tries once and gives up after 5 s."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
            config=Config(
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
                connect_timeout=5,
                read_timeout=5,
                proxies={},
            ),
        )

    def create_bucket(self, name: str) -> None:
        """Make the bucket ``name`` (3 characters or more); one that exists is left as it is.

        Raises:
            ServiceRefused: If the store refuses, for example because of the name.
        """
        with _Asking(f"bucket {name} at {self.endpoint_url}"):
            client = self.client()
            if name not in {bucket.get("Name") for bucket in client.list_buckets()["Buckets"]}:
                client.create_bucket(Bucket=name)

    def allow_public_read(self, bucket: str) -> None:
        """Let anybody on this machine read what is published in ``bucket`` without keys, so that a browser can.

        Raises:
            ServiceRefused: If there is no such bucket.
        """
        open_to_readers(self.client(), StoreAddress(bucket), self.endpoint_url)

    def _took_or_joined(self, began: float) -> bool:
        """Whether the folder is ours to start a store in; else the one that another process keeps there is joined."""
        while holder := self._lock.take():
            if self._joins and self._joined():
                return False
            if not self._joins or time.monotonic() - began > START_LIMIT_S:
                raise UsageError(
                    f"an object store already uses this folder (process {holder})",
                    str(self.folder),
                    "stop that one or use another folder",
                )
            # It is about to answer, or about to end.
            time.sleep(0.1)
        return True

    def _joined(self) -> bool:
        try:
            keys = json.loads((self.folder / "keys.json").read_bytes())
            ports = json.loads((self.folder / "ports.json").read_bytes())
            self.access_key, self._secret_key = str(keys["access_key"]), str(keys["secret_key"])
            self._ports = {role: int(ports[role]) for role in ROLES}
            self._ask_for_something(self.client())
        except (OSError, ValueError, KeyError, TypeError, BotoCoreError, ClientError):
            self._ports = {}
            return False
        return True

    def _load_keys(self) -> None:
        path = self.folder / "keys.json"
        if not self.access_key:
            try:
                kept = json.loads(path.read_bytes())
                self.access_key, self._secret_key = str(kept["access_key"]), str(kept["secret_key"])
            except FileNotFoundError:
                self.access_key, self._secret_key = secrets.token_hex(10), secrets.token_hex(20)
            except (ValueError, KeyError, TypeError) as error:
                raise UsageError(
                    "the store's keys cannot be read", str(path), "remove the file for new keys"
                ) from error
        _write_private(path, json.dumps({"access_key": self.access_key, "secret_key": self._secret_key}))

    def _wait_until_it_answers(self, began: float) -> None:
        assert self._child is not None  # noqa: S101 - start() launched it just before
        client = self.client()
        while True:
            if self._child.poll() is not None:
                raise self._ended(f"the object store ended with code {self._child.returncode} while starting")
            try:
                self._ask_for_something(client)
                return
            except (BotoCoreError, ClientError) as error:
                if time.monotonic() - began > START_LIMIT_S:
                    raise self._ended(f"the object store did not answer in {START_LIMIT_S:.0f} s") from error
            time.sleep(0.05)

    def _ask_for_something(self, client: S3Client) -> None:
        # Signed, so that a stranger's server on the same port is not taken for ours.
        for bucket in client.list_buckets()["Buckets"]:
            _read_something(client, bucket.get("Name", ""))

    def _ended(self, what: str) -> SourceUnavailable:
        log = self.folder / "log" / "weed.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        telling = [line for line in lines if line[:1] in {"E", "F"} or "rror" in line] or lines
        tail = " | ".join(line.strip() for line in telling[-_LOG_TAIL_LINES:])
        return SourceUnavailable(what, str(log), f"its last words: {tail[-600:] or 'none'}")


class _Asking:
    """Turns boto3's errors inside the block into one line that names ``where``."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, ClientError):
            code = error.response.get("Error", {}).get("Code", "unknown")
            raise ServiceRefused(f"the object store refused ({code})", self.where, "check the bucket's name") from error
        if isinstance(error, BotoCoreError):
            raise SourceUnavailable("the object store did not answer", self.where, "see its log") from error


def _read_something(client: S3Client, bucket: str) -> None:
    """Read one object there is: S3 answers before it knows the volumes with what was kept from last time."""
    for found in client.list_objects_v2(Bucket=bucket, MaxKeys=10).get("Contents", []):
        if found.get("Size"):
            body = client.get_object(Bucket=bucket, Key=found.get("Key", ""))["Body"]
            body.read(1)
            body.close()
            return


def _write_private(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Keep a store in the foreground until it is interrupted; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.object_store", description="An object store on loopback."
    )
    parser.add_argument("--folder", type=Path, required=True, help="where data, keys and log are kept")
    parser.add_argument("--port", type=int, help="port for S3 (default: that of last time, or a free one)")
    parser.add_argument("--bucket", action="append", default=[], help="make this bucket, readable without keys")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with LocalObjectStore(options.folder, options.port) as store:
            for bucket in options.bucket:
                store.create_bucket(bucket)
                store.allow_public_read(bucket)
            print(store.endpoint_url, flush=True)
            print(f"keys: {store.folder / 'keys.json'}", file=sys.stderr, flush=True)
            store.wait()
        return 0
    except KeyboardInterrupt:
        return 0
    except LivingReviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
