"""What the tests of flows share: small reviews and records, the command line as a process, and Prefect's HTTP API."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from infra.local.prefect_server import LocalPrefectServer
from infra.local.pubmed import LocalPubMed

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from cli.main import run; run()")
API_KEY = "key-0123456789-secret"
LIMIT_S = 120.0


def article(pmid: int, title: str) -> str:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
        '<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate><Year>2025</Year></PubDate>'
        f"</JournalIssue><Title>Annals</Title></Journal><ArticleTitle>{title}</ArticleTitle>"
        "<Abstract><AbstractText>Text about facebook.</AbstractText></Abstract>"
        "<AuthorList><Author><LastName>Doe</LastName><Initials>J</Initials></Author></AuthorList>"
        "<Language>eng</Language></Article></MedlineCitation><PubmedData><ArticleIdList>"
        f'<ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>'
    )


def write_records(folder: Path, articles: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "records.xml").write_text(f"<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>", encoding="utf-8")
    return folder


def write_review(folder: Path, name: str, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "review.yaml").write_text(
        f"id: {name}\ntitle: A review called {name}\nquestion: what\n"
        f"searches: [{{source: pubmed, query: 'facebook[tiab]'}}]\n{more}\n",
        encoding="utf-8",
    )
    return folder


def environment(pubmed: LocalPubMed, server: LocalPrefectServer | None, tmp_path: Path) -> dict[str, str]:
    """What a process needs to work on these servers and on nothing else."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "LIVING_REVIEW_"))}
    return {
        **own,
        **(server.environment if server else {}),
        "ENTREZ_URL": pubmed.url,
        "NCBI_API_KEY": API_KEY,
        "LIVING_REVIEW_RATE_FOLDER": str(tmp_path),
        "LIVING_REVIEW_ENTREZ_ATTEMPTS": "1",
        "LIVING_REVIEW_RETRY_PAUSE_S": "0.05",
        # Named so that no store is started; nothing here publishes.
        "LIVING_REVIEW_STORE_URL": "s3://not-used",
        "PYTHONPATH": str(ROOT),
    }


def run(*arguments: str, env: dict[str, str], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=env, cwd=cwd, capture_output=True, text=True, timeout=LIMIT_S)


@contextmanager
def started(*arguments: str, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command line in the background, as the leader of a process group; what it prints goes to ``log``."""
    with log.open("wb") as out:
        child = subprocess.Popen(
            [*COMMAND, *arguments], env=env, cwd=ROOT, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def until(found: Callable[[], Any], what: str, limit_s: float = LIMIT_S) -> Any:
    """What ``found`` gives as soon as it gives anything."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"waited {limit_s:.0f} s in vain for {what}")


class Api:
    """The server's HTTP API, asked about one review."""

    def __init__(self, server: LocalPrefectServer, review: str) -> None:
        self.review = review
        self._client = httpx.Client(base_url=server.url, timeout=30, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer; a server on SQLite says 503 while its database is locked, and Prefect's own client asks again."""
        end = time.monotonic() + LIMIT_S
        while True:
            answer = self._client.request(method, path, json=body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > end:
                return answer
            time.sleep(0.5)

    def get(self, path: str) -> Any:
        return self._ask("GET", path).raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        return self._ask("POST", path, body).raise_for_status().json()

    def runs(self) -> list[dict[str, Any]]:
        found = self.post("/flow_runs/filter", sort="START_TIME_ASC")
        return [one for one in found if one["name"].endswith(f" of {self.review}")]

    def task_runs(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found = self.post("/task_runs/filter", flow_runs={"id": {"any_": [run["id"]]}})
        return {one["name"].rpartition("-")[0]: one for one in found}

    def logs(self, run: dict[str, Any]) -> list[str]:
        found = self.post("/logs/filter", logs={"flow_run_id": {"any_": [run["id"]]}}, sort="TIMESTAMP_ASC", limit=200)
        return [one["message"] for one in found]

    def artifacts(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.post("/artifacts/filter", artifacts={"flow_run_id": {"any_": [run["id"]]}}))

    def deployment(self, flow: str) -> dict[str, Any] | None:
        answer = self._ask("GET", f"/deployments/name/{flow}/{self.review}-{flow}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else answer.raise_for_status().json()

    def trigger(self, flow: str) -> dict[str, Any]:
        deployment = self.deployment(flow)
        assert deployment is not None
        # A request that is asked again must not make a second run.
        return dict(self.post(f"/deployments/{deployment['id']}/create_flow_run", idempotency_key=str(uuid.uuid4())))

    def ended(self, run: dict[str, Any]) -> dict[str, Any]:
        """The final state of a run."""

        def state() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"/flow_runs/{run['id']}")["state"]
            return found if found["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

        return dict(until(state, f"the end of {run['name']}"))


class Mailbox(ThreadingHTTPServer):
    """Takes what Apprise's json:// sends."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.messages: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"json://user:hunter2secret@127.0.0.1:{self.server_address[1]}/"


class _Taker(BaseHTTPRequestHandler):
    server: Mailbox

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests read the messages."""

    def do_POST(self) -> None:
        self.server.messages.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
