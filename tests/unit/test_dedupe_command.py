"""`living-review dedupe`: what it writes, and what it will not write over."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.dedupe_files import run
from living_review.dedupe.files import dedupe_files
from living_review.errors import UsageError

TWO = "id,title,author,year,doi\na,=Bees of the alpine meadows,Gray J,2020,10.5555/x\nb,Bees of the alpine meadows,Gray J,2020,10.5555/x\n"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "two.csv"
    path.write_text(TWO)
    return path


def test_no_output_is_written_over_an_input_or_another_output(given: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    for outputs in ((given, None, None), (out, given, None), (out, None, out), (out, out, None)):
        with pytest.raises(UsageError, match="this file is read or written already"):
            run([given], *outputs)
    assert (given.read_text(), out.exists()) == (TWO, False)


def test_the_cleaned_file_has_one_record_a_report_under_its_id(given: Path, tmp_path: Path, capsys):
    run([given], tmp_path / "out.csv", tmp_path / "look.csv", tmp_path / "unique.ris")
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == "id,report_id,evidence"
    assert dedupe_files([tmp_path / "unique.ris"]).ids == ("a",)
    assert "2 records, 1 reports, 1 duplicates" in capsys.readouterr().err
