"""The demo plays to its end as the installed command, says what happened, and leaves no process behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest


@pytest.mark.server
@pytest.mark.prefect
def test_the_demo_plays_a_baseline_and_a_week_later(tmp_path: Path):
    folder = tmp_path / "demo"
    played = subprocess.run(
        [sys.executable, "-m", "cli.main", "demo", "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    said = played.stdout
    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    # Made-up records: 197 + 208 hits in PubMed, 20 + 15 + 3 records of other databases (infra/local/fictional).
    assert re.search(r"search +197 ids found: 197 new", said)
    assert re.search(r"search +208 ids found: 11 new, 197 known", said)
    assert re.search(r"inbox +38 records: 3 new, 35 known", said)
    assert "1 left out as retracted" in said
    assert "found 'three-way'" in said
    assert "in conflict, settled by cho" in said
    assert "published version 1" in said
    assert "published version 2" in said
    identities = re.findall(
        r"identified (\d+) = (\d+) duplicates \+ (\d+) removed \+ (\d+) screened \+ (\d+) pending", said
    )
    assert [int(one[0]) for one in identities] == [197 + 35, 197 + 35 + 11 + 3]
    assert all(int(one[0]) == sum(map(int, one[1:])) for one in identities)
    left = [one.info for one in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(one.info["cmdline"] or ())]
    assert left == []


def test_the_demo_does_not_touch_a_folder_of_others(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep")
    played = subprocess.run(
        [sys.executable, "-m", "cli.main", "demo", "--folder", str(tmp_path)], capture_output=True, text=True
    )
    assert (played.returncode, played.stderr.count("\n")) == (2, 1)
    assert "name another folder" in played.stderr
    assert (tmp_path / "mine.txt").read_text() == "keep"
