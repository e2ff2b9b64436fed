"""Imports and inboxes on both databases: all files or none, once each, and no record hidden by another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.object_store import LocalObjectStore
from living_review.errors import InvalidFile, UsageError
from living_review.ledger import tables as t
from living_review.ledger.records import Records
from living_review.ledger.searches import Searches
from living_review.review import Review
from living_review.steps.check_incoming import check_incoming, release
from living_review.steps.dedupe import dedupe
from living_review.steps.import_files import import_files, inbox
from living_review.steps.queue import queue
from living_review.steps.services import check_services
from tests.integration.small_world import PUBMED, dump, make_review, rows, titled

INBOX = {"source": "files", "inbox": "inbox"}
WORDS = (
    "Telephones in the care of wheezing subjects",
    "Bees and the pollination of alpine meadows",
    "On bread, its making and its makers",
    "Rivers of the north and their bridges",
    "Clocks that run backwards: a history",
)


def entry(number: int, title: str = "", *, accession: str | None = None, more: str = "") -> str:
    name = f"AN  - {accession}\n" if accession else ""
    return f"TY  - JOUR\n{name}TI  - {title or WORDS[number]}\nAU  - Gray{number}, J\nPY  - {2010 + number}\n{more}ER  - \n"


def ris(*entries: str) -> bytes:
    return "\n".join(entries).encode()


def numbered(*numbers: int) -> bytes:
    """An export of the database's own records with its own ids."""
    return ris(*(entry(number, accession=f"L60000000{number}") for number in numbers))


@pytest.fixture
def review(ledger, clock, tmp_path) -> Review:
    return make_review(tmp_path, ledger, clock, searches=[INBOX, PUBMED])


@pytest.fixture
def put(tmp_path):
    """Writes a file below the review's folder."""

    def write(name: str, body: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return path

    return write


def titles(review: Review) -> dict[str, str]:
    with review.read() as tx:
        return {f"{one.source} {one.source_id}": one.title for one in Records(tx).latest().values()}


# One file after another


def test_the_same_file_is_taken_over_once_whatever_its_name(review, put):
    first = put("a.ris", numbered(0, 1))
    assert import_files(review, [first], "embase").parts == {"new": 2, "changed": 0, "known": 0}
    before = dump(review)
    again = import_files(review, [first], "embase")
    assert (again.parts, again.changed) == ({"new": 0, "changed": 0, "known": 2}, False)
    assert import_files(review, [put("copy/b.ris", numbered(0, 1))], "embase").parts["known"] == 2
    assert dump(review) == before


def test_the_same_file_from_another_database_is_another_source(review, put):
    file = put("a.ris", numbered(0))
    import_files(review, [file], "embase")
    account = import_files(review, [file], "scopus")
    assert account.parts["new"] == 1
    # Two databases never give the very same bytes: likely a slip in the name.
    assert account.remarks == ("a.ris: this very file was imported as embase before; is it of scopus too?",)
    assert set(titles(review)) == {"embase L600000000", "scopus L600000000"}


def test_one_file_in_the_folders_of_two_databases_is_asked_about(review, put):
    for database in ("embase", "scopus"):
        put(f"inbox/{database}/a.ris", numbered(0, 1))
    account = inbox(review)
    assert account.parts["new"] == 4
    assert account.remarks == ("scopus/a.ris: this very file was imported as embase before; is it of scopus too?",)


def test_the_file_is_kept_as_it_came(review, put):
    body = b"\xef\xbb\xbf" + numbered(0, 1)
    import_files(review, [put("a.ris", body)], "embase")
    (kept,) = rows(review, t.search_answer)
    with review.read() as tx:
        assert Searches(tx).response(kept["sha256"]) == body
    assert kept["request"] == "a.ris"


def test_a_changed_record_is_a_new_version_of_the_same(review, put):
    import_files(review, [put("a.ris", numbered(0, 1))], "embase")
    better = ris(entry(0, WORDS[0] + ": a trial", accession="L600000000"), entry(1, accession="L600000001"))
    assert import_files(review, [put("b.ris", better)], "embase").parts == {"new": 0, "changed": 1, "known": 1}
    assert titles(review) == {"embase L600000000": WORDS[0] + ": a trial", "embase L600000001": WORDS[1]}
    assert (len(rows(review, t.record)), len(rows(review, t.record_version))) == (2, 3)


def test_two_overlapping_files_at_once_bring_each_record_once(review, put):
    account = import_files(review, [put("a.ris", numbered(0, 1)), put("b.ris", numbered(1, 2))], "embase")
    assert (account.received, account.parts) == (4, {"new": 3, "changed": 0, "known": 1})
    assert [(row["query"], row["delivered"], row["counts"]["new"]) for row in rows(review, t.search)] == [
        ("a.ris", 2, 2),
        ("b.ris", 2, 1),
    ]


def test_an_id_that_two_exports_give_to_two_works_hides_neither(review, put):
    """Tools that number the records of an export begin each export with the same number."""
    import_files(review, [put("a.ris", ris(entry(0, accession="#1"), entry(1, accession="#2")))], "covidence")
    second = ris(entry(2, accession="#1"), entry(3, accession="#2"))
    account = import_files(review, [put("b.ris", second)], "covidence")
    assert account.parts == {"new": 2, "changed": 0, "known": 0}
    assert "2 records carry the id of another work" in account.remarks[-1]
    assert sorted(titles(review).values()) == sorted(WORDS[:4])
    # And the same way again, now that both are known: a file with one more record brings that one only.
    third = ris(entry(2, accession="#1"), entry(3, accession="#2"), entry(4, accession="#3"))
    assert import_files(review, [put("c.ris", third)], "covidence").parts == {"new": 1, "changed": 0, "known": 2}
    assert dedupe(review).parts == {"new_reports": 5, "duplicates": 0}


def test_a_record_that_gets_its_doi_later_is_linked_then(review, put):
    plain = ris(entry(0, WORDS[0], accession="L600000000"))
    other = ris(entry(1, "Wheezing subjects: telephones in their care", more="DO  - 10.5555/x\n"))
    import_files(review, [put("a.ris", plain), put("b.ris", other)], "embase")
    dedupe(review)
    import_files(
        review,
        [
            put(
                "c.ris",
                ris(entry(0, WORDS[0] + " today", accession="S1", more="DO  - 10.5555/y\nJO  - Another J\nVL  - 7\n")),
            )
        ],
        "scopus",
    )
    assert dedupe(review).parts == {"new_reports": 1, "duplicates": 0}
    with_doi = ris(entry(0, WORDS[0], accession="L600000000", more="DO  - 10.5555/y\n"))
    assert import_files(review, [put("d.ris", with_doi)], "embase").parts["changed"] == 1
    (link,) = rows(review, t.link)
    assert (link["rule"], link["by"]) == ("doi", "engine")
    # What comes later finds it by the new DOI as well, and a second import of the same says nothing twice.
    import_files(review, [put("e.ris", ris(entry(0, WORDS[0], more="DO  - 10.5555/y\nN1  - again\n")))], "lilacs")
    assert dedupe(review).parts == {"new_reports": 0, "duplicates": 1}
    keys = rows(review, t.match_key)
    assert len({(row["record_id"], row["value"]) for row in keys}) == len(keys)


# What cannot be taken over


def test_one_bad_file_and_nothing_is_taken_over(review, put):
    good, bad = put("a.ris", numbered(0)), put("b.ris", b"this is no export at all\n")
    before = dump(review)
    with pytest.raises(InvalidFile, match=r"b\.ris"):
        import_files(review, [good, bad], "embase")
    with pytest.raises(InvalidFile, match=r"nothing\.ris"):
        import_files(review, [good, Path("nothing.ris")], "embase")
    with pytest.raises(InvalidFile, match="folder"):
        import_files(review, [good, good.parent], "embase")
    assert dump(review) == before


@pytest.mark.parametrize("name", ["", "web of science", "1embase", "em/base", "../x", "x" * 65, "embase\n"])
def test_a_name_that_cannot_be_a_database_is_refused(review, put, name):
    with pytest.raises(UsageError, match="cannot name a database"):
        import_files(review, [put("a.ris", numbered(0))], name)


@pytest.mark.parametrize("name", ["pubmed", "PubMed"])
def test_an_import_under_the_name_of_a_pubmed_search_is_refused(review, put, name):
    with pytest.raises(UsageError, match="the name of a PubMed search"):
        import_files(review, [put("a.ris", numbered(0))], name)


# The inbox


def test_files_of_an_inbox_come_from_the_folder_they_are_in(review, put):
    put("inbox/a.ris", numbered(0))
    put("inbox/embase/2026/b.ris", numbered(1))
    put("inbox/scopus/b.ris", numbered(2))
    put("inbox/.DS_Store", b"\x00")
    put("inbox/.hidden/c.ris", numbered(3))
    put("inbox/embase/Thumbs.db", b"\x00")
    account = inbox(review)
    assert account.parts == {"new": 3, "changed": 0, "known": 0}
    assert set(titles(review)) == {"files L600000000", "embase L600000001", "scopus L600000002"}
    assert sorted((row["source"], row["query"]) for row in rows(review, t.search)) == [
        ("embase", "embase/2026/b.ris"),
        ("files", "a.ris"),
        ("scopus", "scopus/b.ris"),
    ]
    before = dump(review)
    assert inbox(review).parts == {"new": 0, "changed": 0, "known": 3}
    assert dump(review) == before


def test_an_inbox_that_is_not_there_yet_is_empty(review):
    assert inbox(review).received == 0
    assert rows(review, t.search) == []


def test_bad_files_in_the_inbox_are_named_each_time_and_keep_no_other_one_back(review, put):
    put("inbox/embase/a.ris", numbered(0))
    bad = put("inbox/embase/b.ris", b"\x00\x01\x02 nothing")
    other = put("inbox/c.ris", b"")
    with pytest.raises(InvalidFile, match=r"(?s)b\.ris.*c\.ris|c\.ris.*b\.ris"):
        inbox(review)
    assert len(rows(review, t.record)) == 1
    with pytest.raises(InvalidFile, match=r"(?s)b\.ris.*c\.ris|c\.ris.*b\.ris"):
        inbox(review)
    bad.write_bytes(numbered(1))
    other.unlink()
    assert inbox(review).parts == {"new": 1, "changed": 0, "known": 1}


def test_a_link_that_leads_nowhere_and_what_is_no_file_are_said_and_not_passed_over(review, put, tmp_path):
    put("inbox/a.ris", numbered(0))
    (tmp_path / "inbox" / "b.ris").symlink_to(tmp_path / "nowhere.ris")
    with pytest.raises(InvalidFile, match=r"b\.ris"):
        inbox(review)
    (tmp_path / "inbox" / "b.ris").unlink()
    os.mkfifo(tmp_path / "inbox" / "pipe.ris")
    with pytest.raises(InvalidFile, match="this is no file"):
        inbox(review)
    assert len(rows(review, t.record)) == 1


def test_a_linked_folder_is_read_and_one_that_leads_back_is_read_once(review, put, tmp_path):
    put("drive/a.ris", numbered(0))
    put("inbox/embase/b.ris", numbered(1))
    (tmp_path / "inbox" / "scopus").symlink_to(tmp_path / "drive")
    (tmp_path / "inbox" / "embase" / "back").symlink_to(tmp_path / "inbox")
    assert inbox(review).parts == {"new": 2, "changed": 0, "known": 0}
    assert set(titles(review)) == {"scopus L600000000", "embase L600000001"}


def test_a_folder_that_cannot_be_read_is_an_error(review, put, tmp_path, monkeypatch):
    put("inbox/embase/a.ris", numbered(0))
    closed = str(tmp_path / "inbox" / "embase")
    scan = os.scandir

    def refusing(path):
        if str(path) == closed:
            raise PermissionError(13, "Permission denied", closed)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(InvalidFile, match=r"the folder cannot be read \(Permission denied\)"):
        inbox(review)


@pytest.mark.parametrize("name", ["web of science", "pubmed"])
def test_a_folder_that_cannot_name_a_database_is_said_with_its_place(review, put, name):
    put(f"inbox/{name}/a.ris", numbered(0))
    with pytest.raises(UsageError, match=f"inbox/{name}/a.ris"):
        inbox(review)
    assert rows(review, t.record) == []
    assert next(one.text for one in check_services(review) if one.service == "search files").startswith(f"'{name}' ")


# An inbox in an object store


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[LocalObjectStore]:
    with LocalObjectStore(tmp_path_factory.mktemp("objects")) as running:
        running.create_bucket("exports")
        yield running


@pytest.mark.server
def test_an_inbox_in_an_object_store(ledger, clock, tmp_path, store, monkeypatch):
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    prefix = f"team-{abs(hash(str(tmp_path))) % 10**9}"
    settings = {"s3_endpoint_url": store.endpoint_url}
    place = {"source": "files", "inbox": f"s3://exports/{prefix}"}
    review = make_review(tmp_path, ledger, clock, searches=[place], settings=settings)

    def put(key: str, body: bytes) -> None:
        store.client().put_object(Bucket="exports", Key=f"{prefix}/{key}", Body=body)

    assert inbox(review).received == 0
    put("a.ris", numbered(0))
    put("embase/2026/b.ris", numbered(1))
    put("embase/.DS_Store", b"\x00")
    put("embase/empty-folder/", b"")
    put("scopus/c.ris", numbered(2))
    store.client().put_object(Bucket="exports", Key=f"{prefix}-beside/d.ris", Body=numbered(3))
    assert inbox(review).parts == {"new": 3, "changed": 0, "known": 0}
    assert set(titles(review)) == {"files L600000000", "embase L600000001", "scopus L600000002"}
    before = dump(review)
    assert inbox(review).parts == {"new": 0, "changed": 0, "known": 3}
    assert dump(review) == before
    put("embase/e.ris", b"no export")
    put("scopus/f.ris", numbered(4))
    with pytest.raises(InvalidFile, match=r"embase/e\.ris"):
        inbox(review)
    assert "scopus L600000004" in titles(review)
    assert store.secret_key not in repr(dump(review))


# Set aside, and back


def unseen(review: Review) -> None:
    for step in (lambda one: check_incoming(one, titled), dedupe, queue):
        step(review)


def test_a_record_nobody_could_screen_is_set_aside_visibly_and_goes_on_when_released(review, put):
    import_files(review, [put("a.ris", ris(entry(0, accession="L600000000"), entry(1, "No title", accession="L600000001")))], "embase")  # fmt: skip
    account = check_incoming(review, titled)
    assert account.parts == {"passed": 1, "held": 1}
    assert account.remarks == ("embase L600000001 was set aside as record 2: found no title for embase:L600000001",)
    before = dump(review)
    # The one that passed waits for dedupe and is looked at again, the one that is held is not.
    assert check_incoming(review, titled).parts == {"passed": 1, "held": 0}
    assert dump(review, [t.step_run]) == {name: table for name, table in before.items() if name != "step_run"}
    assert dedupe(review).parts == {"new_reports": 1, "duplicates": 0}
    queue(review)
    assert check_incoming(review, titled).received == 0
    with review.read() as tx:
        assert Records(tx).held() == {2: ["found no title for embase:L600000001"]}
    release(review, [2], "ann")
    unseen(review)
    assert [row["record_id"] for row in rows(review, t.queue_entry)] == [1, 2]
    # A person's word stands, whatever the check would say.
    unseen(review)
    assert [row["state"] for row in rows(review, t.quarantine)] == ["held", "released"]
    with pytest.raises(UsageError, match="is not set aside"):
        release(review, [2], "ann")


def test_a_better_version_of_a_record_that_was_set_aside_goes_on_by_itself(review, put):
    import_files(review, [put("a.ris", ris(entry(1, "No title", accession="L600000001")))], "embase")
    unseen(review)
    # Another version that is no better: still set aside, with the reason as it is now.
    import_files(review, [put("b.ris", ris(entry(1, "No title as yet", accession="L600000001")))], "embase")
    assert check_incoming(review, titled).parts == {"passed": 0, "held": 1}
    assert check_incoming(review, titled).received == 0
    import_files(review, [put("c.ris", ris(entry(1, accession="L600000001")))], "embase")
    account = check_incoming(review, titled)
    assert account.parts == {"passed": 1, "held": 0}
    assert account.remarks == ("embase L600000001 was set aside and goes on: a later version passes",)
    unseen(review)
    assert [row["record_id"] for row in rows(review, t.queue_entry)] == [1]
    assert [(row["state"], row["by"]) for row in rows(review, t.quarantine)] == [
        ("held", "expectations"),
        ("held", "expectations"),
        ("released", "expectations"),
    ]
