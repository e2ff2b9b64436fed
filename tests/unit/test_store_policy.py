"""Policies and rules for readers, without a store; and what the setting says of stores that lack a part."""

from __future__ import annotations

import fnmatch
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from living_review.errors import ServiceRefused
from living_review.store_access import CORS_RULE, open_to_readers, statement, with_statement
from living_review.store_layout import StoreAddress

HERE = StoreAddress("reviews", "public/x")
OTHER = {"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::r"}


@pytest.mark.parametrize(
    ("key", "public"),
    [
        ("r1/latest.json", True),
        ("r1/feed.xml", True),
        ("r1/feed.json", True),
        ("r1/index.html", True),
        ("r1/studies-12.html", True),
        ("r1/versions/000001/charts/a.svg", True),
        ("r1/site/0123456789abcdef/app.js", True),
        (".probe/0123/creation", False),
        ("backups/r1.tar.gz", False),
        ("r1/ledger.sqlite", False),
        ("latest.json", False),
    ],
)
@pytest.mark.parametrize("prefix", ["", "public/x"])
def test_what_the_policy_lets_anybody_get(key: str, public: bool, prefix: str) -> None:
    address = StoreAddress("reviews", prefix)
    arn = f"arn:aws:s3:::reviews/{address.key(key)}"
    assert any(fnmatch.fnmatchcase(arn, one) for one in statement(address)["Resource"]) is public
    assert statement(address)["Action"] == ["s3:GetObject"]


def test_statements_of_others_and_of_other_prefixes_stay() -> None:
    first = with_statement({"Version": "2012-10-17", "Id": "theirs", "Statement": OTHER}, HERE)
    both = with_statement(first, StoreAddress("reviews", "public/y"))
    assert both["Id"] == "theirs"
    assert both["Statement"] == [OTHER, statement(HERE), statement(StoreAddress("reviews", "public/y"))]
    assert with_statement(both, StoreAddress("reviews", "public/y")) == both
    assert all(one["Sid"].isalnum() for one in both["Statement"])


def client_that(*answers: tuple[str, Any]) -> tuple[Any, Stubber]:
    """A client whose store answers so: (operation, an answer or the code of an error), in this order."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    stub = Stubber(client)
    for operation, answer in answers:
        if isinstance(answer, str):
            stub.add_client_error(operation, answer, http_status_code=501 if answer == "NotImplemented" else 403)
        else:
            stub.add_response(operation, answer)
    stub.activate()
    return client, stub


FINE: dict[str, Any] = {}
BLOCK = {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": True, "RestrictPublicBuckets": False}}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([("get_public_access_block", BLOCK)], "lets nothing be public (BlockPublicPolicy are on in its Block Public"),
        (
            [
                ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
                ("get_bucket_policy", "NoSuchBucketPolicy"),
                ("put_bucket_policy", "AccessDenied"),
            ],
            "the access key may not set who reads the bucket",
        ),
        (
            [("get_public_access_block", "AccessDenied"), ("get_bucket_policy", "AccessDenied")],
            "let its owner set what `living-review store setup --policy-only` prints",
        ),
    ],
)
def test_what_stands_against_it_is_one_line(answers: list[tuple[str, Any]], said: str) -> None:
    client, stub = client_that(("head_bucket", FINE), *answers)
    with pytest.raises(ServiceRefused) as caught:
        open_to_readers(client, HERE, None)
    assert said in str(caught.value)
    stub.assert_no_pending_responses()


def test_a_store_without_policies_or_cors_is_told_apart_from_one_that_refuses() -> None:
    client, stub = client_that(
        ("head_bucket", FINE),
        ("get_public_access_block", "NotImplemented"),
        ("get_bucket_policy", "NotImplemented"),
        ("put_bucket_policy", "NotImplemented"),
        ("get_bucket_cors", "NotImplemented"),
        ("put_bucket_cors", "NotImplemented"),
    )
    assert open_to_readers(client, HERE, "http://127.0.0.1:1") == [
        "policy: the store has none; let readers in by its own means, or by a web server in front",
        "CORS: the store has no setting for it; the check tells whether it lets pages on other hosts read",
    ]
    stub.assert_no_pending_responses()


def test_rules_of_others_stay_and_ours_is_known_again_without_its_name() -> None:
    theirs = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://example.org"]}
    nameless = {name: value for name, value in CORS_RULE.items() if name != "ID"}
    client, stub = client_that(
        ("head_bucket", FINE),
        ("get_public_access_block", "NotImplemented"),
        ("get_bucket_policy", "NotImplemented"),
        ("put_bucket_policy", "NotImplemented"),
        ("get_bucket_cors", {"CORSRules": [theirs, nameless]}),
    )
    assert open_to_readers(client, HERE, None)[1] == "CORS: as it should be"
    stub.assert_no_pending_responses()
