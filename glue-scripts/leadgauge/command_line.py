"""What the commands that write a package share: the output folder, and errors in one line."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path


class OutputError(Exception):
    """An output folder, or another path, that cannot be used; the text says what is allowed."""


def fail(command: str, message: str) -> int:
    """Tells what went wrong, in one line; returns the exit code."""
    print(f"leadgauge {command}: {' '.join(message.split())}", file=sys.stderr)
    return 1


def unexpected(error: Exception) -> str:
    """What to tell of a fault of ours."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    return f"stopped by an unexpected {type(error).__name__} ({where}); please report it; nothing was written"


def check_out(out: Path, *, force: bool) -> None:
    """Raises OutputError unless a package may be written to the folder."""
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputError(f"--out {out} is a file; name a directory that is absent or empty")
    if not any(out.iterdir()):
        return
    if not (out / "manifest.json").is_file():
        raise OutputError(f"--out {out} holds other files; name a directory that is absent or empty")
    if not force:
        raise OutputError(
            f"--out {out} holds a model package already; name another directory, or add --force to replace it"
        )
