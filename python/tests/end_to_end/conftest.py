"""The package with its native library and its embedded model: nothing here is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from search import Search

import innerspace as sl


@pytest.fixture
def search() -> Iterator[Search]:
    """An empty app."""
    made = Search.make()
    with made.app:
        yield made


@pytest.fixture(scope="module")
def described() -> Iterator[Search]:
    """The five shapes with their descriptions; tests that use it put nothing."""
    made = Search.make()
    with made.app:
        made.source.put([made.row(shape.id, description=True) for shape in sl.datasets.shapes()])
        yield made


@pytest.fixture(scope="module")
def undescribed() -> Iterator[Search]:
    """The five shapes without descriptions; tests that use it put nothing."""
    made = Search.make(sl.Options(embedding_cache_bytes=0))
    with made.app:
        made.source.put([made.row(shape.id) for shape in sl.datasets.shapes()])
        yield made
