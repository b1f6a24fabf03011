"""Tells a person how far training is, on standard error; on a terminal the running step is one line that is rewritten."""

from __future__ import annotations

import sys
import threading
import time
from typing import TextIO


class Progress:
    """Steps with a count of fits. Thread-safe, since fits run side by side."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._label, self._done, self._total = "", 0, 0

    def start(self, label: str, total: int = 0) -> None:
        """Begins a step of ``total`` fits (0: not counted)."""
        with self._lock:
            self._label, self._done, self._total = label, 0, total
            if self._live:
                self._draw()

    def advance(self) -> None:
        """One fit of the running step is done."""
        with self._lock:
            self._done += 1
            if self._live:
                self._draw()

    def finish(self, result: str = "") -> None:
        """Ends the running step with what came of it."""
        with self._lock:
            line = f"{self._clock()} {self._label}{': ' if result else ''}{result}"
            self._stream.write(f"\r\x1b[K{line}\n" if self._live else f"{line}\n")
            self._stream.flush()

    def note(self, text: str) -> None:
        """A line of its own, such as a warning."""
        with self._lock:
            self._stream.write(f"{chr(13) + chr(27) + '[K' if self._live else ''}{self._clock()} {text}\n")
            self._stream.flush()

    def _clock(self) -> str:
        seconds = int(time.monotonic() - self._started)
        return f"[{seconds // 60:d}:{seconds % 60:02d}]"

    def _draw(self) -> None:
        bar = ""
        if self._total:
            filled = round(20 * self._done / self._total)
            bar = f" [{'#' * filled}{'.' * (20 - filled)}] {self._done}/{self._total}"
        self._stream.write(f"\r\x1b[K{self._clock()} {self._label}{bar}")
        self._stream.flush()
