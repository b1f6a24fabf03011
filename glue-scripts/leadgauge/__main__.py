"""`python -m leadgauge train | import | init | generate`: each command is imported only when it is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "train": ("leadgauge.training.command", "train a model on labelled leads"),
    "import": ("leadgauge.importing.command", "package a model that another program has trained"),
    "init": ("leadgauge.init.command", "propose a feature spec for a new file"),
    "generate": ("leadgauge.generate.command", "make up leads of a shipped spec"),
}


def main(arguments: Sequence[str]) -> int:
    """Runs a command with its own arguments; returns the exit code."""
    if arguments and arguments[0] in COMMANDS:
        module, _ = COMMANDS[arguments[0]]
        command = importlib.import_module(module)
        return int(command.main(arguments[1:]))
    usage = "usage: python -m leadgauge COMMAND [--help]\n\n" + "\n".join(
        f"  {name:10}{what}" for name, (_, what) in COMMANDS.items()
    )
    if arguments and arguments[0] in ("-h", "--help"):
        print(usage)
        return 0
    told = f"unknown command {arguments[0]!r}" if arguments else "a command is needed"
    print(f"leadgauge: {told}\n{usage}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
