"""Objects of an S3-compatible store (boto3): created once or swapped, never overwritten unseen.

Promises:

- Creating leaves an object that is there as it is; swapping succeeds only if the object is still what was read. Of
  several writers at once exactly one wins; the others get :class:`~living_review.errors.Conflict`.
- A store that does not honour conditional writes is found out.
- Every request is bounded in time and tries; every failure is one line without a secret.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from pydantic import SecretStr

from living_review.errors import Conflict, LivingReviewError, ServiceRefused, SourceUnavailable
from living_review.store_errors import BotoFailure, code_of, explain, status_of
from living_review.store_layout import JSON_TYPE, POINTER_CACHE_CONTROL, VERSION_CACHE_CONTROL, StoreAddress
from living_review.store_probe import RACERS, ProbeResult, probe

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
"""For one answer; botocore's own default of 60 s times 5 tries would hold a publisher for minutes."""
TRIES = 4
"""Of one request, the first included."""
_TRIES_WHILE_BUSY = 6


class MissingObject(LivingReviewError):
    """There is no object of that key."""


class Objects:
    """One prefix of one bucket. All keys taken and given are relative to the prefix. Usable from several threads.

    Args:
        address: Bucket and prefix.
        endpoint_url: Address of the store; None for AWS.
        region: Region name; None takes boto3's own, or ``us-east-1`` where a store of one's own has none.
        access_key: Access key; None takes boto3's usual chain (environment, profile, instance role).
        secret_key: Its secret.
        checksums: ``when_required`` for stores that reject the CRC32 boto3 adds since 1.36.
        sole_publisher: The operator's word that nobody else publishes here: conditions are then also checked by
            reading first, and a store that ignores them is accepted.
        probed: What an earlier :meth:`probe` of this store found; None lets the first publication find out itself,
            which takes some seconds (6 to 10 s measured on SeaweedFS 4.48, whose locks wait whole seconds).
    """

    def __init__(
        self,
        address: StoreAddress,
        endpoint_url: str | None,
        *,
        region: str | None = None,
        access_key: SecretStr | None = None,
        secret_key: SecretStr | None = None,
        checksums: Literal["when_required", "when_supported"] = "when_required",
        sole_publisher: bool = False,
        probed: ProbeResult | None = None,
    ) -> None:
        self.address = address
        self.endpoint_url = endpoint_url
        self.sole_publisher = sole_publisher
        self._probed = probed

        def made(tries: int) -> S3Client:
            config = Config(
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                retries={"total_max_attempts": tries, "mode": "standard"},
                max_pool_connections=RACERS,
                request_checksum_calculation=checksums,
                response_checksum_validation=checksums,
                s3={"addressing_style": "path" if endpoint_url else "auto"},
            )
            return session.client(
                "s3",
                endpoint_url=endpoint_url,
                config=config,
                aws_access_key_id=access_key.get_secret_value() if access_key else None,
                aws_secret_access_key=secret_key.get_secret_value() if secret_key else None,
            )

        no_url = ServiceRefused(
            "the object store's address is not of the form http(s)://host:port",
            "LIVING_REVIEW_S3_ENDPOINT_URL",
            "correct it; keys go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
        if endpoint_url and "@" in endpoint_url:
            # botocore writes the whole address to its log.
            raise no_url
        try:
            session = boto3.session.Session(region_name=region)
            if session.region_name is None and endpoint_url:
                session = boto3.session.Session(region_name="us-east-1")
            self.client = made(TRIES)
            # A repeated conditional write may be refused because of its own first try, so it must not be repeated
            # by botocore, unseen by us.
            self._once = made(1)
        except BotoFailure as error:
            raise self._explained(error) from None
        except ValueError:
            raise no_url from None

    def create(
        self,
        key: str,
        body: bytes,
        content_type: str = "application/octet-stream",
        cache_control: str = VERSION_CACHE_CONTROL,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Writes an object that must not exist; one with the same bytes (and metadata) will do. Returns its etag.

        Raises:
            Conflict: If there is an object with other bytes; it is left as it is.
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        if self._may_write(key, None):
            etag = self._put(self.client, key, body, {"IfNoneMatch": "*"}, content_type, cache_control, metadata)
            if etag is not None:
                return etag
        there, etag, claimed = self._read(key)
        # A store that drops metadata leaves the bytes alone to decide.
        if there != body or (claimed and metadata and claimed != metadata):
            raise Conflict("there is another object already", f"{self.address}/{key}", "choose another key")
        return etag

    def read(self, key: str) -> tuple[bytes, str]:
        """Content and etag of an object.

        Raises:
            MissingObject: If there is none.
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        body, etag, _ = self._read(key)
        return body, etag

    def swap(
        self,
        key: str,
        body: bytes,
        expected_etag: str | None,
        content_type: str = JSON_TYPE,
        cache_control: str = POINTER_CACHE_CONTROL,
    ) -> str:
        """Replaces an object if it is still the one with ``expected_etag`` (None: if there is none).

        A try that ended without an answer is looked into: it counts as done if the object has our bytes now.

        Returns:
            The new etag.

        Raises:
            Conflict: If the object is another one by now; it is left as it is.
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        condition = {"IfNoneMatch": "*"} if expected_etag is None else {"IfMatch": expected_etag}
        for attempt in range(TRIES):
            try:
                etag = None
                if self._may_write(key, expected_etag):
                    etag = self._put(self._once, key, body, condition, content_type, cache_control)
            except SourceUnavailable:
                if attempt == TRIES - 1:
                    raise
                time.sleep(_pause_s(attempt))
                continue
            if etag is not None:
                return etag
            found = self._find(key) if attempt else None
            if found and found[0] == body:
                return found[1]
            break
        raise Conflict("somebody else changed it first", f"{self.address}/{key}", "read it again and decide anew")

    def replace(self, key: str, body: bytes, content_type: str, cache_control: str = POINTER_CACHE_CONTROL) -> str:
        """Makes an object have these bytes, whatever it had; for what is derived, as ``feed.xml``. Returns the etag.

        Raises:
            Conflict: If it changed between reading and writing.
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        found = self._find(key)
        if found and found[0] == body:
            return found[1]
        return self.swap(key, body, found[1] if found else None, content_type, cache_control)

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """The keys that start with ``prefix``, sorted.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        return self._listed(prefix, "")

    def _listed(self, prefix: str, delimiter: str) -> tuple[str, ...]:
        start = len(self.address.key(""))
        try:
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.address.bucket, Prefix=self.address.key(prefix), Delimiter=delimiter
            )
            return tuple(sorted(item["Key"][start:] for page in pages for item in page.get("Contents", ())))
        except BotoFailure as error:
            raise self._explained(error) from None

    def beside(self, prefix: str) -> tuple[str, ...]:
        """The keys that start with ``prefix`` and have no further slash, sorted.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        return self._listed(prefix, "/")

    def has(self, key: str, sha256: str) -> bool:
        """Whether there is an object whose content has this SHA-256.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        found = self._find(key)
        return found is not None and hashlib.sha256(found[0]).hexdigest() == sha256

    def size(self, key: str) -> int | None:
        """Bytes of an object; None if there is none.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        try:
            return self.client.head_object(Bucket=self.address.bucket, Key=self.address.key(key))["ContentLength"]
        except BotoFailure as error:
            # An answer to HEAD has no body that could tell a missing object from a missing bucket.
            if isinstance(error, ClientError) and status_of(error) == 404:
                return None
            raise self._explained(error) from None

    def remove(self, key: str) -> None:
        """Deletes an object; one that is not there is fine.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot or will not.
        """
        try:
            self.client.delete_object(Bucket=self.address.bucket, Key=self.address.key(key))
        except BotoFailure as error:
            raise self._explained(error) from None

    def probe(self) -> ProbeResult:
        """What the store does with conditional writes; some 40 small requests, the objects are removed again.

        Raises:
            SourceUnavailable, ServiceRefused: If the store cannot be used at all.
        """
        # Reading first: SeaweedFS makes a missing bucket when something is written to it.
        self.list(".probe/")
        self._probed = probe(_Probed(self))
        return self._probed

    def require_conditions(self) -> None:
        """Refuses a store that does not honour conditional writes, unless there is a sole publisher.

        Raises:
            ServiceRefused: With what the store does instead.
        """
        if self.sole_publisher:
            return
        result = self._probed or self.probe()
        if not result.safe:
            raise ServiceRefused(
                f"not safe for several publishers: {result.sentence}",
                str(self.address),
                "use another store, or set sole_publisher if nobody else ever publishes here",
            )

    def _may_write(self, key: str, expected_etag: str | None) -> bool:
        """Whether the object is as expected; looked at only for a sole publisher, whose store may not do so."""
        if not self.sole_publisher:
            return True
        found = self._find(key)
        return (found[1] if found else None) == expected_etag

    def _put(
        self,
        client: S3Client,
        key: str,
        body: bytes,
        condition: Mapping[str, str],
        content_type: str = "text/plain",
        cache_control: str = "no-store",
        metadata: Mapping[str, str] | None = None,
    ) -> str | None:
        """The new etag, or None when the condition did not hold."""
        arguments: Any = {
            "Bucket": self.address.bucket,
            "Key": self.address.key(key),
            "Body": body,
            "ContentType": content_type,
            "CacheControl": cache_control,
            "Metadata": dict(metadata or {}),
            **condition,
        }
        for attempt in range(_TRIES_WHILE_BUSY):
            try:
                return client.put_object(**arguments)["ETag"]
            except BotoFailure as error:
                status = status_of(error) if isinstance(error, ClientError) else 0
                if status == 412 or (isinstance(error, ClientError) and code_of(error) == "NoSuchKey"):
                    return None
                if status != 409:
                    raise self._explained(error) from None
            # 409: a write of the same key is under way; the S3 user guide (conditional writes) asks for another try.
            time.sleep(_pause_s(attempt))
        raise SourceUnavailable("too many writers of one object", f"{self.address}/{key}", "run again later")

    def _read(self, key: str) -> tuple[bytes, str, dict[str, str]]:
        try:
            answer = self.client.get_object(Bucket=self.address.bucket, Key=self.address.key(key))
            return answer["Body"].read(), answer["ETag"], answer.get("Metadata", {})
        except BotoFailure as error:
            if isinstance(error, ClientError) and code_of(error) == "NoSuchKey":
                raise MissingObject("there is no such object", f"{self.address}/{key}") from None
            raise self._explained(error) from None

    def _find(self, key: str) -> tuple[bytes, str] | None:
        try:
            return self.read(key)
        except MissingObject:
            return None

    def _explained(self, error: Exception) -> LivingReviewError:
        return explain(error, bucket=self.address.bucket, endpoint_url=self.endpoint_url)


class _Probed:
    """The store as :func:`living_review.store_probe.probe` needs it: bare conditional writes, tried once."""

    def __init__(self, store: Objects) -> None:
        self._store = store

    def put_if(self, key: str, body: bytes, condition: Mapping[str, str]) -> str | None:
        return self._store._put(self._store._once, key, body, condition)

    def get(self, key: str) -> tuple[bytes, str]:
        return self._store.read(key)

    def remove(self, key: str) -> bool:
        try:
            self._store.remove(key)
        except LivingReviewError:
            return False
        return True


def _pause_s(attempt: int) -> float:
    """Seconds to wait after a try, doubling from 0.05 to 0.1 s, with chance so that rivals part."""
    return random.uniform(0.05, 0.1) * 2.0**attempt  # noqa: S311 - no secret
