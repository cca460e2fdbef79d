from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from test_fields import Item

if TYPE_CHECKING:
    from recording import RecordingEngine

import innerspace as sl


class User(sl.Schema):
    id: sl.IdField
    taste: sl.FloatList


class Event(sl.EventSchema):
    id: sl.IdField
    created_at: sl.CreatedAtField
    item: sl.SchemaReference[Item]
    user: sl.SchemaReference[User]
    kind: sl.String
    stars: sl.Integer


class OtherEvent(sl.EventSchema):
    id: sl.IdField
    created_at: sl.CreatedAtField
    user: sl.SchemaReference[User]


item, user, event = Item(), User(), Event()
space = sl.CustomSpace([item.vector, user.taste], length=4)
NUMBERS = sl.NumberSpace(item.number, 0, 1, sl.Mode.SIMILAR)


def effect(affecting: Any = event.item, condition: Any = None) -> sl.Effect:
    return sl.Effect(space, event.user, affecting, (event.kind == "read") if condition is None else condition)


def test_definition(engines: list[RecordingEngine]) -> None:
    effects = [
        effect(),
        effect(-0.5 * event.item, (event.kind == "hate") | (event.stars < 2)),
        sl.Effect(space, 2 * event.user, 3 * event.item, event.kind != "x"),
    ]
    index = sl.Index(space, effects=effects, max_age=timedelta(hours=1), max_count=3, temperature=0, event_influence=1)
    sl.InMemoryExecutor([sl.InMemorySource(schema) for schema in (item, user)], index).run()
    definition: Any = engines[0].definition
    assert [schema["name"] for schema in definition["schemas"]] == ["Item", "User", "Event"]
    common = {"space": "custom_space_0", "affected": "Event.user", "affecting": "Event.item"}
    assert definition["indices"] == [
        {
            "type": "index",
            "name": "index_0",
            "spaces": ["custom_space_0"],
            "fields": [],
            "effects": [
                common
                | {
                    "multiplier": 1.0,
                    "filter": {"any": [{"field": "kind", "operator": "eq", "value": {"value": "read"}}]},
                },
                common
                | {
                    "multiplier": -0.5,
                    "filter": {
                        "any": [
                            {"field": "kind", "operator": "eq", "value": {"value": "hate"}},
                            {"field": "stars", "operator": "lt", "value": {"value": 2}},
                        ]
                    },
                },
                common
                | {
                    "multiplier": 1.5,
                    "filter": {"any": [{"field": "kind", "operator": "ne", "value": {"value": "x"}}]},
                },
            ],
            "temperature": 0.0,
            "event_influence": 1.0,
            "time_decay_floor": 1.0,
            "max_age_seconds": 3600,
            "max_count": 3,
        }
    ]


def test_an_index_without_effects_says_nothing_of_events() -> None:
    index = sl.Index(space, temperature=0.1, fields_to_exclude=user.taste)
    assert index._info("i", {space: "s"}).to_json() == {
        "type": "index",
        "name": "i",
        "spaces": ["s"],
        "fields": [],
        "fields_to_exclude": ["User.taste"],
    }


def test_text() -> None:
    assert repr(effect(-0.5 * event.item)) == (
        "Effect(CustomSpace(Item.vector, User.taste), SchemaReference(Event.user), "
        "-0.5 * SchemaReference(Event.item), Condition(Event.kind == 'read'))"
    )


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: effect(event.kind), sl.InvalidInputException, "affecting_schema_reference must be a SchemaReference"),
        (lambda: effect(condition=True), sl.InvalidInputException, "filter_ must be a Condition, got bool True"),
        (
            lambda: effect(condition=event.kind == sl.Param("k")),
            sl.InvalidInputException,
            "must compare with values, not with a Param",
        ),
        (
            lambda: effect(condition=item.name == "x"),
            sl.InvalidInputException,
            r"^Item.name is not part of the Event schema.$",
        ),
        (
            lambda: sl.Effect(NUMBERS, event.user, event.item, event.kind == "x"),
            sl.InvalidInputException,
            r"^Effect: User has no field in the NumberSpace.$",
        ),
        (
            lambda: sl.Effect(space, OtherEvent().user, event.item, event.kind == "x"),
            sl.InvalidStateException,
            "are of different event schemas",
        ),
        (
            lambda: sl.Effect("s", event.user, event.item, event.kind == "x"),
            sl.InvalidInputException,
            "parameter space",
        ),  # type: ignore[arg-type]
    ],
)
def test_wrong_effects(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"temperature": 1.5}, r"^temperature must be between 0 and 1, got 1.5.$"),
        ({"event_influence": -0.1}, r"^event_influence must be between 0 and 1, got -0.1.$"),
        ({"time_decay_floor": 2}, r"^time_decay_floor must be between 0 and 1, got 2.$"),
        ({"temperature": "hot"}, "parameter temperature must be a finite number, got str 'hot'"),
        ({"temperature": float("nan")}, "parameter temperature must be a finite number, got float nan"),
        ({"max_age": 7}, "parameter max_age must be a timedelta, got int 7"),
        ({"max_age": timedelta(0)}, "parameter max_age must be longer than nothing"),
        ({"max_count": -1}, "parameter max_count must be an int from 0, got int -1"),
        ({"effects": ["x"]}, r"parameter effects\[0\] must be an Effect"),
        ({"fields": ["x"]}, r"parameter fields\[0\] must be a SchemaField"),
        ({"fields_to_exclude": "x"}, r"parameter fields_to_exclude\[0\] must be a SchemaField"),
    ],
)
def test_wrong_index_arguments(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(sl.InvalidInputException, match=text):
        sl.Index(space, **arguments)


def test_an_effect_in_a_space_that_is_not_in_the_index() -> None:
    with pytest.raises(sl.InvalidInputException, match=r"^Space isn't present in the index: CustomSpace.$"):
        sl.Index(NUMBERS, effects=effect())
