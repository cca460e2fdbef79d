"""The vocabulary on a recording engine: what Python says to the C library, without the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recording import Image, RecordingEngine, World

import innerspace as sl
from innerspace import app as app_module
from innerspace import model as model_module
from innerspace.space import image_space as image_space_module

if TYPE_CHECKING:
    from innerspace.app_definition import AppDefinition


@pytest.fixture(autouse=True)
def fresh_default_model(monkeypatch: pytest.MonkeyPatch) -> model_module.DefaultModel:
    """The default model is chosen once a process; each test is a process of its own."""
    fresh = model_module.DefaultModel()
    monkeypatch.setattr(model_module, "default_model", fresh)
    monkeypatch.setattr(image_space_module, "default_model", fresh)
    monkeypatch.delenv(model_module.MODEL_VARIABLE, raising=False)
    return fresh


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[RecordingEngine]:
    """The engines that apps have opened, in order."""
    opened: list[RecordingEngine] = []

    def open_engine(definition: AppDefinition) -> RecordingEngine:
        opened.append(RecordingEngine(definition.json))
        return opened[-1]

    monkeypatch.setattr(app_module, "open_engine", open_engine)
    return opened


@pytest.fixture
def world() -> World:
    image = Image()
    space = sl.ImageSpace(image=image.image + image.description, model="embedded")
    index = sl.Index(space)
    source = sl.InMemorySource(image)
    return World(image, space, index, source, sl.InMemoryExecutor(sources=[source], indices=[index]))
