"""``python -m tests.benchmarks.local_pubmed [--records N] [--out FILE] [FOLDER]``: the local PubMed at a million records.

Makes tiny records, indexes them in a first start, starts again, and asks over HTTP. Prints a Markdown table of the
first start, the later start, resident memory, the index's size and the median and slowest answer of each query.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

PER_FILE = 30_000
"""Records a file, as in PubMed's baseline."""
TIMES = 7
QUERIES = {
    "one rare word": "word04999[tiab]",
    "one word of one in ten": "common3[tiab]",
    "two words": "common3[tiab] AND word00012[tiab]",
    "phrase": '"common3 common4"[tiab]',
    "truncated": "word001*[tiab]",
    "heading and days": '"Heading 7"[Mesh] AND 2006/03/05:2008/06/30[crdt]',
    "untagged": "common3 word00012",
    "near": '"word00012 common3"[tiab:~3]',
    "every record": "all[sb] NOT pubmed books[sb]",
    "window by PMID": "( all[sb] ) AND 500000:509000[UID]",
}


def record(pmid: int) -> str:
    """One tiny made-up record: some forty words, a heading, three dates."""
    chance = random.Random(pmid)
    words = [f"word{int(5_000 * chance.random() ** 3):05d}" for _ in range(30)]
    words += [f"common{number}" for number in range(10) if chance.random() < 0.1]
    words += ["common3 common4"] if chance.random() < 0.01 else []
    chance.shuffle(words)
    day = f"<Year>{2000 + pmid % 25}</Year><Month>{1 + pmid % 12}</Month><Day>{1 + pmid % 28}</Day>"
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><DateRevised>{day}</DateRevised>'
        f"<Article><Journal><JournalIssue><PubDate>{day}</PubDate></JournalIssue><Title>Journal {pmid % 40}</Title></Journal>"
        f"<ArticleTitle>{' '.join(words[:8])}</ArticleTitle><Abstract><AbstractText>{' '.join(words[8:])}</AbstractText>"
        f"</Abstract><AuthorList><Author><LastName>Family{pmid % 9_000}</LastName><Initials>G</Initials></Author></AuthorList>"
        "<Language>eng</Language><PublicationTypeList><PublicationType>Journal Article</PublicationType>"
        f"</PublicationTypeList></Article><MeshHeadingList><MeshHeading><DescriptorName>Heading {pmid % 50}</DescriptorName>"
        "</MeshHeading></MeshHeadingList></MedlineCitation><PubmedData><History>"
        f"<PubMedPubDate PubStatus='entrez'>{day}</PubMedPubDate><PubMedPubDate PubStatus='pubmed'>{day}</PubMedPubDate>"
        f"</History><ArticleIdList><ArticleId IdType='pubmed'>{pmid}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>\n"
    )


def make(folder: Path, records: int) -> None:
    """Write the records into files of :data:`PER_FILE`, those that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(1, records + 1, PER_FILE):
        file = folder / f"made_up_{first:08d}.xml"
        if not file.exists():
            body = "".join(record(pmid) for pmid in range(first, min(first + PER_FILE, records + 1)))
            file.write_text(f"<PubmedArticleSet>\n{body}</PubmedArticleSet>\n")


def start(records: Path, index: Path) -> tuple[subprocess.Popen[str], str, float]:
    """The command in a process of its own: process, address, seconds until it told the address."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "infra.local.pubmed", "--records", str(records), "--index", str(index)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    return process, url, time.perf_counter() - began


def asked(url: str, term: str) -> tuple[int, list[float]]:
    """Count, and seconds of each of :data:`TIMES` answers."""
    seconds = []
    with httpx.Client(trust_env=False, timeout=600) as client:
        for _ in range(TIMES):
            began = time.perf_counter()
            answer = client.post(f"{url}esearch.fcgi", data={"db": "pubmed", "term": term, "retmax": "20"})
            seconds.append(time.perf_counter() - began)
    return int(re.search(r"<Count>(\d+)", answer.text)[1]), seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.local_pubmed")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(tempfile.gettempdir()) / "local_pubmed_benchmark")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    files, index = options.folder / f"records-{options.records}", options.folder / f"index-{options.records}"
    make(files, options.records)
    facts: dict[str, Any] = {"records": options.records}
    for label in ("first start", "later start"):
        process, url, seconds = start(files, index)
        facts[f"{label} s"] = round(seconds, 2)
        facts[f"{label}: memory MB"] = round(psutil.Process(process.pid).memory_info().rss / 1e6)
        if label == "first start":
            process.terminate()
            process.wait(60)
    facts["records MB"] = round(sum(file.stat().st_size for file in files.iterdir()) / 1e6)
    facts["index MB"] = round(sum(file.stat().st_size for file in index.iterdir()) / 1e6)
    try:
        for label, term in QUERIES.items():
            count, each = asked(url, term)
            facts[label] = {"query": term, "count": count, "median ms": round(statistics.median(each) * 1000, 1),
                            "slowest ms": round(max(each) * 1000, 1)}  # fmt: skip
        facts["after queries: memory MB"] = round(psutil.Process(process.pid).memory_info().rss / 1e6)
    finally:
        process.terminate()
        process.wait(60)
    for name, value in facts.items():
        shown = value if not isinstance(value, dict) else " | ".join(str(one) for one in value.values())
        print(f"| {name} | {shown} |")
    if options.out:
        options.out.write_text(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
