"""BibDedupe on one file: ``PYTHON -I peer_of_dedupe.py RECORDS.csv FOUND.json``, run by a Python that has bib-dedupe.

Alone in its file and without the project: the peer has an environment of its own. Imports are not counted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep


def _cpu() -> float:
    """Seconds of this process and of those that it started and that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main(source: str, target: str) -> None:
    records = pd.read_csv(source, dtype=str, keep_default_na=False).rename(columns={"id": "ID"})
    cores = os.cpu_count() or 1
    began, before = time.perf_counter(), _cpu()
    ready = prep(records.copy(), verbosity_level=0, cpu=cores)
    found = match(block(ready, verbosity_level=0, cpu=cores), verbosity_level=0, cpu=cores)
    clusters = cluster(found, verbosity_level=0)
    wall, cpu = time.perf_counter() - began, _cpu() - before
    Path(target).write_text(json.dumps({"clusters": clusters, "wall": wall, "cpu": cpu}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
