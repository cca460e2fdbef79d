"""Several runs of a query in one call: what each is given, and which one a mistake is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from innerspace._arguments import shown
from innerspace.exceptions import InvalidInputException


def each_run(params: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give the number of each run and its parameters by name.

    Raises
    ------
    InvalidInputException
        If ``params`` is no iterable of mappings whose keys are names.
    """
    if not isinstance(params, Iterable) or isinstance(params, (Mapping, str, bytes)):
        raise InvalidInputException(
            f"query_many takes a list with a dict of parameters for each run, got {shown(params)}.", path="params"
        )
    for number, given in enumerate(params):
        if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
            raise InvalidInputException(
                f"a run takes a dict of its parameters by name, got {shown(given)}", path=f"params[{number}]"
            )
        yield number, given


@contextmanager
def in_run(number: int) -> Iterator[None]:
    """Name the run in the path of an error, as the engine does."""
    try:
        yield
    except InvalidInputException as error:
        path = error.path.removeprefix("params.")
        error.path = f"params[{number}].{path}" if path else f"params[{number}]"
        raise
