"""What a LocalStore tells the engine, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_fields import Item

import innerspace as sl

if TYPE_CHECKING:
    from recording import RecordingEngine

item = Item()
index = sl.Index(sl.NumberSpace(item.number, 0, 10, sl.Mode.SIMILAR))


def store_of(engine: RecordingEngine) -> Any:
    options: Any = engine.definition["options"]
    return options.get("store")


@pytest.mark.parametrize(
    ("store", "told"),
    [
        (sl.LocalStore("/photos"), ("/photos", "full", False, "keep")),
        (
            sl.LocalStore(Path("/photos"), durability="fast", read_only=True, images="reference"),
            ("/photos", "fast", True, "reference"),
        ),
        (sl.LocalStore("photos"), (str(Path.cwd() / "photos"), "full", False, "keep")),
        (sl.LocalStore("~/photos"), (str(Path.home() / "photos"), "full", False, "keep")),
    ],
)
def test_the_engine_is_told(engines: list[RecordingEngine], store: sl.LocalStore, told: tuple[object, ...]) -> None:
    sl.InteractiveExecutor(sl.InteractiveSource(item), index, store).run()
    assert tuple(store_of(engines[0]).values()) == told
    assert tuple(store_of(engines[0])) == ("path", "durability", "read_only", "images")


def test_memory_is_the_default(engines: list[RecordingEngine]) -> None:
    sl.InteractiveExecutor(sl.InteractiveSource(item), index).run()
    sl.InMemoryExecutor(sl.InteractiveSource(item), index).run()
    assert [store_of(engine) for engine in engines] == [None, None]


def test_a_rest_executor_takes_one(engines: list[RecordingEngine]) -> None:
    query = sl.RestQuery(sl.RestDescriptor("all"), sl.Query(index).find(item))
    sl.RestExecutor([sl.RestSource(item)], [index], [query], sl.LocalStore("/shop")).run()
    assert store_of(engines[0])["path"] == "/shop"


def test_the_limit_of_queries(engines: list[RecordingEngine]) -> None:
    app = sl.InteractiveExecutor(sl.InteractiveSource(item), index, sl.LocalStore("/s", default_query_limit=5)).run()
    app.query(sl.Query(index).find(item))
    assert engines[0].prepared[0].json["limit"] == {"value": 5}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": ""}, "parameter path must be the path of a directory, got str ''"),
        ({"path": "a\0b"}, "parameter path must be the path of a directory"),
        ({"path": 7}, "parameter path must be a str or path, got int 7"),
        ({"path": b"photos"}, "parameter path must be a str or path"),
        ({"path": None}, "parameter path must be a str or path"),
        ({"path": "p", "durability": "FULL"}, 'parameter durability must be "full" or "fast", got str \'FULL\''),
        ({"path": "p", "durability": None}, 'parameter durability must be "full" or "fast"'),
        ({"path": "p", "images": "link"}, 'parameter images must be "keep" or "reference"'),
        ({"path": "p", "read_only": 1}, "parameter read_only must be True or False, got int 1"),
        ({"path": "p", "default_query_limit": -2}, "parameter default_query_limit must be a number of rows"),
    ],
)
def test_wrong_values_name_the_parameter(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(sl.InvalidInputException, match=f"^LocalStore: {message}"):
        sl.LocalStore(**arguments)


def test_a_home_that_nobody_knows(engines: list[RecordingEngine]) -> None:
    store = sl.LocalStore("~nobody-of-that-name/photos")
    with pytest.raises(sl.InvalidInputException, match="has no home"):
        sl.InteractiveExecutor(sl.InteractiveSource(item), index, store)


class TestDelete:
    def test_from_a_source(self, engines: list[RecordingEngine]) -> None:
        source = sl.InteractiveSource(item)
        apps = [sl.InteractiveExecutor(source, index).run() for _ in range(2)]
        assert source.delete(["a", "b"]).deleted == 2
        assert [engine.deleted for engine in engines] == [[("Item", ["a", "b"])]] * len(apps)
        assert source.delete("a").deleted == 1

    def test_nothing_runs(self, engines: list[RecordingEngine]) -> None:
        source = sl.InteractiveSource(item)
        with pytest.raises(sl.InvalidInputException, match=r"until executor.run\(\) has been executed"):
            source.delete("a")
        sl.InteractiveExecutor(source, index).run().close()
        with pytest.raises(sl.InvalidStateException, match="was closed or replaced"):
            source.delete("a")
