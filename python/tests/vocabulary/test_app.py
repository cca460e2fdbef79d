from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from recording import Image, RecordingEngine, World

import innerspace as sl
from innerspace import report

NOT_RUNNING = (
    "Data ingestion is not allowed until executor.run() has been executed. "
    "Please ensure the executor is running before attempting to ingest data."
)


class TestDefinition:
    def test_the_whole(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        assert engines[0].definition == {
            "version": 1,
            "schemas": [world.schema._info().to_json()],
            "spaces": [world.space._definition("image_space_0")],
            "indices": [{"type": "index", "name": "index_0", "spaces": ["image_space_0"], "fields": []}],
            "options": sl.Options()._to_json(),
        }
        assert repr(app) == "<InMemoryApp of Image>"

    def test_names_follow_kind_and_position(self, world: World, engines: list[RecordingEngine]) -> None:
        second = sl.ImageSpace(world.schema.image, model="embedded", salt="second")
        indices = [world.index, sl.Index([second, world.space], fields=[world.schema.description, None])]
        app = sl.InMemoryExecutor(world.source, indices, options=sl.Options(pixels="reference")).run()
        definition: Any = engines[0].definition
        assert [space["name"] for space in definition["spaces"]] == ["image_space_0", "image_space_1"]
        assert definition["indices"][1] == {
            "type": "index",
            "name": "index_1",
            "spaces": ["image_space_1", "image_space_0"],
            "fields": ["Image.description"],
        }
        assert definition["options"]["pixels"] == "reference"
        weights = {second: 1.0, world.space: 1.0}
        app.query(sl.Query(indices[1], weights).find(world.schema).similar(second.image, "x"))
        assert engines[0].prepared[0].json["index"] == "index_1"

    def test_schemas_of_spaces_join_those_of_sources(self, world: World, engines: list[RecordingEngine]) -> None:
        class Photo(sl.Schema):
            id: sl.IdField
            photo: sl.Blob

        space = sl.ImageSpace([world.schema.image, Photo().photo], model="embedded")
        sl.InMemoryExecutor(sources=[world.source], indices=[sl.Index(space)]).run()
        definition: Any = engines[0].definition
        assert [schema["name"] for schema in definition["schemas"]] == ["Image", "Photo"]

    def test_two_objects_of_one_schema_are_refused(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException, match="The app has 2 schema objects named Image"):
            sl.InMemoryExecutor(sources=[sl.InMemorySource(Image())], indices=[world.index])


class TestExecutorArguments:
    @pytest.mark.parametrize(
        ("arguments", "parameter"),
        [
            ({"sources": "x"}, "sources"),
            ({"sources": []}, "sources"),
            ({"sources": ["x"]}, r"sources\[0\]"),
            ({"indices": "x"}, "indices"),
            ({"indices": []}, "indices"),
            ({"context_data": 7}, "context_data"),
            ({"options": {"pixels": "reference"}}, "options"),
        ],
    )
    def test_wrong(self, world: World, arguments: dict[str, Any], parameter: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=f"^InMemoryExecutor: parameter {parameter} must"):
            sl.InMemoryExecutor(**({"sources": world.source, "indices": world.index} | arguments))

    @pytest.mark.parametrize(
        ("schema", "text"),
        [
            ("x", "^InMemorySource: parameter schema must be a Schema, got str 'x'.$"),
            (Image, r"got the class Image. Make an instance: Image\(\)\.$"),
        ],
    )
    def test_source_schema(self, schema: Any, text: str) -> None:
        with pytest.raises(sl.InvalidInputException, match=text):
            sl.InMemorySource(schema)

    def test_source_parser(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException, match="parameter parser must be a DataParser, got str 'x'"):
            sl.InMemorySource(world.schema, "x")  # type: ignore[arg-type]
        with pytest.raises(sl.InvalidInputException, match="the parser is for Image, the source for Image"):
            sl.InMemorySource(world.schema, sl.JsonParser(Image()))


class TestPut:
    def test_before_run(self, world: World) -> None:
        with pytest.raises(sl.InvalidInputException) as caught:
            world.source.put({"id": "a"})
        assert str(caught.value) == NOT_RUNNING

    def test_what_the_engine_is_told(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        report = world.source.put([{"id": "a"}], on_error="skip", partial="merge")
        assert engines[0].puts == [
            {"schema": world.schema._info(), "rows": [{"id": "a"}], "on_error": "skip", "partial": "merge"}
        ]
        assert report.stored == 1
        assert not app.closed

    @pytest.mark.parametrize("arguments", [{"on_error": "ignore"}, {"partial": "keep"}, {"on_error": None}])
    def test_unknown_options(self, world: World, engines: list[RecordingEngine], arguments: Any) -> None:
        app = world.executor.run()
        with pytest.raises(sl.InvalidInputException, match=r"^put\(\): parameter (on_error|partial) must be one of"):
            world.source.put([], **arguments)
        assert not app.closed
        assert engines[0].puts == []

    def test_warnings_come_at_the_users_line(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        engines[0].warnings = (
            report.ReportWarning("duplicate_id", "Two rows have the id 'a'."),
            report.ReportWarning("partial_put", "Part."),
        )
        with pytest.warns(sl.PutWarning) as caught:
            world.source.put([{"id": "a"}, {"id": "a"}])
        assert [str(warning.message) for warning in caught] == ["Two rows have the id 'a'.", "Part."]
        assert {warning.filename for warning in caught} == {__file__}
        assert not app.closed

    def test_no_warning_without_a_reason(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            world.source.put([])
        assert not app.closed

    def test_every_open_app_is_fed(self, world: World, engines: list[RecordingEngine]) -> None:
        first = world.executor.run()
        second = sl.InMemoryExecutor(sources=[world.source], indices=[world.index]).run()
        world.source.put({"id": number} for number in range(2))
        assert [engine.puts[0]["rows"] for engine in engines] == [[{"id": 0}, {"id": 1}]] * 2
        first.close()
        world.source.put({"id": "b"})
        assert [len(engine.puts) for engine in engines] == [1, 2]
        assert not second.closed

    def test_a_stream_feeds_every_open_app_too(self, world: World, engines: list[RecordingEngine]) -> None:
        apps = [world.executor.run(), sl.InMemoryExecutor(sources=[world.source], indices=[world.index]).run()]
        table = pa.table({"id": ["a", "b"]})
        world.source.put(table.to_reader())
        assert [pa.table(engine.puts[0]["rows"]) for engine in engines] == [table] * len(apps)

        def broken() -> Iterator[pa.RecordBatch]:
            raise RuntimeError("the disk is gone")
            yield

        with pytest.raises(sl.InvalidInputException, match=r"read from RecordBatchReader.*the disk is gone"):
            world.source.put(pa.RecordBatchReader.from_batches(table.schema, broken()))
        assert [len(engine.puts) for engine in engines] == [1, 1]

    def test_a_replaced_app_is_closed_and_not_fed(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        app = world.executor.run()
        gc.collect()
        world.source.put({"id": "a"})
        assert [engine.closes for engine in engines] == [1, 0]
        assert [len(engine.puts) for engine in engines] == [0, 1]
        assert not app.closed

    def test_after_close(self, world: World, engines: list[RecordingEngine]) -> None:
        world.executor.run().close()
        with pytest.raises(sl.InvalidStateException, match="the app that this source fed was closed or replaced"):
            world.source.put({"id": "a"})


class TestQuery:
    def test_a_query_is_compiled_once(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        query = world.find().similar(world.space.description, sl.Param("text"))
        for text in ("red", "blue"):
            app.query(query, text=text)
        assert [prepared.runs for prepared in engines[0].prepared] == [[{"text": "red"}, {"text": "blue"}]]

    def test_a_dropped_query_is_forgotten(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        app.query(world.find())
        gc.collect()
        assert len(app._prepared) == 0

    def test_one_query_in_two_apps(self, world: World, engines: list[RecordingEngine]) -> None:
        query = world.find()
        for app in [world.executor.run(), world.executor.run()]:
            app.query(query)
        assert [len(engine.prepared) for engine in engines] == [1, 1]

    def test_many_threads(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        query = world.find().limit(sl.Param("n"))
        threads = [threading.Thread(target=app.query, args=(query,), kwargs={"n": n}) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        runs = [run["n"] for prepared in engines[0].prepared for run in prepared.runs]
        assert sorted(runs) == list(range(16))

    def test_async(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        asyncio.run(app.async_query(world.find().limit(sl.Param("n")), n=3))
        assert engines[0].prepared[0].runs == [{"n": 3}]

    def test_an_index_of_another_app(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        other = sl.Index(world.space)
        with pytest.raises(sl.InvalidInputException, match="is not amongst the executor's indices"):
            app.query(sl.Query(other).find(world.schema))

    def test_a_query_that_finds_nothing_yet(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        with pytest.raises(sl.InvalidInputException, match=r"call .find\(schema\) on it first"):
            app.query(sl.Query(world.index))  # type: ignore[arg-type]
        with pytest.raises(sl.InvalidInputException, match="parameter query must be a QueryDescriptor, got str 'x'"):
            app.query("x")  # type: ignore[arg-type]


class TestDelete:
    @pytest.mark.parametrize(("ids", "told"), [("a", ["a"]), (["a", "b"], ["a", "b"]), ([], [])])
    def test_ids(self, world: World, engines: list[RecordingEngine], ids: Any, told: list[str]) -> None:
        app = world.executor.run()
        assert app.delete(world.schema, ids).deleted == len(told)
        assert engines[0].deleted == [("Image", told)]

    def test_wrong_arguments(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        with pytest.raises(sl.InvalidInputException, match=r"parameter ids\[1\] must be a str, got int 7"):
            app.delete(world.schema, ["a", 7])  # type: ignore[list-item]
        with pytest.raises(sl.InvalidInputException, match=r"^The app doesn't have the schema Image.$"):
            app.delete(Image(), "a")
        assert engines[0].deleted == []


class TestEmbed:
    def test_the_space_is_named(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        assert app.embed(world.space, texts=["red"]) == ("image_space_0", None, ["red"])

    def test_wrong_spaces(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        with pytest.raises(sl.InvalidInputException, match="parameter space must be a Space"):
            app.embed(world.space.image, texts=["red"])  # type: ignore[arg-type]
        with pytest.raises(sl.InvalidInputException, match="The app doesn't have the space ImageSpace"):
            app.embed(sl.ImageSpace(world.schema.image, model="embedded"), texts=["red"])


class TestClose:
    def test_with(self, world: World, engines: list[RecordingEngine]) -> None:
        with world.executor.run() as app:
            assert not app.closed
        assert app.closed
        assert engines[0].closes == 1
        assert repr(app) == "<InMemoryApp of Image, closed>"

    def test_twice(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        app.close()
        app.close()
        assert engines[0].closes == 1

    def test_calls_after_close(self, world: World, engines: list[RecordingEngine]) -> None:
        app = world.executor.run()
        query = world.find()
        app.query(query)
        app.close()
        for call in (lambda: app.query(query), lambda: app.delete(world.schema, "a"), lambda: app.__enter__()):
            with pytest.raises(sl.InvalidStateException, match=r"^The app is closed. Run the executor again.$"):
                call()
