"""What a command tells on a terminal while it waits."""

from __future__ import annotations

from stamina.instrumentation import RetryDetails

from cli.opening import _waits


def test_it_is_said_why_nothing_moves(capsys):
    error = OSError("too many requests a second (429)\x1b[31m")
    _waits(RetryDetails("ask", (), {}, retry_num=1, wait_for=4.2, waited_so_far=0, caused_by=error))
    assert capsys.readouterr().err == "too many requests a second (429) [31m: asked again in 4 s\n"
