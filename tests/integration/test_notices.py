"""Notices through Apprise to a real SMTP server and a real HTTP receiver on loopback."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from infra.local.loopback import LoopbackServer
from living_review.delivery import Delivery, Outcome, dispatch, send
from living_review.notices import CAP_BYTES, Notice, OutboxItem, new_studies_digest, outbox_item, plan

pytestmark = pytest.mark.server

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
STUDY = {
    "id": "pubmed:33717499",
    "title": "Santé & <Qualität> 健康",
    "authors": "Müller A",
    "journal": "Digit Health",
    "year": 2021,
    "link": "https://example.org/s?a=1&b=2",
    "why": "new",
}


class Mailbox:
    """An SMTP server that keeps what it gets, and can be told to refuse."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"
        self.largest_bytes = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.largest_bytes = max(self.largest_bytes, len(envelope.content or b""))
        if self.answer.startswith("250"):
            self.envelopes.append(envelope)
        return self.answer

    @property
    def messages(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(cast(bytes, kept.content), policy=email.policy.default) for kept in self.envelopes
        ]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp_port(mailbox: Mailbox) -> Iterator[int]:
    def login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == b"rightpassword"
        return AuthResult(success=right, handled=False)

    controller = Controller(
        mailbox, hostname="127.0.0.1", port=free_port(), authenticator=login, auth_require_tls=False
    )
    controller.start()
    yield controller.port
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mail_url(port: int, *, user: str = "", to: str = "team@example.org") -> SecretStr:
    return SecretStr(f"mailto://{user}127.0.0.1:{port}?from=review@example.org&to={to}")


class Receiver(LoopbackServer):
    """An HTTP server that keeps the JSON it gets, and answers what it is told to."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if outer.status == 200:
                    outer.bodies.append(body)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        self.url = SecretStr(f"json://user:hunter2@127.0.0.1:{self.port}/hook/sesame-token?+X-Key=sesame-key")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def notice() -> Notice:
    (made,) = new_studies_digest("Réseaux sociaux\r\nBcc: all@example.org", [STUDY], recipient="team")
    return made


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    for name in ("apprise", "urllib3.connectionpool"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield
    # The SMTP server of the test lives in this process and logs what passes it as mail.log.
    ours = [record for record in caplog.get_records("call") if record.name != "mail.log"]
    logged = "\n".join(record.getMessage() for record in ours)
    for secret in ("hunter2", "sesame", "rightpassword"):
        assert secret not in logged


def items(count: int, recipient: str = "team") -> list[OutboxItem]:
    return [
        outbox_item(
            "new_studies",
            recipient,
            f"pubmed:{number}",
            {"review": "R", "title": f"Étude {number}", "authors": "Müller A, Li C", "why": "x" * 400},
            WHEN + timedelta(seconds=number),
        )
        for number in range(count)
    ]


class Book:
    """Remembers what was marked, as the ledger does."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[tuple[str, ...], Delivery]] = []

    def mark(self, keys: tuple[str, ...], delivery: Delivery) -> None:
        self.deliveries.append((keys, delivery))

    @property
    def sent(self) -> set[str]:
        return {key for keys, delivery in self.deliveries if delivery.outcome == Outcome.SENT for key in keys}


class TestMail:
    def test_what_arrives(self, mailbox: Mailbox, smtp_port: int, notice: Notice) -> None:
        url = mail_url(smtp_port, to="team@example.org,anna@example.org")
        assert send(notice, url) == Delivery(Outcome.SENT)
        assert sorted(kept.rcpt_tos for kept in mailbox.envelopes) == [["anna@example.org"], ["team@example.org"]]
        assert {kept.mail_from for kept in mailbox.envelopes} == {"review@example.org"}
        message = mailbox.messages[0]
        assert message["Subject"] == "[Réseaux sociaux Bcc: all@example.org] 1 new study"
        assert message["Bcc"] is None
        assert "review@example.org" in message["From"]
        plain = message.get_body(("plain",))
        page = message.get_body(("html",))
        assert plain is not None
        assert page is not None
        assert "Santé & <Qualität> 健康" in plain.get_content()
        assert "https://example.org/s?a=1&b=2" in plain.get_content()
        assert "[pubmed:33717499]" in plain.get_content()
        assert "<strong>Santé &amp; &lt;Qualität&gt; 健康</strong>" in page.get_content()
        assert '<a href="https://example.org/s?a=1&amp;b=2">' in page.get_content()

    def test_server_down_is_visible_and_the_next_plan_tells_it_again(self, mailbox: Mailbox, smtp_port: int) -> None:
        book, outbox = Book(), items(3)
        down = {"team": mail_url(free_port(), user="anna:hunter2@")}
        said = dispatch(plan(outbox), down, book.mark)
        assert (said.notices_failed, said.items_failed, said.items_sent) == (1, 3, 0)
        assert "hunter2" not in said.errors[0]
        assert "Connection refused" in said.errors[0]
        assert book.sent == set()
        assert book.deliveries[0][1].outcome == Outcome.FAILED

        again = dispatch(plan(outbox, book.sent), {"team": mail_url(smtp_port)}, book.mark)
        assert (again.notices_failed, again.items_sent) == (0, 3)
        assert book.sent == {item.key for item in outbox}
        assert len(mailbox.envelopes) == 1
        assert plan(outbox, book.sent) == []

    def test_a_mail_the_server_refuses(self, mailbox: Mailbox, smtp_port: int, notice: Notice) -> None:
        mailbox.answer = "552 Message size exceeds limit"
        delivery = send(notice, mail_url(smtp_port))
        assert delivery.outcome == Outcome.FAILED
        assert "552" in delivery.error
        assert "\n" not in delivery.error

    def test_a_server_that_repeats_what_it_was_told(self, mailbox: Mailbox, smtp_port: int, notice: Notice) -> None:
        mailbox.answer = "550 I know that anna has rightpassword"
        delivery = send(notice, mail_url(smtp_port, user="anna:rightpassword@"))
        assert delivery.outcome == Outcome.FAILED
        assert "I know that *** has ***" in delivery.error

    def test_login(self, mailbox: Mailbox, smtp_port: int, notice: Notice) -> None:
        assert send(notice, mail_url(smtp_port, user="anna:rightpassword@")).outcome == Outcome.SENT
        refused = send(notice, mail_url(smtp_port, user="anna:hunter2@"))
        assert refused.outcome == Outcome.FAILED
        assert "535" in refused.error
        assert "hunter2" not in refused.error
        assert len(mailbox.envelopes) == 1

    def test_a_server_that_never_speaks(self, notice: Notice) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            delivery = send(notice, mail_url(mute.getsockname()[1]), timeout_s=0.2)
        assert delivery.outcome == Outcome.FAILED
        assert "timed out" in delivery.error

    def test_3570_items_roll_over_and_are_marked_one_by_one(self, mailbox: Mailbox, smtp_port: int) -> None:
        book, outbox = Book(), items(3570)
        said = dispatch(plan(outbox), {"team": mail_url(smtp_port)}, book.mark)
        assert said.items_sent == 3570
        assert said.notices_sent == len(mailbox.envelopes) == len(book.deliveries) > 10
        assert book.sent == {item.key for item in outbox}
        assert mailbox.largest_bytes < 2 * CAP_BYTES
        told = [line for message in mailbox.messages for line in text_of(message).splitlines() if "[pubmed:" in line]
        assert len(told) == 3570

    def test_a_server_that_dies_midway_leaves_what_was_sent_marked(self, mailbox: Mailbox, smtp_port: int) -> None:
        book, outbox = Book(), items(1500)

        def mark(keys: tuple[str, ...], delivery: Delivery) -> None:
            book.mark(keys, delivery)
            if len(book.deliveries) == 3:
                mailbox.answer = "451 out of disk"

        first = dispatch(plan(outbox), {"team": mail_url(smtp_port)}, mark)
        assert first.notices_sent == 3
        assert first.notices_failed > 0
        assert 0 < len(book.sent) < 1500
        mailbox.answer = "250 OK"
        dispatch(plan(outbox, book.sent), {"team": mail_url(smtp_port)}, book.mark)
        told = [line for message in mailbox.messages for line in text_of(message).splitlines() if "[pubmed:" in line]
        assert len(told) == len(set(told)) == 1500


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


class TestHttp:
    def test_what_arrives(self, receiver: Receiver, notice: Notice) -> None:
        assert send(notice, receiver.url) == Delivery(Outcome.SENT)
        (body,) = receiver.bodies
        assert body["title"] == notice.title
        assert body["message"] == notice.body_text.strip()

    def test_a_notice_of_the_full_size_arrives_whole(self, receiver: Receiver) -> None:
        notices = plan(items(600))
        book = Book()
        dispatch(notices, {"team": receiver.url}, book.mark)
        assert [body["message"] for body in receiver.bodies] == [one.body_text.strip() for one in notices]

    def test_refused(self, receiver: Receiver, notice: Notice) -> None:
        receiver.status = 403
        delivery = send(notice, receiver.url)
        assert delivery.outcome == Outcome.FAILED
        assert delivery.error.startswith("not sent by json: ")
        assert "403" in delivery.error
        assert not any(secret in delivery.error for secret in ("hunter2", "sesame"))

    def test_down(self, notice: Notice) -> None:
        url = SecretStr(f"json://user:hunter2@127.0.0.1:{free_port()}/hook/sesame-token")
        delivery = send(notice, url)
        assert delivery.outcome == Outcome.FAILED
        assert "onnection" in delivery.error
        assert not any(secret in delivery.error for secret in ("hunter2", "sesame"))

    def test_a_service_with_a_small_limit_gets_several_messages(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from apprise.plugins.custom_json import NotifyJSON

        monkeypatch.setattr(NotifyJSON, "body_maxlen", 4000)
        (notice,) = plan(items(30))
        assert len(notice.body_text) > 8000
        assert send(notice, receiver.url) == Delivery(Outcome.SENT)
        assert len(receiver.bodies) > 2
        together = "\n".join(body["message"] for body in receiver.bodies)
        assert all(f"[pubmed:{number}]" in together for number in range(30))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hunter2",
        "nosuch://hunter2",
        "json://",
        "mailto://127.0.0.1:1?from=a@example.org&to=hunter2,b@example.org",
        "mailto://127.0.0.1:1/b@c/?from=a@example.org",
    ],
)
def test_an_address_that_cannot_be_used_is_a_visible_failure(url: str, notice: Notice) -> None:
    delivery = send(notice, SecretStr(url))
    assert delivery.outcome == Outcome.FAILED
    assert "address is not one that can be sent to" in delivery.error
    assert "hunter2" not in delivery.error


def test_the_logs_of_others_stay_as_they_were(
    receiver: Receiver, notice: Notice, caplog: pytest.LogCaptureFixture
) -> None:
    send(notice, receiver.url)
    logger = logging.getLogger("apprise")
    assert logger.propagate
    logger.warning("heard")
    logging.getLogger("urllib3.connectionpool").debug("also heard")
    assert {"heard", "also heard"} <= {record.getMessage() for record in caplog.records}
