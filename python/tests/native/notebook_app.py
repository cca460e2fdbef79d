"""The notebook's app as plain data, for tests here and in the processes that they start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import innerspace
from innerspace._definition import FieldInfo, IndexInfo, ModelInfo, SchemaInfo, engine_definition

SCHEMA = SchemaInfo(
    "Image",
    (
        FieldInfo("id", "id"),
        FieldInfo("image", "blob", optional=True),
        FieldInfo("description", "string", optional=True),
    ),
)
EMBEDDED = Path(innerspace.__file__).parent / "models" / "embedded"


def definition(**options: object) -> dict[str, Any]:
    """The notebook's definition: pictures and their descriptions in one space."""
    space = {
        "type": "image_space",
        "name": "pictures",
        "fields": [{"schema": "Image", "image": "image", "description": "description"}],
        "model": ModelInfo("embedded", str(EMBEDDED)).to_json(),
    }
    return engine_definition([SCHEMA], [space], [IndexInfo("index", ("pictures",))], options)


def query(**more: object) -> dict[str, Any]:
    """The notebook's query."""
    clauses = [
        {
            "type": "similar",
            "space": "pictures",
            "field": field,
            "value": {"param": value},
            "weight": {"param": weight, "default": 1.0},
        }
        for field, value, weight in (
            ("image", "image_search", "image_weight"),
            ("description", "text_search", "text_weight"),
        )
    ]
    return {
        "version": 1,
        "type": "query",
        "index": "index",
        "schema": "Image",
        "space_weights": [{"space": "pictures", "weight": {"value": 1.0}}],
        "clauses": clauses,
        "select": {"type": "all"},
        "contribution_rows": 100,
        **more,
    }


def python_environment(**more: str) -> dict[str, str]:
    """The environment in which a child finds this package."""
    return {**os.environ, "PYTHONPATH": str(Path(innerspace.__file__).parents[1]), **more}
