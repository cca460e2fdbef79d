from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from search import Photo, Search, ids, scores

import innerspace as sl

CIRCLE = sl.datasets.shapes()["red-circle"]


@pytest.mark.parametrize(
    "form",
    [
        lambda: CIRCLE.pil(),
        lambda: CIRCLE.pil().convert("RGB"),
        lambda: CIRCLE.path,
        lambda: str(CIRCLE.path),
        lambda: CIRCLE.path.as_uri(),
        lambda: CIRCLE.bytes,
        lambda: bytearray(CIRCLE.bytes),
        lambda: memoryview(CIRCLE.bytes),
        lambda: base64.b64encode(CIRCLE.bytes).decode(),
        lambda: "data:image/png;base64," + base64.b64encode(CIRCLE.bytes).decode(),
        lambda: np.asarray(CIRCLE.pil().convert("RGB")),
    ],
    ids=["pil", "pil-rgb", "path", "str", "file", "bytes", "bytearray", "memoryview", "base64", "data", "numpy"],
)
def test_a_picture_in_every_form(undescribed: Search, form: Callable[[], Any]) -> None:
    for query, params in (
        (undescribed.query, {"image": form()}),
        (undescribed.find().similar(undescribed.space.image, form()), {}),
        (undescribed.find().similar(undescribed.space.image, sl.Param("p", default=form())), {}),
    ):
        result = undescribed.app.query(query, **params)
        assert ids(result)[0] == "red-circle"
        assert result.entries[0].metadata.score == pytest.approx(1.0, abs=5e-7)


class TestClauses:
    def test_without_select_only_id_and_score(self, described: Search) -> None:
        result = described.app.query(described.find().similar(described.space.description, "red circle"))
        assert [entry.fields for entry in result.entries] == [{}] * 5

    def test_select(self, described: Search) -> None:
        query = described.find().select(sl.Param("fields"))
        assert set(described.app.query(query, fields=["caption"]).entries[0].fields) == {"caption"}
        assert list(described.app.query(query, fields=["photo", "key"]).entries[0].fields) == ["photo"]
        assert described.app.query(query).entries[0].fields == {}
        with pytest.raises(sl.InvalidInputException, match=r"Fields nope not found in schema Photo."):
            described.app.query(query, fields=["nope"])

    @pytest.mark.parametrize(("limit", "rows"), [(None, 5), (-1, 5), (0, 0), (2, 2), (99, 5)])
    def test_limit_as_a_parameter(self, described: Search, limit: int | None, rows: int) -> None:
        assert len(described.app.query(described.find().limit(sl.Param("n")), n=limit).entries) == rows

    @pytest.mark.parametrize(("limit", "rows"), [(None, 5), (-1, 5), (0, 5), (2, 2)])
    def test_limit_in_the_query(self, described: Search, limit: int | None, rows: int) -> None:
        assert len(described.app.query(described.find().limit(limit)).entries) == rows

    def test_radius(self, described: Search) -> None:
        every = scores(described.ask(text="red circle"))
        middle = sorted(every.values())[2]
        query = described.query.radius(sl.Param("r"))
        near = scores(described.app.query(query, text="red circle", r=1 - middle + 1e-6))
        assert near == {label: score for label, score in every.items() if score >= middle - 1e-6}
        assert len(near) == 3
        assert scores(described.app.query(query, text="red circle", r=0)) == every
        with pytest.raises(sl.InvalidInputException, match=r"Not a valid Radius value \(1.5\)"):
            described.app.query(query, text="red circle", r=1.5)

    def test_metadata(self, described: Search) -> None:
        query = described.query.include_metadata()
        for entry in described.app.query(query, text="red circle").entries:
            assert sum(entry.metadata.partial_scores) == pytest.approx(entry.metadata.score, abs=1e-6)

    def test_vector_parts(self, described: Search) -> None:
        query = described.find().similar(described.space.description, "red circle").select(metadata=described.space)
        result = described.app.query(query)
        for entry in result.entries:
            (part,) = entry.metadata.vector_parts
            assert np.dot(part, result.metadata.search_vector) == pytest.approx(entry.metadata.score, abs=1e-6)

    def test_search_params(self, described: Search) -> None:
        params = described.ask(text="red circle", text_weight=2).metadata.search_params
        assert (params["text"], params["text_weight"], params["image"]) == ("red circle", 2.0, None)

    def test_the_model_is_named(self, described: Search) -> None:
        assert [model.name for model in described.ask(text="x").metadata.models] == ["embedded"]


class TestTwoSpaces:
    @pytest.fixture
    def pair(self) -> tuple[Search, sl.ImageSpace]:
        made = Search.make()
        other = sl.ImageSpace(made.schema.photo, model="embedded", salt="pictures only")
        made.index = sl.Index([made.space, other])
        made.app = sl.InMemoryExecutor(made.source, made.index).run()
        made.source.put([made.row(shape.id, description=True) for shape in sl.datasets.shapes()])
        return made, other

    def test_weights(self, pair: tuple[Search, sl.ImageSpace]) -> None:
        search, other = pair
        query = (
            search.find()
            .similar(search.space.description, "blue rectangle")
            .similar(other.image, CIRCLE.pil())
            .space_weights({search.space: sl.Param("words"), other: sl.Param("pictures")})
            .include_metadata()
        )
        assert ids(search.app.query(query, words=0, pictures=1))[0] == "red-circle"
        assert ids(search.app.query(query, words=1, pictures=0))[0] == "red-rectangle"
        both = search.app.query(query, words=1, pictures=1).entries[0].metadata
        assert len(both.partial_scores) == 2
        assert sum(both.partial_scores) == pytest.approx(both.score, abs=1e-6)

    def test_each_space_has_a_column_of_its_scores(self, pair: tuple[Search, sl.ImageSpace]) -> None:
        search, _ = pair
        query = search.find().similar(search.space.description, "blue rectangle").include_metadata()
        result = search.app.query(query)
        frame = result.to_pandas()
        columns = [name for name in frame.columns if name.startswith("partial_scores")]
        assert columns == [f"partial_scores.{space}" for space in result.metadata.spaces]
        assert [tuple(row) for row in frame[columns].to_numpy()] == [
            entry.metadata.partial_scores for entry in result.entries
        ]

    def test_scores_that_can_be_read_stand_beside(self, pair: tuple[Search, sl.ImageSpace]) -> None:
        search, other = pair
        words = search.find().similar(search.space.description, "blue rectangle").include_metadata()
        result = search.app.query(words)
        plain, shown = (sl.PandasConverter.to_pandas(result, calibrated=wanted) for wanted in (False, True))
        assert [name for name in shown.columns if name not in plain.columns] == ["calibrated_score"]
        pd.testing.assert_frame_equal(shown[list(plain.columns)], plain)
        assert shown["calibrated_score"].between(0, 1).all()
        assert shown["calibrated_score"].is_monotonic_decreasing
        assert shown["calibrated_score"].iloc[0] > 0.9
        pictures = search.find().similar(other.image, CIRCLE.pil()).include_metadata()
        likely = [entry.metadata.calibrated_scores for entry in search.app.query(pictures).entries]
        assert likely[0] == (pytest.approx(1, abs=0.01),)
        with pytest.raises(sl.InvalidInputException, match="no calibrated scores"):
            sl.PandasConverter.to_pandas(search.app.query(search.find()), calibrated=True)


class TestRefusals:
    def test_a_text_where_a_picture_belongs(self, described: Search) -> None:
        with pytest.raises(sl.NotFoundException, match=r"no such file .* and no base64 of an image") as caught:
            described.ask(image="a red circle")
        assert caught.value.path == "params.image"

    def test_a_file_that_is_not_there(self, described: Search) -> None:
        with pytest.raises(sl.ExternalException, match="nonexistent"):
            described.ask(image=Path("/nonexistent/x.png"))

    def test_a_private_address(self, described: Search) -> None:
        with pytest.raises(sl.ForbiddenException):
            described.ask(image="http://127.0.0.1:9/x.png")

    def test_a_picture_over_the_cap(self) -> None:
        search = Search.make(sl.Options(max_pixels=1000, embedding_cache_bytes=0))
        with search.app, pytest.raises(sl.LimitExceededException):
            search.ask(image=CIRCLE.bytes)


def test_async(described: Search) -> None:
    async def both() -> list[sl.QueryResult]:
        texts = ["red circle", "blue square"]
        return await asyncio.gather(*(described.app.async_query(described.query, text=text) for text in texts))

    assert [ids(result)[0] for result in asyncio.run(both())] == ["red-circle", "blue-square"]


def test_before_any_put(search: Search) -> None:
    result = search.ask(text="red circle")
    assert result.entries == () or result.entries == []
    assert list(result.to_pandas().columns)[:3] == ["photo", "caption", "id"]


def test_embed(described: Search) -> None:
    (text,) = described.app.embed(described.space, texts=["red circle"]).vectors
    assert text == pytest.approx(described.ask(text="red circle").metadata.search_vector, abs=1e-6)


def test_describe(described: Search) -> None:
    assert "Photo" in str(described.app.describe())


def test_pixels_of_the_reference_differ_where_they_should() -> None:
    vectors = []
    for pixels in ("faithful", "reference"):
        photo = Photo()
        space = sl.ImageSpace(photo.photo, model="embedded")
        index = sl.Index(space)
        source = sl.InMemorySource(photo)
        options = sl.Options(pixels=pixels)  # type: ignore[arg-type]
        with sl.InMemoryExecutor(source, index, options=options).run() as app:
            # Of the shapes this one is transparent, and not square.
            vectors.append(app.embed(space, images=[sl.datasets.shapes()["red-rectangle"].path]).vectors[0])
    assert np.dot(vectors[0] or (), vectors[1] or ()) < 0.9999
