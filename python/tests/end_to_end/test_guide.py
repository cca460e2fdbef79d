"""The examples of docs/spaces.md run, and show what they say."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import innerspace as sl

GUIDE = Path(__file__).parents[3] / "docs" / "spaces.md"


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the examples define, run one after the other."""
    defined: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sl.QueryWarning)
        for block in blocks:
            exec(compile(block, str(GUIDE), "exec"), defined)
    return defined


def test_the_explanation_is_the_one_shown(names: dict[str, Any]) -> None:
    shown = re.findall(
        r"^# (\w.*|  \w.*)$", GUIDE.read_text(encoding="utf-8").split("result.explain())")[1], re.MULTILINE
    )
    lines = str(names["result"].explain()).splitlines()
    assert shown[:3] == lines[:3]
    assert shown[3] == lines[-1]


def test_every_filter_in_the_table_is_one(names: dict[str, Any]) -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    own = {"IdField": 4, "String": 4, "Float": 4, "Boolean": 6, "StringList": 3, "FloatList": 0, "Blob": 0}
    for name, filters in rows:
        if name in own:
            assert len(getattr(sl, name).FILTERS) == own[name]
            assert filters.count("`") == 2 * own[name]
    assert len(sl.Integer.FILTERS) == len(sl.Timestamp.FILTERS) == 8
