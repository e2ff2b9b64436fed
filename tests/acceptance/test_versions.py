"""Versions by the command line: look, approve, point back, withdraw; and the store that readers pull from."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from infra.local.object_store import LocalObjectStore
from tests.acceptance.small_review import COMMAND, CommandLine

pytestmark = pytest.mark.server

PLACE = "s3://reviews/here"


@pytest.fixture
def stored(review: CommandLine, store: LocalObjectStore, monkeypatch, request) -> CommandLine:
    """The review with a place of its own in the store."""
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LIVING_REVIEW_STORE_URL", f"{PLACE}-{request.node.name[:40].replace('_', '-')}")
    return review


def base(store: LocalObjectStore) -> str:
    """Where readers pull from."""
    return f"{store.endpoint_url}/{os.environ['LIVING_REVIEW_STORE_URL'].removeprefix('s3://')}/small-review"


def get(address: str) -> tuple[int, bytes, Any]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def test_from_the_first_look_to_a_version_that_had_to_go(stored: CommandLine, store: LocalObjectStore):
    told = stored("store", "setup").done().out.splitlines()
    assert told[0] == "policy: set; anybody can get what is published, and nothing else"
    assert [line[:7] for line in told[2:]] == ["   ok  "] * 4
    here = base(store)

    told = stored("publish", "--preview", "--no-serve").done().out
    assert "version 1 would be published: first publication" in told
    preview = stored.folder / ".living-review" / "preview" / "small-review"
    assert (preview / "latest.json").is_file()
    assert get(f"{here}/latest.json")[0] == 404
    assert "nobody previewed" not in stored("publish", "--approve", "--by", "ann").done().out
    shown = get(f"{here}/versions/000001/summary.json")[1]
    assert shown == (preview / "versions/000001/summary.json").read_bytes()

    stored.protocol(("title: A small living review", "title: A renamed living review"))
    assert "version 2: changed data, records or methods" in stored("publish").done().out
    told = stored("rollback", "1", "--by", "ann", "--note", "the old name was right").done().out
    assert re.search(r"rollback +\d+ files of version 1: \d+ in place", told)
    pointer = json.loads(get(f"{here}/latest.json")[1])
    assert (pointer["version"], pointer["notice"]["from"]) == (1, 2)
    told = stored("publish").done().out
    assert (
        "! not published: readers were pointed back to version 1 by ann: the old name was right; a person can" in told
    )
    told = stored("withdraw", "2", "--by", "ann", "--note", "it named somebody").done().out
    assert re.search(r"withdraw +\d+ files of version 2: \d+ deleted", told)
    assert "caches were told to keep them a year" in told
    assert get(f"{here}/versions/000002/summary.json")[0] == 404
    assert b"it named somebody" in get(f"{here}/versions/000002/index.html")[1]
    stored("withdraw", "1", "--by", "ann", "--note", "x").refused(
        2, ("version 1 is what readers are shown", "withdraw", "publish a newer version or roll back first")
    )
    stored.protocol(("A renamed living review", "A living review named otherwise"))
    stored("publish", "--approve", "--by", "ann").refused(
        1, ("what would be published now is not what was previewed last", "small-review", "--unseen")
    )
    assert "version 3" in stored("publish", "--approve", "--by", "ann", "--unseen").done().out
    assert json.loads(get(f"{here}/latest.json")[1])["version"] == 3
    assert "nothing new: there is nothing to publish" in stored("publish", "--preview").done().out


def test_a_store_that_readers_cannot_read_fails_its_check(stored: CommandLine, store: LocalObjectStore, monkeypatch):
    store.create_bucket("unread")
    monkeypatch.setenv("LIVING_REVIEW_STORE_URL", "s3://unread/here")
    told = stored("store", "check")
    told.refused(1, ("1 of 4 checks from outside failed", "/unread/here", "then run `living-review store check`"))
    [wrong] = [line for line in told.out.splitlines() if line.startswith("WRONG")]
    assert "answers 403; `living-review store setup` sets the policy" in wrong
    stored("store", "setup").done()
    assert stored("store", "check").done().out.count("   ok  ") == 4


def test_the_policy_alone_can_be_printed(stored: CommandLine, store: LocalObjectStore):
    policy = json.loads(stored("store", "setup", "--policy-only").done().out)
    [one] = policy["Statement"]
    assert (one["Action"], one["Principal"]) == (["s3:GetObject"], "*")
    assert all(arn.startswith("arn:aws:s3:::reviews/here-") for arn in one["Resource"])


def test_a_preview_is_shown_at_a_secret_address_until_it_is_stopped(stored: CommandLine):
    command = subprocess.Popen(
        [str(COMMAND), "publish", "--preview", "--review", str(stored.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stdout is not None
    address = ""
    while not address:
        line = command.stdout.readline()
        assert line, command.communicate()
        address = line.partition("look at it, on this machine: ")[2].strip()
    found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/([\w-]{32})/small-review/", address)
    assert found
    status, body, headers = get(f"{address}latest.json")
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "application/json", "no-store")
    manifest = json.loads(body)["manifest"]["key"]
    for one in json.loads(get(f"{address}{manifest}")[1])["files"]:
        status, body, headers = get(f"{address}{one['key']}")
        assert (status, len(body), headers["Content-Type"]) == (200, one["bytes"], one["content_type"])
        assert headers["Referrer-Policy"] == "no-referrer"
    assert b"<li>" in get(address)[1]
    for wrong in ("/", f"/{found[2][:-1]}/small-review/latest.json", "/small-review/latest.json", f"/{found[2]}"):
        assert get(f"{found[1]}{wrong}")[0] == 404
    for wrong in ("../../review.yaml", "%2e%2e/%2e%2e/review.yaml", "missing"):
        assert get(f"{address}{wrong}")[0] == 404
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=30)
    assert (command.returncode, err) == (0, "")


def test_two_previews_leave_the_newer_one(stored: CommandLine):
    stored("publish", "--preview", "--no-serve").done()
    folder = stored.folder / ".living-review" / "preview"
    (folder / "small-review" / "old").write_text("old")
    stored("publish", "--preview", "--no-serve").done()
    assert not (folder / "small-review" / "old").exists()
    assert [one.name for one in Path(folder).parent.iterdir() if "preview" in one.name] == ["preview"]
