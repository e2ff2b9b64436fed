"""``python -m tests.benchmarks [NAME...] [--out FILE]``: measures, prints a Markdown table, writes JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks import labelled
from tests.benchmarks.dedupe_points import leave_one_out
from tests.benchmarks.growth_chart import draw
from tests.benchmarks.made_up import make_review
from tests.benchmarks.noise import noise
from tests.benchmarks.oracle import oracle
from tests.benchmarks.parsing import compare
from tests.benchmarks.pubmed_process import PubMedProcess
from tests.benchmarks.site_pages import site
from tests.benchmarks.traffic import table, traffic

Row = dict[str, Any]
SIZES = (1_000, 10_000)
QUIET = (1_000, 10_000, 100_000)
STUDIES = (40, 2_000)
NEW = 10
PARSED = 10_000
GROWN = (10_000, 30_000, 100_000)
LARGER = (300_000, 1_000_000)
"""Records of the long measurements, with ``--large``."""
KNOWN = (10_000, 100_000)
ARRIVED = 1_000


def child(command: list[str], changes: dict[str, str] | None = None) -> tuple[str, Row]:
    """Runs a command; its standard output, and what it cost: wall, CPU and peak memory.

    Raises:
        RuntimeError: If it fails.
    """
    environment = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        **(changes or {}),
    }
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, *command], stdout=out, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        out.seek(0)
        text = out.read().decode()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {text[-500:]}")
    scale = 1 if sys.platform == "darwin" else 1024
    whole = {
        "process": (round(wall, 3), round(used.ru_utime + used.ru_stime, 3)),
        "peak memory MB": round(used.ru_maxrss * scale / 1e6, 1),
    }
    return text, whole


def case(label: str, name: str, changes: dict[str, str] | None = None, **given: object) -> Row:
    """One case in a process of its own, as a row."""
    text, whole = child(
        ["-m", "tests.benchmarks.cases", name, *(f"{key}={value}" for key, value in given.items())], changes
    )
    result = json.loads(text.strip().splitlines()[-1])
    parts = {**result["parts"], "process": whole["process"]}
    facts = {**result["facts"], "peak memory MB": whole["peak memory MB"]}
    return {"measurement": label, "parts": parts, "facts": facts, "load": round(os.getloadavg()[0], 1)}


@contextmanager
def served(size: int, folder: Path) -> Iterator[PubMedProcess]:
    """A PubMed that holds ``size`` made-up records."""
    with PubMedProcess(folder / f"records-{size}.xml", size) as pubmed:
        yield pubmed


def refresh(folder: Path) -> Iterator[Row]:
    """A first refresh and one that finds nothing new, directly and as a Prefect flow."""
    from infra.local.prefect_server import LocalPrefectServer

    with LocalPrefectServer(folder / "prefect") as prefect:
        for size in SIZES:
            with served(size, folder) as pubmed:
                variables = {**prefect.environment, "ENTREZ_URL": pubmed.url}
                for found in (f"{size:,} new", f"nothing new, {size:,} known"):
                    here = folder / f"direct-{size}"
                    direct = case(f"refresh, {found}, direct", "refresh_direct", folder=here, pubmed=pubmed.url)
                    yield _asked(direct, pubmed)
                    here = folder / f"prefect-{size}"
                    make_review(here)
                    flow = case(f"refresh, {found}, Prefect", "refresh_prefect", variables, folder=here)
                    steps, whole = direct["parts"]["whole refresh"], flow["parts"]["whole refresh"]
                    flow["parts"]["Prefect's overhead"] = tuple(round(whole[n] - steps[n], 3) for n in (0, 1))
                    yield _asked(flow, pubmed)


def quiet(folder: Path) -> Iterator[Row]:
    """A refresh that finds nothing new; what is known was put into the ledger at once, not fetched."""
    for size in QUIET:
        here = folder / f"quiet-{size}"
        case("", "fill", folder=here, known=size)
        with PubMedProcess(None, size) as pubmed:
            row = case(f"quiet day, {size:,} known, direct", "refresh_direct", folder=here, pubmed=pubmed.url)
            yield _asked(row, pubmed)


def _asked(row: Row, pubmed: PubMedProcess) -> Row:
    requests = pubmed.requests()
    row["facts"] |= {"requests": sum(requests.values()), **{f"of them {one}": n for one, n in requests.items()}}
    return row


def screening(folder: Path) -> Iterator[Row]:
    """Dedupe and queue: a whole first delivery, and a few records more."""
    for size in SIZES:
        yield case(f"first dedupe of {size:,}", "first_dedupe", folder=folder / f"first-{size}", records=size)
    for size in SIZES:
        here = folder / f"known-{size}"
        yield case(f"{size:,} known + {NEW} new", "screening", folder=here, known=size, new=NEW)


def publish(folder: Path) -> Iterator[Row]:
    """Publications to the embedded object store."""
    from infra.local.object_store import LocalObjectStore

    with LocalObjectStore(folder / "store") as store:
        store.create_bucket("benchmarks")
        for size in STUDIES:
            yield case(
                f"publish {size:,} studies",
                "publish",
                store.environment,
                folder=folder / f"publish-{size}",
                studies=size,
                store=f"s3://benchmarks/{size}",
                endpoint=store.endpoint_url,
            )


def parse(folder: Path) -> Iterator[Row]:
    """The MEDLINE parser beside the readers that others use."""
    for name, read in compare(folder, PARSED).items():
        facts = {"failed": read} if isinstance(read, str) else {"records": read.records, "records/s": round(read.speed)}
        if not isinstance(read, str):
            facts |= {"times ours": round(read.ratio, 2), "peak memory MB": round(read.peak)}
        parts = {} if isinstance(read, str) else {"read": (round(read.wall, 3), round(read.cpu, 3))}
        row = {"measurement": f"parse {PARSED:,} records: {name}", "parts": parts, "facts": facts}
        yield {**row, "load": round(os.getloadavg()[0], 1)}


def dedupe(folder: Path, large: bool = False, keep: Path | None = None) -> Iterator[Row]:
    """Labelled sets beside BibDedupe, points learnt without the set they are tried on, growth, and a large ledger.

    Args:
        folder: For what is made up.
        large: Whether to go on to :data:`LARGER` records.
        keep: Folder for ``dedupe-growth.svg``.
    """
    yield from labelled.compare(folder)
    for row in leave_one_out():
        yield {**row, "load": round(os.getloadavg()[0], 1)}
    grown = []
    for size in (*GROWN, *(LARGER if large else ())):
        made = folder / "made-up.csv"
        case("", "make_up_duplicates", path=made, number=size)
        grown.append(case(f"dedupe {size:,} made-up records", "dedupe_rows", records=made, found=folder))
        made.unlink()
        yield grown[-1]
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        draw(grown, keep / "dedupe-growth.svg")
    for size in (*KNOWN, *(LARGER[-1:] if large else ())):
        label = f"dedupe step: {ARRIVED:,} come to {size:,}"
        yield case(label, "dedupe_step", folder=folder / f"ledger-{size}", known=size, new=ARRIVED)


def start(folder: Path) -> Iterator[Row]:
    """How long the command takes to say where a small review stands."""
    here = folder / "start"
    case("", "screening", folder=here, known=10, new=NEW)
    for label, command in (
        ("help", ["--help"]),
        ("status", ["status"]),
        ("prisma", ["prisma"]),
    ):
        review = ["--review", str(here)] if command != ["--help"] else []
        code = "import sys; from cli.main import run; run(sys.argv[1:])"
        _, whole = child(["-c", code, *command, *review])
        memory = whole.pop("peak memory MB")
        yield {
            "measurement": f"command: {label}",
            "parts": whole,
            "facts": {"peak memory MB": memory},
            "load": round(os.getloadavg()[0], 1),
        }


BENCHMARKS: dict[str, Callable[[Path], Iterator[Row]]] = {
    one.__name__: one
    for one in (start, parse, screening, dedupe, publish, site, refresh, quiet, traffic, oracle, noise)
}
LONG = {"traffic", "oracle", "noise"}
"""Run only when named."""


def lines(row: Row) -> Iterator[str]:
    """The row's lines of the table."""
    label = row["measurement"]
    for name, (wall, cpu) in row["parts"].items():
        yield f"| {label} | {name} | {wall:.3f} | {cpu:.3f} | |"
    for name, value in row["facts"].items():
        yield (
            f"| {label} | {name} | | | {value:,} |"
            if isinstance(value, int | float)
            else f"| {label} | {name} | | | {value} |"
        )


def main() -> int:
    """Runs the benchmarks named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(BENCHMARKS)}; without any all but {', '.join(LONG)}",
    )
    parser.add_argument("--out", type=Path, help="file for the numbers as JSON")
    parser.add_argument("--large", action="store_true", help=f"dedupe: up to {LARGER[-1]:,} records, which takes long")
    parser.add_argument("--keep", type=Path, help="dedupe: folder for the picture of its growth")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print("| measurement | part | wall s | CPU s | value |\n| --- | --- | ---: | ---: | ---: |", flush=True)
    rows = []
    with tempfile.TemporaryDirectory(prefix="lr-benchmarks-") as folder:
        for name in options.names or [one for one in BENCHMARKS if one not in LONG]:
            run = partial(dedupe, large=options.large, keep=options.keep) if name == "dedupe" else BENCHMARKS[name]
            for row in run(Path(folder)):
                rows.append({"benchmark": name, **row})
                print("\n".join(lines(row)), flush=True)
    if sent := [row for row in rows if row["benchmark"] == "traffic"]:
        print(f"\n{table(sent)}")
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    print(f"\n{machine['cpus']} CPUs, load {os.getloadavg()[0]:.1f}, Python {machine['python']}")
    if options.out:
        options.out.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
