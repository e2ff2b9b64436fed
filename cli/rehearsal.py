"""The rehearsal: one review goes from its protocol to a published summary, and again a week later.

Everything is real but the records and the people: a Prefect server, an object store, a PubMed, a receiver of notices,
all on loopback and ended with it. All records are made up and marked so.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from cli.opening import EMBEDDED_BUCKET, environment
from cli.rehearsal_people import (
    ANN,
    BEN,
    CHO,
    AnswerKey,
    every_tenth_kept,
    every_thirtieth_kept,
    fill_charting,
    fill_screening,
    right,
)
from infra.local import fictional
from infra.local.notice_receiver import NoticeReceiver
from infra.local.object_store import LocalObjectStore
from infra.local.prefect_server import LocalPrefectServer
from infra.local.pubmed.server import LocalPubMed
from living_review.ledger.records import Records
from living_review.protocol import Stage
from living_review.review import Review, open_review
from living_review.screening import Retrieval
from living_review.screening_export import export_csv
from living_review.steps import chart, screen
from living_review.steps.screening_state import screening_state
from living_review.steps.status import status

Tell = Callable[[str], None]
_OURS = ".living-review-demo"
"""Marks a folder that the rehearsal made and may empty."""


@dataclass
class Rehearsal:
    """The services and the review of one rehearsal, in ``folder``."""

    folder: Path
    tell: Tell
    store: LocalObjectStore = field(init=False)
    pubmed: LocalPubMed = field(init=False)
    prefect: LocalPrefectServer = field(init=False)
    notices: NoticeReceiver = field(init=False)
    key: AnswerKey = field(init=False)
    told: int = 0

    @property
    def review_folder(self) -> Path:
        """Where the review is."""
        return self.folder / "review"

    def run(self, stack: ExitStack) -> None:
        """Start everything on ``stack`` and play the story."""
        began = time.monotonic()
        self._start(stack)
        self.tell(f"services on loopback are up after {time.monotonic() - began:.0f} s")
        self.tell("")
        self.tell("WEEK 1: the baseline")
        self._as_of(stack, fictional.BASELINE)
        self._first_week()
        self.tell("")
        self.tell("WEEK 2: the review lives on")
        self._as_of(stack, fictional.WEEK_LATER)
        self._second_week()

    def _start(self, stack: ExitStack) -> None:
        self._make_folder()
        self.store = LocalObjectStore(self.folder / "services" / "store")
        self.prefect = LocalPrefectServer(self.folder / "services" / "prefect")
        # SeaweedFS and Prefect start while the records are made and read.
        with ThreadPoolExecutor(2) as pool:
            starting: list[Future[Any]] = [
                pool.submit(stack.enter_context, self.store),
                pool.submit(stack.enter_context, self.prefect),
            ]
            self._write_files()
            self.pubmed = stack.enter_context(LocalPubMed(self.folder / "services" / "pubmed"))
            self.notices = stack.enter_context(NoticeReceiver())
            self.key = AnswerKey()
            for one in starting:
                one.result()
        self.store.create_bucket(EMBEDDED_BUCKET)
        self.store.allow_public_read(EMBEDDED_BUCKET)
        stack.enter_context(
            environment(
                {
                    **self.store.environment,
                    **self.prefect.environment,
                    "LIVING_REVIEW_STORE_URL": f"s3://{EMBEDDED_BUCKET}",
                    "LIVING_REVIEW_ENTREZ_URL": self.pubmed.url,
                    "LIVING_REVIEW_SECRET_TEAM": self.notices.address,
                }
            )
        )

    def _make_folder(self) -> None:
        if (self.folder / _OURS).exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        (self.folder / _OURS).touch()

    def _write_files(self) -> None:
        from importlib.resources import files

        fictional.write_baseline(self.folder / "services" / "pubmed")
        text = (files("living_review") / "template" / "review.yaml").read_text(encoding="utf-8")
        text = text.replace("# reviewers: [ann, ben, cho]", f"reviewers: [{ANN}, {BEN}, {CHO}]")
        text = text.replace("\nliving:\n", "\nnotify:\n  - to: TEAM\n\nliving:\n")
        text = text.replace('title: "Social media in health', 'title: "Made-up demo: social media in health')
        self.review_folder.mkdir()
        (self.review_folder / "review.yaml").write_text(text, encoding="utf-8")
        inbox = self.review_folder / "inbox"
        (inbox / "embase").mkdir(parents=True)
        (inbox / "scopus").mkdir()
        (inbox / "embase" / "baseline.ris").write_text(fictional.embase_export(), encoding="utf-8")
        (inbox / "scopus" / "baseline.csv").write_text(fictional.scopus_export(), encoding="utf-8")
        (self.folder / "files").mkdir()

    def _as_of(self, stack: ExitStack, day: date) -> None:
        wanted = datetime.combine(day, clock_time(9), UTC)
        offset = (wanted - datetime.now(UTC)).total_seconds()
        stack.enter_context(environment({"LIVING_REVIEW_CLOCK_OFFSET_S": f"{offset:.0f}"}))

    def _first_week(self) -> None:
        self._flow("refresh")
        self._show_status("records", "duplicates", "reports")
        self._screen(Stage.TITLE_ABSTRACT)
        self._lose_full_text()
        self._screen(Stage.FULL_TEXT)
        self._chart("week-1")
        self._flow("publish")
        self._show_summary()

    def _second_week(self) -> None:
        week = fictional.week_later()
        self.pubmed.corpus.add(fictional.as_set(week.added))
        self.pubmed.corpus.replace(fictional.as_set(week.replaced))
        inbox = self.review_folder / "inbox" / "embase"
        (inbox / "week-2.ris").write_text(fictional.week_later_ris(), encoding="utf-8")
        self._flow("refresh")
        self._show_status("records", "duplicates", "reports")
        self._screen(Stage.TITLE_ABSTRACT)
        self._screen(Stage.FULL_TEXT)
        self._chart("week-2", slip=True)
        self._flow("watch")
        self._flow("publish")
        self._show_summary()

    def _flow(self, name: str) -> None:
        from cli.prefect_runs import run_flow

        for account in run_flow(name, self.review_folder):
            parts = ", ".join(f"{n:,} {part.replace('_', ' ')}" for part, n in account["parts"].items() if n)
            if account["received"]:
                self.tell(f"  {name:>8} / {account['step']:<14} {account['received']:>4} {account['of']}: {parts}")
            for remark in account["remarks"]:
                self.tell(f"{'':>12}! {remark}")
        for notice in self.notices.received[self.told :]:
            self.tell(f"{'':>12}> told the team: {notice.title.rpartition('] ')[2]}")
        self.told = len(self.notices.received)

    def _screen(self, stage: Stage) -> None:
        with open_review(self.review_folder) as review:
            numbers = []
            for reviewer, slip in ((ANN, every_thirtieth_kept), (BEN, every_tenth_kept)):
                path = self.folder / "files" / f"{review.now():%Y-%m-%d}-{stage}-{reviewer}.csv"
                path.write_bytes(export_csv(screen.to_screen(review, stage, reviewer)))
                fill_screening(path, self.key, stage, slip if stage is Stage.TITLE_ABSTRACT else right)
                numbers.append(screen.import_file(review, path, stage, reviewer).parts["decisions"])
            found = screen.in_conflict(review, stage)
            agreed = screen.agreement_of(review)[str(stage)].cohen
            if found:
                self._settle(review, stage, {one["report_id"] for one in found})
            kappa = f"; Cohen's kappa so far {agreed.value:.2f}" if agreed.value is not None else ""
            settled = f"{len(found)} in conflict, settled by {CHO}" if found else "no conflict"
            self.tell(
                f"  screening / {str(stage).replace('_', ' ')}: {ANN} decided {numbers[0]}, {BEN} {numbers[1]}; "
                f"{settled}{kappa}"
            )

    def _settle(self, review: Review, stage: Stage, wanted: set[str]) -> None:
        path = self.folder / "files" / f"{review.now():%Y-%m-%d}-{stage}-consensus.csv"
        rows = [row for row in screen.to_screen(review, stage, CHO, every=True) if row.report_id in wanted]
        path.write_bytes(export_csv(rows))
        fill_screening(path, self.key, stage)
        screen.import_file(review, path, stage, CHO, consensus=True)

    def _lose_full_text(self) -> None:
        with open_review(self.review_folder) as review:
            waiting = [row.report_id for row in screen.to_screen(review, Stage.FULL_TEXT, ANN)]
            screen.note_retrieval(review, waiting[-1:], Retrieval.NOT_RETRIEVED, ANN, "the library could not get it")
            self.tell(f"  screening / full texts: {len(waiting)} sought, 1 not retrieved")

    def _chart(self, name: str, *, slip: bool = False) -> None:
        from expectations.charted import charted_validator

        with open_review(self.review_folder) as review:
            path = self.folder / "files" / f"charting-{name}.xlsx"
            body, number = chart.to_chart(review)
            path.write_bytes(body)
            dois = _dois(review)
            fill_charting(path, self.key, dois, slip=slip)
            account, returned = chart.import_workbook(review, path, charted_validator)
            self.tell(
                f"  charting: {number} studies, {account.parts['accepted']} accepted, {account.parts['returned']} returned"
            )
            for remark in account.remarks:
                self.tell(f"{'':>12}! {remark}")
            if returned is not None:
                again = path.with_name(f"charting-{name}-returned.xlsx")
                again.write_bytes(returned)
                fill_charting(again, self.key, dois)
                account, _ = chart.import_workbook(review, again, charted_validator)
                self.tell(f"  charting: {account.parts['accepted']} corrected and accepted")

    def _show_status(self, *names: str) -> None:
        with open_review(self.review_folder) as review:
            found = status(review)
        self.tell(f"  the ledger holds {', '.join(f'{found[name]:,} {name}' for name in names)}")

    def _show_summary(self) -> None:
        told = self.summary()
        counts = told["prisma"]["together"]
        self.tell(
            f"  published version {told['version']}: {len(told['studies'])} studies; identified {counts['identified']['n']}"
            f" = {counts['duplicates']} duplicates + {counts['removed']['n']} removed + {counts['screened']} screened"
            f" + {counts['pending']['screening'] + counts['pending']['conflicts_screening']} pending"
        )

    def summary(self) -> dict[str, Any]:
        """``summary.json`` as a reader gets it: by the pointer, over HTTP, without a key."""
        import httpx

        with httpx.Client(trust_env=False) as reader:
            found: dict[str, Any] = reader.get(self.addresses()["summary.json"]).raise_for_status().json()
        return found

    def addresses(self) -> dict[str, str]:
        """Name of each file of the version that readers are shown -> its address, by pointer and manifest."""
        import httpx

        base = f"{self.public_address}/{self.review_id}"
        with httpx.Client(trust_env=False) as reader:
            pointer = reader.get(f"{base}/latest.json").raise_for_status().json()
            manifest = reader.get(f"{base}/{pointer['manifest']['key']}").raise_for_status().json()
        return {one["name"]: f"{base}/{one['key']}" for one in manifest["files"]}

    @property
    def public_address(self) -> str:
        """Where readers pull from."""
        return f"{self.store.endpoint_url}/{EMBEDDED_BUCKET}"

    @property
    def review_id(self) -> str:
        """The review's id in addresses."""
        with open_review(self.review_folder) as review:
            return review.id


def may_use(folder: Path) -> bool:
    """Whether ``folder`` does not exist, is empty, or was made by a rehearsal before."""
    return not folder.exists() or (folder / _OURS).exists() or (folder.is_dir() and not any(folder.iterdir()))


def summary_page(told: dict[str, Any]) -> list[str]:
    """The published summary in a few readable lines."""
    lines = [told["display_title"], f"version {told['version']}: {told['whats_new']['text']}", ""]
    typology = told["typology"]
    if typology:
        lines.append("  typology: models of use (illustrative names), studies and share")
        for model in typology["models"]:
            bar = "#" * round(30 * (model["share"] or 0))
            lines.append(
                f"    {model['id']} {(model['name'] or '(no name yet)')[:34]:<34} {model['count']:>3}  {100 * (model['share'] or 0):>4.0f} %  {bar}"
            )
    return lines


def _dois(review: Review) -> dict[str, str]:
    with review.read() as tx:
        state = screening_state(tx, review.protocol)
        first = {study: state.reports[reports[0]][0] for study, reports in state.included_studies.items()}
        latest = Records(tx).latest(first.values())
    return {study: latest[one].doi for study, one in first.items()}
