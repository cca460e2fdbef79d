"""Context data, the interactive executor, and the warnings of queries."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from test_fields import Item

if TYPE_CHECKING:
    from recording import RecordingEngine

import innerspace as sl
from innerspace import app as app_module
from innerspace.query.surprises import Surprises

item = Item()
number = sl.NumberSpace(item.number, 0, 10, sl.Mode.SIMILAR)
maximum = sl.NumberSpace(item.price, 0, 10, sl.Mode.MAXIMUM)


@pytest.fixture(autouse=True)
def fresh_surprises(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind is told once a process; each test is a process of its own."""
    monkeypatch.setattr(app_module, "surprises", Surprises())


class TestNow:
    @pytest.mark.parametrize(
        ("context", "now"),
        [
            (None, None),
            ({}, None),
            ({"common": {}}, None),
            ({"common": None}, None),
            ({"common": {"now": None}}, None),
            ({"common": {"now": 0}}, None),
            ({sl.CONTEXT_COMMON: {sl.CONTEXT_COMMON_NOW: 1723303545}, "more": 1}, 1723303545),
            ({"common": {"now": 7.0}}, 7),
        ],
    )
    def test_in_the_definition(self, engines: list[RecordingEngine], context: Any, now: int | None) -> None:
        sl.InMemoryExecutor(sl.InMemorySource(item), sl.Index(number), context_data=context).run()
        options: Any = engines[0].definition["options"]
        assert options.get("now") == now

    @pytest.mark.parametrize(
        ("context", "text"),
        [
            (7, "parameter context_data must be a dict, got int 7"),
            ({"common": 7}, "must have a dict under 'common', got int 7"),
            ({"common": {"now": "now"}}, "must be whole unix seconds"),
            ({"common": {"now": 1.5}}, "must be whole unix seconds"),
            ({"common": {"now": float("nan")}}, "must be whole unix seconds"),
            ({"common": {"now": True}}, "must be whole unix seconds"),
        ],
    )
    def test_wrong(self, context: Any, text: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=text):
            sl.InMemoryExecutor(sl.InMemorySource(item), sl.Index(number), context_data=context)


class TestInteractive:
    def test_it_runs_as_in_memory(self, engines: list[RecordingEngine]) -> None:
        source, index = sl.InteractiveSource(item), sl.Index(number)
        app = sl.InteractiveExecutor([source], [index]).run()
        assert isinstance(app, sl.InteractiveApp)
        assert repr(app) == "<InteractiveApp of Item>"
        assert repr(source) == "InteractiveSource(Item)"
        source.put({"id": "a"})
        assert engines[0].puts[0]["rows"] == [{"id": "a"}]
        app.query(sl.Query(index).find(item))
        assert "limit" not in engines[0].prepared[0].json

    def test_the_databases_limit(self, engines: list[RecordingEngine]) -> None:
        index = sl.Index(number)
        database = sl.InMemoryVectorDatabase(default_query_limit=5)
        app = sl.InteractiveExecutor(sl.InMemorySource(item), index, database).run()
        app.query(sl.Query(index).find(item))
        app.query(sl.Query(index).find(item).limit(7))
        assert [prepared.json["limit"] for prepared in engines[0].prepared] == [{"value": 5}, {"value": 7}]

    @pytest.mark.parametrize("limit", [-2, 1.5, True, "5"])
    def test_wrong_limits(self, limit: Any) -> None:
        with pytest.raises(sl.InvalidInputException, match="parameter default_query_limit must be a number of rows"):
            sl.InMemoryVectorDatabase(limit)

    def test_wrong_arguments(self) -> None:
        with pytest.raises(sl.InvalidInputException, match=r"^InteractiveExecutor: parameter vector_database must be"):
            sl.InteractiveExecutor(sl.InMemorySource(item), sl.Index(number), "redis")  # type: ignore[arg-type]
        with pytest.raises(sl.InvalidInputException, match=r"^InteractiveSource: parameter schema must be a Schema"):
            sl.InteractiveSource("x")  # type: ignore[arg-type]


class TestSurprises:
    def told(self, indexed: Any, *queries: Any) -> list[str]:
        app = sl.InMemoryExecutor(sl.InMemorySource(item), indexed).run()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for query in queries:
                app.query(query.find(item) if isinstance(query, sl.Query) else query)
        assert {warning.category for warning in caught} <= {sl.QueryWarning}
        assert {warning.filename for warning in caught} <= {__file__}
        return [str(warning.message) for warning in caught]

    def test_ignored_weights(self, engines: list[RecordingEngine]) -> None:
        index = sl.Index(number)
        assert self.told(index, sl.Query(index, {number: 1.0}), sl.Query(index)) == []
        (message,) = self.told(index, sl.Query(index, {number: 2.0}), sl.Query(index, {number: sl.Param("w")}))
        assert message.startswith("The weight of NumberSpace(Item.number) has no effect: an index of one space")

    def test_spaces_that_nothing_mentions(self, engines: list[RecordingEngine]) -> None:
        index = sl.Index([number, maximum])
        query = sl.Query(index)
        weighted = sl.Query(index, {maximum: 1.0}).find(item).similar(number, 3)
        assert self.told(index, sl.Query(index, {number: 0.0, maximum: 0.0}), weighted) == []
        assert self.told(index, query.find(item).with_vector(item, "a")) == []
        (message,) = self.told(index, query.find(item).similar(number, 3), query)
        assert message.startswith("NumberSpace(Item.price) counts nothing in this query, which does not mention it:")

    def test_several(self, engines: list[RecordingEngine]) -> None:
        index = sl.Index([number, maximum])
        (message,) = self.told(index, sl.Query(index))
        assert "NumberSpace(Item.number), NumberSpace(Item.price) count nothing" in message
