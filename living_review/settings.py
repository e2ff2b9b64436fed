"""Settings: where things run. Read when asked for, never at import; secrets never show.

Names carry the prefix ``LIVING_REVIEW_``; NCBI's and AWS's variables keep the names their users know.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from living_review.errors import UsageError

PUBMED_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/"
STATE_FOLDER = ".living-review"


class Settings(BaseSettings):
    """Where the database, the object store, PubMed and the mail server are."""

    model_config = SettingsConfigDict(env_prefix="LIVING_REVIEW_", extra="ignore", populate_by_name=True, frozen=True)

    database_url: SecretStr = SecretStr("")
    """SQLAlchemy address; empty: SQLite in the review's folder."""
    store_url: str = ""
    """``s3://bucket/prefix``; empty: an object store of the package's own on loopback."""
    s3_endpoint_url: str = ""
    """Address of an S3-compatible store; empty: AWS."""
    entrez_url: str = Field(
        PUBMED_URL, validation_alias=AliasChoices("LIVING_REVIEW_ENTREZ_URL", "ENTREZ_URL", "entrez_url")
    )
    sole_publisher: bool = False
    """Publish to a store that ignores conditional writes, because nobody else publishes there."""
    entrez_attempts: int = Field(6, ge=1, le=20)
    """How often one request is sent at most."""
    entrez_wait_s: float = Field(1.0, gt=0, le=60)
    """Seconds before the first repeat of a request; doubles each time."""
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

    @field_validator("entrez_url", "s3_endpoint_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an address that starts with http:// or https:// is needed")
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
        return given or f"sqlite:///{(folder / STATE_FOLDER / 'ledger.sqlite').resolve()}"


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        UsageError: If a variable holds something it cannot; names every such variable, never a secret's value.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{_variable(str(item['loc'][0]))}: {str(item['msg']).removeprefix('Value error, ')}"
            for item in error.errors(include_input=False)
        )
        raise UsageError(f"settings: {wrong}", "environment", "correct or unset the variable") from None


def secret(name: str, environment: Mapping[str, str] | None = None) -> SecretStr | None:
    """The secret ``LIVING_REVIEW_SECRET_<NAME>``, or None where it is not set."""
    values = os.environ if environment is None else environment
    found = values.get(f"LIVING_REVIEW_SECRET_{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}")
    return SecretStr(found) if found else None


def _variable(field: str) -> str:
    return field.upper() if field.upper().startswith("NCBI_") else f"LIVING_REVIEW_{field.upper()}"
