"""Rendering, capping and planning of notices, and what a dispatch marks; nothing is sent."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from pydantic import SecretStr

from living_review.delivery import Delivery, Dispatched, Outcome, dispatch
from living_review.errors import UsageError
from living_review.notice_text import LAYOUTS
from living_review.notices import (
    CAP_BYTES,
    LEAST_CAP_BYTES,
    Notice,
    OutboxItem,
    failure,
    item_key,
    new_studies_digest,
    new_version,
    outbox_item,
    plan,
    validation_returned,
    waiting_digest,
)
from living_review.plain_text import SHORTENED, one_line, shortened
from living_review.protocol import Event

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
STUDY = {
    "id": "pubmed:33717499",
    "title": "Social media & <quality>",
    "authors": "Müller A, Łoś B",
    "journal": "Digit Health",
    "year": 2021,
    "link": "https://pubmed.ncbi.nlm.nih.gov/33717499/",
    "why": "new in the search of 2026-11-23",
}


def item(number: int, *, event: str = Event.NEW_STUDIES, recipient: str = "team", **payload: Any) -> OutboxItem:
    told = {"review": "A review", "title": f"Study {number}", **payload}
    return outbox_item(event, recipient, f"pubmed:{number}", told, WHEN + timedelta(seconds=number))


class TestWhatNoticesSay:
    def test_new_studies(self) -> None:
        (notice,) = new_studies_digest("Social media in care", [STUDY], recipient="team")
        assert notice.title == "[Social media in care] 1 new study"
        assert notice.body_text.splitlines()[4:] == [
            "* Social media & <quality>",
            "  Müller A, Łoś B. Digit Health. 2021",
            "  Why: new in the search of 2026-11-23",
            "  https://pubmed.ncbi.nlm.nih.gov/33717499/",
            "  [pubmed:33717499]",
        ]
        assert "<strong>Social media &amp; &lt;quality&gt;</strong>" in notice.body_html
        assert '<a href="https://pubmed.ncbi.nlm.nih.gov/33717499/">' in notice.body_html
        assert notice.item_keys == (item_key("new_studies", "team", "pubmed:33717499"),)

    def test_waiting(self) -> None:
        queue = {"id": "anna:title_abstract:2026-11-23", "reviewer": "anna", "stage": "title_abstract", "awaiting": 12}
        (notice,) = waiting_digest("R", [queue], recipient="anna")
        assert notice.title == "[R] 1 screening queue waits"
        assert "* anna, title_abstract\n  Awaiting a decision: 12\n" in notice.body_text

    def test_new_version(self) -> None:
        told = {"id": "version 12", "version": 12, "date": "2026-11-23", "changes": ["2 new studies", "1 removed"]}
        (notice,) = new_version("R", told, recipient="readers")
        assert "* Version 12, 2026-11-23\n  Changes: 2 new studies; 1 removed\n" in notice.body_text

    def test_failure(self) -> None:
        failed = {"id": "run 7", "step": "search", "what": "PubMed did not answer", "remedy": "run again"}
        (notice,) = failure("R", failed, recipient="operators")
        assert notice.title == "[R] 1 failure"
        assert "* search\n  PubMed did not answer\n  What to do: run again\n" in notice.body_text

    def test_returned_rows(self) -> None:
        rows = [{"id": "s1 v2", "title": "Study 1", "row": 4, "charter": "ben", "reasons": ["no year", "no country"]}]
        (notice,) = validation_returned("R", rows, recipient="ben")
        assert "* Study 1\n  Row: 4\n  Charted by: ben\n  Reasons: no year; no country\n" in notice.body_text

    def test_every_event_of_the_protocol_has_a_layout(self) -> None:
        assert set(LAYOUTS) == set(Event)

    @pytest.mark.parametrize("event", [*Event, "an event of tomorrow"])
    def test_no_value_of_a_payload_is_left_out(self, event: str) -> None:
        keys = {key for layout in LAYOUTS.values() for line in (layout.heading, *layout.lines) for key in line}
        payload = {key: f"value of {key}" for key in sorted(keys | {"link", "unforeseen"})}
        (notice,) = plan([outbox_item(event, "team", "i1", payload, WHEN)])
        for body in (notice.body_text, notice.body_html):
            assert all(text in body for text in payload.values())
            assert "i1" in body

    def test_an_empty_payload_shows_the_id(self) -> None:
        (notice,) = plan([outbox_item("new_studies", "team", "pubmed:1", {}, WHEN)])
        assert "* pubmed:1\n" in notice.body_text

    @pytest.mark.parametrize(
        "evil", ["javascript:alert(1)", 'https://x/"onclick="a', "data:text/html,x", "https://x y"]
    )
    def test_only_web_addresses_become_links(self, evil: str) -> None:
        (notice,) = new_studies_digest("R", [{**STUDY, "link": evil}], recipient="team")
        assert "<a " not in notice.body_html
        assert one_line(evil) in notice.body_text

    @example(review="<i>R</i>", text="<b>x</b>\n* y\r* z\u2028* u", item_id="<u>1</u>\n* 2")
    @settings(deadline=None)
    @given(st.text(), st.text(), st.text())
    def test_nothing_breaks_out(self, review: str, text: str, item_id: str) -> None:
        texts = {"title": text, "authors": text, "link": text, "review": review, text: text}
        notices = plan([outbox_item("new_studies", "team", item_id, texts, WHEN)])
        (notice,) = notices
        assert not re.search(r"[\r\n\x00]", notice.title)
        assert all(line[:2] in ("* ", "  ", "") for line in notice.body_text.split("\n")[4:])
        notice.body_html.encode()
        tags = {element.tag for element in lxml_html.fromstring(f"<div>{notice.body_html}</div>").iter()}
        assert tags <= {"div", "h2", "p", "ul", "li", "strong", "br", "a", "small"}

    def test_header_injection(self) -> None:
        (notice,) = new_version("R\r\nBcc: all@example.org", {"id": "1", "version": "1\nX: y"}, recipient="team")
        assert notice.title == "[R Bcc: all@example.org] 1 new version"
        assert "\nX: y" not in notice.body_text


class TestPlan:
    def test_one_notice_for_each_recipient_event_and_review(self) -> None:
        items = [
            item(1),
            item(2),
            item(3, recipient="anna"),
            item(4, event=Event.RETRACTION),
            item(5, review="Another review"),
        ]
        notices = plan(items)
        assert [(n.recipient, str(n.event), len(n.item_keys)) for n in notices] == [
            ("anna", "new_studies", 1),
            ("team", "new_studies", 2),
            ("team", "new_studies", 1),
            ("team", "retraction", 1),
        ]

    def test_what_was_sent_is_not_told_again(self) -> None:
        items = [item(number) for number in range(3)]
        (notice,) = plan(items, {items[1].key})
        assert notice.item_keys == (items[0].key, items[2].key)
        assert plan(items, {one.key for one in items}) == []

    def test_the_earliest_of_the_same_is_told(self) -> None:
        early, late = item(1), item(1)
        late = outbox_item("new_studies", "team", "pubmed:1", {"title": "later"}, WHEN + timedelta(days=1))
        assert early.key == late.key
        (notice,) = plan([late, early])
        assert "Study 1" in notice.body_text

    def test_keys_differ_by_event_recipient_and_item_and_hide_the_recipient(self) -> None:
        keys = {item_key(e, r, i) for e in ("a", "b") for r in ("a", "b") for i in ("a", "b")}
        assert len(keys) == 8
        assert "hunter2" not in item_key("e", "mailto://u:hunter2@example.org", "i")

    def test_3570_items_roll_over(self) -> None:
        items = [
            item(number, authors="Müller A, Li C", journal="Digit Health", why="x" * 300) for number in range(3570)
        ]
        notices = plan(items)
        assert sum(notice.size_bytes for notice in notices) > 2_500_000
        assert len(notices) > 10
        assert max(notice.size_bytes for notice in notices) <= CAP_BYTES
        assert min(notice.size_bytes for notice in notices[:-1]) > 0.98 * CAP_BYTES
        assert [key for notice in notices for key in notice.item_keys] == [one.key for one in items]
        for number, notice in enumerate(notices, 1):
            assert notice.title == f"[A review] 3,570 new studies (part {number} of {len(notices)})"
            assert notice.body_text.count("\n  [pubmed:") == len(notice.item_keys)

    def test_a_cap_that_holds_nothing_is_refused(self) -> None:
        with pytest.raises(UsageError, match="too small"):
            plan([item(1)], cap_bytes=LEAST_CAP_BYTES - 1)

    @pytest.mark.parametrize("payload", [{"title": "<" * 10**6}, {f"k{n}": "<" * 10**3 for n in range(10**3)}])
    def test_a_single_item_above_the_cap_is_shortened_with_a_mark(self, payload: dict[str, str]) -> None:
        notices = plan([item(1), item(2, **payload), item(3)], cap_bytes=LEAST_CAP_BYTES)
        assert all(notice.size_bytes <= LEAST_CAP_BYTES for notice in notices)
        marked = [notice for notice in notices if SHORTENED.strip() in notice.body_text]
        assert len(marked) == 1
        assert item(2).key in marked[0].item_keys
        assert "[pubmed:2]" in marked[0].body_text
        assert SHORTENED.strip() in marked[0].body_html

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 40),
                st.sampled_from(["team", "anna"]),
                st.sampled_from([*Event]),
                st.sampled_from(["a", '"', "é", "💊", " x"]),
                st.integers(0, 3000),
            ),
            max_size=40,
        ),
        st.integers(LEAST_CAP_BYTES, 40_000),
        st.sets(st.integers(0, 40)),
        st.text(max_size=300),
    )
    def test_every_unsent_item_is_in_exactly_one_notice_and_none_is_above_the_cap(
        self, drawn: list[tuple[int, str, Event, str, int]], cap: int, sent: set[int], review: str
    ) -> None:
        items = [
            item(number, recipient=recipient, event=event, review=review, why=letter * length)
            for number, recipient, event, letter, length in drawn
        ]
        sent_keys = {one.key for number, one in enumerate(items) if number in sent}
        notices = plan(items, sent_keys, cap)
        told = Counter(key for notice in notices for key in notice.item_keys)
        assert set(told) == {one.key for one in items} - sent_keys
        assert set(told.values()) <= {1}
        assert all(notice.size_bytes <= cap for notice in notices)
        assert len({notice.key for notice in notices}) == len(notices)
        by_key = {one.key: one for one in items}
        for notice in notices:
            assert {(by_key[k].recipient, by_key[k].event) for k in notice.item_keys} == {
                (notice.recipient, notice.event)
            }
            assert all(f"[{by_key[k].item_id}]" in notice.body_text for k in notice.item_keys)
        shuffled = list(items)
        random.Random(1).shuffle(shuffled)
        assert [n.item_keys for n in plan(shuffled, sent_keys, cap)] == [n.item_keys for n in notices]


class TestDispatch:
    def outcome(self, failing: set[str], channels: list[str]) -> tuple[Dispatched, dict[str, Delivery], list[Notice]]:
        items = [item(number, recipient=recipient) for number, recipient in enumerate(["anna", "ben", "ben", "cy"])]
        marked: dict[str, Delivery] = {}
        tried: list[Notice] = []

        def sender(notice: Notice, url: SecretStr) -> Delivery:
            tried.append(notice)
            return Delivery(Outcome.FAILED, "down") if notice.recipient in failing else Delivery(Outcome.SENT)

        def mark(keys: tuple[str, ...], delivery: Delivery) -> None:
            marked.update(dict.fromkeys(keys, delivery))

        said = dispatch(plan(items), {name: SecretStr(f"json://{name}") for name in channels}, mark, sender)
        return said, marked, tried

    def test_all_sent(self) -> None:
        said, marked, _ = self.outcome(set(), ["anna", "ben", "cy"])
        assert said == Dispatched(notices_sent=3, notices_failed=0, items_sent=4, items_failed=0, errors=())
        assert set(marked.values()) == {Delivery(Outcome.SENT)}

    def test_goes_on_after_a_failure_and_marks_it(self) -> None:
        said, marked, tried = self.outcome({"anna"}, ["anna", "ben", "cy"])
        assert said == Dispatched(notices_sent=2, notices_failed=1, items_sent=3, items_failed=1, errors=("down",))
        assert [notice.recipient for notice in tried] == ["anna", "ben", "cy"]
        assert marked[item(0, recipient="anna").key] == Delivery(Outcome.FAILED, "down")

    def test_a_recipient_without_an_address_is_a_failure(self) -> None:
        said, _, tried = self.outcome(set(), ["anna", "ben"])
        assert (said.items_sent, said.items_failed) == (3, 1)
        assert said.errors == ("no address is set for the recipient cy",)
        assert len(tried) == 2

    def test_an_address_as_recipient_is_not_shown(self) -> None:
        said = dispatch(plan([item(1, recipient="mailto://u:hunter2@h")]), {}, lambda keys, delivery: None)
        assert said.errors == ("no address is set for the recipient mailto://***",)

    def test_what_cannot_be_marked_ends_the_dispatch(self) -> None:
        tried = []

        def sender(notice: Notice, url: SecretStr) -> Delivery:
            tried.append(notice)
            return Delivery(Outcome.SENT)

        def mark(keys: tuple[str, ...], delivery: Delivery) -> None:
            raise OSError("disk full")

        channels = {"anna": SecretStr("json://a"), "team": SecretStr("json://t")}
        with pytest.raises(OSError, match="disk full"):
            dispatch(plan([item(1), item(2, recipient="anna")]), channels, mark, sender)
        assert len(tried) == 1


class TestPlainText:
    @settings(deadline=None)
    @given(st.text())
    def test_one_line_holds_nothing_that_parts_lines_or_cannot_be_encoded(self, text: str) -> None:
        line = one_line(text)
        assert len(line.splitlines()) <= 1
        line.encode()
        assert one_line(line) == line

    def test_direction_overrides_go(self) -> None:
        assert one_line("abc\u202egpj.exe") == "abc gpj.exe"

    def test_lists_are_joined_and_none_is_empty(self) -> None:
        assert one_line(["a", None, "b\nc"]) == "a; b c"

    @settings(deadline=None)
    @given(st.text(), st.integers(len(SHORTENED), 50))
    def test_shortened_says_so(self, text: str, characters: int) -> None:
        short = shortened(text, characters)
        assert len(short) <= characters or short == text
        assert short == text or short.endswith(SHORTENED)
