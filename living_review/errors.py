"""Errors grouped by who must act, as one line: what, where, what to do.

A person at a terminal sees ``error: what, where, what to do`` and an exit code; a flow decides by the
class whether to retry, to fail or to set rows aside. Messages never hold a secret.
"""

from __future__ import annotations


class LivingReviewError(Exception):
    """Any failure this package can explain; its text is the one line a user reads.

    Args:
        what: What went wrong.
        where: The file and line, the service or the record it concerns; may be empty.
        remedy: What the reader can do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(", ".join(_one_line(part) for part in (what, where, remedy) if part))

    def within(self, place: str) -> None:
        """Name the part of a review that failed with it, where the error does not say so yet."""
        if place not in str(self):
            LivingReviewError.__init__(self, self.what, f"{place}, {self.where}" if self.where else place, self.remedy)


class UsageError(LivingReviewError):
    """The command was asked for something it cannot do (exit code 2)."""

    exit_code = 2


class ProtocolError(LivingReviewError):
    """The protocol file does not say what a protocol must (exit code 2); holds every mistake found.

    Args:
        mistakes: One line each: file, line, key, what was found, what is allowed.
    """

    exit_code = 2

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = [_one_line(mistake) for mistake in mistakes]
        super().__init__("; ".join(self.mistakes))

    def __str__(self) -> str:
        return "\n".join(self.mistakes)


class InvalidFile(LivingReviewError):
    """A file a person gave cannot be read as what it should be (exit code 2); nothing of it was used."""

    exit_code = 2


class InvalidData(LivingReviewError):
    """Rows that do not meet a rule; they are set aside with their reasons, never dropped."""


class SourceUnavailable(LivingReviewError):
    """A source, store or database did not answer as it should just now; trying later may help."""


class ServiceRefused(LivingReviewError):
    """A service answered that it will not do this (wrong credentials, missing bucket); trying again won't help."""


class IncompleteSearch(LivingReviewError):
    """A search delivered other than it promised. Never accepted as a result; the ledger is as before."""


class Conflict(LivingReviewError):
    """Somebody else changed the same thing first; theirs stands and nothing of ours was written."""


def _one_line(text: str) -> str:
    return " ".join(text.split())
