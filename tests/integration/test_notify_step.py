"""Notices as a step on SQLite and PostgreSQL, to a real mail server and a real HTTP receiver: who is told what, once."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from infra.local.notice_receiver import NoticeReceiver
from living_review.errors import SourceUnavailable
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.ledger.decisions import Decisions
from living_review.ledger.records import Records
from living_review.ledger.searches import Searches
from living_review.notices import is_address
from living_review.steps.notify import notify, tell_failure
from living_review.steps.status import status
from tests.integration.review_desk import GOOD, TITLE, Desk, desk_on, pubmed_record, title

pytestmark = pytest.mark.server

SEARCHES = [{"source": "pubmed", "query": "telephone"}, {"source": "files", "inbox": "inbox"}]
PASSWORD = "hunter2secret"


@pytest.fixture
def receiver() -> Iterator[NoticeReceiver]:
    with NoticeReceiver() as running:
        yield running


@pytest.fixture
def desk(ledger, clock, tmp_path: Path, receiver: NoticeReceiver, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("LIVING_REVIEW_SECRET_TEAM", receiver.address)
    return desk_on(ledger, clock, tmp_path, searches=SEARCHES, notify=[{"to": "TEAM"}])


def heard(receiver: NoticeReceiver) -> list[str]:
    """The titles that came since the last look, without the review's."""
    titles = [one.title.partition("] ")[2] for one in receiver.received]
    receiver.received.clear()
    return sorted(titles)


def closed_address() -> str:
    """An address where nothing answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"json://127.0.0.1:{probe.getsockname()[1]}"


def everything_kept(desk: Desk) -> str:
    """Every row of every table as text."""
    with desk.review.read() as tx:
        return str([tx.rows(sa.select(table)) for table in t.metadata.sorted_tables])


def test_the_first_searches_are_told_as_one_item_and_later_ones_by_report(desk, receiver, clock):
    desk.found(*(pubmed_record(number) for number in range(1, 31)))
    desk.arrive(40, 41)
    account = notify(desk.review)
    assert account.parts == {"sent": 4, "failed": 0, "withdrawn": 0}
    texts = "\n".join(one.body for one in receiver.received)
    assert "The first searches brought 32 reports to screen" in texts
    assert title(7) not in texts
    assert heard(receiver) == ["1 new study", "3 screening queues wait"]
    clock.forward(days=2)
    desk.arrive(50, 51, 52)
    notify(desk.review)
    assert "The first search of embase brought 3 more reports to screen" in receiver.received[0].body
    heard(receiver)
    clock.forward(days=5)
    desk.found(*(pubmed_record(number) for number in range(1, 33)))
    notify(desk.review)
    [fresh] = [one for one in receiver.received if "new stud" in one.title]
    assert fresh.title.endswith("2 new studies")
    assert (title(31) in fresh.body, title(32) in fresh.body, title(1) in fresh.body) == (True, True, False)
    assert "first found by the search of pubmed on 2026-03-09" in fresh.body


def test_everything_is_told_to_everybody_once(desk, receiver, clock, monkeypatch):
    with NoticeReceiver() as second:
        monkeypatch.setenv("LIVING_REVIEW_SECRET_BOARD", second.address)
        desk.change(notify=[{"to": ["TEAM", "BOARD"]}, {"to": "TEAM", "on": "new_studies"}])
        desk.found(pubmed_record(1), pubmed_record(2))
        clock.forward(days=7)
        desk.found(pubmed_record(1), pubmed_record(3))
        desk.decide("ann", TITLE, {"R000001": "include", "R000003": "include"})
        desk.decide("ben", TITLE, {"R000001": "exclude", "R000003": "include"})
        for who in ("ann", "ben"):
            desk.decide(who, desk.review.protocol.screening.stages[1], {"R000003": "include"})
        desk.chart({"S0001": {**GOOD, "design": "poem"}})
        with desk.review.write() as tx:
            search = Searches(tx).runs()[0]["id"]
            Records(tx).add_events(
                [(1, "retracted", {"text": "none -> retracted"}), (2, "changed", {"text": "its title changed"})], search
            )
            warned = {**Searches(tx).runs()[0], "warnings": [{"kind": "zero", "text": "found nothing"}]}
            del warned["id"]
            tx.insert(t.search, [warned])
            Decisions(tx).publish(
                version=1, content_sha256="a", manifest_sha256="b", summary_sha256="c", trigger="first", approved_by=""
            )
        first = notify(desk.review)
        assert first.parts["failed"] == 0
        expected = [
            "1 changed record",
            "1 charted row returned",
            "1 conflict to resolve",
            "1 new version",
            "1 retraction or expression of concern",
            "1 search warning",
            "2 new studies",
            "3 screening queues wait",
        ]
        assert (heard(receiver), heard(second)) == (expected, expected)
        again = notify(desk.review)
        assert (again.received, again.changed, heard(receiver), heard(second)) == (0, False, [], [])


def test_a_queue_is_told_again_only_when_it_has_changed(desk, receiver):
    desk.found(pubmed_record(1), pubmed_record(2))
    notify(desk.review)
    heard(receiver)
    notify(desk.review)
    assert heard(receiver) == []
    desk.decide("ann", TITLE, {"R000001": "include"})
    notify(desk.review)
    [told] = receiver.received
    assert "ann, title_abstract" in told.body
    assert "Awaiting a decision: 1" in told.body
    assert "ben" not in told.body


def test_a_reviewers_own_address_hears_of_that_reviewers_work_only(desk, receiver, monkeypatch):
    with NoticeReceiver() as anns:
        monkeypatch.setenv("LIVING_REVIEW_SECRET_ANN", anns.address)
        desk.change(notify=[{"to": "ANN", "on": ["waiting", "returned_rows"], "reviewer": "ann"}, {"to": "TEAM"}])
        desk.found(pubmed_record(1), pubmed_record(2))
        desk.include("R000001", "R000002")
        desk.chart({"S0001": {**GOOD, "design": "poem", "charted_by": "Ann"}})
        desk.chart({"S0002": {**GOOD, "design": "poem", "charted_by": "ben"}})
        desk.found(pubmed_record(3))
        notify(desk.review)
        assert heard(anns) == ["1 charted row returned", "1 screening queue waits"]
        assert "2 charted rows returned" in heard(receiver)


def test_who_is_named_later_is_told_what_waits_and_what_comes(desk, receiver, monkeypatch):
    desk.found(pubmed_record(1))
    notify(desk.review)
    heard(receiver)
    with NoticeReceiver() as newcomer:
        monkeypatch.setenv("LIVING_REVIEW_SECRET_NEW", newcomer.address)
        desk.change(notify=[{"to": ["TEAM", "NEW"]}])
        notify(desk.review)
        assert (heard(receiver), heard(newcomer)) == ([], ["3 screening queues wait"])
        with desk.review.write() as tx:
            Records(tx).add_events([(1, "retracted", {"text": "x"})], Searches(tx).runs()[0]["id"])
        notify(desk.review)
        assert heard(newcomer) == heard(receiver) == ["1 retraction or expression of concern"]


def test_a_failed_delivery_is_kept_seen_and_tried_again(desk, receiver, monkeypatch):
    working = receiver.address
    monkeypatch.setenv("LIVING_REVIEW_SECRET_TEAM", closed_address())
    desk.found(pubmed_record(1))
    failed = notify(desk.review)
    assert (failed.parts["sent"], failed.parts["failed"], failed.changed) == (0, 4, False)
    assert failed.remarks[0].startswith("not sent by json")
    found = status(desk.review)
    assert (found["unsent_notices"], found["failed_notices"]) == (4, 4)
    monkeypatch.setenv("LIVING_REVIEW_SECRET_TEAM", working)
    assert notify(desk.review).parts["sent"] == 4
    assert heard(receiver) == ["1 new study", "3 screening queues wait"]
    found = status(desk.review)
    assert (found["unsent_notices"], found["failed_notices"]) == (0, 0)
    assert [row["outcome"] for row in desk.table(t.delivery)] == ["failed"] * 4 + ["sent"] * 4


def test_one_recipient_that_fails_keeps_nothing_from_another(desk, receiver, monkeypatch):
    desk.change(notify=[{"to": ["NOBODY_SET_THIS", "TEAM"], "on": "new_studies"}])
    desk.found(pubmed_record(1))
    account = notify(desk.review)
    assert account.parts == {"sent": 1, "failed": 1, "withdrawn": 0}
    assert account.remarks == ("no address is set for the recipient NOBODY_SET_THIS",)
    assert heard(receiver) == ["1 new study"]


def test_a_version_that_waits_for_a_person_is_told_once(ledger, clock, tmp_path, store_url, receiver, monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_SECRET_OPS", receiver.address)
    to = [{"to": "OPS", "on": ["failure"]}]
    desk = desk_on(ledger, clock, tmp_path, store_url=store_url, notify=to, publish={"approval": "manual"})
    desk.arrive(1)
    for _ in range(2):
        desk.publish()
        notify(desk.review)
    [told] = receiver.received
    assert "the protocol asks for a person's approval" in told.body
    assert "living-review publish --approve --by NAME" in told.body


def test_what_nobody_is_named_for_any_more_is_withdrawn(desk, receiver):
    desk.change(notify=[{"to": ["GONE", "TEAM"], "on": "new_studies"}])
    desk.found(pubmed_record(1))
    notify(desk.review)
    desk.change(notify=[{"to": "TEAM", "on": "new_studies"}])
    account = notify(desk.review)
    assert account.parts == {"sent": 0, "failed": 0, "withdrawn": 1}
    assert notify(desk.review).received == 0
    assert (status(desk.review)["unsent_notices"], status(desk.review)["failed_notices"]) == (0, 0)
    desk.change(notify=[])
    assert notify(desk.review).received == 0


@pytest.mark.parametrize(
    "written", ["{address}?token=" + PASSWORD, "mailto:ann:" + PASSWORD + "@127.0.0.1", PASSWORD + "@x"]
)
def test_an_address_in_the_protocol_is_in_no_table_and_no_error(desk, written):
    to = written.format(address=closed_address().replace("://", f"://user:{PASSWORD}@"))
    assert is_address(to)
    desk.change(notify=[{"to": to}])
    desk.found(pubmed_record(1))
    account = notify(desk.review)
    assert account.parts["failed"] == 4
    tell_failure(desk.review, "refresh", SourceUnavailable("it is down", "PubMed", "wait"))
    kept = everything_kept(desk)
    assert PASSWORD not in str(account)
    assert PASSWORD not in kept
    assert "address-" in kept


class Mailbox:
    """Keeps the mails that come."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(email.message_from_bytes(cast(bytes, envelope.content), policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    port = int(closed_address().rpartition(":")[2])

    def login(*_given: Any) -> AuthResult:
        return AuthResult(success=True)

    controller = Controller(box, hostname="127.0.0.1", port=port, authenticator=login, auth_require_tls=False)
    controller.start()
    yield box, port
    controller.stop()


def test_a_mail_and_a_post_tell_the_same(desk, receiver, mailbox, monkeypatch):
    box, port = mailbox
    monkeypatch.setenv(
        "LIVING_REVIEW_SECRET_MAIL",
        f"mailto://user:{PASSWORD}@127.0.0.1:{port}?from=review@example.org&to=team@example.org",
    )
    desk.change(notify=[{"to": ["TEAM", "MAIL"], "on": ["new_studies", "failure"]}])
    desk.found(pubmed_record(1))
    assert notify(desk.review).parts == {"sent": 2, "failed": 0, "withdrawn": 0}
    [mail], [post] = box.mails, receiver.received
    assert (mail["To"], mail["Subject"]) == ("team@example.org", post.title)
    assert "The first searches brought 1 reports" in mail.get_body(("plain",)).get_content()
    tell_failure(desk.review, "refresh", SourceUnavailable("PubMed did not answer", "search pubmed", "try later"))
    assert box.mails[-1]["Subject"] == "[Telephones: a living review] 1 failure"
    text = box.mails[-1].get_body(("plain",)).get_content()
    assert [
        part for part in ("refresh", "PubMed did not answer", "search pubmed", "try later") if part not in text
    ] == []
    assert [row["outcome"] for row in desk.table(t.delivery)] == ["sent"] * 4


def test_a_failure_is_told_although_the_ledger_is_out_of_reach(desk, receiver, tmp_path, caplog):
    unreachable = Ledger("postgresql+psycopg://nobody@127.0.0.1:9/none")
    review = replace(desk.review, ledger=unreachable)
    tell_failure(review, "publish", SourceUnavailable("the store did not answer", "s3://x", "start it"))
    assert heard(receiver) == ["1 failure"]
    assert "the failure could not be kept in the ledger" in caplog.text
    unreachable.close()


def test_records_are_read_in_bulk_and_only_of_what_is_due(desk, receiver, clock):
    desk.found(pubmed_record(1))
    clock.forward(days=7)
    desk.found(*(pubmed_record(number) for number in range(1, 301)))
    statements: list[str] = []

    def seen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = desk.review.ledger.engine
    sa.event.listen(engine, "before_cursor_execute", seen)
    notify(desk.review)
    first = len(statements)
    statements.clear()
    notify(desk.review)
    assert first < 60
    assert len(statements) < 30
    assert [one for one in statements if "record_version" in one] == []
    sa.event.remove(engine, "before_cursor_execute", seen)
