"""A recorded case of the reference, built and run through the package.

The files are in testdata/goldens/cases; their README says what they hold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pandas as pd

import innerspace as sl

FOLDER = Path(__file__).parents[3] / "testdata" / "goldens"
FORMAT = "golden-case-1"

Json = dict[str, Any]

FIELD_TYPES = {
    "Id": sl.IdField,
    "String": sl.String,
    "StringList": sl.StringList,
    "Integer": sl.Integer,
    "Float": sl.Float,
    "FloatList": sl.FloatList,
    "Boolean": sl.Boolean,
    "Timestamp": sl.Timestamp,
    "Blob": sl.Blob,
    "CreatedAt": sl.CreatedAtField,
}
SCALES = {"linear": sl.LinearScale(), "log": sl.LogarithmicScale()}
FIELD_ARGUMENTS = {
    "NumberSpace": "number",
    "RecencySpace": "timestamp",
    "CategoricalSimilaritySpace": "category_input",
    "CustomSpace": "vector",
}
OPERATORS = {
    "==": lambda field, value: field == value,
    "!=": lambda field, value: field != value,
    ">": lambda field, value: field > value,
    "<": lambda field, value: field < value,
    ">=": lambda field, value: field >= value,
    "<=": lambda field, value: field <= value,
    "in": lambda field, value: field.in_(value),
    "not_in": lambda field, value: field.not_in_(value),
    "contains": lambda field, value: field.contains(value),
    "not_contains": lambda field, value: field.not_contains(value),
    "contains_all": lambda field, value: field.contains_all(value),
    "is": lambda field, value: field.is_(value),
    "is_not": lambda field, value: field.is_not_(value),
}


def load(name: str, folder: str = "cases") -> Json:
    """Return a case."""
    case: Json = json.loads((FOLDER / folder / f"{name}.json").read_text())
    return case


def names(folder: str = "cases") -> list[str]:
    """Return the names of all cases of a folder, in order."""
    found = []
    for path in sorted((FOLDER / folder).glob("*.json")):
        content = json.loads(path.read_text())
        if isinstance(content, dict) and content.get("format") == FORMAT:
            found.append(path.stem)
    return found


class World:
    """The schemas, spaces, indices, sources and the app of a case."""

    def __init__(self, case: Json, store: sl.LocalStore | None = None) -> None:
        self.schemas: dict[str, Any] = {}
        for schema in case["schemas"]:
            self.schemas[schema["name"]] = self._schema(schema)
        self.spaces = {name: self._space(dict(space)) for name, space in case["spaces"].items()}
        self.indices = {name: self._index(dict(index)) for name, index in case["indices"].items()}
        self.sources = {
            name: sl.InMemorySource(schema, parser=self._parser(name, case.get("parsers", {}).get(name)))
            for name, schema in self.schemas.items()
        }
        now = case.get("now")
        context = None if now is None else {sl.CONTEXT_COMMON: {sl.CONTEXT_COMMON_NOW: now}}
        sources, indices = list(self.sources.values()), list(self.indices.values())
        self.executor = (
            sl.InMemoryExecutor(sources, indices, context)
            if store is None
            else sl.InteractiveExecutor(sources, indices, store, context)
        )
        self.app = self.executor.run()

    def reopen(self) -> None:
        """Close the app and run another on the same store."""
        self.app.close()
        self.app = self.executor.run()

    def field(self, path: str) -> Any:
        """Return the field that ``Schema.field`` names."""
        schema, name = path.split(".")
        return getattr(self.schemas[schema], name)

    def condition(self, description: Json) -> Any:
        """Return the condition of a filter."""
        if "or" in description:
            return reduce(lambda one, other: one | other, map(self.condition, description["or"]))
        return OPERATORS[description["op"]](self.field(description["field"]), value_of(description["value"]))

    def weights(self, given: Json) -> dict[Any, Any]:
        """Return weights by space."""
        return {self.spaces[name]: value_of(weight) for name, weight in given.items()}

    def _schema(self, description: Json) -> Any:
        annotations: Json = {}
        for field in description["fields"]:
            if field["type"] == "SchemaReference":
                kind: Any = sl.SchemaReference[type(self.schemas[field["ref"]])]  # type: ignore[misc]
            else:
                kind = FIELD_TYPES[field["type"]]
            annotations[field["name"]] = kind | None if field.get("optional") else kind
        base = sl.EventSchema if description.get("event") else sl.Schema
        return type(description["name"], (base,), {"__annotations__": annotations})()

    def _space(self, given: Json) -> Any:
        kind = given.pop("type")
        fields = given.pop("fields")
        given[FIELD_ARGUMENTS[kind]] = (
            [self.field(path) for path in fields] if isinstance(fields, list) else self.field(fields)
        )
        conversions: dict[str, Any] = {
            "mode": lambda value: ("mode", sl.Mode[value]),
            "scale": lambda value: ("scale", SCALES[value]),
            "aggregation_mode": lambda value: ("aggregation_mode", sl.InputAggregationMode[value]),
            "offset_hours": lambda value: ("time_period_hour_offset", timedelta(hours=value)),
            "periods": lambda value: (
                "period_time_list",
                [sl.PeriodTime(timedelta(seconds=seconds), weight) for seconds, weight in value],
            ),
        }
        arguments = dict(
            conversions[name](value) if name in conversions else (name, value) for name, value in given.items()
        )
        return getattr(sl, kind)(**arguments)

    def _index(self, given: Json) -> Any:
        spaces = [self.spaces[name] for name in given.pop("spaces")]
        for name in ("fields", "fields_to_exclude"):
            if name in given:
                given[name] = [self.field(path) for path in given[name]]
        if "effects" in given:
            given["effects"] = [self._effect(effect) for effect in given["effects"]]
        if "max_age_seconds" in given:
            given["max_age"] = timedelta(seconds=given.pop("max_age_seconds"))
        return sl.Index(spaces, **given)

    def _effect(self, given: Json) -> Any:
        affecting = self.field(given["affecting"])
        if "multiplier" in given:
            affecting = given["multiplier"] * affecting
        return sl.Effect(
            self.spaces[given["space"]], self.field(given["affected"]), affecting, self.condition(given["filter"])
        )

    def _parser(self, schema: str, given: Json | None) -> Any:
        if given is None:
            return None
        mapping = {self.field(f"{schema}.{name}"): place for name, place in given.get("mapping", {}).items()}
        kind = {"json": sl.JsonParser, "dataframe": sl.DataFrameParser}[given["kind"]]
        return kind(self.schemas[schema], mapping=mapping or None)


def value_of(value: Any) -> Any:
    """Return a value of a case; an object with "param" is a Param."""
    if isinstance(value, Mapping) and "param" in value:
        rules = {name: rule for name, rule in value.items() if name in ("default", "description", "options")}
        return sl.Param(value["param"], **rules)
    return value


def frame_or_rows(step: Json) -> Any:
    """Return the data of a put."""
    return pd.DataFrame(step["data"]) if step.get("as") == "dataframe" else step["data"]


def ids_of(step: Json) -> Sequence[str] | None:
    """Return the ids whose vectors a step asks for; None for all."""
    return step.get("ids")
