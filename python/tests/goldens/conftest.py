"""The recorded cases of the reference, through the package and its native library."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator

import pytest
from case import FOLDER

import innerspace as sl


@pytest.fixture(scope="session")
def deviations() -> dict[str, str]:
    """Why a step differs on purpose, by ``case/step``."""
    found: dict[str, str] = json.loads((FOLDER / "deviations.json").read_text())
    return found


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Cases put rows in part and leave spaces out of queries on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sl.PutWarning)
        warnings.simplefilter("ignore", sl.QueryWarning)
        yield
