"""Reading PubMed XML beside the readers that others use: ``python -m tests.benchmarks parse``.

The same records for all, each reader in a process of its own: records a second, peak memory, and both as ratios to ours.
Real records, repeated to the number asked for, where ../shared has them; made-up ones otherwise. ``pubmed_parser`` takes
part where it is installed. What a reader gives is not the same: ours is every field of a record, the others' are
dictionaries, and pubmed_parser's have 20-odd fields.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import multiprocessing
import re
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "pubmed" / "efetch"
HEAD = (
    b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" '
    b'"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)


def ours(path: str) -> int:
    """Living Review's reader, from a stream."""
    from living_review.sources.medline import parse_articles

    with Path(path).open("rb") as stream:
        return sum(1 for _ in parse_articles(stream))


def entrez_read(path: str) -> int:
    """Bio.Entrez.read, without looking whether the file is valid: some real records are not."""
    from Bio import Entrez

    with Path(path).open("rb") as stream:
        return len(Entrez.read(stream, validate=False)["PubmedArticle"])


def medline_text(path: str) -> int:
    """Bio.Medline, of the same records as text."""
    from Bio import Medline

    with Path(path).with_suffix(".txt").open() as stream:
        return sum(1 for _ in Medline.parse(stream))


def pubmed_parser(path: str) -> int:
    """pubmed_parser.parse_medline_xml, which reads gzipped files only; to unpack them is part of its time."""
    import pubmed_parser

    return len(list(pubmed_parser.parse_medline_xml(f"{path}.gz")))


@dataclass(frozen=True)
class Reading:
    """What one reader did."""

    records: int
    wall: float
    cpu: float
    """Seconds, as is ``wall``; what else the machine does counts less here."""
    peak: float
    """Memory in MB, of a process that did nothing else."""
    ratio: float = 1.0
    """Its speed as a multiple of ours."""

    @property
    def speed(self) -> float:
        """Records a second of CPU time."""
        return self.records / self.cpu


def _measured(read: Callable[[str], int], path: str, answer: Any) -> None:
    try:
        read(str(Path(path).with_name("few.xml")))  # imports, and what is made once
        began, worked = time.perf_counter(), time.process_time()
        number = read(path)
    except Exception as error:  # noqa: BLE001 - another reader may fail as it likes; the table says so
        answer.send(f"{type(error).__name__}: {' '.join(str(error).split())[:80]}")
        return
    wall, cpu = time.perf_counter() - began, time.process_time() - worked
    answer.send(Reading(number, wall, cpu, _peak_mb()))


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage gives begins with the peak of the process that started this one.
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(read: Callable[[str], int], path: Path) -> Reading | str:
    """One reader in a process of its own; or how it failed."""
    spawn = multiprocessing.get_context("spawn")
    ours_end, theirs = spawn.Pipe()
    process = spawn.Process(target=_measured, args=(read, str(path), theirs))
    process.start()
    theirs.close()
    found: Reading | str = ours_end.recv()
    process.join()
    return found


def articles(number: int) -> list[bytes]:
    """The articles to read: real ones, over and over, or made-up ones."""
    found: list[bytes] = []
    for path in sorted(SHARED.rglob("*.xml")):
        try:
            tree = etree.parse(str(path))
        except etree.XMLSyntaxError:
            continue
        # pubmed_parser gives up on an article without a journal, and with it on the whole file.
        whole = (
            one
            for one in tree.iter("PubmedArticle")
            if one.findtext("MedlineCitation/PMID") and one.find("MedlineCitation/Article/Journal") is not None
        )
        found += [text for text in (etree.tostring(one, with_tail=False) for one in whole) if _bio_reads(text)]
    if not found:
        from tests.benchmarks.made_up import article

        return [article(one).encode() for one in range(number)]
    return [found[place % len(found)] for place in range(number)]


def _bio_reads(article: bytes) -> bool:
    """Whether Bio.Entrez reads it: it gives up on formulas, and on what a newer DTD does not allow any more."""
    from Bio import Entrez

    try:
        Entrez.read(io.BytesIO(HEAD + article + b"</PubmedArticleSet>"), validate=False)
    except Exception:  # noqa: BLE001 - it raises what comes
        return False
    return True


def write(folder: Path, name: str, given: list[bytes]) -> Path:
    """The articles as XML, and as MEDLINE text beside it."""
    from infra.local.pubmed.medline_text import as_medline

    path = folder / f"{name}.xml"
    path.write_bytes(HEAD + b"\n".join(given) + b"\n</PubmedArticleSet>\n")
    Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
    path.with_suffix(".txt").write_text("\n".join(as_medline(etree.fromstring(one)) for one in given))
    return path


def compare(folder: Path, number: int) -> dict[str, Reading | str]:
    """What each reader did with the same ``number`` records, and ours with half of them, whose memory must be the same."""
    readers = {"Living Review": ours, "Bio.Entrez.read": entrez_read, "Bio.Medline (text)": medline_text}
    if importlib.util.find_spec("pubmed_parser"):
        readers["pubmed_parser"] = pubmed_parser
    given = articles(number)
    write(folder, "few", given[:10])
    path, half = write(folder, "all", given), write(folder, "half", given[: number // 2])
    found = {name: measure(read, path) for name, read in readers.items()}
    found["Living Review, half the records"] = measure(ours, half)
    mine = found["Living Review"]
    if isinstance(mine, str):
        raise RuntimeError(mine)
    return {
        name: one if isinstance(one, str) else replace(one, ratio=one.speed / mine.speed) for name, one in found.items()
    }
