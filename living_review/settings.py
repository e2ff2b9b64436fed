"""Settings: where things run. Read when asked for, never at import; secrets never show.

Names carry the prefix ``LIVING_REVIEW_``; NCBI's and AWS's variables keep the names their users know.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from living_review.errors import UsageError

PUBMED_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
STATE_FOLDER = ".living-review"


class Settings(BaseSettings):
    """Where the database, the object store, PubMed and the mail server are."""

    model_config = SettingsConfigDict(
        env_prefix="LIVING_REVIEW_", env_ignore_empty=True, extra="ignore", populate_by_name=True, frozen=True
    )

    database_url: SecretStr = SecretStr("")
    """SQLAlchemy address; empty: SQLite in the review's folder."""
    store_url: str = ""
    """``s3://bucket/prefix``; empty: an object store of the package's own on loopback."""
    s3_endpoint_url: str = ""
    """Address of an S3-compatible store; empty: AWS."""
    public_url: str = ""
    """Web address at which readers reach the folder of all reviews; empty: the feeds name no address of the review."""
    entrez_url: str = Field(
        PUBMED_URL, validation_alias=AliasChoices("LIVING_REVIEW_ENTREZ_URL", "ENTREZ_URL", "entrez_url")
    )
    sole_publisher: bool = False
    """Publish to a store that ignores conditional writes, because nobody else publishes there."""
    entrez_attempts: int = Field(6, ge=1, le=20)
    """How often one request is sent at most."""
    entrez_wait_s: float = Field(1.0, gt=0, le=60)
    """Seconds before the first repeat of a request; doubles each time."""
    retry_pause_s: float = Field(60.0, ge=0, le=3600)
    """Seconds before a scheduled run's first repeat of a step whose source did not answer; doubles each time."""
    clock_offset_s: float = 0.0
    """Seconds added to the machine's clock; only for rehearsals such as the demo."""
    rate_folder: str = ""
    """Where processes share the request rate; empty: a folder of the user on this machine."""
    ncbi_email: str = Field("", validation_alias=AliasChoices("NCBI_EMAIL", "ncbi_email"))
    ncbi_api_key: SecretStr = Field(SecretStr(""), validation_alias=AliasChoices("NCBI_API_KEY", "ncbi_api_key"))

    @field_validator("store_url")
    @classmethod
    def _store_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?", value):
            raise ValueError("s3://BUCKET or s3://BUCKET/PREFIX is needed")
        return value

    @field_validator("entrez_url", "s3_endpoint_url", "public_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an address that starts with http:// or https:// is needed")
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            # Without what was found: an address may hold a password.
            raise ValueError("an address whose host and port can be read is needed, as http://HOST:8080/") from None
        return value

    @property
    def entrez_is_ncbi(self) -> bool:
        """Whether searches go to NCBI itself, whose limits then apply."""
        return "ncbi.nlm.nih.gov" in self.entrez_url

    def database_for(self, folder: Path) -> str:
        """The SQLAlchemy address for the review in ``folder``."""
        given = self.database_url.get_secret_value()
        if given.startswith(("postgres://", "postgresql://")):
            return "postgresql+psycopg://" + given.partition("://")[2]
        if given:
            return given
        # A folder's name may hold what means something in an address (?, %).
        file = str((folder / STATE_FOLDER / "ledger.sqlite").resolve())
        return URL.create("sqlite", database=file).render_as_string(hide_password=False)


class InvalidSettings(UsageError):
    """Variables of the environment that cannot be used; holds every one, a line each, never its value.

    Args:
        problems: What is wrong, by variable.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("settings that cannot be used", ", ".join(problems), "correct or unset them")

    def __str__(self) -> str:
        return "\n".join(
            f"a setting cannot be used: {why}, {name}, correct or unset the variable"
            for name, why in self.problems.items()
        )


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        InvalidSettings: If variables hold something they cannot; names every one, never a value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise InvalidSettings(
            {
                _variable(str(item["loc"][0])): _lowered(str(item["msg"]).removeprefix("Value error, "))
                for item in error.errors(include_input=False)
            }
        ) from None


def secret(name: str, environment: Mapping[str, str] | None = None) -> SecretStr | None:
    """The secret ``LIVING_REVIEW_SECRET_<NAME>``, or None where it is not set."""
    values = os.environ if environment is None else environment
    found = values.get(f"LIVING_REVIEW_SECRET_{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}")
    return SecretStr(found) if found else None


_SECRETS = ("NCBI_API_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PREFECT_API_KEY")
_ADDRESSES = ("LIVING_REVIEW_DATABASE_URL", "LIVING_REVIEW_S3_ENDPOINT_URL", "LIVING_REVIEW_ENTREZ_URL", "ENTREZ_URL")


def without_secrets(text: str, environment: Mapping[str, str] | None = None) -> str:
    """``text`` with every secret of the environment as ``***``: the last guard before people see it."""
    values = os.environ if environment is None else environment
    hidden = {value for name, value in values.items() if name in _SECRETS or name.startswith("LIVING_REVIEW_SECRET_")}
    for name in _ADDRESSES:
        for password in re.findall(r"://[^:/@]*:(.*)@", values.get(name, "")):
            hidden |= {password, unquote(password)}
    # The longest first: one may be part of another.
    for one in sorted(hidden - {""}, key=len, reverse=True):
        text = text.replace(one, "***")
    return text


def _variable(field: str) -> str:
    name = field.upper()
    if name == "LIVING_REVIEW_ENTREZ_URL" and not os.environ.get(name):
        # Pydantic names the first of a setting's variables, whichever was set.
        return "ENTREZ_URL"
    return name if name.startswith(("NCBI_", "LIVING_REVIEW_")) else f"LIVING_REVIEW_{name}"


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
