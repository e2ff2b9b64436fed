"""What a weekly refresh asks of PubMed, by this package, by NCBI's EDirect and by a plain script with Bio.Entrez.

Each sees the same three weeks of a made-up PubMed on loopback: all is new; nothing is; :data:`NEW` records came and
:data:`CHANGED` say something else. Requests are those that PubMed got; bytes are counted on the way, in both directions.
Only numbers are compared: how long it takes at NCBI is for NCBI's limit of requests a second to say.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.counting_relay import CountingRelay
from tests.benchmarks.made_up import QUERY
from tests.benchmarks.pubmed_process import PubMedProcess
from tests.integration.edirect import edirect_at, is_installed

Row = dict[str, Any]
SIZES = (1_000, 10_000, 100_000)
SHORT = 100_000
"""So many records are short ones, so that they are indexed in minutes."""
NEW, CHANGED = 20, 5
WINDOW = 9_999
WEEKS = ("first refresh", "nothing new", f"{NEW} new, {CHANGED} changed")
OURS = "Living Review"

_EVERYTHING = f"esearch -db pubmed -query '{QUERY}' | efetch -format xml | grep -c '<PubmedArticle>' || true"
_IDS_FIRST = (
    f"esearch -db pubmed -query '{QUERY}' | efetch -format uid | sort > now; touch known; comm -23 now known > new;"
    " if [ -s new ]; then efetch -db pubmed -format xml -input new | grep -c '<PubmedArticle>'; else echo 0; fi;"
    " mv now known"
)
_BIO_ENTREZ = """
import sys
from Bio import Entrez
url, query = sys.argv[1:]
Entrez.email, Entrez.api_key = "someone@example.org", "k"
real = Entrez.urlopen
def redirected(request):
    request.full_url = request.full_url.replace("https://eutils.ncbi.nlm.nih.gov/entrez/eutils/", url)
    return real(request)
Entrez.urlopen = redirected
ids = Entrez.read(Entrez.esearch(db="pubmed", term=query, retmax=1_000_000))["IdList"]
got = 0
for start in range(0, len(ids), 200):
    with Entrez.efetch(db="pubmed", id=",".join(ids[start : start + 200]), retmode="xml") as answer:
        got += answer.read().count(b"<PubmedArticle>")
print(got)
"""


def ours(url: str, folder: Path) -> int:
    """The search step on a review that remembers the weeks before; how many records it fetched."""
    command = [sys.executable, "-m", "tests.benchmarks.cases", "search_step", f"folder={folder}", f"pubmed={url}"]
    return _number(command)


def edirect(line: str) -> Callable[[str, Path], int]:
    """A client that runs a shell line of EDirect, which prints how many records it got."""

    def run(url: str, folder: Path) -> int:
        folder.mkdir(exist_ok=True)
        return _number(["sh", "-c", line], cwd=folder, env=edirect_at(url, folder))

    return run


def bio_entrez(url: str, folder: Path) -> int:
    """ESearch with a large ``retmax``, then EFetch of every id, 200 at a time."""
    return _number([sys.executable, "-c", _BIO_ENTREZ, url, QUERY])


CLIENTS: dict[str, Callable[[str, Path], int]] = {
    OURS: ours,
    "EDirect, everything": edirect(_EVERYTHING),
    "EDirect, ids first": edirect(_IDS_FIRST),
    "Bio.Entrez, everything": bio_entrez,
}


def traffic(folder: Path) -> Iterator[Row]:
    """Requests and bytes of each client in each week, and their ratio to ours."""
    for size in SIZES:
        with (
            PubMedProcess(folder / f"traffic-{size}.xml", size, size >= SHORT) as pubmed,
            CountingRelay(pubmed.url) as relay,
        ):
            for week, label in enumerate(WEEKS):
                if week == len(WEEKS) - 1:
                    pubmed.change(new=range(size, size + NEW), changed=range(CHANGED))
                ours: Row = {}
                for name, client in CLIENTS.items():
                    if name.startswith("EDirect") and not is_installed():
                        continue
                    got = client(relay.url, folder / f"traffic-{size}-{list(CLIENTS).index(name)}")
                    row = {"records got": got, "requests": sum(pubmed.requests().values()), **relay.told()}
                    ours = ours or row
                    facts = row | {
                        "requests, times ours": round(row["requests"] / ours["requests"], 1),
                        "bytes, times ours": round(_bytes(row) / _bytes(ours), 1),
                    }
                    about = f"traffic, {size:,} records, {label}: {name}"
                    yield {"measurement": about, "parts": {}, "facts": facts, "load": round(os.getloadavg()[0], 1)}
                _assert_fewest(week, size, ours)


def _assert_fewest(week: int, size: int, ours: Row) -> None:
    """As few as there can be: a page for 9,999 ids, and on the last week one EFetch of what came."""
    fewest = {1: -(-size // WINDOW), 2: -(-(size + NEW) // WINDOW) + 1}
    assert week == 0 or ours["requests"] == fewest[week], (week, size, ours)


def _bytes(row: Row) -> int:
    return row["bytes sent"] + row["bytes received"]


def _number(command: list[str], **given: Any) -> int:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **given)
    return int(done.stdout.split()[-1])


def table(rows: list[Row]) -> str:
    """The rows of :func:`traffic` as one Markdown table, a line each."""
    names = list(rows[0]["facts"])
    lines = [f"| week: client | {' | '.join(names)} |", f"| --- |{' ---: |' * len(names)}"]
    for row in rows:
        values = " | ".join(f"{row['facts'][one]:,}" for one in names)
        lines.append(f"| {row['measurement'].removeprefix('traffic, ')} | {values} |")
    return "\n".join(lines)
