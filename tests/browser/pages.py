"""Every page of the made-up review, by a name and its route."""

from __future__ import annotations

PAGES = {
    "overview": "/overview",
    "typology": "/typology?model=M1",
    "map": "/map?rows=direction&columns=platform&cell=one%7Csms",
    "map of three": "/map?rows=country&columns=platform&by=direction",
    "studies": "/studies?f.platform=sms",
    "a retracted study": "/study/S0002",
    "an Arabic study": "/study/S0005",
    "flow": "/flow?variant=each_apart",
    "methods": "/methods",
    "history": "/history?since=1",
    "no such page": "/nowhere",
}
