"""``python -m infra.local.pubmed --records FOLDER``: a PubMed in the foreground, its address on standard output."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import date
from pathlib import Path

from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.mesh import read_actions, read_descriptors
from infra.local.pubmed.refresh import default_cache
from infra.local.pubmed.server import LocalPubMed
from living_review.errors import LivingReviewError

_TOLD = 20


def make_parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.pubmed", description="A PubMed on loopback.")
    parser.add_argument("--records", type=Path, action="append", required=True, help="folder or file of MEDLINE XML")
    parser.add_argument("--port", type=int, default=0, help="port (default: a free one)")
    parser.add_argument("--clock", type=date.fromisoformat, help="the day it is there, YYYY-MM-DD")
    parser.add_argument("--known-phrases", type=Path, help="file of phrases the index knows, one a line")
    parser.add_argument("--index", type=Path, default=default_cache(), help="folder of indexes (default: %(default)s)")
    parser.add_argument("--admin", action="store_true", help="let POST /local/clock with day=YYYY-MM-DD move the clock")
    parser.add_argument("--mesh", type=Path, help="NLM's descYYYY.xml or .xml.gz (default: a small excerpt of MeSH)")
    parser.add_argument("--pharmacological-actions", type=Path, help="NLM's paYYYY.xml or .xml.gz, for [pa]")
    parser.add_argument(
        "--rate-limit", action="store_true", help="answer 429 above 3 requests a second, as PubMed does"
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code. Records that cannot be served are told on standard error."""
    options = make_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        phrases = options.known_phrases.read_text(encoding="utf-8").splitlines() if options.known_phrases else ()
        thesaurus = read_descriptors(options.mesh) if options.mesh else None
        actions = read_actions(options.pharmacological_actions) if options.pharmacological_actions else None
        corpus = Corpus(options.records, options.clock, phrases, options.index, thesaurus, actions)
        _tell_not_served(corpus)
        with LocalPubMed(corpus, options.port, rate_limit=options.rate_limit, admin=options.admin) as server:
            if thesaurus is None:
                print(
                    "MeSH is a small excerpt: [mh] looks for few narrower headings, give --mesh",
                    file=sys.stderr,
                    flush=True,
                )
            print(f"{len(corpus)} records, files read anew: {corpus.read_files}", file=sys.stderr, flush=True)
            print(server.url, flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"error: {error.strerror}, {error.filename}, check --known-phrases", file=sys.stderr)
        return 2
    except LivingReviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _tell_not_served(corpus: Corpus) -> None:
    for file, reason in corpus.broken:
        print(f"not served: {file}: {reason}", file=sys.stderr)
    repeated = corpus.repeated
    for pmid, file in repeated[:_TOLD]:
        print(f"not served: PMID {pmid} of {file}: a newer one is there", file=sys.stderr)
    if len(repeated) > _TOLD:
        print(f"not served: {len(repeated) - _TOLD} more older ones", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
