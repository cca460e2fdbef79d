from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import innerspace as sl


class Item(sl.Schema):
    id: sl.IdField
    name: sl.String | None
    number: sl.Integer | None
    price: sl.Float | None
    sold: sl.Boolean | None
    made: sl.Timestamp | None
    tags: sl.StringList | None
    vector: sl.FloatList | None
    picture: sl.Blob | None


class Event(sl.EventSchema):
    id: sl.IdField
    created_at: sl.CreatedAtField
    item: sl.SchemaReference[Item]
    kind: sl.String


def event_class(annotations: dict[str, Any]) -> type[Any]:
    return type("Event", (sl.EventSchema,), {"__annotations__": annotations})


def test_definition() -> None:
    assert [(field.name, field.type) for field in Item()._info().fields] == [
        ("id", "id"),
        ("name", "string"),
        ("number", "integer"),
        ("price", "float"),
        ("sold", "boolean"),
        ("made", "timestamp"),
        ("tags", "string_list"),
        ("vector", "float_list"),
        ("picture", "blob"),
    ]


class TestEventSchema:
    def test_definition(self) -> None:
        assert Event()._info().to_json() == {
            "type": "event_schema",
            "name": "Event",
            "fields": [
                {"name": "id", "type": "id", "optional": False},
                {"name": "created_at", "type": "created_at", "optional": False},
                {"name": "item", "type": "schema_reference", "optional": False, "references": "Item"},
                {"name": "kind", "type": "string", "optional": False},
            ],
        }

    @pytest.mark.parametrize(
        ("annotations", "text"),
        [
            (
                {"id": sl.IdField, "created_at": sl.CreatedAtField, "k": sl.String | None},
                r"^An event schema cannot have optional attributes, got \['k'\]$",
            ),
            ({"id": sl.IdField}, r"^An event schema must have exactly 1 CreatedAtField, got 0 \(\[\]\).$"),
            (
                {"id": sl.IdField, "a": sl.CreatedAtField, "b": sl.CreatedAtField},
                r"^An event schema must have exactly 1 CreatedAtField, got 2 \(\['a', 'b'\]\).$",
            ),
            (
                {"id": sl.IdField, "created_at": sl.CreatedAtField, "item": sl.SchemaReference},
                r"^Event.item must say which schema it refers to",
            ),
            (
                {"id": sl.IdField, "created_at": sl.CreatedAtField, "item": sl.SchemaReference[int]},
                r"^Event.item must say which schema it refers to",
            ),
        ],
    )
    def test_wrong_annotations(self, annotations: dict[str, Any], text: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=text):
            event_class(annotations)()

    @pytest.mark.parametrize("field", [sl.CreatedAtField, sl.SchemaReference[Item]])
    def test_its_fields_are_of_no_other_schema(self, field: Any) -> None:
        item = type("Item", (sl.Schema,), {"__annotations__": {"id": sl.IdField, "it": field}})
        with pytest.raises(sl.InvalidInputException, match="Only an EventSchema has"):
            item()

    def test_it_is_a_base_class(self) -> None:
        with pytest.raises(sl.InvalidInputException, match="EventSchema is a base class"):
            sl.EventSchema()

    @pytest.mark.parametrize("multiplier", [True, "2", float("nan"), float("inf"), None])
    def test_wrong_multipliers(self, multiplier: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^Event.item can be multiplied by a finite number, got"):
            multiplier * Event().item

    def test_a_multiplier_of_zero(self) -> None:
        with pytest.raises(
            sl.InvalidInputException, match=r"^MultipliedSchemaReference cannot have 0 \(zero\) as its multiplier.$"
        ):
            Event().item * 0.0

    def test_multipliers(self) -> None:
        event = Event()
        for multiplied in (2 * event.item, event.item * 2, np.float64(2) * event.item):
            assert (multiplied.schema_reference, multiplied.multiplier) == (event.item, 2)


class TestIdentity:
    """Fields build conditions with ==, and are keys and members all the same."""

    def test_a_field_equals_itself_alone(self) -> None:
        one, other = Item(), Item()
        assert (one.name == one.name) is True
        assert (one.name != one.name) is False
        assert (one.name == other.name) is False
        assert (one.name != other.name) is True

    def test_collections_of_fields(self) -> None:
        item = Item()
        assert item.price in [item.name, item.price]
        assert item.price not in (item.name, item.number)
        assert {item.name: 1, item.price: 2}[item.price] == 2
        assert len({item.name, item.name, item.price}) == 2
        assert (item.name, item.price) == (item.name, item.price)
        assert [item.name, item.price].index(item.price) == 1


class TestColumns:
    """What a DataFrameParser makes of the cells of a column; a cell that does not fit stays for the put to name."""

    def column(self, name: str, cells: Any) -> list[Any]:
        item = Item()
        cells = cells if isinstance(cells, pd.Series) else pd.Series(cells, dtype=object)
        frame = pd.DataFrame({"id": range(len(cells)), name: cells})
        parsed: Any = sl.DataFrameParser(item).parse(frame)
        return [None if value is None or value is pd.NaT or value != value else value for value in parsed[name]]

    @pytest.mark.parametrize(
        ("name", "cells", "values"),
        [
            ("number", [1, 2.0, "3", None, "x", 4.5], [1, 2.0, 3, None, "x", 4.5]),
            ("price", [1.5, "2", "2.5", None, "bad", 7], [1.5, 2, 2.5, None, "bad", 7]),
            ("sold", [True, False, 1, 0.0, None, "False"], [True, False, True, False, None, "False"]),
            ("made", [7, "8", datetime(2024, 1, 1, tzinfo=UTC), None], [7, 8, 1704067200, None]),
            (
                "tags",
                [["a"], ("b", "c"), "d", np.array(["e"]), [], [None], None, 7],
                [["a"], ["b", "c"], ["d"], ["e"], [], None, None, 7],
            ),
            ("vector", [[1], np.array([1.5, 2]), (3,), [], None], [[1], [1.5, 2.0], [3], [], None]),
        ],
    )
    def test_cells(self, name: str, cells: list[Any], values: list[Any]) -> None:
        assert self.column(name, cells) == values

    @pytest.mark.parametrize("zone", [None, "UTC", "Europe/Budapest"])
    @pytest.mark.parametrize("unit", ["s", "ns"])
    def test_columns_of_datetimes(self, zone: str | None, unit: str) -> None:
        cells = pd.Series(pd.to_datetime(["2024-01-01 00:00:00", None])).dt.as_unit(unit)
        seconds = {None: 1704067200, "UTC": 1704067200, "Europe/Budapest": 1704063600}[zone]
        if zone is not None:
            cells = cells.dt.tz_localize(zone)
        assert self.column("made", cells) == [seconds, None]

    def test_a_missing_column_is_fine_for_an_optional_field_that_is_mapped(self) -> None:
        item = Item()
        parser = sl.DataFrameParser(item, mapping={item.name: "title"})
        assert list(parser.parse(pd.DataFrame({"id": ["a"]})).columns) == ["id"]
