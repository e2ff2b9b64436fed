"""A local PubMed in a process of its own, and how many requests it got.

As a module: serves the file given, which it makes when missing, or without a file records that can be found and not
fetched; prints its address, and answers each line on standard input with its requests, after the change that the line
names, if any. Nothing large is made in the process that measures: Linux counts a parent's memory as a child's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local.pubmed import Corpus, LocalPubMed
from tests.benchmarks.made_up import FIRST_PMID, WORD, as_set, medline
from tests.integration.bare_records import hold_bare


class PubMedProcess:
    """The server between entering and leaving.

    Args:
        records: A file for the records; ``None`` for records that can be found and not fetched, made in no time.
        size: How many.
        short: Whether the file's records are short ones.
    """

    def __init__(self, records: Path | None, size: int, short: bool = False) -> None:
        length = "short" if short else "full"
        self._command = [sys.executable, "-m", __name__, str(size), length, *([str(records)] if records else [])]

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.stdin.close()
        self._child.wait(20)
        self._child.stdout.close()

    def requests(self) -> dict[str, int]:
        """Requests since the last question, by utility."""
        return self._asked("")

    def change(self, new: Iterable[int] = (), changed: Iterable[int] = ()) -> None:
        """Let made-up records of these numbers come, and others say something else than before."""
        self._asked(json.dumps({"new": list(new), "changed": list(changed)}))

    def _asked(self, line: str) -> dict[str, int]:
        self._child.stdin.write(f"{line}\n")
        self._child.stdin.flush()
        return json.loads(self._line())

    def _line(self) -> str:
        line = self._child.stdout.readline().strip()
        if not line:
            raise RuntimeError("the local PubMed ended")
        return line


def main() -> None:
    size, short = int(sys.argv[1]), sys.argv[2] == "short"
    if file := Path(sys.argv[3]) if len(sys.argv) > 3 else None:
        if not file.exists():
            file.write_bytes(medline(size, short))
        corpus = Corpus([file])
    else:
        corpus = Corpus()
        hold_bare(corpus, range(FIRST_PMID, FIRST_PMID + size), WORD)
    with LocalPubMed(corpus) as server:
        print(server.url, flush=True)
        told = 0
        for line in sys.stdin:
            change = json.loads(line) if line.strip() else {}
            if change.get("new"):
                corpus.add(as_set(change["new"], short=short))
            if change.get("changed"):
                corpus.replace(as_set(change["changed"], "Now of", short))
            fresh = server.requests[told:]
            told = len(server.requests)
            print(json.dumps(Counter(one.utility for one in fresh)), flush=True)


if __name__ == "__main__":
    main()
