"""The ledger on SQLite and PostgreSQL: append-only, one transaction a step, one writer a review."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from living_review.errors import ServiceRefused, SourceUnavailable, UsageError
from living_review.ledger import database
from living_review.ledger import tables as t
from living_review.ledger.database import Ledger
from living_review.ledger.records import Records
from living_review.ledger.reports import Reports
from living_review.ledger.searches import Searches, SearchRun
from living_review.records import Author, Record


def run(tx, **changes):
    values = {
        "source": "pubmed",
        "kind": "pubmed",
        "platform": "PubMed",
        "query": "x",
        "translation": "x[All Fields]",
        "promised": 0,
        "delivered": 0,
        "state": "complete",
        "started_at": tx.at,
        "finished_at": tx.at,
    }
    return SearchRun(**{**values, **changes})


def add_search(tx, **changes) -> int:
    return Searches(tx).add(run(tx, **changes), protocol_digest="p", tool_version="0")


def record(number: int, title: str = "A title") -> Record:
    return Record(source="pubmed", source_id=str(number), title=title, authors=(Author(family="Ng", given="A"),))


def test_what_is_kept_is_read_back(ledger, clock):
    with ledger.write("one", clock()) as tx:
        search = add_search(tx, ids=["1", "2"], changes=[("1", "appeared")])
        ids = Records(tx).add([record(1), record(2, "Été €")], search)
    with ledger.read("one", clock()) as tx:
        assert Records(tx).known_ids("pubmed") == ids
        assert Records(tx).latest()[ids["2"]] == record(2, "Été €")
        assert Searches(tx).ids_of(Searches(tx).last_good("pubmed", "pubmed")) == {"1", "2"}
    with ledger.read("another", clock()) as tx:
        assert Records(tx).known_ids("pubmed") == {}


def test_a_later_version_is_what_counts_and_the_earlier_one_stays(ledger, clock):
    with ledger.write("one", clock()) as tx:
        search = add_search(tx)
        ids = Records(tx).add([record(1, "Before")], search)
        Records(tx).add_versions([(ids["1"], record(1, "After"))], search)
        assert Records(tx).latest()[ids["1"]].title == "After"
        assert len(tx.rows(sa.select(t.record_version))) == 2


def test_no_table_lets_a_row_be_changed_or_removed(ledger, clock):
    """Every table has its guards, and the guards work."""
    ledger.migrate()
    if ledger.engine.dialect.name == "sqlite":
        guards = "SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' GROUP BY tbl_name"
    else:
        guards = "SELECT event_object_table, count(*) FROM information_schema.triggers GROUP BY event_object_table"
    with ledger.engine.connect() as connection:
        found = {str(row[0]): int(row[1]) for row in connection.exec_driver_sql(guards)}
    assert found == dict.fromkeys(t.metadata.tables, 2)
    with ledger.write("one", clock()) as tx:
        add_search(tx)
    for statement in (t.search.delete(), t.search.update().values(source="x")):
        with pytest.raises(sa.exc.DBAPIError, match=t.GUARD_MESSAGE), ledger.write("one", clock()) as tx:
            tx.connection.execute(statement)


def test_a_transaction_that_fails_leaves_nothing(ledger, clock):
    with pytest.raises(ZeroDivisionError), ledger.write("one", clock()) as tx:
        Records(tx).add([record(1)], add_search(tx))
        raise ZeroDivisionError
    with ledger.read("one", clock()) as tx:
        assert Records(tx).known_ids("pubmed") == {}


def test_what_is_written_while_reading_is_thrown_away(ledger, clock):
    with ledger.read("one", clock()) as tx:
        add_search(tx)
    with ledger.read("one", clock()) as tx:
        assert Searches(tx).runs() == []


def test_two_writers_of_one_review_take_turns(ledger, clock):
    """Each adds a record only if it is the first: without turns both would."""
    ledger.migrate()
    at = clock()
    together = threading.Barrier(8)

    def first_come(_number: int) -> bool:
        together.wait()
        with ledger.write("one", at) as tx:
            if "1" in Records(tx).known_ids("pubmed"):
                return False
            Records(tx).add([record(1)], add_search(tx))
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(first_come, range(8))) == [False] * 7 + [True]


def test_the_tables_are_made_once_by_whoever_comes_first(ledger_address, clock):
    ledgers = [Ledger(ledger_address) for _ in range(4)]
    together = threading.Barrier(4)

    def migrate(one: Ledger) -> None:
        together.wait()
        one.migrate()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, ledgers))
    with ledgers[0].write("one", clock()) as tx:
        add_search(tx)
    for one in ledgers:
        one.close()


def test_the_migrations_make_the_tables_that_the_code_knows(ledger):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    ledger.migrate()
    with ledger.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), t.metadata)
    assert [one for one in found if "alembic_version" not in str(one)] == []


def test_a_raw_response_is_kept_once_under_its_digest(ledger, clock):
    with ledger.write("one", clock()) as tx:
        first = Searches(tx).keep_response(b"<xml/>" * 100, "text/xml")
        assert Searches(tx).keep_response(b"<xml/>" * 100, "text/xml") == first
        assert Searches(tx).response(first) == b"<xml/>" * 100
        kept = tx.rows(sa.select(t.raw_response))
    assert len(kept) == 1
    assert len(kept[0]["body"]) < 100


def test_keys_find_their_records(ledger, clock):
    with ledger.write("one", clock()) as tx:
        ids = Records(tx).add([record(n) for n in range(1, 4)], add_search(tx))
        assert not Reports(tx).has_key(-7)
        Reports(tx).add_keys([(ids["1"], -7), (ids["2"], 2**63 - 1)])
        assert Reports(tx).has_key(-7)
        assert not Reports(tx).has_key(7)
        assert Reports(tx).sharing([-7, 8]) == [(ids["1"], -7)]


@pytest.mark.parametrize(
    ("address", "kind", "said"),
    [
        ("nonsense", UsageError, "cannot be understood"),
        ("mysql://user:geheim@127.0.0.1/x", UsageError, "does not run on mysql"),
        ("postgresql+psycopg://user:geheim@127.0.0.1:1/x", SourceUnavailable, "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line_without_its_password(address, kind, said, clock):
    with pytest.raises(kind, match=said) as raised, Ledger(address).read("one", clock()):
        pass
    assert "geheim" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.server
def test_wrong_credentials_are_refused_in_one_line(postgresql, clock):
    address = postgresql.replace("postgresql://postgres:", "postgresql+psycopg://nobody:geheim")
    with pytest.raises(ServiceRefused, match="refused the connection") as raised, Ledger(address).read("one", clock()):
        pass
    assert "geheim" not in str(raised.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path, clock):
    (tmp_path / "x.sqlite").write_text("this is a text of some length, not a database " * 50)
    with (
        pytest.raises(ServiceRefused, match="cannot be used"),
        Ledger(f"sqlite:///{tmp_path / 'x.sqlite'}").read("one", clock()),
    ):
        pass


def test_a_ledger_of_the_first_form_keeps_its_answers_under_their_runs(ledger, clock):
    """Two runs of one search and an import, as the first form kept them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    with ledger.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            t.raw_response.insert(),
            [{"sha256": one, "body": b"x", "bytes": 1, "media_type": "text/xml", "at": clock()} for one in "abcd"],
        )
        old = sa.Table("search", sa.MetaData(), autoload_with=connection)
        answers = sa.Table("search_response", sa.MetaData(), autoload_with=connection)
        values = {
            one.name: "" for one in old.c if isinstance(one.type, sa.String | sa.Text) and one.name != "ids_sha256"
        }
        values |= {"review": "one", "promised": 0, "delivered": 3, "warnings": [], "counts": {}}
        values |= {"started_at": clock(), "finished_at": clock(), "source": "pubmed", "kind": "pubmed"}
        for changes in ({}, {"source": "embase", "kind": "files"}, {}):
            connection.execute(t.search.insert().values({**values, **changes}).inline())
        for search_id, position, digest in [(1, 0, "a"), (1, 1, "b"), (3, 0, "c"), (2, 0, "d")]:
            row = {"review": "one", "search_id": search_id, "position": position, "request": digest, "sha256": digest}
            connection.execute(answers.insert().values(row))
    with ledger.write("one", clock()) as tx:
        searches = Searches(tx)
        assert [(row["source"], row["run"]) for row in searches.runs()] == [("pubmed", 0), ("embase", 0), ("pubmed", 1)]
        assert [one["sha256"] for one in searches.answers("pubmed", "pubmed", 0)] == ["a", "b"]
        assert [one["sha256"] for one in searches.answers("pubmed", "pubmed", 1)] == ["c"]
        assert searches.imported() == {("embase", "d"): 3}
        assert searches.next_run("pubmed", "pubmed") == 2
    test_no_table_lets_a_row_be_changed_or_removed(ledger, clock)
