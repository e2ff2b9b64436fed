"""A PubMed of one's own on loopback: E-utilities over HTTP, answering from a folder of MEDLINE XML.

It behaves like the real one where clients get hurt: warnings instead of errors, clamped windows, missing records
left out without a word, rate limits, half-sent bodies. It keeps every article's bytes exactly as they were given.
"""

from infra.local.pubmed.corpus import Corpus
from infra.local.pubmed.faults import Faults
from infra.local.pubmed.habits import Habits
from infra.local.pubmed.server import LocalPubMed, Request

__all__ = ["Corpus", "Faults", "Habits", "LocalPubMed", "Request"]
