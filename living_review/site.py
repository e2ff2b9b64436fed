"""The public site: its own files, and the pages of a version that need no JavaScript.

Promises: the pages are made by the very scripts that show them in a browser, run in an engine that has no network, no
files and no clock of the machine; equal input gives equal bytes; whatever a source or a person wrote is text on them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import living_review
from living_review.errors import LivingReviewError
from living_review.store_layout import HTML_TYPE, JSON_TYPE, SVG_TYPE, File

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": JSON_TYPE,
    ".html": HTML_TYPE,
    ".svg": SVG_TYPE,
}
_PARTS = (
    "html.js",
    "words.js",
    "languages.js",
    "names.js",
    "frame.js",
    "bars.js",
    "views/overview.js",
    "views/list.js",
    "prerender.js",
)
"""Scripts that make a page, each after those it builds on."""
_LONGEST_S = 60
FIRST_PAGE = "index.html"
_PAGE = re.compile(r"(?:index(?:\.[A-Za-z-]+)?|studies(?:-\d+)?)\.html")


def folder() -> Path:
    """Where the site's files lie: beside the package in a checkout, inside it once installed."""
    package = Path(living_review.__file__).parent
    found = [one for one in (package / "site_app", package.parent / "site" / "app") if one.is_dir()]
    if not found:
        raise LivingReviewError("the site's files are missing", str(package / "site_app"), "install the package again")
    return found[0]


@cache
def assets() -> dict[str, File]:
    """Scripts, styles and message catalogues by their path; not the page for sites of one's own."""
    here = folder()
    paths = sorted(path for path in here.rglob("*") if path.suffix in _TYPES and path.name != "index.html")
    return {path.relative_to(here).as_posix(): File(path.read_bytes(), _TYPES[path.suffix]) for path in paths}


@cache
def assets_key() -> str:
    """Folder of :func:`assets` in a review's folder: ``site/`` and a digest of all of them."""
    digest = hashlib.sha256()
    for name, file in assets().items():
        digest.update(f"{name} {hashlib.sha256(file.body).hexdigest()}\n".encode())
    return f"site/{digest.hexdigest()[:16]}"


def is_page(name: str) -> bool:
    """Whether :func:`pages` gives a file this name."""
    return _PAGE.fullmatch(name) is not None


def languages() -> list[str]:
    """Tags of the languages that the site's words come in, the first one for readers of any other."""
    return re.findall(r'\["([A-Za-z-]+)",', assets()["languages.js"].body.decode())


def pages(
    about: Mapping[str, Any], studies: Sequence[Mapping[str, Any]], keys: Mapping[str, str], *, is_pinned: bool
) -> dict[str, File]:
    """The pages of a version that need no JavaScript.

    Args:
        about: ``overview.json`` of the version.
        studies: The studies of its ``list.json``.
        keys: Name of each of the version's files -> its key.
        is_pinned: For the version's own folder; else for the review's folder, where the newest version is shown.

    Returns:
        ``index.html`` and ``index.<language>.html`` for each other language; for the review's folder also
        ``studies.html``, ``studies-2.html``, … in the review's language, which name no version: such a page changes
        only if one of its studies does, or the number of all.
    """
    prefix = f"versions/{about['version']:06d}/" if is_pinned else ""
    made: dict[str, File] = {}
    with _Engine() as engine:
        own = engine.value("bestLanguage", [about["review"]["language"]], languages())
        overviews = {tag: prefix + (FIRST_PAGE if tag == own else f"index.{tag}.html") for tag in languages()}
        for tag, name in overviews.items():
            places = _places(keys, overviews, name, is_pinned)
            made[name.removeprefix(prefix)] = _page(engine, about, "overview", tag, places)
        if not is_pinned:
            places = _places(keys, overviews, overviews[own], is_pinned)
            listed = engine.value("LISTED")
            for start in range(0, max(1, len(studies)), listed):
                number = start // listed + 1
                name = "studies.html" if number == 1 else f"studies-{number}.html"
                shown = studies[start : start + listed]
                made[name] = _page(engine, about, "studies", own, places, shown, number, len(studies))
    return made


def embedding() -> dict[str, File]:
    """What other pages use to show a chart or the badge: ``embed.js`` for a script element, ``embed.html`` for a frame."""
    loader = (
        "{ const script = document.currentScript; const home = new URL('./', script.src).href;\n"
        f"  import(new URL('{assets_key()}/embed.js', home).href).then(({{ show }}) => show(script, home)); }}\n"
    )
    frame = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(()).replace("; trusted-types living-review", "")}">',
        "<title>Living review</title>",
        "</head>",
        f'<body><script src="embed.js"></script><noscript><a href="{FIRST_PAGE}" target="_top">Living review</a></noscript></body>',
        "</html>",
        "",
    ]
    return {
        "embed.js": File(loader.encode(), _TYPES[".js"]),
        "embed.html": File("\n".join(frame).encode(), HTML_TYPE),
    }


def shell(origins: Sequence[str]) -> bytes:
    """The page of a site of one's own, which may pull from its own address and from ``origins``."""
    return _plain_shell().replace(_policy(()), _policy(origins)).encode()


@cache
def _plain_shell() -> str:
    return (folder() / "index.html").read_text(encoding="utf-8")


def _policy(origins: Sequence[str]) -> str:
    """The Content-Security-Policy that the shell states, which may also pull data and pictures from ``origins``."""
    stated = _plain_shell().split('"Content-Security-Policy" content="')[1].split('"')[0]
    pulled = "".join(f" {origin}" for origin in origins)
    return re.sub(r"(img-src|connect-src) 'self'", lambda found: found[0] + pulled, stated)


def _places(keys: Mapping[str, str], overviews: Mapping[str, str], overview: str, is_pinned: bool) -> dict[str, Any]:
    return {
        "folder": "../../" if is_pinned else "./",
        "pages": {"overview": overview, "studies": "" if is_pinned else "studies.html"},
        "keys": dict(keys),
        "languages": dict(overviews),
    }


def _page(
    engine: _Engine,
    about: Mapping[str, Any],
    page: str,
    language: str,
    places: Mapping[str, Any],
    shown: Sequence[Mapping[str, Any]] = (),
    number: int = 1,
    of_studies: int = 0,
) -> File:
    catalogue = json.loads(assets()[f"messages/{language}.json"].body)
    title, direction, body = engine.value(
        "prerender", page, about, shown, number, of_studies, language, catalogue, places
    )
    site = places["folder"] + assets_key()
    pinned = f' data-pinned="{about["version"]}"' if places["folder"] != "./" else ""
    numbered = f' data-number="{number}"' if number > 1 else ""
    head = [
        "<!doctype html>",
        f'<html lang="{language}" dir="{direction}" data-folder="{places["folder"]}" data-page="{page}"{numbered}{pinned}>',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(())}">',
        f"<title>{escape(title)}</title>",
        f'<link rel="stylesheet" href="{site}/style.css">',
        f'<link rel="icon" href="{site}/icon.svg" type="image/svg+xml">',
        f'<link rel="alternate" type="application/atom+xml" href="{places["folder"]}feed.xml">',
        *(
            f'<link rel="alternate" hreflang="{tag}" href="{places["folder"]}{name}">'
            for tag, name in places["languages"].items()
            if page == "overview"
        ),
        f'<script type="module" src="{site}/app.js"></script>',
        "</head>",
        "<body>",
        body,
        "</body>",
        "</html>",
        "",
    ]
    return File("\n".join(head).encode(), HTML_TYPE)


class _Engine:
    """The scripts that make pages, in a V8 of their own."""

    def __enter__(self) -> _Engine:
        from py_mini_racer import MiniRacer  # takes long to load, and few steps make pages

        with ThreadPoolExecutor(1) as pool:  # made where an event loop runs, it would wait for just that loop
            self._context = pool.submit(MiniRacer).result()
        self._context.eval("\n".join(map(_as_script, _PARTS)))
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def value(self, name: str, *given: Any) -> Any:
        """What a constant of the scripts is, or what a function of theirs gives for ``given``."""
        asked = f"{name}({','.join(map(json.dumps, given))})" if given else name
        return json.loads(str(self._context.eval(f"JSON.stringify({asked})", timeout_sec=_LONGEST_S)))


def _as_script(name: str) -> str:
    """A module as a script: all of them share one scope, so its imports are there already and its exports are seen."""
    text = assets()[name].body.decode()
    return re.sub(r"^export ", "", re.sub(r"^import [^;]*;\n", "", text, flags=re.M), flags=re.M)
