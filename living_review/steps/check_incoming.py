"""Check incoming records: one that nobody could screen is set aside with the reasons, never dropped."""

from __future__ import annotations

from collections.abc import Sequence

from living_review.errors import LivingReviewError, UsageError
from living_review.ledger.records import Records
from living_review.ledger.runs import Runs
from living_review.review import Review
from living_review.steps.account import Account
from living_review.steps.signature import signed
from living_review.validation import Validator, incoming_frame


def check_incoming(review: Review, validate: Validator) -> Account:
    """Hold back the new records that fail ``validate``; the others go on to dedupe.

    A record that was held back is checked again when its source has given a later version of it, and goes on if that
    one passes.

    Raises:
        LivingReviewError: If a rule itself could not be evaluated; nothing is held or let through.
    """
    with review.read() as tx:
        fresh = Records(tx).latest(Records(tx).unchecked())
    if not fresh:
        return Account(step="check incoming", received=0, parts={"passed": 0, "held": 0})
    started = review.now()
    frame = incoming_frame(list(fresh.values()))
    report = validate(frame)
    report.raise_on_error()
    if report.table_failures:
        raise LivingReviewError(
            f"the incoming records as a whole fail a check: {report.table_failures[0]}", f"suite {report.suite}"
        )
    reasons: dict[int, list[str]] = {}
    by_key = dict(zip(frame["record_key"], fresh, strict=True))
    for failure in report.failures:
        reasons.setdefault(by_key[failure.row_key], []).append(failure.message)
    with review.write() as tx:
        records = Records(tx)
        waiting = set(records.unchecked())
        now = records.digests(fresh)
        # What was changed, released or checked by others since it was read is left to the next check.
        seen = {one for one, record in fresh.items() if one in waiting and now[one] == record.content_hash}
        wrong = {one: why for one, why in reasons.items() if one in seen}
        better = sorted((seen - wrong.keys()) & records.held().keys())
        account = Account(
            step="check incoming",
            received=len(seen),
            parts={"passed": len(seen) - len(wrong), "held": len(wrong)},
            remarks=(
                *(
                    f"{fresh[one].source} {fresh[one].source_id} was set aside as record {one}: {'; '.join(why)}"
                    for one, why in wrong.items()
                ),
                *(
                    f"{fresh[one].source} {fresh[one].source_id} was set aside and goes on: a later version passes"
                    for one in better
                ),
            ),
            details={"suite": report.suite, "suite_sha256": report.suite_sha256, "evaluated": report.evaluated},
            changed=bool(wrong or better),
        )
        records.hold(wrong)
        records.release(better, "expectations", "a later version of it passes")
        Runs(tx).note("check incoming", "done", account.to_dict(), review.protocol, started)
    return account


def release(review: Review, record_ids: Sequence[int], by: str) -> Account:
    """Let records go on that were set aside; signed by ``by``.

    Raises:
        UsageError: If a record is not set aside, or nobody signs.
    """
    name = signed(by, "release")
    with review.write() as tx:
        held = Records(tx).held()
        unknown = [str(one) for one in record_ids if one not in held]
        if unknown:
            raise UsageError(f"record {', '.join(unknown)} is not set aside", "release", "see `living-review status`")
        Records(tx).release(sorted(set(record_ids)), name, "released by a person")
    return Account(step="release", received=len(record_ids), parts={"released": len(record_ids)}, changed=True)
