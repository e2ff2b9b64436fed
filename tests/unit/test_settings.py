"""Settings: every variable that cannot be used is named, no value of one is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from living_review.errors import UsageError
from living_review.ledger.database import Ledger
from living_review.settings import PUBMED_URL, InvalidSettings, Settings, read_settings, secret, without_secrets


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [*os.environ]:
        if name.startswith(("LIVING_REVIEW_", "NCBI_", "AWS_", "ENTREZ_", "PREFECT_")):
            monkeypatch.delenv(name)


def test_without_variables_everything_is_in_the_reviews_folder_and_at_ncbi(tmp_path: Path):
    settings = read_settings()
    assert settings.database_for(tmp_path) == f"sqlite:///{tmp_path}/.living-review/ledger.sqlite"
    assert (settings.entrez_url, settings.store_url, settings.entrez_is_ncbi) == (PUBMED_URL, "", True)


@pytest.mark.parametrize("name", ["my review", "wh?t", "per%20cent", "ha#sh", "a@b@c", "Übersicht"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str):
    address = read_settings().database_for(tmp_path / name)
    assert sa.make_url(address).database == str(tmp_path / name / ".living-review" / "ledger.sqlite")
    Ledger(address).close()
    assert (tmp_path / name / ".living-review").is_dir()
    assert len([*tmp_path.iterdir()]) == 1


@pytest.mark.parametrize("given", ["postgres://u:p@h/d", "postgresql://u:p@h/d"])
def test_an_address_of_postgresql_gets_the_driver_we_have(monkeypatch, tmp_path, given):
    monkeypatch.setenv("LIVING_REVIEW_DATABASE_URL", given)
    assert read_settings().database_for(tmp_path) == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("LIVING_REVIEW_STORE_URL", "bucket", "s3://BUCKET"),
        ("LIVING_REVIEW_STORE_URL", "s3://A", "s3://BUCKET"),
        ("LIVING_REVIEW_S3_ENDPOINT_URL", "127.0.0.1:8333", "http://"),
        ("LIVING_REVIEW_ENTREZ_URL", "eutils", "http://"),
        ("ENTREZ_URL", "eutils", "http://"),
        ("LIVING_REVIEW_ENTREZ_URL", "http://127.0.0.1:99999/", "host and port"),
        ("LIVING_REVIEW_S3_ENDPOINT_URL", "http://[::1/", "host and port"),
        ("LIVING_REVIEW_ENTREZ_ATTEMPTS", "many", "integer"),
        ("LIVING_REVIEW_ENTREZ_ATTEMPTS", "0", "greater than or equal to 1"),
        ("LIVING_REVIEW_ENTREZ_WAIT_S", "-1", "greater than 0"),
        ("LIVING_REVIEW_SOLE_PUBLISHER", "perhaps", "boolean"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(monkeypatch, variable, value, said):
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettings) as raised:
        read_settings()
    (line,) = str(raised.value).splitlines()
    assert f", {variable}, correct or unset the variable" in line
    assert said in line
    assert value not in line.replace(said, "")


def test_every_variable_that_cannot_be_used_is_told_at_once(monkeypatch):
    monkeypatch.setenv("LIVING_REVIEW_STORE_URL", "bucket")
    monkeypatch.setenv("ENTREZ_URL", "eutils")
    with pytest.raises(InvalidSettings) as raised:
        read_settings()
    assert [*raised.value.problems] == ["LIVING_REVIEW_STORE_URL", "ENTREZ_URL"]
    assert len(str(raised.value).splitlines()) == 2
    assert raised.value.exit_code == 2


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    for name in ("LIVING_REVIEW_ENTREZ_URL", "LIVING_REVIEW_ENTREZ_ATTEMPTS", "LIVING_REVIEW_SOLE_PUBLISHER"):
        monkeypatch.setenv(name, "")
    assert read_settings() == Settings()
    assert read_settings().entrez_url == PUBMED_URL


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://u:geheim@h/d",
        "postgresql+asyncpg://u:geheim@h/d",
        "postgresql+psycopg://u:geheim@h:port/d",
        "postgresql+psycopg://u:ge@heim@h/d",
    ],
)
def test_a_database_address_that_cannot_be_used_names_its_variable_and_no_password(address):
    with pytest.raises(UsageError) as raised:
        Ledger(address)
    line = str(raised.value)
    assert ", LIVING_REVIEW_DATABASE_URL, use sqlite:///FILE or postgresql://" in line
    assert "heim" not in line
    assert len(line.splitlines()) == 1


def test_what_a_ledger_calls_its_place_shows_no_password():
    ledger = Ledger("postgresql+psycopg://u:geheim@h/d?password=heimlich")
    assert ledger.where == "postgresql+psycopg://u:***@h/d"


def test_secrets_do_not_show_in_settings(monkeypatch):
    monkeypatch.setenv("NCBI_API_KEY", "k3y")
    monkeypatch.setenv("LIVING_REVIEW_DATABASE_URL", "postgresql://u:geheim@h/d")
    shown = f"{read_settings()!r} {read_settings()} {read_settings().model_dump()}"
    assert "k3y" not in shown
    assert "geheim" not in shown


def test_a_secret_is_found_by_its_name_in_the_protocol():
    environment = {"LIVING_REVIEW_SECRET_TEAM_MAIL": "mailto://x"}
    found = secret("team-mail", environment)
    assert found is not None
    assert found.get_secret_value() == "mailto://x"
    assert secret("others", environment) is None


def test_no_secret_of_the_environment_is_left_in_a_text():
    environment = {
        "NCBI_API_KEY": "abc123",
        "AWS_SECRET_ACCESS_KEY": "abc123def",
        "LIVING_REVIEW_SECRET_TEAM": "mailto://me:pw@host",
        "LIVING_REVIEW_DATABASE_URL": "postgresql://u:p%40ss@h/d",
        "HOME": "/home/somebody",
        "AWS_SESSION_TOKEN": "",
    }
    text = "abc123 abc123def mailto://me:pw@host p%40ss p@ss /home/somebody"
    assert without_secrets(text, environment) == "*** *** *** *** *** /home/somebody"
