"""What the public site costs a reader: bytes over the wire, the first meaningful view and a change of filter, on a slow CPU."""

from __future__ import annotations

import gzip
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from infra.local.loopback import LoopbackServer
from living_review.steps.site import own_site
from tests.browser import made_up_review
from tests.browser.publications import folder, versions_of, write

Row = dict[str, Any]
SIZES = (40, 5_000)
SLOWER = 4
"""How many times slower the CPU is made, as Lighthouse does for a phone of the middle class."""
AIMS = {40: (150_000, 1.0), 5_000: (None, 2.0)}
"""Studies -> bytes and seconds that the first view of the overview may cost."""
ROUNDS = 5
_PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
  .observe({ type: "largest-contentful-paint", buffered: true }))"""
_CHANGE = """async (route) => {
  const main = document.getElementById("main");
  const began = performance.now();
  location.hash = route;
  await new Promise((done) => addEventListener("hashchange", done, { once: true }));
  while (main.hasAttribute("aria-busy")) await new Promise((done) => setTimeout(done, 0));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  return performance.now() - began;
}"""


class _Packed(SimpleHTTPRequestHandler):
    """Text is sent compressed, as web hosts and content networks do."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def site(here: Path) -> Iterator[Row]:
    """The overview's first view, the list's, and changes of filter and order, with few and many studies."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for size in SIZES:
            studies = [made_up_review.study(number) for number in range(1, size + 1)]
            at = here / f"site-{size}"
            write(folder(versions_of([made_up_review.state(studies)])), at)
            with _served(at) as bucket:
                write(own_site([bucket]), here / f"own-{size}")
                with _served(here / f"own-{size}") as own:
                    for label, address in (
                        ("in the bucket", f"{bucket}index.html"),
                        ("of one's own", f"{own}index.html"),
                    ):
                        yield _row(label, size, [_visit(browser, address) for _ in range(ROUNDS)])
        browser.close()


@contextmanager
def _served(here: Path) -> Iterator[str]:
    with LoopbackServer(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Packed, directory=str(here)))) as server:
        yield f"http://127.0.0.1:{server.port}/"


def _visit(browser: Any, address: str) -> dict[str, float]:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    received: list[float] = []
    plain: list[float] = []
    wire.on("Network.dataReceived", lambda event: plain.append(event["dataLength"]))
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    found = {"overview: scripts answer": time.perf_counter() - began}
    found["overview: first meaningful view"] = page.evaluate(_PAINTED) / 1000
    page.wait_for_load_state("networkidle")
    found["bytes"], found["requests"] = sum(received), len(received)
    found["bytes, not compressed"] = sum(plain)
    found["studies: first view"] = page.evaluate(_CHANGE, "#/studies") / 1000
    page.wait_for_load_state("networkidle")
    found["bytes with the list"] = sum(received)
    for name, route in (
        ("filter", "#/studies?f.platform=sms&f.direction=one"),
        ("search", "#/studies?q=clinic+49"),
        ("order by title", "#/studies?sort=title"),
        ("evidence map", "#/map"),
        ("typology", "#/typology"),
    ):
        found[f"{name}"] = page.evaluate(_CHANGE, route) / 1000
    context.close()
    return found


def _row(label: str, size: int, runs: list[dict[str, float]]) -> Row:
    middle = {name: sorted(run[name] for run in runs)[len(runs) // 2] for name in runs[0]}
    facts: dict[str, Any] = {
        name: round(middle.pop(name)) for name in ("bytes", "bytes, not compressed", "requests", "bytes with the list")
    }
    most_bytes, most_s = AIMS[size]
    is_met = middle["overview: first meaningful view"] < most_s and (
        most_bytes is None or facts["bytes, not compressed"] < most_bytes
    )
    facts["aim"] = (
        f"under {most_s:g} s{f' and {most_bytes:,} bytes' if most_bytes else ''}: {'met' if is_met else 'MISSED'}"
    )
    return {
        "measurement": f"site {label}, {size:,} studies, CPU {SLOWER} times slower, middle of {len(runs)}",
        "parts": {name: (round(seconds, 3), 0.0) for name, seconds in middle.items()},
        "facts": facts,
        "load": round(os.getloadavg()[0], 1),
    }
