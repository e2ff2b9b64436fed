"""The object store against a real SeaweedFS on loopback, and through a proxy that spoils what passes it."""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import SecretStr

from infra.local.loopback import LoopbackServer
from infra.local.object_store import LocalObjectStore
from living_review import store_objects
from living_review.errors import Conflict, InvalidFile, LivingReviewError, ServiceRefused, SourceUnavailable, UsageError
from living_review.store import (
    File,
    MissingObject,
    ObjectStore,
    ProbeResult,
    Published,
    StoreAddress,
    VersionTaken,
    build_manifest,
)
from living_review.store_reuse import Kept, reusable

pytestmark = pytest.mark.server

BUCKET = "reviews"
SAFE = ProbeResult(second_creation_refused=True, stale_swap_refused=True, creation_winners=1, swap_winners=1)
OPEN = Callable[..., ObjectStore]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalObjectStore]:
    with LocalObjectStore(tmp_path_factory.mktemp("objects")) as running:
        running.create_bucket(BUCKET)
        yield running


@pytest.fixture
def opened(server: LocalObjectStore, request: pytest.FixtureRequest) -> OPEN:
    """Opens stores on one prefix that no other test uses."""
    prefix = f"t{abs(hash(request.node.nodeid)) % 10**12}"

    def open_(*, bucket: str = BUCKET, endpoint_url: str | None = None, **settings: Any) -> ObjectStore:
        keys = {"access_key": SecretStr(server.access_key), "secret_key": SecretStr(server.secret_key)}
        return ObjectStore(
            StoreAddress(bucket, prefix),
            endpoint_url or server.endpoint_url,
            **{"region": "us-east-1", "probed": SAFE, **keys, **settings},
        )

    return open_


def version_files(text: str, extra: int = 6) -> dict[str, File]:
    """A version whose every file says ``text``."""
    names = ["summary.json", "studies.csv", *(f"charts/{number}.svg" for number in range(extra))]
    return {name: File(f"{name}: {text}".encode(), "text/plain") for name in names}


def check_what_readers_see(store: ObjectStore, review_id: str = "r1") -> int | None:
    """The version readers are shown, after following pointer and manifest to every byte."""
    pointer = store.read_pointer(review_id)
    if pointer is None:
        return None
    manifest, _ = store.read(f"{review_id}/{pointer.manifest_key}")
    assert hashlib.sha256(manifest).hexdigest() == pointer.manifest_sha256
    listed = json.loads(manifest)["files"]
    assert listed
    for file in listed:
        body, _ = store.read(f"{review_id}/{file['key']}")
        assert (len(body), hashlib.sha256(body).hexdigest()) == (file["bytes"], file["sha256"])
    return pointer.version


class Between(LoopbackServer):
    """A proxy before the real store, which lets a test spoil requests and answers. Signs anew what it passes on."""

    def __init__(self, server: LocalObjectStore) -> None:
        self.dropped_headers: tuple[str, ...] = ()
        self.answer_instead: Callable[[str, str], tuple[int, str] | None] = lambda method, path: None
        self.hide_answer: Callable[[str, str], bool] = lambda method, path: False
        target = urlsplit(server.endpoint_url)
        credentials = Credentials(server.access_key, server.secret_key)
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                instead = between.answer_instead(self.command, self.path)
                if instead:
                    status, code = instead
                    text = (
                        f"<Error><Code>{code}</Code><Message>said for {self.headers['Authorization']}</Message></Error>"
                    )
                    self.reply(status, {"Content-Type": "application/xml"}, text.encode())
                    return
                left_out = {"host", "authorization", "content-length", "expect", "connection", "x-amz-date"}
                headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
                headers = {k: v for k, v in headers.items() if k.lower() not in between.dropped_headers}
                signed = AWSRequest(self.command, f"http://{target.netloc}{self.path}", headers=headers, data=body)
                S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(signed)
                connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
                connection.request(self.command, self.path, body, dict(signed.headers.items()))
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                if between.hide_answer(self.command, self.path):
                    self.close_connection = True
                    return
                self.reply(answer.status, dict(answer.getheaders()), content)

            def reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 64

        super().__init__(Server(("127.0.0.1", 0), Handler))
        self.endpoint_url = f"http://127.0.0.1:{self.port}"


@pytest.fixture
def between(server: LocalObjectStore) -> Iterator[Between]:
    with Between(server) as proxy:
        yield proxy


class TestObjects:
    def test_created_object_is_read_back_with_its_headers(self, opened: OPEN, server: LocalObjectStore) -> None:
        store = opened()
        etag = store.create("a/b.svg", "é".encode(), "image/svg+xml", "public, max-age=60")
        assert store.read("a/b.svg") == ("é".encode(), etag)
        head = server.client().head_object(Bucket=BUCKET, Key=store.address.key("a/b.svg"))
        assert (head["ContentType"], head["CacheControl"]) == ("image/svg+xml", "public, max-age=60")

    def test_creating_the_same_again_is_fine_and_other_bytes_are_a_conflict(self, opened: OPEN) -> None:
        store = opened()
        etag = store.create("a", b"one")
        assert store.create("a", b"one") == etag
        with pytest.raises(Conflict, match="another object"):
            store.create("a", b"two")
        assert store.read("a")[0] == b"one"

    def test_missing_object(self, opened: OPEN) -> None:
        with pytest.raises(MissingObject, match="no such object"):
            opened().read("nothing")

    def test_swap_needs_the_current_etag(self, opened: OPEN) -> None:
        store = opened()
        first = store.swap("p", b"1", None)
        with pytest.raises(Conflict):
            store.swap("p", b"x", None)
        second = store.swap("p", b"2", first)
        with pytest.raises(Conflict):
            store.swap("p", b"3", first)
        assert store.read("p") == (b"2", second)

    def test_swap_of_a_missing_object_is_a_conflict(self, opened: OPEN) -> None:
        with pytest.raises(Conflict):
            opened().swap("never", b"1", '"0cc175b9c0f1b6a831c399e269772661"')

    def test_replace_writes_only_what_changed(self, opened: OPEN) -> None:
        store = opened()
        first = store.replace("feed.xml", b"1", "application/atom+xml")
        assert store.replace("feed.xml", b"1", "application/atom+xml") == first
        assert store.replace("feed.xml", b"2", "application/atom+xml") != first
        assert store.read("feed.xml")[0] == b"2"

    def test_beside_is_what_is_in_no_folder_below(self, opened: OPEN) -> None:
        store = opened()
        for key in ("r/b", "r/a", "r/c/d", "q"):
            store.create(key, b"")
        assert store.beside("r/") == ("r/a", "r/b")

    def test_size_and_removal(self, opened: OPEN) -> None:
        store = opened()
        store.create("a", b"12")
        assert (store.size("a"), store.size("b")) == (2, None)
        for _ in range(2):
            store.remove("a")
        assert store.list() == ()

    def test_list_is_sorted_and_relative(self, opened: OPEN) -> None:
        store = opened()
        for key in ("b/2", "b/1", "c"):
            store.create(key, b"")
        assert store.list("b/") == ("b/1", "b/2")
        assert store.list() == ("b/1", "b/2", "c")

    def test_without_prefix(self, opened: OPEN, server: LocalObjectStore) -> None:
        server.create_bucket("bare")
        store = opened(bucket="bare")
        bare = ObjectStore(
            StoreAddress("bare"),
            server.endpoint_url,
            access_key=SecretStr(server.access_key),
            secret_key=SecretStr(server.secret_key),
        )
        bare.create("k", b"1")
        assert bare.list() == ("k",)
        assert store.list() == ()


class TestProbe:
    def test_a_store_that_honours_conditions(self, opened: OPEN) -> None:
        store = opened()
        result = store.probe()
        assert result == SAFE
        assert "honours conditional writes" in result.sentence
        assert store.list() == ()

    def test_a_store_that_ignores_conditions(self, opened: OPEN, between: Between) -> None:
        between.dropped_headers = ("if-match", "if-none-match")
        store = opened(endpoint_url=between.endpoint_url, probed=None)
        with pytest.raises(ServiceRefused, match=r"ignores If-None-Match .* and ignores or mishandles If-Match"):
            store.publish("r1", 1, version_files("a"), {}, None)
        assert store.list() == ()
        assert store.probe().creation_winners > 1

    @pytest.mark.parametrize(
        ("header", "word"), [("if-none-match", "ignores If-None-Match"), ("if-match", "mishandles If-Match")]
    )
    def test_it_says_which_condition_is_ignored(self, opened: OPEN, between: Between, header: str, word: str) -> None:
        between.dropped_headers = (header,)
        result = opened(endpoint_url=between.endpoint_url).probe()
        assert not result.safe
        assert word in result.sentence
        assert result.creation_kept != result.swap_kept

    def test_a_store_that_is_only_wrong_in_a_race(self) -> None:
        result = ProbeResult(second_creation_refused=True, stale_swap_refused=True, creation_winners=2, swap_winners=0)
        assert not result.safe
        assert "let 2 of 16 simultaneous creations" in result.sentence
        assert "let 0 of 16 simultaneous swaps" in result.sentence

    def test_a_sole_publisher_may_use_such_a_store_and_still_overwrites_nothing(
        self, opened: OPEN, between: Between
    ) -> None:
        between.dropped_headers = ("if-match", "if-none-match")
        store = opened(endpoint_url=between.endpoint_url, probed=None, sole_publisher=True)
        first = store.publish("r1", 1, version_files("a"), {}, None)
        with pytest.raises(Conflict):
            store.publish("r1", 2, version_files("b"), {}, None)
        with pytest.raises(Conflict):
            store.create("r1/versions/000001/summary.json", b"other")
        store.publish("r1", 2, version_files("b"), {}, first.pointer_etag)
        assert check_what_readers_see(store) == 2


class TestPublish:
    def test_layout_pointer_and_cache_headers(self, opened: OPEN, server: LocalObjectStore) -> None:
        store = opened()
        published = store.publish("r1", 12, version_files("a", 1), {"status": "living"}, None)
        assert store.list() == (
            "r1/latest.json",
            "r1/versions/000012/charts/0.svg",
            "r1/versions/000012/manifest.json",
            "r1/versions/000012/studies.csv",
            "r1/versions/000012/summary.json",
        )
        body, etag = store.read("r1/latest.json")
        assert json.loads(body) == {
            "review": "r1",
            "version": 12,
            "manifest": {"key": "versions/000012/manifest.json", "sha256": published.manifest_sha256},
            "status": "living",
        }
        assert published.pointer_etag == etag
        assert json.loads(store.read("r1/versions/000012/manifest.json")[0])["files"][0] == {
            "name": "charts/0.svg",
            "key": "versions/000012/charts/0.svg",
            "sha256": hashlib.sha256(b"charts/0.svg: a").hexdigest(),
            "bytes": 15,
            "content_type": "text/plain",
        }
        control = {
            key: server.client().head_object(Bucket=BUCKET, Key=store.address.key(key))["CacheControl"]
            for key in store.list()
        }
        assert control.pop("r1/latest.json") == "public, max-age=60"
        assert set(control.values()) == {"public, max-age=31536000, immutable"}
        assert check_what_readers_see(store) == 12

    def test_touching_the_pointer_changes_its_fields_only(self, opened: OPEN) -> None:
        store = opened()
        first = store.publish("r1", 1, version_files("a"), {"status": "living", "searched": "2026-11-01"}, None)
        etag = store.touch_pointer("r1", {"searched": "2026-11-08"}, first.pointer_etag)
        pointer = store.read_pointer("r1")
        assert pointer is not None
        assert (pointer.version, pointer.etag) == (1, etag)
        assert pointer.fields == {"status": "living", "searched": "2026-11-08"}
        with pytest.raises(Conflict, match="published this review first"):
            store.touch_pointer("r1", {"searched": "2026-11-09"}, first.pointer_etag)
        with pytest.raises(MissingObject, match="nothing is published"):
            store.touch_pointer("r2", {}, etag)

    def test_a_stale_publisher_writes_nothing(self, opened: OPEN) -> None:
        store = opened()
        store.publish("r1", 1, version_files("a"), {}, None)
        before = store.list()
        with pytest.raises(Conflict, match="somebody else published this review first"):
            store.publish("r1", 2, version_files("b"), {}, None)
        assert store.list() == before

    def test_a_published_number_is_not_used_again(self, opened: OPEN) -> None:
        store = opened()
        first = store.publish("r1", 3, version_files("a"), {}, None)
        with pytest.raises(VersionTaken) as caught:
            store.publish("r1", 3, version_files("a"), {}, first.pointer_etag)
        assert caught.value.next_version == 4 == store.next_version("r1")

    @pytest.mark.parametrize("name", ["../x", "/x", "a//b", "manifest.json", "a?b", "a\nb", ""])
    def test_names_that_are_not_plain_paths_are_refused(self, opened: OPEN, name: str) -> None:
        store = opened()
        with pytest.raises(UsageError, match="not a publishable set of files"):
            store.publish("r1", 1, {name: File(b"", "text/plain")}, {}, None)
        assert store.list() == ()

    def test_pointer_fields_cannot_replace_the_version(self, opened: OPEN) -> None:
        with pytest.raises(UsageError, match="version cannot be set"):
            opened().publish("r1", 1, version_files("a"), {"version": 9}, None)

    def test_a_foreign_pointer_is_an_error_and_stays(self, opened: OPEN) -> None:
        store = opened()
        store.create("r1/latest.json", b'{"hello": 1}')
        with pytest.raises(InvalidFile, match=r"pointer is not one of ours, .*r1/latest.json"):
            store.publish("r1", 1, version_files("a"), {}, None)
        assert store.list() == ("r1/latest.json",)


class TestFilesThatAnEarlierVersionHas:
    def kept(self, files: dict[str, File], first: Published) -> Kept:
        return Kept(
            reusable(build_manifest("r1", 1, files), {**files, **version_files("other", 0)}),
            first.manifest_key,
            first.manifest_sha256,
        )

    def test_they_are_not_written_again_and_readers_get_them(self, opened: OPEN) -> None:
        store = opened()
        files = version_files("a")
        first = store.publish("r1", 1, files, {}, None)
        kept = self.kept(files, first)
        assert sorted(kept.keys) == [f"charts/{number}.svg" for number in range(6)]
        assert store.absent("r1", {key: len(files[name].body) for name, key in kept.keys.items()}) == set()
        store.publish("r1", 2, {**files, **version_files("other", 0)}, {}, first.pointer_etag, kept)
        assert [key for key in store.list() if "000002" in key] == [
            "r1/versions/000002/manifest.json",
            "r1/versions/000002/studies.csv",
            "r1/versions/000002/summary.json",
        ]
        assert check_what_readers_see(store) == 2

    def test_what_is_missing_or_of_another_size_is_noticed(self, opened: OPEN) -> None:
        store = opened()
        store.create("r1/versions/000001/a", b"12")
        assert store.absent("r1", {"versions/000001/a": 2}) == set()
        assert store.absent("r1", {"versions/000001/a": 3, "versions/000001/b": 0}) == {
            "versions/000001/a",
            "versions/000001/b",
        }

    def test_a_version_withdrawn_meanwhile_is_a_conflict_and_readers_keep_theirs(self, opened: OPEN) -> None:
        store = opened()
        files = version_files("a")
        first = store.publish("r1", 1, files, {}, None)
        current = store.publish("r1", 2, version_files("b"), {}, first.pointer_etag)
        store.replace("r1/versions/000001/manifest.json", b'{"files":[]}', "application/json")
        with pytest.raises(Conflict, match=r"was withdrawn meanwhile, .*000001/manifest\.json, publish again"):
            store.publish("r1", 3, files, {}, current.pointer_etag, self.kept(files, first))
        assert check_what_readers_see(store) == 2

    def test_who_claimed_a_number(self, opened: OPEN) -> None:
        store = opened()
        assert store.claim_of("r1", 1) is None
        assert store.publish("r1", 1, version_files("a"), {}, None).manifest_sha256 == store.claim_of("r1", 1)


class TestTwoPublishersAtOnce:
    @pytest.mark.parametrize("same_number", [True, False])
    @pytest.mark.parametrize("same_content", [True, False])
    def test_threads(self, opened: OPEN, same_number: bool, same_content: bool) -> None:
        rivals = 3
        stores = [opened() for _ in range(rivals)]
        seen: list[int | None] = []
        done = threading.Event()

        def look() -> None:
            reader = opened()
            while not done.is_set():
                seen.append(check_what_readers_see(reader))

        reading = threading.Thread(target=look)
        reading.start()
        etag: str | None = None
        try:
            for turn in range(3):
                start = threading.Barrier(rivals)

                def publish(
                    number: int, start: threading.Barrier = start, turn: int = turn, etag: str | None = etag
                ) -> str | Conflict:
                    version = 1 + turn * 10 + (0 if same_number else number)
                    files = version_files(f"{turn} {'same' if same_content else number}")
                    start.wait(timeout=30)
                    try:
                        return stores[number].publish("r1", version, files, {"by": number}, etag).pointer_etag
                    except Conflict as conflict:
                        return conflict

                with ThreadPoolExecutor(rivals) as pool:
                    outcomes = list(pool.map(publish, range(rivals)))
                won = [outcome for outcome in outcomes if isinstance(outcome, str)]
                lost = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
                assert (len(won), len(lost)) == (1, rivals - 1)
                assert all("published this review first" in str(e) or "already holds" in str(e) for e in lost)
                pointer = stores[0].read_pointer("r1")
                assert pointer is not None
                etag = won[0]
                assert pointer.etag == etag
                assert pointer.fields["by"] == outcomes.index(etag)
        finally:
            done.set()
            reading.join()
        assert [version for version in seen if version] == sorted(version for version in seen if version)
        assert check_what_readers_see(stores[0]) is not None

    def test_processes(self, opened: OPEN, server: LocalObjectStore) -> None:
        store = opened()
        publishers = [start_publisher(server, store, f"p{number}") for number in range(3)]
        try:
            for publisher in publishers:
                assert publisher.stdout is not None
                assert publisher.stdout.readline() == "ready\n"
            etag = None
            for version in range(1, 5):
                for publisher in publishers:
                    assert publisher.stdin is not None
                    publisher.stdin.write(json.dumps([version, etag]) + "\n")
                    publisher.stdin.flush()
                outcomes = [publisher.stdout.readline().strip() for publisher in publishers if publisher.stdout]
                assert sorted(outcomes)[:2] == ["lost", "lost"], outcomes
                assert sorted(outcomes)[2].startswith("won")
                assert check_what_readers_see(store) == version
                pointer = store.read_pointer("r1")
                assert pointer is not None
                assert pointer.fields["by"] == f"p{next(i for i, o in enumerate(outcomes) if o != 'lost')}"
                etag = pointer.etag
        finally:
            for publisher in publishers:
                end(publisher)


PUBLISHER = """
import json, sys, time
from pydantic import SecretStr
from living_review.errors import Conflict
from living_review.store import File, ObjectStore, ProbeResult, StoreAddress
settings = json.loads(sys.argv[1])
safe = ProbeResult(second_creation_refused=True, stale_swap_refused=True, creation_winners=1, swap_winners=1)
store = ObjectStore(StoreAddress.parse(settings["address"]), settings["endpoint"], region="us-east-1",
                    access_key=SecretStr(settings["access"]), secret_key=SecretStr(settings["secret"]), probed=safe)
if settings["stop_before_pointer"]:
    def swap(*args, **kwargs):
        print("content written", flush=True)
        time.sleep(60)
    store.swap = swap
print("ready", flush=True)
for line in sys.stdin:
    version, etag = json.loads(line)
    names = ["summary.json", "studies.csv", *(f"charts/{number}.svg" for number in range(6))]
    files = {name: File(f"{name}: {settings['text']}".encode(), "text/plain") for name in names}
    try:
        store.publish("r1", version, files, {"by": settings["text"]}, etag)
        print("won", flush=True)
    except Conflict:
        print("lost", flush=True)
"""


def start_publisher(
    server: LocalObjectStore, store: ObjectStore, text: str, *, stop_before_pointer: bool = False
) -> subprocess.Popen[str]:
    settings = {
        "address": str(store.address),
        "endpoint": server.endpoint_url,
        "access": server.access_key,
        "secret": server.secret_key,
        "text": text,
        "stop_before_pointer": stop_before_pointer,
    }
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, json.dumps(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )


def end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate()


class MachineGoneError(Exception):
    """The publisher's machine went away."""


class TestPublisherThatDies:
    def kill_before_the_pointer(self, server: LocalObjectStore, store: ObjectStore, etag: str | None) -> None:
        publisher = start_publisher(server, store, "dead", stop_before_pointer=True)
        try:
            assert publisher.stdin is not None
            assert publisher.stdout is not None
            assert publisher.stdout.readline() == "ready\n"
            publisher.stdin.write(json.dumps([2, etag]) + "\n")
            publisher.stdin.flush()
            assert publisher.stdout.readline() == "content written\n"
        finally:
            end(publisher)

    def test_killed_between_content_and_pointer(self, opened: OPEN, server: LocalObjectStore) -> None:
        store = opened()
        first = store.publish("r1", 1, version_files("first"), {}, None)
        self.kill_before_the_pointer(server, store, first.pointer_etag)
        assert "r1/versions/000002/manifest.json" in store.list()
        assert check_what_readers_see(store) == 1

        with pytest.raises(VersionTaken, match="version 2 already holds other content, r1, publish as version 3") as e:
            store.publish("r1", 2, version_files("other"), {}, first.pointer_etag)
        assert check_what_readers_see(store) == 1
        store.publish("r1", e.value.next_version, version_files("other"), {}, first.pointer_etag)
        assert check_what_readers_see(store) == 3

    def test_the_same_content_continues_under_the_same_number(self, opened: OPEN, server: LocalObjectStore) -> None:
        store = opened()
        first = store.publish("r1", 1, version_files("first"), {}, None)
        self.kill_before_the_pointer(server, store, first.pointer_etag)
        store.publish("r1", 2, version_files("dead"), {}, first.pointer_etag)
        assert check_what_readers_see(store) == 2

    @pytest.mark.parametrize("writes", [0, 1, 2, 5, 8, 9])
    @pytest.mark.parametrize("next_text", ["same", "other"])
    def test_stopped_after_any_number_of_writes(
        self, opened: OPEN, monkeypatch: pytest.MonkeyPatch, writes: int, next_text: str
    ) -> None:
        store, made = opened(), count(1)
        real = store._put

        def put(*args: Any, **kwargs: Any) -> str | None:
            if next(made) > writes:
                raise MachineGoneError
            return real(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(store, "_put", put)
            with pytest.raises(MachineGoneError):
                store.publish("r1", 1, version_files("same"), {}, None)
        assert len(store.list()) == writes
        assert store.read_pointer("r1") is None

        number, files = 1, version_files(next_text)
        try:
            store.publish("r1", number, files, {}, None)
        except VersionTaken as taken:
            assert (next_text, writes > 0) == ("other", True)
            number = taken.next_version
            store.publish("r1", number, files, {}, None)
        assert number == (2 if next_text == "other" and writes else 1)
        assert check_what_readers_see(store) == number

    def test_files_that_differ_beside_an_equal_summary_are_noticed_at_once(self, opened: OPEN) -> None:
        store = opened()
        files = version_files("a")
        store._write_content("r1/versions/000001", files, hashlib.sha256(b"another manifest").hexdigest())
        before = store.list()
        with pytest.raises(VersionTaken):
            store.publish("r1", 1, {**files, "studies.json": File(b"[]", "application/json")}, {}, None)
        assert store.list() == before


class TestAnswersThatGetLost:
    def test_a_swap_that_was_done_but_not_answered_counts_as_done(self, opened: OPEN, between: Between) -> None:
        store = opened(endpoint_url=between.endpoint_url)
        etag = store.swap("p", b"1", None)
        hidden = count()
        between.hide_answer = lambda method, path: method == "PUT" and next(hidden) == 0
        new = store.swap("p", b"2", etag)
        assert store.read("p") == (b"2", new)

    def test_a_swap_that_was_not_done_is_tried_again(self, opened: OPEN, between: Between) -> None:
        store = opened(endpoint_url=between.endpoint_url)
        etag = store.swap("p", b"1", None)
        tried = count()
        between.answer_instead = lambda method, path: (
            (503, "SlowDown") if method == "PUT" and next(tried) == 0 else None
        )
        store.swap("p", b"2", etag)
        assert store.read("p")[0] == b"2"

    def test_a_rival_who_wins_while_our_answer_is_lost_is_a_conflict(self, opened: OPEN, between: Between) -> None:
        rival, store = opened(), opened(endpoint_url=between.endpoint_url)
        etag = store.swap("p", b"1", None)

        def rival_first(method: str, path: str) -> tuple[int, str] | None:
            if method == "PUT" and rival.read("p")[1] == etag:
                rival.swap("p", b"theirs", etag)
                return 500, "InternalError"
            return None

        between.answer_instead = rival_first
        with pytest.raises(Conflict):
            store.swap("p", b"ours", etag)
        assert store.read("p")[0] == b"theirs"

    def test_a_creation_whose_answer_was_lost_is_fine(self, opened: OPEN, between: Between) -> None:
        store = opened(endpoint_url=between.endpoint_url)
        hidden = count()
        between.hide_answer = lambda method, path: method == "PUT" and next(hidden) == 0
        assert store.create("a", b"1") == store.read("a")[1]

    def test_409_is_tried_again(self, opened: OPEN, between: Between) -> None:
        store = opened(endpoint_url=between.endpoint_url)
        busy = count()
        between.answer_instead = lambda method, path: (
            (409, "ConditionalRequestConflict") if method == "PUT" and next(busy) < 2 else None
        )
        store.publish("r1", 1, version_files("a"), {}, None)
        assert check_what_readers_see(store) == 1

    def test_409_for_ever_is_given_up(self, opened: OPEN, between: Between, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store_objects, "_pause_s", lambda attempt: 0.0)
        between.answer_instead = lambda method, path: (409, "ConditionalRequestConflict") if method == "PUT" else None
        with pytest.raises(SourceUnavailable, match="too many writers"):
            opened(endpoint_url=between.endpoint_url).create("a", b"1")


class TestFailures:
    @pytest.fixture
    def wrong(self, opened: OPEN, caplog: pytest.LogCaptureFixture, server: LocalObjectStore) -> Iterator[OPEN]:
        caplog.set_level(logging.DEBUG)
        yield opened
        logged = "\n".join(record.getMessage() for record in caplog.get_records("call"))
        assert server.secret_key not in logged
        assert "hunter2" not in logged

    def lines(self, store: ObjectStore, kind: type[LivingReviewError]) -> set[str]:
        said = set()
        for attempt in (
            lambda: store.read("a"),
            lambda: store.list(),
            lambda: store.create("a", b""),
            lambda: store.read_pointer("r1"),
            lambda: store.publish("r1", 1, version_files("a"), {}, None),
            lambda: store.probe(),
        ):
            with pytest.raises(kind) as caught:
                attempt()
            line = str(caught.value)
            assert "\n" not in line
            assert "hunter2" not in line
            assert caught.value.__suppress_context__ or caught.value.__context__ is None
            said.add(line.partition(", bucket")[0])
        return said

    def test_unknown_access_key(self, wrong: OPEN) -> None:
        store = wrong(access_key=SecretStr("nobody"), secret_key=SecretStr("hunter2hunter2"))
        assert self.lines(store, ServiceRefused) == {"the store does not know the access key (InvalidAccessKeyId)"}

    def test_wrong_secret_key(self, wrong: OPEN) -> None:
        store = wrong(secret_key=SecretStr("hunter2hunter2"))
        assert self.lines(store, ServiceRefused) == {
            "the secret key does not match the access key (SignatureDoesNotMatch)"
        }

    def test_missing_bucket_is_not_made(self, wrong: OPEN, server: LocalObjectStore) -> None:
        store = wrong(bucket="no-such-bucket")
        for attempt in (
            store.probe,
            store.list,
            lambda: store.read("a"),
            lambda: store.publish("r1", 1, version_files("a"), {}, None),
        ):
            with pytest.raises(ServiceRefused, match=r"bucket does not exist .*bucket no-such-bucket at .*create it"):
                attempt()
        assert "no-such-bucket" not in {b.get("Name") for b in server.client().list_buckets()["Buckets"]}

    def test_dead_endpoint(self, wrong: OPEN, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store_objects, "TRIES", 1)
        with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
            port = closed.server_port
        store = wrong(endpoint_url=f"http://127.0.0.1:{port}")
        assert self.lines(store, SourceUnavailable) == {"the object store cannot be reached"}

    def test_endpoint_that_never_answers(self, wrong: OPEN, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store_objects, "TRIES", 1)
        monkeypatch.setattr(store_objects, "READ_TIMEOUT_S", 0.2)
        with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as mute:
            store = wrong(endpoint_url=f"http://127.0.0.1:{mute.server_port}")
            with pytest.raises(SourceUnavailable, match="answered too late"):
                store.read("a")

    @pytest.mark.parametrize("address", ["127.0.0.1", "ftp//x", "http://user:hunter2@127.0.0.1:1"])
    def test_endpoint_that_cannot_be_used(self, wrong: OPEN, address: str) -> None:
        with pytest.raises(ServiceRefused, match=r"address is not of the form http\(s\)://host:port") as caught:
            wrong(endpoint_url=address)
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "code", "kind", "said"),
        [
            (403, "AccessDenied", ServiceRefused, "access denied"),
            (403, "RequestTimeTooSkewed", ServiceRefused, "clock differs too much"),
            (400, "ExpiredToken", ServiceRefused, "session token has expired"),
            (400, "AuthorizationHeaderMalformed", ServiceRefused, "another region"),
            (501, "NotImplemented", ServiceRefused, "does not implement"),
            (418, "Teapot", ServiceRefused, "refused the request (Teapot, HTTP 418)"),
            (503, "SlowDown", SourceUnavailable, "not able to answer now (SlowDown)"),
            (429, "TooManyRequests", SourceUnavailable, "not able to answer now"),
        ],
    )
    def test_what_the_store_answers_becomes_one_line(
        self,
        wrong: OPEN,
        between: Between,
        monkeypatch: pytest.MonkeyPatch,
        status: int,
        code: str,
        kind: type[LivingReviewError],
        said: str,
    ) -> None:
        monkeypatch.setattr(store_objects, "TRIES", 1)
        between.answer_instead = lambda method, path: (status, code)
        lines = self.lines(wrong(endpoint_url=between.endpoint_url), kind)
        assert len(lines) == 1
        assert said in lines.pop()

    def test_no_credentials(self, server: LocalObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("HOME", str(tmp_path))
        store = ObjectStore(StoreAddress(BUCKET), server.endpoint_url)
        with pytest.raises(ServiceRefused, match="no credentials"):
            store.list()
