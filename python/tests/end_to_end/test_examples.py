"""The examples in the docstrings run, and give what they show."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import innerspace

MODULES = [
    info.name
    for info in pkgutil.walk_packages(innerspace.__path__, "innerspace.")
    if not info.name.startswith("innerspace._native")
]


@pytest.fixture(autouse=True)
def fresh_default_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example chooses the default model, which a process can do once."""
    from innerspace import model
    from innerspace.space import image_space

    fresh = model.DefaultModel()
    monkeypatch.setattr(model, "default_model", fresh)
    monkeypatch.setattr(image_space, "default_model", fresh)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    tested = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(tested) >= 12
