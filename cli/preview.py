"""The preview of a publication: its files in a folder, and a server on this machine that shows them at a secret address."""

from __future__ import annotations

import hmac
import secrets
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from infra.local.loopback import LoopbackServer
from living_review.errors import UsageError
from living_review.site import FIRST_PAGE
from living_review.store_layout import HTML_TYPE, File


def write_preview(folder: Path, review_id: str, files: Mapping[str, File]) -> None:
    """Put the files into ``folder`` as they would lie in the bucket; what was there before is gone.

    Raises:
        UsageError: If nothing can be written there.
    """
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        for key, file in files.items():
            path = part / review_id / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.body)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    except OSError as error:
        raise UsageError(
            f"the preview cannot be written ({error.strerror})", str(folder), "make room, or see to the folder's rights"
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


class PreviewServer(LoopbackServer):
    """Shows files on 127.0.0.1 between entering and leaving, to whoever knows :attr:`address`, and keeps no copy in browsers.

    Args:
        review_id: Folder of the review.
        files: What is shown, by key below that folder.
    """

    def __init__(self, review_id: str, files: Mapping[str, File]) -> None:
        token = secrets.token_urlsafe(24)
        shown = {f"{review_id}/{key}": file for key, file in files.items()}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                first, _, rest = unquote(urlsplit(self.path).path).removeprefix("/").partition("/")
                if not hmac.compare_digest(first.encode(), token.encode()):
                    self._send(HTTPStatus.NOT_FOUND, File(b"not found\n", "text/plain"))
                    return
                file = shown.get(f"{rest}{FIRST_PAGE}" if rest.endswith("/") else rest)
                if file is None and rest == f"{review_id}/":
                    file = _list(files)
                if file is None:
                    self._send(HTTPStatus.NOT_FOUND, File(b"not part of this version\n", "text/plain"))
                else:
                    self._send(HTTPStatus.OK, file)

            do_HEAD = do_GET  # noqa: N815 - the name http.server calls

            def _send(self, status: HTTPStatus, file: File) -> None:
                self.send_response_only(status)
                self.send_header("Content-Type", file.content_type)
                self.send_header("Content-Length", str(len(file.body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("X-Content-Type-Options", "nosniff")
                # The address is the key: it must not reach the pages that a reader goes on to.
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                if self.command != "HEAD":
                    with suppress(BrokenPipeError, ConnectionResetError):
                        self.wfile.write(file.body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: standard error is for errors, and the address is a key."""

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        self.address = f"http://127.0.0.1:{self.port}/{token}/{quote(review_id)}/"


def wait_for_enter() -> None:
    """Until Enter, Ctrl-C or the end of standard input."""
    with suppress(KeyboardInterrupt):
        sys.stdin.readline()


def _list(files: Mapping[str, File]) -> File:
    """A page with every file, for versions that have no pages of their own."""
    items = "".join(f'<li><a href="{escape(quote(key))}">{escape(key)}</a></li>' for key in sorted(files))
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"></head>'
        f"<body><h1>Files of the version that would be published</h1><ul>{items}</ul></body></html>\n"
    )
    return File(page.encode(), HTML_TYPE)
