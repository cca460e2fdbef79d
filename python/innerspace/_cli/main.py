"""The command ``innerspace``: its arguments, its output, its exit codes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from innerspace._cli import models, serve, store
from innerspace._version import __version__
from innerspace.exceptions import InnerspaceException

if TYPE_CHECKING:
    from collections.abc import Sequence

    from innerspace._cli.answer import Answer

DONE, FAILED, INTERRUPTED = 0, 1, 130

EXIT_CODES = """\
exit codes:
  0    done
  1    it could not be done; the reason is on standard error
  2    wrong arguments
  130  interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        ``sys.argv[1:]`` if left out.

    Returns
    -------
    int
        The exit code.
    """
    parsed = _parser().parse_args(arguments)
    try:
        answer: Answer = parsed.run(parsed)
    except InnerspaceException as error:
        if parsed.json:
            _print_json({"error": {"kind": type(error).__name__, "message": str(error)}})
        print(f"innerspace: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("innerspace: interrupted", file=sys.stderr)
        return INTERRUPTED
    try:
        if parsed.json:
            _print_json(answer.json)
        else:
            print("\n".join(answer.lines))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; what is left in the buffer is written again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE if answer.good else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="innerspace",
        description="Image and text similarity search for notebooks, scripts and data frames.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"innerspace {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    models.add_to(commands)
    serve.add_to(commands)
    store.add_to(commands)
    return parser


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
