"""The object store on loopback, as its users meet it: boto3, a browser without keys, a second start."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from infra.local.folder_lock import FolderLock
from infra.local.object_store import LocalObjectStore
from living_review.errors import ServiceRefused, SourceUnavailable, UsageError

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    with LocalObjectStore(tmp_path_factory.mktemp("store")) as running:
        running.create_bucket("reviews")
        yield running


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


def test_it_keeps_what_is_put(store):
    store.client().put_object(Bucket="reviews", Key="a/b.json", Body=b"{}")
    assert store.client().get_object(Bucket="reviews", Key="a/b.json")["Body"].read() == b"{}"


def test_creating_a_bucket_again_leaves_it(store):
    store.client().put_object(Bucket="reviews", Key="kept", Body=b"1")
    store.create_bucket("reviews")
    assert store.client().get_object(Bucket="reviews", Key="kept")["Body"].read() == b"1"


def test_a_bucket_name_it_refuses_is_one_line(store):
    with pytest.raises(ServiceRefused, match="bucket x at http"):
        store.create_bucket("x")


def test_the_first_writer_of_a_key_wins(store):
    store.client().put_object(Bucket="reviews", Key="once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as refused:
        store.client().put_object(Bucket="reviews", Key="once", Body=b"2", IfNoneMatch="*")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412


def test_without_keys_only_a_public_bucket_can_be_read(store):
    store.create_bucket("private")
    store.create_bucket("public")
    store.allow_public_read("public")
    for bucket in ("private", "public"):
        store.client().put_object(Bucket=bucket, Key="r1/page.html", Body=b"<p>", ContentType="text/html")
    assert read(f"{store.endpoint_url}/public/r1/page.html") == b"<p>"
    for refused in ("private/r1/page.html", "public/?list-type=2"):
        with pytest.raises(urllib.error.HTTPError) as error:
            read(f"{store.endpoint_url}/{refused}")
        error.value.close()
        assert error.value.code == 403
    request = urllib.request.Request(f"{store.endpoint_url}/public/x", data=b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=5)
    error.value.close()
    assert error.value.code == 403


def test_a_policy_for_a_missing_bucket_is_refused(store):
    with pytest.raises(ServiceRefused, match=r"bucket does not exist .*bucket nowhere"):
        store.allow_public_read("nowhere")


def test_keys_are_private_and_random(store, tmp_path):
    kept = store.folder / "keys.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["secret_key"] == store.secret_key
    assert len(store.secret_key) >= 40
    assert store.secret_key not in repr(store)
    assert store.secret_key not in (store.folder / "log" / "weed.log").read_text()


def test_it_listens_on_loopback_only(store):
    listening = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        if fields[3] == "0A" and int(port, 16) in store._ports.values():
            listening.add(address)
    assert listening == {"0100007F"}


def test_a_second_store_runs_beside_it_and_a_second_start_in_the_same_folder_is_refused(store, tmp_path):
    with LocalObjectStore(tmp_path) as other:
        other.create_bucket("reviews")
        assert other.endpoint_url != store.endpoint_url
        assert other.client().list_objects_v2(Bucket="reviews")["KeyCount"] == 0
        with pytest.raises(UsageError, match=r"already uses this folder \(process \d+\)"):
            LocalObjectStore(tmp_path).start()
        other.client().put_object(Bucket="reviews", Key="still", Body=b"here")


def test_a_running_store_is_joined_and_only_its_starter_stops_it(tmp_path):
    with LocalObjectStore(tmp_path) as first:
        first.create_bucket("reviews")
        with LocalObjectStore(tmp_path, join=True) as second:
            assert second.environment == first.environment
            second.client().put_object(Bucket="reviews", Key="a", Body=b"joined")
        assert first.client().get_object(Bucket="reviews", Key="a")["Body"].read() == b"joined"
    with pytest.raises(UsageError, match="is not started"):
        _ = second.endpoint_url


def test_a_store_whose_starter_was_killed_makes_room_for_the_next_one(tmp_path):
    command = [sys.executable, "-m", "infra.local.object_store", "--folder", str(tmp_path), "--bucket", "reviews"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout.readline().startswith("http://")
        process.kill()
    orphan = int((tmp_path / "lock").read_bytes().split()[0])
    assert Path(f"/proc/{orphan}").exists()
    with LocalObjectStore(tmp_path) as following:
        assert not is_running(orphan)
        following.client().put_object(Bucket="reviews", Key="still", Body=b"here")


def is_running(process: int) -> bool:
    """A process that ended may still be listed, as nobody waited for it."""
    stat_line = Path(f"/proc/{process}/stat")
    return stat_line.exists() and stat_line.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_store_that_does_not_answer_any_more_is_waited_for(tmp_path):
    ending = FolderLock(tmp_path)
    assert ending.take() == ""
    ending.note(os.getpid())
    timer = threading.Timer(1, ending.release)
    timer.start()
    with LocalObjectStore(tmp_path, join=True) as store:
        timer.join()
        store.create_bucket("reviews")


def test_data_outlives_a_restart_also_on_other_ports(tmp_path):
    before = set(Path("/tmp").glob("seaweedfs-*"))
    body = os.urandom(300_000)
    with LocalObjectStore(tmp_path) as first:
        ports = dict(first._ports)
        first.create_bucket("reviews")
        first.client().put_object(Bucket="reviews", Key="k", Body=body)
        child = first._child
    assert child.poll() is not None
    assert set(Path("/tmp").glob("seaweedfs-*")) <= before
    with LocalObjectStore(tmp_path) as same:
        assert same._ports == ports
        assert same.client().get_object(Bucket="reviews", Key="k")["Body"].read() == body
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", ports["master"]))
        squatter.listen()
        with LocalObjectStore(tmp_path) as moved:
            assert moved._ports["master"] != ports["master"]
            assert moved.client().get_object(Bucket="reviews", Key="k")["Body"].read() == body


def test_it_has_started_only_when_what_was_kept_can_be_read(tmp_path, monkeypatch):
    with LocalObjectStore(tmp_path) as first:
        first.create_bucket("reviews")
        first.client().put_object(Bucket="reviews", Key="k", Body=b"kept")
    ours, asked = LocalObjectStore.client, []

    def slow_to_know_its_volumes(self):
        client = ours(self)
        read = client.get_object

        def get_object(**wanted):
            asked.append(wanted["Key"])
            if len(asked) < 3:
                raise ClientError({"Error": {"Code": "InternalError"}}, "GetObject")
            return read(**wanted)

        client.get_object = get_object
        return client

    monkeypatch.setattr(LocalObjectStore, "client", slow_to_know_its_volumes)
    with LocalObjectStore(tmp_path):
        assert set(asked) == {"k"}
        assert len(asked) >= 3


def test_a_taken_port_is_said_and_nothing_is_left_running(tmp_path):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        store = LocalObjectStore(tmp_path, port=taken)
        with pytest.raises(UsageError, match=f"port {taken} is taken"):
            store.start()
    assert store._child is None


def test_a_store_that_cannot_start_tells_its_last_words(tmp_path):
    store = LocalObjectStore(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "filerldb2").write_text("not a folder")
    with pytest.raises(SourceUnavailable, match=r"ended with code .*weed.log.*filerldb2"):
        store.start()
    assert store._child is None


def test_one_key_alone_is_refused(tmp_path):
    with pytest.raises(UsageError, match="both keys or neither"):
        LocalObjectStore(tmp_path, access_key="only")


def test_the_command_stays_in_the_foreground_until_it_is_told_to_stop(tmp_path):
    command = [sys.executable, "-m", "infra.local.object_store", "--folder", str(tmp_path), "--bucket", "reviews"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        try:
            with pytest.raises(urllib.error.HTTPError) as error:
                read(f"{address}/reviews/r1/latest.json")
            error.value.close()
            assert error.value.code == 404  # readable without keys, and empty
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    time.sleep(0.1)
    with pytest.raises(urllib.error.URLError):
        read(f"{address}/reviews/r1/latest.json")


@pytest.mark.server
def test_a_folder_may_lie_deep(tmp_path: Path) -> None:
    """The path of a Unix socket ends at some 100 characters, that of a folder does not."""
    deep = tmp_path / ("a-folder-with-a-long-name-" * 4) / ("and-another-one-inside-of-it-" * 4)
    with LocalObjectStore(deep) as store:
        store.create_bucket("deep")
