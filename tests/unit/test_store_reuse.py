"""Which files of a new version need not be written again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.errors import InvalidFile
from living_review.store_layout import File, build_manifest, cache_control, version_of
from living_review.store_reuse import SUMMARY, entries_of, reusable

NAMES = (SUMMARY, "a.json", "b/c.svg", "b/d.svg")
BODIES = st.sampled_from([b"1", b"2", b"3"])
FILES = st.dictionaries(
    st.sampled_from(NAMES), st.builds(File, BODIES, st.sampled_from(["text/plain", "image/svg+xml"])), min_size=1
)


@settings(deadline=None)
@given(st.lists(FILES, min_size=1, max_size=6), st.sets(st.integers(1, 6)))
def test_every_version_has_all_its_bytes_and_none_of_a_withdrawn_one(
    published: list[dict[str, File]], withdrawn: set[int]
) -> None:
    store: dict[str, File] = {}
    before = b""
    for version, files in enumerate(published, start=1):
        kept = reusable(before, files, withdrawn) if before else {}
        manifest = build_manifest("r1", version, files, kept)
        written = {one.key: files[one.name] for one in entries_of(manifest, "") if one.name not in kept}
        assert not store.keys() & written.keys()
        assert all(version_of(key) == version for key in written)
        store |= written
        for one in entries_of(manifest, ""):
            assert store[one.key] == files[one.name]
            assert version_of(one.key) == version or (one.name != SUMMARY and version_of(one.key) not in withdrawn)
        # What the version before has and stands is written once.
        standing = {
            (one.sha256, one.content_type)
            for one in (entries_of(before, "") if before else ())
            if version_of(one.key) not in withdrawn
        }
        again = [one for one in entries_of(manifest, "") if one.key in written and one.name != SUMMARY]
        assert not standing & {(one.sha256, one.content_type) for one in again}
        before = manifest


def test_a_name_of_its_own_comes_before_another_with_the_same_bytes() -> None:
    two = {"a": File(b"1", "text/plain"), "b": File(b"1", "text/plain"), "c": File(b"1", "text/html")}
    manifest = build_manifest("r1", 1, two)
    assert reusable(manifest, {**two, "d": File(b"1", "text/plain")}) == {
        "a": "versions/000001/a",
        "b": "versions/000001/b",
        "c": "versions/000001/c",
        "d": "versions/000001/a",
    }


def test_manifests_as_they_once_were_are_read() -> None:
    old = {
        "files": [
            {"key": "versions/000003/charts/a.svg", "sha256": "0" * 64, "bytes": 1, "content_type": "image/svg+xml"}
        ]
    }
    [one] = entries_of(json.dumps(old).encode(), "")
    assert (one.name, one.key) == ("charts/a.svg", "versions/000003/charts/a.svg")


def test_a_withdrawn_version_lists_nothing() -> None:
    assert entries_of(b'{"review":"r","version":1,"withdrawn":{"on":"2026-01-01","reason":"x"},"files":[]}', "") == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"files":[{}]}', b'{"files":1}', b'{"files":[{"key":"x"}]}'])
def test_what_is_no_manifest_says_where(body: bytes) -> None:
    with pytest.raises(InvalidFile, match="not one of ours, there"):
        entries_of(body, "there")


@pytest.mark.parametrize(
    ("key", "lasts"),
    [
        ("versions/000001/summary.json", True),
        ("site/0123456789abcdef/app.js", True),
        ("latest.json", False),
        ("feed.json", False),
        ("studies-2.html", False),
        ("versions.html", False),
    ],
)
def test_what_never_changes_may_be_kept_a_year(key: str, lasts: bool) -> None:
    assert cache_control(key) == ("public, max-age=31536000, immutable" if lasts else "public, max-age=60")
