"""Letting readers into a real SeaweedFS, and what a stranger can do there before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from infra.local.loopback import LoopbackServer
from infra.local.object_store import LocalObjectStore
from living_review.errors import ServiceRefused, SourceUnavailable
from living_review.store import File, ObjectStore, StoreAddress
from living_review.store_access import keeps_old_objects, open_to_readers
from living_review.store_outside import Finding, check_from_outside, reader_address
from tests.integration.review_desk import SAFE

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalObjectStore]:
    with LocalObjectStore(tmp_path_factory.mktemp("objects")) as running:
        yield running


@pytest.fixture
def store(server: LocalObjectStore, request: pytest.FixtureRequest) -> ObjectStore:
    """A store in a bucket of its own, which nobody else may read yet."""
    bucket = f"b{abs(hash(request.node.nodeid)) % 10**12}"
    server.create_bucket(bucket)
    return ObjectStore(
        StoreAddress(bucket, "p"),
        server.endpoint_url,
        region="us-east-1",
        access_key=SecretStr(server.access_key),
        secret_key=SecretStr(server.secret_key),
        probed=SAFE,
    )


def setup(store: ObjectStore) -> list[str]:
    return open_to_readers(store.client, store.address, store.endpoint_url)


def wrong(found: list[Finding]) -> list[str]:
    return [one.line for one in found if not one.is_right]


def publish(store: ObjectStore) -> None:
    store.publish("r1", 1, {"summary.json": File(b"{}", "application/json")}, {}, None)


def put_policy(store: ObjectStore, *actions: str) -> None:
    bucket = store.address.bucket
    resource = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    one = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": list(actions), "Resource": resource}
    store.client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [one]}))


def test_set_up_twice_and_checked_before_and_after_the_first_version(store):
    assert "cannot be read" in wrong(check_from_outside(store, "r1"))[0]
    assert [line.partition(":")[2][:5] for line in setup(store)] == [" set;", " set;"]
    assert setup(store) == ["policy: as it should be", "CORS: as it should be"]
    found = check_from_outside(store, "r1")
    assert wrong(found) == []
    assert [one.line for one in found] == [
        "what is published can be read without keys, from pages on any host",
        "what is not published is refused (403)",
        "listing is refused (403)",
        "writing is refused (403)",
    ]
    publish(store)
    found = check_from_outside(store, "r1")
    assert (wrong(found), found[0].line) == ([], f"readers get the pointer: {reader_address(store)}/r1/latest.json")
    assert store.list() == ("r1/latest.json", "r1/versions/000001/manifest.json", "r1/versions/000001/summary.json")


def test_pages_on_other_hosts_may_read_and_see_the_etag_and_nothing_more(store):
    setup(store)
    publish(store)
    address = f"{reader_address(store)}/r1/latest.json"
    origin = {"Origin": "https://elsewhere.example.org"}
    with httpx.Client(trust_env=False) as browser:
        got = browser.get(address, headers=origin)
        asked = browser.options(address, headers={**origin, "Access-Control-Request-Method": "GET"})
        other = browser.options(address, headers={**origin, "Access-Control-Request-Method": "PUT"})
    assert got.headers["Access-Control-Allow-Origin"] in {"*", origin["Origin"]}
    assert got.headers["Access-Control-Expose-Headers"] == "ETag"
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "PUT" not in other.headers.get("Access-Control-Allow-Methods", "")


def test_what_is_not_published_stays_hidden(store):
    setup(store)
    for key in ("backups/r1.tar.gz", "r1/ledger.sqlite", ".probe/x/creation", "previews.json"):
        store.create(key, b"x")
        assert httpx.get(f"{reader_address(store)}/{key}", trust_env=False).status_code == 403


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (["s3:GetObject"], "what is not published can be read as well"),
        (["s3:ListBucket"], "anybody can list the bucket"),
    ],
)
def test_what_is_too_open_is_named_and_nothing_is_left_behind(store, actions, said):
    put_policy(store, *actions)
    assert any(said in one for one in wrong(check_from_outside(store, "r1")))
    assert store.list() == ()
    # Our own statement is added; theirs stays, and is named again.
    assert "policy: set" in setup(store)[0]
    [line] = wrong(check_from_outside(store, "r1"))
    assert said in line


def test_a_missing_bucket_is_named(server, store):
    missing = StoreAddress("no-such-bucket", "p")
    with pytest.raises(ServiceRefused, match=r"bucket does not exist .*no-such-bucket"):
        open_to_readers(store.client, missing, server.endpoint_url)


def test_whether_deleted_objects_are_kept(store):
    assert keeps_old_objects(store) is False
    store.client.put_bucket_versioning(Bucket=store.address.bucket, VersioningConfiguration={"Status": "Enabled"})
    assert keeps_old_objects(store) is True


class TestAnotherAddress:
    """A server in front of the store, as readers see it."""

    @pytest.fixture
    def front(self, store: ObjectStore) -> Iterator[Any]:
        from http.server import BaseHTTPRequestHandler

        class Front(BaseHTTPRequestHandler):
            headers_passed_on = True
            lets_write = False
            kept: dict[str, bytes] = {}  # noqa: RUF012 - each test has a class of its own

            def do_GET(self) -> None:
                address = f"{reader_address(store)}{self.path}"
                answer = httpx.get(address, headers={"Origin": self.headers.get("Origin", "")}, trust_env=False)
                self.send_response(answer.status_code)
                if self.headers_passed_on and "Access-Control-Allow-Origin" in answer.headers:
                    self.send_header("Access-Control-Allow-Origin", answer.headers["Access-Control-Allow-Origin"])
                self.end_headers()
                self.wfile.write(self.kept.get(self.path.partition("?")[0], answer.content))

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.lets_write:
                    store.create(self.path.removeprefix("/"), body)
                self.send_response(200 if self.lets_write else 405)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        with LoopbackServer(ThreadingHTTPServer(("127.0.0.1", 0), Front)) as server:
            yield Front, f"http://127.0.0.1:{server.port}"

    def test_it_is_checked_there(self, store, front):
        setup(store)
        publish(store)
        found = check_from_outside(store, "r1", front[1])
        assert wrong(found) == []
        assert found[0].line == f"readers get the pointer: {front[1]}/r1/latest.json"

    def test_a_front_that_drops_the_header_or_keeps_an_old_pointer_is_named(self, store, front):
        setup(store)
        publish(store)
        front[0].headers_passed_on = False
        [line] = wrong(check_from_outside(store, "r1", front[1]))
        assert "answers without Access-Control-Allow-Origin" in line
        front[0].headers_passed_on = True
        front[0].kept["/r1/latest.json"] = b"{}"
        [line] = wrong(check_from_outside(store, "r1", front[1]))
        assert "the pointer that readers get is another than the store's" in line

    def test_a_front_that_lets_anybody_write_is_named(self, store, front):
        # SeaweedFS 4.48 refuses writing without keys even where a policy allows it.
        setup(store)
        front[0].lets_write = True
        [line] = wrong(check_from_outside(store, "r1", front[1]))
        assert "anybody can write" in line
        assert store.list() == ()

    def test_nobody_there(self, store, front):
        with pytest.raises(SourceUnavailable, match=r"nobody answers there \(ConnectError\), http://127.0.0.1:1"):
            check_from_outside(store, "r1", "http://127.0.0.1:1")
        assert store.list() == ()
