"""Who may read the bucket: a policy that shows readers what is published and nothing else, and leave for other origins.

Promises: statements and rules that others put there stay; what is there already is not written again; of a store that lacks
a part it is said which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from living_review.errors import LivingReviewError, ServiceRefused
from living_review.store_errors import BotoFailure, code_of, explain
from living_review.store_layout import StoreAddress

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from living_review.store_objects import Objects

PUBLIC = ("latest.json", "feed.*", "*.html", "site/*", "versions/*")
"""What readers may get, below a review's folder."""
CORS_RULE: dict[str, Any] = {
    "ID": "living-review",
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedOrigins": ["*"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 86_400,
}
"""Pages on any host may read; browsers may remember that for a day."""
_NO_POLICY, _NO_CORS, _NO_BLOCK = (
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
)
_MISSING_PARTS = ("NotImplemented", "MethodNotAllowed")
"""What a store answers that lacks a part of S3."""
_Asked = Callable[..., Any]
_BLOCKS = ("BlockPublicPolicy", "RestrictPublicBuckets")
"""The two of AWS's four switches that stand against a public policy; the others concern access lists."""


def statement(address: StoreAddress) -> dict[str, Any]:
    """The statement of a bucket policy that lets anybody get what is published, without listing or writing.

    A ``*`` in a policy also stands for slashes, so a folder named ``versions`` or ``site`` is public at any depth.
    """
    # A name of its own for each prefix, of letters and digits, so that several may share a bucket.
    own = hashlib.sha256(address.prefix.encode()).hexdigest()[:8] if address.prefix else ""
    return {
        "Sid": f"LivingReviewReaders{own}",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{address.bucket}/{address.key(f'*/{name}')}" for name in PUBLIC],
    }


def with_statement(policy: dict[str, Any] | None, address: StoreAddress) -> dict[str, Any]:
    """The bucket's policy with ours in it, the others' as they are."""
    own = statement(address)
    kept = policy or {"Version": "2012-10-17", "Statement": []}
    others = kept["Statement"] if isinstance(kept["Statement"], list) else [kept["Statement"]]
    return {**kept, "Statement": [*(one for one in others if one.get("Sid") != own["Sid"]), own]}


def open_to_readers(client: S3Client, address: StoreAddress, endpoint_url: str | None) -> list[str]:
    """Sets policy and CORS of the bucket, where they are not so already; gives a line on each.

    A part that the store lacks is named in its line; whether readers are let in all the same is for
    :func:`living_review.store_outside.check_from_outside` to say.

    Raises:
        ServiceRefused: If the bucket is missing, its account does not let it be public, or the access
            key may not set this.
        SourceUnavailable: If the store does not answer.
    """
    bucket = address.bucket

    def asked(call: Callable[[], Any], *none: str) -> Any:
        """The answer; None where the store says that there is no such thing."""
        try:
            return call()
        except BotoFailure as error:
            if isinstance(error, ClientError) and code_of(error) in none:
                return None
            raise _explained(error, address, endpoint_url) from None

    # The policy call answers a missing bucket with another error.
    asked(lambda: client.head_bucket(Bucket=bucket))
    block = asked(lambda: client.get_public_access_block(Bucket=bucket), _NO_BLOCK, *_MISSING_PARTS, "AccessDenied")
    on = [name for name in _BLOCKS if block and block["PublicAccessBlockConfiguration"].get(name)]
    if on:
        raise ServiceRefused(
            f"the bucket lets nothing be public ({' and '.join(on)} are on in its Block Public Access)",
            f"bucket {bucket}",
            "switch them off for this bucket if it may be public, or put a web server or CDN in front",
        )
    return [
        _set_policy(client, address, asked),
        _set_cors(client, bucket, asked),
    ]


def _set_policy(client: S3Client, address: StoreAddress, asked: _Asked) -> str:
    found = asked(lambda: client.get_bucket_policy(Bucket=address.bucket), _NO_POLICY, *_MISSING_PARTS)
    there = json.loads(found["Policy"]) if found and found.get("Policy") else None
    wanted = with_statement(there, address)
    if _plain(there) == _plain(wanted):
        return "policy: as it should be"
    done = asked(
        lambda: client.put_bucket_policy(Bucket=address.bucket, Policy=json.dumps(wanted)) or True, *_MISSING_PARTS
    )
    if not done:
        return "policy: the store has none; let readers in by its own means, or by a web server in front"
    return "policy: set; anybody can get what is published, and nothing else"


def _set_cors(client: S3Client, bucket: str, asked: _Asked) -> str:
    found = asked(lambda: client.get_bucket_cors(Bucket=bucket), _NO_CORS, *_MISSING_PARTS)
    rules = list(found["CORSRules"]) if found else []
    # Some stores drop a rule's name.
    others = [rule for rule in rules if _plain({**rule, "ID": CORS_RULE["ID"]}) != _plain(CORS_RULE)]
    if len(others) < len(rules):
        return "CORS: as it should be"
    wanted: Any = {"CORSRules": [*others, CORS_RULE]}
    done = asked(lambda: client.put_bucket_cors(Bucket=bucket, CORSConfiguration=wanted) or True, *_MISSING_PARTS)
    if not done:
        return "CORS: the store has no setting for it; the check tells whether it lets pages on other hosts read"
    return "CORS: set; pages on any host can read, and see the ETag"


def keeps_old_objects(store: Objects) -> bool | None:
    """Whether the bucket keeps what is deleted (versioning); None where the store does not say."""
    try:
        found = store.client.get_bucket_versioning(Bucket=store.address.bucket)
    except BotoFailure:
        return None
    return found.get("Status") in {"Enabled", "Suspended"}


def _explained(error: Exception, address: StoreAddress, endpoint_url: str | None) -> LivingReviewError:
    told = explain(error, bucket=address.bucket, endpoint_url=endpoint_url)
    if isinstance(error, ClientError) and code_of(error) == "AccessDenied":
        return ServiceRefused(
            "the access key may not set who reads the bucket",
            told.where,
            "let its owner set what `living-review store setup --policy-only` prints",
        )
    return told


def _plain(value: Any) -> Any:
    """As it is compared: stores give back one of a list alone, and lists in another order."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        plain = [_plain(one) for one in value]
        return plain[0] if len(plain) == 1 else sorted(plain, key=repr)
    return value
