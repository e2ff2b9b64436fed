"""Countries as ISO 3166-1 alpha-2 codes with their usual English names, from the public-domain table in ``tzdata``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def country_names() -> dict[str, str]:
    """Code -> usual English name, in the order of the codes; for example ``AU`` -> ``Australia``."""
    text = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    rows = (line.partition("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {code: name for code, _, name in rows}
