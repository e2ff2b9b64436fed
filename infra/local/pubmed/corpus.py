"""The articles a local PubMed holds, and the day it is there.

Promises: an article's bytes leave as they came in; a file that cannot be read is named with the reason and nothing of
it is served; an article given twice is served once and the other is told of. With a clock set, an article exists
from its Create Date on. Memory does not grow with the articles: they stay in their files, their words in an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

from infra.local.pubmed.article import Article
from infra.local.pubmed.changes import as_indexed, as_retracted
from infra.local.pubmed.fields import fold
from infra.local.pubmed.index import EVER, Index, day_number
from infra.local.pubmed.mesh import Actions, Thesaurus, excerpt
from infra.local.pubmed.plan import Plan, Words, count, exists, find, find_sorted
from infra.local.pubmed.reading import Found, read_document
from infra.local.pubmed.refresh import files_in, index_file, kept_index, refresh
from infra.local.pubmed.schedule import Change, read_schedule, schedules_in
from infra.local.pubmed.turns import Turns
from living_review.errors import InvalidFile, UsageError


class Corpus:
    """Articles by PMID; safe to change while a server reads it.

    Args:
        places: Folders (every ``*.xml`` and ``*.xml.gz`` below them) or single files of MEDLINE XML. What a
            ``changes.yaml`` in a folder says happens on its days, see :mod:`~infra.local.pubmed.schedule`.
        clock: The day it is; ``None`` shows every article.
        known_phrases: Phrases and MeSH headings that PubMed's index knows beyond those in the articles: a search
            for one of them finds nothing here, and warns of nothing.
        cache: Folder that keeps the index of ``places``, so that the next start reads only files that changed;
            ``None`` for an index that goes with this process. Another process that starts on it waits; while any
            answers from it, it is not changed (see :mod:`~infra.local.pubmed.turns`).
        thesaurus: Headings that ``[mh]`` explodes over; ``None`` for the excerpt that comes with the package.
        actions: Substances that ``[pa]`` looks for; without it every pharmacological action is a phrase not found.

    Raises:
        UsageError: If a place does not exist, or ``places`` were given and hold no readable article at all; if the
            index cannot be opened, or has to be changed while another process answers from it.
        InvalidFile: If a ``changes.yaml`` cannot be read or does not fit the articles.
    """

    def __init__(
        self,
        places: Iterable[Path] = (),
        clock: date | None = None,
        known_phrases: Iterable[str] = (),
        cache: Path | None = None,
        thesaurus: Thesaurus | None = None,
        actions: Actions | None = None,
    ) -> None:
        self.clock = clock
        self.actions = actions or {}
        self.thesaurus = thesaurus or excerpt()
        self.known_phrases = {fold(phrase) for phrase in known_phrases}
        given = [Path(place) for place in places]
        schedules = {file: read_schedule(file) for file in schedules_in(given)}
        later = {file for changes in schedules.values() for change in changes for file in change.files}
        self._files = files_in(given, without=later)
        # What files hold, and above it what was changed at run time.
        self._top = Index()
        self._lock = self._top.lock
        kept = index_file(given, cache) if cache and given else None
        self._turns = Turns(kept)
        with self._turns.turn():
            self._base = kept_index(kept, self._turns.alone) if kept else Index()
            self.read_files = refresh(self._base, self._files, self._turns.alone)
        """How many files were read, the others being in the index already."""
        if given and not len(self):
            reason = "; ".join(f"{Path(file).name}: {why}" for file, why in self.broken[:3]) or "no XML file there"
            raise UsageError(
                f"no PubMed article could be read ({reason})", ", ".join(map(str, given)), "check the folder"
            )
        for file, changes in schedules.items():
            self.schedule(changes, str(file))

    def close(self) -> None:
        """Let go of the kept index, so that another process may change it; nothing can be asked any more."""
        self._base.close()
        self._turns.close()

    def __len__(self) -> int:
        return self._base.count() + self._top.count()

    @property
    def broken(self) -> list[tuple[str, str]]:
        """Files, or single articles of a file, that are not served: (file, reason)."""
        sql = "SELECT path, reason FROM problem JOIN file ON file.id = problem.file ORDER BY place, problem.rowid"
        return [tuple(row) for row in self._base.db.execute(sql)]

    @property
    def repeated(self) -> list[tuple[str, str]]:
        """Articles that another file has in a newer or equal revision: (PMID, file that is not served)."""
        return [(str(row.pmid), path) for row, path in self._base.not_served()]

    def read(self, place: Path) -> int:
        """Take in a file, or every file of MEDLINE XML below a folder in the order of their names.

        Returns:
            How many articles are new here. What could not be read is in :attr:`broken`, what was there before in
            :attr:`repeated`.

        Raises:
            UsageError: If ``place`` does not exist, or another process answers from the kept index.
        """
        before = len(self)
        files = list(dict.fromkeys([*self._files, *files_in([place])]))
        with self._turns.turn():
            refresh(self._base, files, self._turns.alone)
        self._files = files
        return len(self) - before

    def add(self, xml: bytes) -> list[str]:
        """Take in new articles, given as one article or a whole set.

        Returns:
            Their PMIDs in order.

        Raises:
            InvalidFile: If the XML cannot be read or a PMID is there already; then nothing was added.
        """
        found = _readable(xml)
        with self._lock:
            if there := [article.pmid for article in found if self.holds(article.pmid)]:
                raise InvalidFile(f"PMID {there[0]} is there already", "added articles", "use replace()")
            self._put(found)
        return [article.pmid for article in found]

    def replace(self, xml: bytes) -> list[str]:
        """Exchange articles for newer versions; the same form as :meth:`add`.

        Returns:
            Their PMIDs in order.

        Raises:
            InvalidFile: If the XML cannot be read or a PMID is not there; then nothing was changed.
        """
        found = _readable(xml)
        with self._lock:
            if missing := [article.pmid for article in found if not self.holds(article.pmid)]:
                raise InvalidFile(f"PMID {missing[0]} is not there", "replacing articles", "use add()")
            self._put(found)
        return [article.pmid for article in found]

    def remove(self, pmid: str) -> None:
        """Delete an article, as PubMed does with a duplicate: it is left out everywhere from now on.

        Raises:
            UsageError: If there is no such article.
        """
        with self._lock:
            self._must_hold(pmid)
            self._take_out(int(pmid))

    def retract(self, pmid: str, notice: bytes | str, on: date | None = None) -> None:
        """Retract an article: publication type, link to the notice, revision date; other bytes keep their meaning.

        Args:
            pmid: The article.
            notice: The notice as XML of its own record, which is added; or the PMID of a notice that is there; or
                empty for a retraction without one.
            on: Day of the retraction; the clock's day, else today.

        Raises:
            UsageError: If there is no such article or notice.
            InvalidFile: If the notice's XML cannot be read.
        """
        with self._lock:
            notices = _readable(notice) if isinstance(notice, bytes) else []
            article = self._must_hold(pmid)
            citation = self._must_hold(notice) if isinstance(notice, str) and notice else next(iter(notices), None)
            self._put(notices)
            changed = as_retracted(article.xml, citation.xml if citation else None, on or self.today())
            self._put(_readable(changed))

    def schedule(self, changes: Iterable[Change], said_by: str = "scheduled changes") -> None:
        """Let changes happen on their days; without a clock all of them have happened.

        Args:
            changes: Each article's in the order of their days.
            said_by: Where they come from, for messages.

        Raises:
            InvalidFile: If a change does not fit the articles of its day, or its file cannot be read. Changes before
                it are scheduled, nothing of it is.
        """
        with self._lock:
            for change in changes:
                try:
                    self._put(_becomes(change, self), day_number(change.on.isoformat()))
                    if change.remove is not None:
                        self._end(change.remove, day_number(change.on.isoformat()))
                except (InvalidFile, UsageError) as error:
                    raise InvalidFile(f"on {change.on} {error.what}", said_by, "mend the entry") from error

    def advance(self, day: date | None) -> list[str]:
        """Set the clock, to a later day or an earlier one; ``None`` for no clock.

        Returns:
            PMIDs that were not to be seen before and are now, the newest first.
        """
        with self._lock:
            before, self.clock = self._day(), day
            fresh = [pmid for index in (self._base, self._top) for pmid in index.appeared(before, self._day())]
            return [str(pmid) for pmid in sorted(fresh, reverse=True)]

    def today(self) -> date:
        """The clock's day, or today where no clock is set."""
        return self.clock or date.today()

    def shown(self) -> list[str]:
        """PMIDs of all articles that exist on the clock's day, the newest first."""
        return self.find(Words("all", "sb"))

    def shown_count(self) -> int:
        """How many articles exist on the clock's day."""
        return self._base.count(self._day()) + self._top.count(self._day())

    def every(self) -> Iterator[Article]:
        """All articles, also those of days to come; of each the last version."""
        for row in self._base.rows():
            if not self._base.hides(row.pmid):
                yield self._base.article(row)
        for pmid in sorted({row.pmid for row in self._top.rows()}):
            yield self._top.article(self._top.versions(pmid)[-1])

    def article(self, pmid: str) -> Article | None:
        """The article, or ``None`` when it does not exist on the clock's day.

        Raises:
            InvalidFile: If its file was changed since the start.
        """
        return self._version(pmid, self._day())

    def find(self, plan: Plan, order: str = "", limit: int = -1) -> list[str]:
        """PMIDs of the articles on the clock's day that fit, at most ``limit`` (-1: all).

        The newest first, or in the ``order`` that :func:`~infra.local.pubmed.plan.find_sorted` names.
        """
        layers, day = (self._base, self._top), self._day()
        if order:
            keyed = [one for index in layers for one in find_sorted(index, plan, day, order)]
            keyed.sort(key=lambda one: one[1], reverse=True)
            keyed.sort(key=lambda one: one[0], reverse=order == "published")
            pmids = [pmid for _, pmid in keyed]
        else:
            pmids = sorted((pmid for index in layers for pmid in find(index, plan, day, limit)), reverse=True)
        return [str(pmid) for pmid in (pmids if limit < 0 else pmids[:limit])]

    def steady(self) -> AbstractContextManager[object]:
        """Within it the articles and the clock stay as they are."""
        return self._lock

    def count(self, plan: Plan) -> int:
        """How many articles on the clock's day fit."""
        return count(self._base, plan, self._day()) + count(self._top, plan, self._day())

    def knows(self, plan: Plan) -> bool:
        """Whether any article fits, those of days to come too."""
        return exists(self._base, plan) or exists(self._top, plan)

    def on(self, pmid: int, day: date) -> Article:
        """The article as it is on a day.

        Raises:
            UsageError: If it is not there that day.
        """
        article = self._version(str(pmid), day_number(day.isoformat()))
        if article is None:
            raise UsageError(f"PMID {pmid} is not there", "the local PubMed", "check the number")
        return article

    def _day(self) -> int:
        return day_number(self.clock.isoformat()) if self.clock else EVER

    def _version(self, pmid: str, day: int) -> Article | None:
        number = int(pmid)
        with self._lock:
            index = self._top if self._base.hides(number) else self._base
            row = index.at(number, day)
            return index.article(row) if row else None

    def _newest(self, pmid: str) -> Article | None:
        return self._version(pmid, EVER)

    def holds(self, pmid: str) -> bool:
        """Whether there is such an article, on any day to come too."""
        return self._newest(pmid) is not None

    def _must_hold(self, pmid: str) -> Article:
        article = self._newest(pmid)
        if article is None:
            raise UsageError(f"PMID {pmid} is not there", "the local PubMed", "check the number")
        return article

    def _put(self, articles: Iterable[Article], day: int | None = None) -> None:
        """Take in newer versions: at once in place of all others, or from ``day`` on."""
        with self._top.bulk():
            for article in articles:
                if day is None:
                    self._take_out(int(article.pmid))
                else:
                    self._end(int(article.pmid), day)
                self._top.insert(article, article.segments, since=day)

    def _end(self, pmid: int, day: int) -> None:
        row = None if self._base.hides(pmid) else self._base.at(pmid, EVER)
        if row:
            before = self._base.article(row)
            self._top.insert(before, before.segments, since=row.since)
        self._base.hide([pmid])
        for version in self._top.versions(pmid):
            if version.until > day:
                self._top.end(version.id, day)

    def _take_out(self, pmid: int) -> None:
        self._base.hide([pmid])
        for row in self._top.versions(pmid):
            self._top.erase(row)


def _becomes(change: Change, corpus: Corpus) -> list[Article]:
    """The articles that a change brings, as they are from its day on."""
    notices = _of_file(change.notice) if isinstance(change.notice, Path) else []
    if change.add:
        found = _of_file(change.add)
        if there := [article.pmid for article in found if corpus.holds(article.pmid)]:
            raise InvalidFile(f"PMID {there[0]} is there already")
        return found
    if change.replace:
        found = _of_file(change.replace)
        for article in found:
            corpus.on(int(article.pmid), change.on)
        return found
    if change.mesh is not None:
        return _readable(as_indexed(corpus.on(change.mesh, change.on).xml, change.headings, change.on))
    if change.retract is not None:
        article = corpus.on(change.retract, change.on)
        notice = corpus.on(change.notice, change.on) if isinstance(change.notice, int) else next(iter(notices), None)
        return [*notices, *_readable(as_retracted(article.xml, notice.xml if notice else None, change.on))]
    corpus.on(change.remove or 0, change.on)
    return []


def _of_file(file: Path) -> list[Article]:
    try:
        return _readable(file.read_bytes())
    except OSError as error:
        raise InvalidFile(f"{file.name} cannot be read ({error.strerror})") from error


def _readable(xml: bytes) -> list[Article]:
    articles: dict[str, Article] = {}
    for found in read_document(xml, "given at run time"):
        if not isinstance(found, Found):
            continue
        if found.article is None:
            raise InvalidFile(f"article {found.number} has no PMID", "given at run time", "add one")
        articles[found.article.pmid] = found.article
    return list(articles.values())
