"""A local PubMed in a process of its own, and how many requests it got.

As a module: serves the file given, which it makes when missing, prints its address, and answers each line on standard
input with its requests. Nothing large is made in the process that measures: Linux counts a parent's memory as a child's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local.pubmed import LocalPubMed
from tests.benchmarks.made_up import medline


class PubMedProcess:
    """The server between entering and leaving."""

    def __init__(self, records: Path, size: int) -> None:
        self._command = [sys.executable, "-m", __name__, str(records), str(size)]

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
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        return json.loads(self._line())

    def _line(self) -> str:
        line = self._child.stdout.readline().strip()
        if not line:
            raise RuntimeError("the local PubMed ended")
        return line


def main() -> None:
    file, size = Path(sys.argv[1]), int(sys.argv[2])
    if not file.exists():
        file.write_bytes(medline(size))
    with LocalPubMed(file) as server:
        print(server.url, flush=True)
        told = 0
        for _ in sys.stdin:
            fresh = server.requests[told:]
            told = len(server.requests)
            print(json.dumps(Counter(one.utility for one in fresh)), flush=True)


if __name__ == "__main__":
    main()
