"""Wall and CPU seconds of named parts, also of functions deep inside that are measured in place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


class Stopwatch:
    """Adds up seconds by name. A part inside another is taken off the other, so that parts add up to the whole."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self._inside: list[list[float]] = []

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Counts what happens inside to ``name``."""
        self._inside.append([0.0, 0.0])
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            within = self._inside.pop()
            self.wall[name] = self.wall.get(name, 0.0) + wall - within[0]
            self.cpu[name] = self.cpu.get(name, 0.0) + cpu - within[1]
            self.calls[name] = self.calls.get(name, 0) + 1
            if self._inside:
                self._inside[-1][0] += wall
                self._inside[-1][1] += cpu

    def inside(self, holder: Any, function: str, name: str, finish: Callable[[Any], Any] = lambda one: one) -> None:
        """Counts every call of ``holder.function`` to ``name`` from now on; ``finish`` is applied to what it gives."""
        original = getattr(holder, function)

        @wraps(original)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.part(name):
                return finish(original(*arguments, **named))

        setattr(holder, function, timed)

    def parts(self) -> dict[str, tuple[float, float]]:
        """Part -> wall seconds, CPU seconds."""
        return {name: (round(self.wall[name], 3), round(self.cpu[name], 3)) for name in self.wall}
