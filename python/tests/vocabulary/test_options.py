from __future__ import annotations

import math
from typing import Any

import pytest

import innerspace as sl


def test_defaults_are_those_of_the_architecture() -> None:
    assert sl.Options()._to_json() == {
        "pixels": "faithful",
        "max_pixels": 89478485,
        "max_blob_bytes": 67108864,
        "url_timeout_seconds": 10,
        "allow_private_addresses": False,
        "embedding_cache_bytes": 67108864,
        "threads": 0,
        "device": "cpu",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pixels", "exact"),
        ("pixels", None),
        ("max_pixels", 0),
        ("max_pixels", 1e6),
        ("max_blob_bytes", -1),
        ("max_blob_bytes", True),
        ("url_timeout", 0),
        ("url_timeout", math.nan),
        ("url_timeout", math.inf),
        ("url_timeout", "10"),
        ("url_timeout", True),
        ("allow_private_addresses", 1),
        ("embedding_cache_bytes", -1),
        ("threads", -1),
        ("threads", "2"),
        ("device", "gpu"),
        ("device", None),
    ],
)
def test_wrong_values_name_the_parameter(name: str, value: object) -> None:
    arguments: dict[str, Any] = {name: value}
    with pytest.raises(sl.InvalidInputException, match=f"^Options: parameter {name} must be "):
        sl.Options(**arguments)
