"""Runs a command and prints its wall time and peak memory: ``python measure.py COMMAND ...``.

Prints ``{"seconds": ..., "maximumResidentBytes": ..., "exitCode": ...}``; the command's own stdout goes to
stderr. Node cannot ask the system for the peak memory of a child, Python can.
"""

import json
import os
import sys
import time


def main(command: list[str]) -> None:
    """Waits for the command with ``wait4``, whose resource usage is that of this one child."""
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    result = {
        "seconds": seconds,
        "maximumResidentBytes": usage.ru_maxrss * bytes_per_unit,
        "exitCode": os.waitstatus_to_exitcode(status),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
