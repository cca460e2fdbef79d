"""A shop that is served, with the native library and the embedded model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from shop import Shop
from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def opened() -> Iterator[Shop]:
    made = Shop.make()
    with made.app:
        yield made


@pytest.fixture
def shop(opened: Shop) -> Iterator[Shop]:
    """An empty shop; loading its models once is enough."""
    yield opened
    opened.app.delete(opened.item, ["a", "b"])
    opened.app.delete(opened.visitor, "v")


@pytest.fixture
def client(shop: Shop) -> Iterator[TestClient]:
    with TestClient(shop.app.asgi) as made:
        yield made


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    return [
        {"id": "a", "name": "red circle", "price": 2.0, "made": 1_699_990_000, "colours": ["red"], "tags": ["x"]},
        {"id": "b", "name": "blue square", "price": 8, "made": 1_699_000_000, "colours": ["blue", "red"], "tags": []},
    ]
