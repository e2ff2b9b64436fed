"""NCBI's EDirect sent to another PubMed than NCBI's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PROGRAMS = ("esearch", "efetch", "esummary", "epost", "einfo", "elink")
_LIBRARY = Path("/usr/lib/ncbi-entrez-direct")


def is_installed() -> bool:
    """Whether the programs and their library are there (Debian: ``apt-get install ncbi-entrez-direct``)."""
    return _LIBRARY.is_dir() and all(shutil.which(program) for program in PROGRAMS)


def edirect_at(url: str, folder: Path) -> dict[str, str]:
    """The environment in which EDirect's programs go to the PubMed at ``url``; ``folder`` gets a wrapper of each."""
    for program in PROGRAMS:  # they call each other, so that the address cannot be given once
        wrapper = folder / program
        wrapper.write_text(f'#!/bin/sh\nexec {shutil.which(program)} -base "$EUTILS_BASE" "$@"\n')
        wrapper.chmod(0o755)
    return {
        **{name: value for name, value in os.environ.items() if name != "NCBI_API_KEY"},
        "PATH": f"{folder}:{os.environ['PATH']}", "EUTILS_BASE": url, "EMAIL": "someone@example.org", "HOME": str(folder),
    }  # fmt: skip
