"""What would be published now: the version as bytes, what it would take from readers, and what its pointer would say.

Equal ledgers give equal bytes, whenever this is asked. Nothing is written here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from living_review.charting import quotes_frame, to_frame
from living_review.errors import LivingReviewError
from living_review.ledger.database import Transaction
from living_review.ledger.runs import Runs
from living_review.ledger.searches import Searches
from living_review.protocol import Protocol
from living_review.publication import build, content_digest
from living_review.publication_state import PublicationState
from living_review.records import canonical_json
from living_review.review import Review
from living_review.search_drift import lost_reports
from living_review.site import is_page
from living_review.steps.accept import accepted_losses
from living_review.steps.charting_state import ChartingState, charted_row, charting_state
from living_review.steps.publication_facts import publication_state
from living_review.steps.published import kept_by
from living_review.steps.retraction import retractions
from living_review.steps.root_pages import pages_of
from living_review.steps.screening_state import screening_state
from living_review.store import File, ObjectStore, build_manifest
from living_review.store_layout import version_folder
from living_review.store_reuse import Kept
from living_review.synthesis import Synthesis, synthesise
from living_review.validation import ValidationReport, Validator

ChartedCheck = Callable[[Protocol, date], Validator]
SummaryCheck = Callable[[Synthesis, PublicationState, Protocol], ValidationReport]
APPROVED = "publish approved"
"""Step under which the ledger notes who let what be published."""
SHOWN = 10
"""Names in a line for people; the rest are counted."""


@dataclass(frozen=True)
class Prepared:
    """A version that could be published."""

    state: PublicationState
    synthesis: Synthesis
    files: dict[str, File]
    digest: str
    """Of what it says to readers."""
    remarks: tuple[str, ...]
    leaving: tuple[str, ...]
    """Studies that readers see charted and would no longer see, for the form's sake."""
    about_leaving: tuple[str, ...]
    """What readers would no longer see, in words."""
    kept: Kept = field(default_factory=Kept)
    """Files whose bytes an earlier version has put into the store."""
    pages: Mapping[str, File] = field(default_factory=dict)
    """What lies beside the pointer while readers are shown this version."""

    @property
    def seen_sha256(self) -> str:
        """Of all that somebody who looks at it is told, what it changes included; not of when was last searched."""
        told = json.loads(self.files["summary.json"].body)
        parts = [self.digest, told["previous"], told["whats_new"]]
        return hashlib.sha256(canonical_json(parts)).hexdigest()

    @property
    def manifest(self) -> bytes:
        """Its ``manifest.json``."""
        return build_manifest(self.state.protocol.id, self.state.version, self.files, self.kept.keys)


def prepare(tx: Transaction, review: Review, check_summary: SummaryCheck, charted_report: ValidationReport) -> Prepared:
    """What the ledger would publish now.

    Raises:
        LivingReviewError: If the summary fails its check, or the counts do not add up.
    """
    protocol = review.protocol
    state = screening_state(tx, protocol)
    charting = charting_state(tx, protocol, state)
    retracted = frozenset() if protocol.publish.include_retracted else retractions(tx, state)
    rows = [charted_row(study, row) for study, row in charting.accepted.items()]
    synthesis = synthesise(to_frame(rows, protocol), protocol, retracted & set(charting.accepted), quotes_frame(rows))
    publication = publication_state(tx, protocol, state, charting, synthesis)
    report = check_summary(synthesis, publication, protocol)
    report.raise_on_error()
    if not report.passed:
        first = [*report.table_failures, *(failure.message for failure in report.failures)]
        raise LivingReviewError(
            f"the summary fails its check and is not published: {first[0] if first else 'nothing was evaluated'}"
            + (f" (and {len(first) - 1} more)" if len(first) > 1 else ""),
            f"suite {report.suite}",
            "readers keep the version they have",
        )
    publication = replace(publication, validation=(charted_report, report))
    files = build(publication)
    leaving = _leaving(publication, charting)
    return Prepared(
        publication,
        synthesis,
        files,
        content_digest(files),
        _about_the_form(protocol, charting),
        leaving,
        _about_leaving(publication, charting, leaving),
    )


def numbered(review: Review, store: ObjectStore, prepared: Prepared, version: int) -> Prepared:
    """The same as version ``version`` with its pages, and with what the store has already: it was looked for there."""
    if prepared.state.version != version:
        state = replace(prepared.state, version=version)
        prepared = replace(prepared, state=state, files=build(state))
    prepared = replace(prepared, files={name: file for name, file in prepared.files.items() if not is_page(name)})
    with review.read() as tx:
        kept = kept_by(tx, prepared.files)
    if kept.keys and not store.has(f"{review.id}/{kept.manifest_key}", kept.manifest_sha256):
        kept = Kept()
    sizes = {key: len(prepared.files[name].body) for name, key in kept.keys.items()}
    absent = store.absent(review.id, sizes)
    there = {name: key for name, key in kept.keys.items() if key not in absent}
    keys = {name: there.get(name, f"{version_folder(version)}/{name}") for name in prepared.files}
    pinned, beside = (pages_of(review, prepared.files, keys, is_pinned=pinned) for pinned in (True, False))
    return replace(prepared, kept=replace(kept, keys=there), files={**prepared.files, **pinned}, pages=beside)


def pointer_fields(review: Review, prepared: Prepared) -> dict[str, Any]:
    """What ``latest.json`` says beside number and manifest."""
    return {
        "title": review.protocol.title,
        "status": review.protocol.living.status,
        "content_sha256": prepared.digest,
        "published_at": review.now().isoformat(timespec="seconds"),
        **search_fields(prepared),
    }


def search_fields(prepared: Prepared) -> dict[str, Any]:
    """When was last searched, and when will be."""
    last = {
        entry.source: entry.searched_at.isoformat(timespec="seconds")
        for entry in prepared.state.searches
        if entry.state != "failed"
    }
    following = {name: moment.isoformat() for name, moment in prepared.state.next_searches.items()}
    return {"last_searched": last, "next_search": following}


def _leaving(state: PublicationState, charting: ChartingState) -> tuple[str, ...]:
    if state.previous is None:
        return ()
    seen = {one["study_id"] for one in state.previous["studies"] if one["charted"]}
    return tuple(sorted(seen.intersection(charting.uncharted)))


def _about_leaving(state: PublicationState, charting: ChartingState, leaving: Sequence[str]) -> tuple[str, ...]:
    """What a change of the form would take from readers: a slip of the pen in it must not empty the summary."""
    if state.previous is None:
        return ()
    fields = {item.name for item in state.protocol.charting.fields}
    dropped = [one["name"] for one in state.previous["methods"]["fields"] if one["name"] not in fields]
    answered = [name for name in dropped if any(name in row["values"] for row in charting.accepted.values())]
    said = []
    if leaving:
        said.append(
            f"{len(leaving)} {'study' if len(leaving) == 1 else 'studies'} that readers see charted would leave the "
            f"tables, as the form or its rules changed ({some(leaving)}): "
            "chart them again, or take the change back"
        )
    if answered:
        said.append(
            f"the form has no field {', '.join(answered)} any more, whose answers readers see: "
            "put it back, or raise charting.form_version and chart again"
        )
    return tuple(said)


def some(names: Sequence[str]) -> str:
    """The first of many names, and how many more."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _about_the_form(protocol: Protocol, charting: ChartingState) -> tuple[str, ...]:
    if not charting.outdated:
        return ()
    number, versions = len(charting.outdated), ", ".join(sorted(set(charting.outdated.values())))
    return (
        f"form version {protocol.charting.form_version} is in force, and {number} "
        f"{'study' if number == 1 else 'studies'} charted under version {versions} must be charted again",
    )


def lost_included(tx: Transaction) -> set[str]:
    """Included reports that the latest search of a source lost, but for those that a person accepted."""
    last = {run["source"]: run for run in Searches(tx).runs() if run["state"] != "failed"}
    lost = {f"{source} {one}" for source, run in last.items() for one in lost_reports(run["warnings"])}
    return lost - accepted_losses(tx) - {one for run in Runs(tx).of(APPROVED) for one in run["account"]["lost"]}
