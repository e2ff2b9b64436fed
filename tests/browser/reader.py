"""A reader in a real browser: opens pages, and keeps what they asked for, what they said, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import axe_playwright_python
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page

_AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(
  `${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
"""Runs before the page's own scripts."""
_SETTLED = """() => {
  const [{ dataset }, main] = [document.documentElement, document.getElementById("main")];
  if (main.hasAttribute("aria-busy")) return false;
  return dataset.ready === "true" || main.querySelector("[role=alert]") !== null
    || !dataset.folder && main.querySelector("h1") !== null;
}"""
_GO = """async (hash) => {
  if (location.hash === hash) return;
  const changed = new Promise((done) => addEventListener("hashchange", done, { once: true }));
  location.hash = hash;
  await changed;
}"""
_WIDER = """() => {
  const width = document.documentElement.clientWidth;
  const seen = (one) => { for (let up = one.parentElement; up; up = up.parentElement) {
    if (!["visible", "clip"].includes(getComputedStyle(up).overflowX)) return false; } return true; };
  return document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll("body *")].filter((one) =>
    one.getBoundingClientRect().right > width + 1 && seen(one)).map((one) => `${one.tagName}.${one.className} ${one.textContent.slice(0, 40)}`)
    .concat(`page ${document.documentElement.scrollWidth} > ${width}`).slice(-4);
}"""


class Reader:
    """One tab. What it recorded is checked by :meth:`is_quiet`."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.add_init_script(_WATCH)
        self.requests: list[str] = []
        self.said: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", self._dismiss)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(f"{message.type}: {message.text}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def open(self, address: str, route: str = "", **search: str) -> Reader:
        """Loads the page anew, at a route such as ``/studies?q=a``; waits until it is shown."""
        query = f"?{urlencode(search)}" if search else ""
        self.page.goto("about:blank")
        self.page.goto(f"{address}{query}{f'#{route}' if route else ''}")
        self.settle()
        return self

    def go(self, route: str) -> Reader:
        """Goes to another page of the site without loading it anew."""
        self.page.evaluate(_GO, f"#{route}")
        self.settle()
        return self

    def settle(self) -> None:
        """Waits until the page shows what it was asked for."""
        self.page.wait_for_function(_SETTLED)

    @property
    def text(self) -> str:
        """What a reader sees of the page's content."""
        return self.page.locator("#main").inner_text()

    def origins(self) -> set[str]:
        """Of everything the page asked for."""
        parts = [urlsplit(url) for url in self.requests if not url.startswith(("data:", "blob:", "about:"))]
        return {f"{one.scheme}://{one.netloc}" for one in parts}

    def wider(self) -> list[str]:
        """What makes the page scroll sideways; empty if it does not."""
        found: list[str] = self.page.evaluate(_WIDER)
        return found

    def breaches(self, rules: Sequence[str] = (), tags: Sequence[str] = ()) -> list[str]:
        """What axe-core finds wrong: by all its rules, those named, or those with a tag."""
        # DevTools' own world: the page's policy allows no script of ours.
        if not self.page.evaluate("() => typeof axe === 'object'"):
            self.page.evaluate(_axe())
        run: dict[str, Any] = {"resultTypes": ["violations"]}
        if rules or tags:
            run["runOnly"] = {"type": "rule" if rules else "tag", "values": list(rules or tags)}
        answer = self.page.evaluate("async (options) => (await axe.run(document, options)).violations", run)
        return [_told(one) for one in answer]

    def is_quiet(self) -> None:
        """Fails if a page complained, broke its policy, or opened a dialog."""
        wrong = [*self.said, *self.dialogs, *self.page.evaluate("() => window.violations")]
        assert not wrong, "\n".join(wrong)

    def close(self) -> None:
        """Ends the tab."""
        self.page.close()


@cache
def _axe() -> str:
    return f"(() => {{ {_AXE.read_text(encoding='utf-8')} }})()"


def _told(violation: Mapping[str, Any]) -> str:
    where = [f"{node['target']} {node['html'][:160]}" for node in violation["nodes"][:3]]
    return f"{violation['id']} ({violation['help']}): {json.dumps(where, ensure_ascii=False)}"
