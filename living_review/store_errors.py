"""What a failed request to the object store means to the person who must act, as one line.

Promises: every failure botocore can report becomes a :class:`~living_review.errors.LivingReviewError`;
:class:`~living_review.errors.SourceUnavailable` when trying later may help,
:class:`~living_review.errors.ServiceRefused` when somebody must change something first. The line is made from the
error *code*, never from the server's message, which may repeat parts of the request that was signed.
"""

from __future__ import annotations

import re

from botocore import exceptions as boto

from living_review.errors import LivingReviewError, ServiceRefused, SourceUnavailable

BotoFailure = (boto.BotoCoreError, boto.ClientError)
"""What boto3 raises when a request failed; neither is a subclass of the other."""

_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_REFUSALS: dict[str, tuple[str, str]] = {
    "NoSuchBucket": ("the bucket does not exist", "create it, or correct LIVING_REVIEW_STORE_URL"),
    "InvalidBucketName": ("the store does not accept this bucket name", "correct LIVING_REVIEW_STORE_URL"),
    "InvalidAccessKeyId": ("the store does not know the access key", _KEYS),
    "SignatureDoesNotMatch": ("the secret key does not match the access key", _KEYS),
    "InvalidToken": ("the session token is not valid", "check AWS_SESSION_TOKEN"),
    "ExpiredToken": ("the session token has expired", "obtain new credentials"),
    "AccessDenied": (
        "access denied",
        "let the access key get, put and list objects under this prefix (and delete them under .probe/)",
    ),
    "AllAccessDisabled": ("the store has disabled all access to the bucket", "ask the store's operator"),
    "RequestTimeTooSkewed": (
        "this machine's clock differs too much from the store's",
        "set the clock (for example by NTP) and run again",
    ),
    "RequestExpired": ("the request was signed with a wrong time", "set the clock and run again"),
    "AuthorizationHeaderMalformed": ("the store expects another region", "set AWS_DEFAULT_REGION to the bucket's"),
    "PermanentRedirect": ("the bucket is in another region", "set AWS_DEFAULT_REGION to the bucket's"),
    "IllegalLocationConstraintException": ("the bucket is in another region", "set AWS_DEFAULT_REGION"),
    "QuotaExceeded": ("the store's quota is used up", "free or buy space"),
    "EntityTooLarge": ("the store does not accept an object of this size", "raise the store's limit"),
    "NotImplemented": (
        "the store does not implement part of the request",
        "set checksums to when_required; conditional writes need a store that has them",
    ),
}
_BY_STATUS = {
    301: "PermanentRedirect",
    401: "InvalidAccessKeyId",
    403: "AccessDenied",
    404: "NoSuchBucket",
    501: "NotImplemented",
}
_BUSY = {"SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "Throttling", "TooManyRequests"}


def status_of(error: boto.ClientError) -> int:
    """The HTTP status of the store's answer, 0 when it is unknown."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def code_of(error: boto.ClientError) -> str:
    """The S3 error code of the store's answer, for example ``NoSuchKey``; letters and digits only."""
    return re.sub(r"[^A-Za-z0-9.]", "", str(error.response.get("Error", {}).get("Code", "")))[:60]


def explain(error: Exception, *, bucket: str, endpoint_url: str | None) -> LivingReviewError:
    """The failure as the one line a user reads; to be raised ``from None``.

    Args:
        error: What boto3 raised.
        bucket: Name of the bucket.
        endpoint_url: Address of the store, without user and password; None for AWS.
    """
    where = f"bucket {bucket} at {endpoint_url or 'AWS'}"
    if isinstance(error, boto.ClientError):
        return _explain_answer(error, where)
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError | boto.CredentialRetrievalError):
        return ServiceRefused("no credentials for the object store", where, "set the access key and secret key")
    if isinstance(error, boto.SSLError):
        return ServiceRefused("the store's TLS certificate was not accepted", where, "check its certificate")
    if isinstance(error, boto.EndpointConnectionError | boto.ConnectTimeoutError):
        return SourceUnavailable("the object store cannot be reached", where, "check the address and that it runs")
    if isinstance(error, boto.HTTPClientError):
        return SourceUnavailable("the object store broke off or answered too late", where, "run again later")
    if isinstance(error, boto.NoRegionError):
        return ServiceRefused("no region is set for the object store", where, "set AWS_DEFAULT_REGION")
    return ServiceRefused(
        f"the object store cannot be used ({type(error).__name__})", where, "check the store settings"
    )


def _explain_answer(error: boto.ClientError, where: str) -> LivingReviewError:
    code, status = code_of(error), status_of(error)
    if code in _BUSY or status in (408, 429) or (status >= 500 and status != 501):
        return SourceUnavailable(f"the object store is not able to answer now ({code or status})", where, "run again")
    known = code if code in _REFUSALS else _BY_STATUS.get(status, "")
    if known in _REFUSALS:
        what, remedy = _REFUSALS[known]
        return ServiceRefused(f"{what} ({code or status})", where, remedy)
    return ServiceRefused(f"the object store refused the request ({code}, HTTP {status})", where, "see its log")
