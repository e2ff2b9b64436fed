"""The frame of a page of our own without scripts: what is sent for a document that shows text and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def plain_page(title: str, style: str, body: Sequence[str], head: Sequence[str] = ()) -> bytes:
    """A whole page in English that runs nothing and loads nothing.

    Args:
        title: As text.
        style: CSS.
        body: HTML, a line each.
        head: More elements of the head, a line each.
    """
    page = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        *head,
        f"<title>{escape(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        "<main>",
        *body,
        "</main>",
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(page).encode()
