"""A small page in the place of one that is gone.

Promises: one file without script, font or anything else from elsewhere; whatever the words hold, they are text on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from living_review.plain_page import plain_page

_STYLE = (
    ":root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;"
    "margin:3rem auto;padding:0 1rem}p{overflow-wrap:anywhere}"
)


def stand_in_page(title: str, lines: Sequence[str], link: str, link_text: str) -> bytes:
    """The page: a heading, a paragraph a line, and where to go on.

    Args:
        title: What is gone.
        lines: Why, and since when.
        link: A relative address of ours.
        link_text: What is there.
    """
    body = [
        f"<h1><bdi>{escape(title)}</bdi></h1>",
        *(f'<p dir="auto">{escape(line)}</p>' for line in lines),
        f'<p><a href="{escape(link)}">{escape(link_text)}</a></p>',
    ]
    return plain_page(title, _STYLE, body, ['<meta name="robots" content="noindex">'])
