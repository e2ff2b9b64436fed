"""What is in a review's folder of the store, held against its manifests and its pointer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping


def check_whole(files: Mapping[str, bytes], versions: Collection[int] = ()) -> int:
    """Every version (or these) has each file its manifest names, and the pointer leads to one; gives its number.

    Args:
        files: Key below the review's folder -> bytes.
        versions: Which versions to look at; none: all.
    """
    for key in files:
        found = re.fullmatch(r"versions/(\d{6})/manifest\.json", key)
        if not found or (versions and int(found[1]) not in versions):
            continue
        manifest = json.loads(files[key])
        assert manifest["version"] == int(found[1])
        assert manifest["files"] or manifest["withdrawn"]
        for one in manifest["files"]:
            body = files[one["key"]]
            assert (one["sha256"], one["bytes"]) == (hashlib.sha256(body).hexdigest(), len(body)), one
    pointer = json.loads(files["latest.json"])
    shown = files[pointer["manifest"]["key"]]
    assert hashlib.sha256(shown).hexdigest() == pointer["manifest"]["sha256"]
    assert json.loads(shown)["version"] == pointer["version"]
    assert json.loads(shown)["files"]
    return int(pointer["version"])
