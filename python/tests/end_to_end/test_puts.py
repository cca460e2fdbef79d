from __future__ import annotations

import warnings
from typing import Any

import pandas as pd
import pytest
from search import Photo, Search, ids, scores

import innerspace as sl

SHAPES = sl.datasets.shapes()


def rows() -> list[dict[str, Any]]:
    return [{"key": shape.id, "photo": shape.path, "caption": shape.id} for shape in SHAPES]


@pytest.mark.parametrize(
    "data",
    [
        lambda: rows(),
        lambda: tuple(rows()),
        lambda: (row for row in rows()),
        lambda: pd.DataFrame(rows()),
        lambda: pd.DataFrame(rows()).set_index("key", drop=False),
    ],
    ids=["list", "tuple", "generator", "frame", "indexed-frame"],
)
def test_every_kind_of_data(search: Search, data: Any) -> None:
    report = search.source.put(data())
    assert (report.schema, report.rows, report.stored, report.errors) == ("Photo", 5, 5, ())
    result = search.ask(image=SHAPES["blue-square"].path)
    assert sorted(ids(result)) == sorted(shape.id for shape in SHAPES)
    assert ids(result)[0] == "blue-square"


def test_one_dict(search: Search) -> None:
    assert search.source.put(rows()[0]).stored == 1


def test_nothing(search: Search) -> None:
    assert search.source.put([]).stored == 0


@pytest.mark.parametrize(
    ("parser", "data"),
    [
        (sl.JsonParser, [{"name": 7, "file": {"path": str(SHAPES[0].path)}}]),
        (sl.DataFrameParser, pd.DataFrame({"name": [7], "file.path": [SHAPES[0].path]})),
    ],
)
def test_parsers(parser: Any, data: Any) -> None:
    photo = Photo()
    index = sl.Index(sl.ImageSpace(photo.photo, model="embedded"))
    source = sl.InMemorySource(photo, parser=parser(photo, mapping={photo.key: "name", photo.photo: "file.path"}))
    with sl.InMemoryExecutor(source, index).run() as app:
        source.put(data)
        (entry,) = app.query(sl.Query(index).find(photo).select_all()).entries
        assert (entry.id, entry.fields["photo"]) == ("7", SHAPES[0].bytes)


class TestBadRows:
    BAD = (
        {"key": "good", "photo": SHAPES[0].path},
        {"key": "text", "photo": "no picture at all"},
        {"photo": SHAPES[1].path},
        {"key": "number", "photo": SHAPES[1].path, "caption": 7},
        "not a row",
    )

    def test_raise_stores_nothing_and_names_every_row(self, search: Search) -> None:
        with pytest.raises(sl.PutException) as caught:
            search.source.put(self.BAD)
        errors = caught.value.report.errors
        assert [(error.row, error.id) for error in errors] == [(1, "text"), (2, ""), (3, "number"), (4, "")]
        assert [error.field for error in errors][:3] == ["photo", "key", "caption"]
        assert caught.value.report.stored == 0
        assert isinstance(caught.value, sl.InvalidInputException)
        assert ids(search.ask()) == []

    def test_skip(self, search: Search) -> None:
        report = search.source.put(self.BAD, on_error="skip")
        assert (report.stored, len(report.errors)) == (1, 4)
        assert ids(search.ask()) == ["good"]

    def test_null(self, search: Search) -> None:
        report = search.source.put(self.BAD, on_error="null")
        assert (report.stored, len(report.errors)) == (3, 4)
        assert {entry.id: set(entry.fields) for entry in search.ask().entries} == {
            "good": {"photo"},
            "number": {"photo"},
            "text": set(),
        }


class TestWarnings:
    def test_duplicates(self, search: Search) -> None:
        with pytest.warns(sl.PutWarning, match="the last one wins") as caught:
            search.source.put([{"key": "a", "caption": "first"}, {"key": "a", "caption": "last"}])
        assert caught[0].filename == __file__
        assert search.ask().entries[0].fields == {"caption": "last"}

    def test_unknown_columns(self, search: Search) -> None:
        with pytest.warns(sl.PutWarning, match="no field colour"):
            search.source.put({"key": "a", "colour": "red"})

    def test_a_part(self, search: Search) -> None:
        search.source.put({"key": "a", "caption": "a red circle"})
        with pytest.warns(sl.PutWarning, match="caption"):
            search.source.put({"key": "a", "photo": SHAPES["blue-square"].path})
        assert set(search.ask().entries[0].fields) == {"photo", "caption"}
        assert scores(search.ask(image=SHAPES["blue-square"].path))["a"] == pytest.approx(1.0, abs=5e-7)

    def test_merge_is_silent_and_keeps_the_rest(self, search: Search) -> None:
        search.source.put({"key": "a", "caption": "a red circle"})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            search.source.put({"key": "a", "photo": SHAPES["blue-square"].path}, partial="merge")
            search.source.put({"key": "b", "photo": SHAPES["blue-square"].path, "caption": "a red circle"})
        found = scores(search.ask(image=SHAPES["blue-square"].path))
        assert found["a"] == pytest.approx(found["b"], abs=1e-6)
        assert found["a"] < 0.999

    def test_a_text_that_is_too_long(self, search: Search) -> None:
        with pytest.warns(sl.PutWarning):
            report = search.source.put({"key": "a", "caption": "a red circle and " * 200})
        assert [text.field for text in report.truncated] == ["caption"]


class TestDelete:
    def test_ids(self, search: Search) -> None:
        search.source.put(rows())
        report = search.app.delete(search.schema, ["blue-square", "nowhere"])
        assert (report.deleted, tuple(report.missing)) == (1, ("nowhere",))
        assert "blue-square" not in ids(search.ask(text="blue square"))


class TestModels:
    def test_a_directory_without_a_model(self, tmp_path: Any) -> None:
        photo = Photo()
        index = sl.Index(sl.ImageSpace(photo.photo, model=tmp_path))
        with pytest.raises(sl.ExternalException, match=str(tmp_path)):
            sl.InMemoryExecutor(sl.InMemorySource(photo), index).run()

    def test_a_refused_app_leaves_the_source_without_one(self, tmp_path: Any) -> None:
        photo = Photo()
        source = sl.InMemorySource(photo)
        executor = sl.InMemoryExecutor(source, sl.Index(sl.ImageSpace(photo.photo, model=tmp_path)))
        with pytest.raises(sl.ExternalException):
            executor.run()
        with pytest.raises(sl.InvalidInputException, match=r"not allowed until executor.run"):
            source.put({"key": "a"})
