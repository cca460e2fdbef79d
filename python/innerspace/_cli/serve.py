"""``innerspace serve``: the executors of a module, over HTTP."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

from innerspace._cli.answer import Answer
from innerspace.exceptions import FeatureNotSupportedException, InvalidInputException, NotFoundException

DESCRIPTION = """\
Serves the REST executors of a module: those that it registers with SuperlinkedRegistry.register(executor),
or the one that is named. The module is looked for in this folder first. See docs/server.md.
"""


def add_to(commands: Any) -> None:
    """Add the command to an argument parser."""
    parser = commands.add_parser("serve", help="serve an app over HTTP", description=DESCRIPTION)
    parser.add_argument("module", metavar="MODULE[:EXECUTOR]", help="a module, such as shop or shop.search:executor")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: 127.0.0.1)")
    parser.add_argument("--port", default=8080, type=int, help="the port to listen at (default: 8080)")
    parser.set_defaults(run=serve, json=False)


def serve(arguments: argparse.Namespace) -> Answer:
    """Serve until stopped."""
    try:
        import uvicorn
    except ImportError as error:
        raise FeatureNotSupportedException(
            "Serving needs uvicorn, which is not installed: pip install 'innerspace[server]'"
        ) from error
    from innerspace.rest.server import asgi_app

    apps = [executor.run() for executor in executors_of(arguments.module)]
    uvicorn.run(asgi_app(apps), host=arguments.host, port=arguments.port)
    for app in apps:
        app.close()
    return Answer(["stopped"], None)


def executors_of(target: str) -> list[Any]:
    """Return the REST executors that a module registers, or the one that is named after a colon.

    Raises
    ------
    NotFoundException
        If there is no such module, or no such name in it.
    InvalidInputException
        If what is found is no RestExecutor, or nothing is.
    """
    from innerspace.rest import RestExecutor, SuperlinkedRegistry

    name, _, attribute = target.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        raise NotFoundException(f"There is no module {name!r} in this folder or on Python's path.") from None
    if attribute:
        if not hasattr(module, attribute):
            raise NotFoundException(f"The module {name!r} has no {attribute!r}.")
        found = [getattr(module, attribute)]
        if not isinstance(found[0], RestExecutor):
            raise InvalidInputException(f"{target} is no RestExecutor but of type {type(found[0]).__name__}.")
        return found
    found = [executor for executor in SuperlinkedRegistry._executors if isinstance(executor, RestExecutor)]
    if not found:
        raise InvalidInputException(
            f"The module {name!r} registers no RestExecutor: end it with SuperlinkedRegistry.register(executor), "
            f"or name one: {name}:executor"
        )
    return found
