"""Addresses, manifests and pointers: what can be said of the store without one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from living_review.errors import InvalidFile, UsageError
from living_review.store_layout import File, Pointer, StoreAddress, build_manifest, version_folder, version_of

HEX = "0" * 64


@pytest.mark.parametrize(
    ("text", "bucket", "prefix", "key"),
    [
        ("s3://reviews/a/b", "reviews", "a/b", "a/b/k"),
        ("s3://reviews/a/", "reviews", "a", "a/k"),
        ("s3://reviews", "reviews", "", "k"),
        ("s3://reviews/", "reviews", "", "k"),
    ],
)
def test_addresses(text: str, bucket: str, prefix: str, key: str) -> None:
    address = StoreAddress.parse(text)
    assert (address.bucket, address.prefix, address.key("k")) == (bucket, prefix, key)
    assert StoreAddress.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", "reviews/a", "http://reviews/a", "s3://ab/x", "s3://Reviews/x", "s3://reviews/a/../b", "s3://reviews/a//b"],
)
def test_wrong_addresses_are_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="s3://bucket/prefix, LIVING_REVIEW_STORE_URL"):
        StoreAddress.parse(text)


@pytest.mark.parametrize("number", [0, -1, 1_000_000])
def test_version_numbers_out_of_range(number: int) -> None:
    with pytest.raises(UsageError):
        version_folder(number)


@settings(deadline=None)
@given(st.integers(1, 999_999))
def test_version_folders_are_read_back(number: int) -> None:
    assert version_of(f"{version_folder(number)}/summary.json") == number
    assert version_of("latest.json") is None


def test_manifest_does_not_depend_on_the_order_of_files() -> None:
    files = {"b": File(b"2", "text/plain"), "a/c": File(b"1", "text/plain")}
    manifest = build_manifest("r1", 1, files)
    assert manifest == build_manifest("r1", 1, dict(reversed(files.items())))
    assert [file["key"] for file in json.loads(manifest)["files"]] == ["versions/000001/a/c", "versions/000001/b"]


@pytest.mark.parametrize("review_id", ["", ".probe", "a/b", "../x", "a b"])
def test_review_ids_that_cannot_be_folders(review_id: str) -> None:
    with pytest.raises(UsageError):
        build_manifest(review_id, 1, {"a": File(b"", "text/plain")})


def test_an_empty_version_is_refused() -> None:
    with pytest.raises(UsageError):
        build_manifest("r1", 1, {})


@settings(deadline=None)
@given(
    st.integers(1, 999_999),
    st.dictionaries(
        st.text(max_size=5).filter(lambda key: key not in {"review", "version", "manifest"}), st.integers()
    ),
)
def test_pointers_are_read_back(version: int, fields: dict[str, int]) -> None:
    pointer = Pointer(
        review_id="r", version=version, manifest_key="versions/000001/manifest.json", manifest_sha256=HEX, fields=fields
    )
    assert Pointer.from_bytes(pointer.to_bytes(), "", "here") == pointer


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{}", b'{"review":"r","version":"x","manifest":{}}', b"\xff"])
def test_what_is_no_pointer_says_where(body: bytes) -> None:
    with pytest.raises(InvalidFile, match="not one of ours, there"):
        Pointer.from_bytes(body, "", "there")
