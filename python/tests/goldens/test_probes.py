"""Small probes of the reference: mistakes of a user, and what they are told.

The class of an error is the reference's; its text too, where it is not about
the reference's own insides.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from case import FOLDER

import innerspace as sl

PROBES: dict[str, Any] = json.loads((FOLDER / "cases" / "misc_probes.json").read_text())


def make_schema(name: str = "T", **annotations: Any) -> Any:
    return type(name, (sl.Schema,), {"__annotations__": {"id": sl.IdField, **annotations}})()


def renamed_schema(**annotations: Any) -> Any:
    return type("T", (sl.Schema,), {"__annotations__": annotations})()


class Item(sl.Schema):
    id: sl.IdField
    x: sl.Float
    name: sl.String | None
    tags: sl.StringList | None
    vector: sl.FloatList | None
    picture: sl.Blob | None


class User(sl.Schema):
    id: sl.IdField
    x: sl.Float


class Event(sl.EventSchema):
    id: sl.IdField
    created_at: sl.CreatedAtField
    item: sl.SchemaReference[Item]


item, user = Item(), User()
space = sl.NumberSpace(item.x, 0, 10, sl.Mode.MAXIMUM)
index = sl.Index(space, fields=[item.name])


def app() -> Any:
    source = sl.InMemorySource(item)
    running = sl.InMemoryExecutor(source, index).run()
    source.put([{"id": "1", "x": 1.0, "name": "a"}, {"id": "2", "x": 2.0, "name": "b"}])
    return running


def find() -> Any:
    return sl.Query(index).find(item)


SAME_TEXT: dict[str, Any] = {
    "schema_plain_type": lambda: make_schema(x=int),
    "schema_two_ids": lambda: make_schema(k=sl.IdField),
    "schema_union": lambda: make_schema(x=sl.String | sl.Float),
    "schema_id_not_idfield": lambda: renamed_schema(key=sl.IdField, id=sl.String),
    "numberspace_none_max": lambda: sl.NumberSpace(None, 0, 1, sl.Mode.MAXIMUM),
    "cat_categories_not_list": lambda: sl.CategoricalSimilaritySpace(item.tags, "red"),  # type: ignore[arg-type]
    "period_zero": lambda: sl.PeriodTime(timedelta(0)),
    "index_empty": lambda: sl.Index([]),
    "put_before_run": lambda: sl.InMemorySource(item).put({"id": "a"}),
    "filter_foreign_field": lambda: sl.Query(sl.Index(space, fields=[user.x])).find(item).filter(user.x > 1),
    "find_schema_not_in_index": lambda: sl.Query(index).find(make_schema("U", x=sl.Float)),
    "vector_sampler_missing": lambda: sl.VectorSampler(app()).get_vectors_by_ids("zzz", index, item),
    "effect_zero_multiplier": lambda: 0 * Event().item,
    "image_filter_blob": lambda: item.picture == "x",
}
SAME_CLASS: dict[str, Any] = {
    "field_not_instance": lambda: sl.NumberSpace(Item, 0, 1, sl.Mode.MAXIMUM),  # type: ignore[arg-type]
    "numberspace_string_field": lambda: sl.NumberSpace(item.name, 0, 1, sl.Mode.MAXIMUM),  # type: ignore[arg-type]
    "custom_wrong_type": lambda: sl.CustomSpace(item.x, 4),  # type: ignore[arg-type]
    "index_bad_type": lambda: sl.Index("x"),  # type: ignore[arg-type]
    "similar_foreign_space": lambda: (
        sl.Query(sl.Index([space, sl.NumberSpace(user.x, 0, 1, sl.Mode.SIMILAR)]))
        .find(item)
        .similar(sl.NumberSpace(user.x, 0, 1, sl.Mode.SIMILAR), 1)
    ),
    "query_index_not_in_app": lambda: app().query(sl.Query(sl.Index(space)).find(item)),
    "override_now_str": lambda: find().override_now("x"),
    "source_bad_schema": lambda: sl.InteractiveSource("x"),  # type: ignore[arg-type]
    "bool_in_query_with_or_chain": lambda: find().filter((item.x > 1) | (item.x < 0)),
}


def refusal(make: Any) -> sl.InnerspaceException:
    with pytest.raises(sl.InnerspaceException) as caught:
        make()
    return caught.value


def without_schema_name(text: str) -> str:
    return re.sub(r"\b(Item|T|User|U|pic|picture)\b", "_", text)


@pytest.mark.parametrize("name", SAME_TEXT)
def test_same_class_and_text(name: str) -> None:
    error = refusal(SAME_TEXT[name])
    assert type(error).__name__ == PROBES[name]["error"]
    assert without_schema_name(str(error)) == without_schema_name(PROBES[name]["message"])


@pytest.mark.parametrize("name", SAME_CLASS)
def test_same_class(name: str) -> None:
    error = refusal(SAME_CLASS[name])
    assert type(error).__name__ == PROBES[name]["error"]
    assert len(str(error)) > 20


def test_classes_and_their_bases() -> None:
    for name, bases in PROBES["exceptions"].items():
        mro = [kind.__name__ for kind in getattr(sl, name).__mro__]
        for base in bases:
            assert base in mro or (base == "SuperlinkedException" and "InnerspaceException" in mro)


def test_an_id_under_another_name() -> None:
    schema = renamed_schema(key=sl.IdField, n=sl.Float)
    source, numbers = sl.InMemorySource(schema), sl.Index(sl.NumberSpace(schema.n, 0, 10, sl.Mode.MAXIMUM))
    with sl.InMemoryExecutor(source, numbers).run() as running:
        source.put({"key": "q", "n": 1.0})
        result = running.query(sl.Query(numbers).find(schema).select_all())
    (entry,) = result.entries
    columns = [name for name in sl.PandasConverter.to_pandas(result).columns if name != "rank"]
    assert {"id": entry.id, "fields": entry.fields, "cols": columns} == PROBES["id_field_renamed"]


def test_a_number_space_may_have_no_field() -> None:
    source = sl.InMemorySource(user)
    both = sl.Index([sl.NumberSpace([], 0, 1, sl.Mode.SIMILAR), sl.NumberSpace(user.x, 0, 10, sl.Mode.MAXIMUM)])
    with sl.InMemoryExecutor(source, both).run() as running:
        source.put({"id": "a", "x": 1})
        vectors = sl.VectorSampler(running).get_all_vectors(both, user).vectors
    assert vectors.shape == (1, PROBES["numberspace_empty_similar"] + 3)


def test_text_of_a_collection() -> None:
    assert str(sl.VectorSampler(app()).get_all_vectors(index, item)) == PROBES["vector_sampler_repr"]


def test_the_id_is_filtered_without_being_listed() -> None:
    running = app()
    for condition in (item.id == "2", item.id.in_(["2", "9"])):
        assert [entry.id for entry in running.query(find().filter(condition))] == ["2"]


def test_a_comparison_with_a_param_that_has_no_value_is_dropped() -> None:
    query = find().filter((item.name == sl.Param("first")) | (item.name == sl.Param("second")))
    running = app()
    assert [entry.id for entry in running.query(query, first="b")] == ["2"]
    assert [entry.id for entry in running.query(query)] == ["2", "1"]


def test_and_is_refused_with_advice() -> None:
    assert "call .filter() once for each" in str(refusal(lambda: (item.x > 1) & (item.x < 2)))


@pytest.mark.parametrize("bad", [{"id": "3"}, {"id": "3", "x": "text"}, {"id": "3", "x": float("nan")}, "3"])
def test_a_bad_row_stores_nothing_of_its_batch(bad: Any) -> None:
    source = sl.InMemorySource(item)
    with sl.InMemoryExecutor(source, index).run() as running:
        source.put([{"id": "1", "x": 1.0}, {"id": "2", "x": 2.0}])
        assert isinstance(refusal(lambda: source.put([{"id": "9", "x": 1.0}, bad])), sl.InvalidInputException)
        assert sl.VectorSampler(running).get_all_vectors(index, item).id_list == PROBES["batch_atomicity"][1]


def test_a_mandatory_field_that_nothing_uses_may_be_missing() -> None:
    schema = make_schema(x=sl.Float, unused=sl.String)
    source, numbers = sl.InMemorySource(schema), sl.Index(sl.NumberSpace(schema.x, 0, 10, sl.Mode.MAXIMUM))
    with sl.InMemoryExecutor(source, numbers).run() as running:
        source.put({"id": "a", "x": 1.0})
        (entry,) = running.query(sl.Query(numbers).find(schema).select_all()).entries
    assert entry.fields == PROBES["put_missing_unused_mandatory"]
