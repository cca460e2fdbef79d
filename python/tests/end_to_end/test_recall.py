"""Approximate search through the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import innerspace as sl
from innerspace.approximate import MINIMUM_ROWS
from innerspace.exceptions import InvalidInputException


class Item(sl.Schema):
    id: sl.IdField
    first: sl.FloatList
    second: sl.FloatList


class Other(sl.Schema):
    id: sl.IdField
    vector: sl.FloatList


LENGTH = 16


def test_an_approximate_index_finds_nearly_what_an_exact_one_does() -> None:
    item, rng = Item(), np.random.default_rng(1)
    spaces = [sl.CustomSpace(field, length=LENGTH) for field in (item.first, item.second)]
    graph, exact = sl.Index(spaces, approximate=True), sl.Index(spaces)
    source = sl.InMemorySource(item)

    def rows(first: int, last: int) -> list[dict[str, object]]:
        vectors = rng.standard_normal((last - first, 2, LENGTH)).tolist()
        return [{"id": str(first + i), "first": a, "second": b} for i, (a, b) in enumerate(vectors)]

    with sl.InMemoryExecutor(source, [graph, exact]).run() as app:
        source.put(rows(0, 1000))
        few = app.recall(graph, queries=5)
        assert (few.rows, few.graph_rows, few.recall) == (1000, 0, 1)
        source.put(rows(1000, MINIMUM_ROWS + 1))
        report = app.recall(graph, item, queries=20)
        assert (report.rows, report.graph_rows, report.queries, report.limit) == (20001, 20001, 20, 10)
        assert report.recall > 0.8
        assert len(report.spaces) == 2
        assert all(0.6 < recall <= 1 for recall in report.spaces.values())
        assert report.exact_milliseconds > 0
        assert report.approximate_milliseconds > 0

        found = 0
        for seed in range(10):
            vector = np.random.default_rng(100 + seed).standard_normal(LENGTH).tolist()
            results = []
            for index in (graph, exact):
                query = sl.Query(index, weights={spaces[0]: 1.0, spaces[1]: 0.0})
                results.append(app.query(query.find(item).similar(spaces[0].vector, vector).limit(10)))
            scores = [{entry.id: entry.metadata.score for entry in result.entries} for result in results]
            same = scores[0].keys() & scores[1].keys()
            assert all(scores[0][id_] == scores[1][id_] for id_ in same)
            found += len(same)
        assert found > 60

        with pytest.raises(InvalidInputException, match="the index index_1 is not approximate"):
            app.recall(exact)
        with pytest.raises(InvalidInputException, match="queries must be an int from 1, got int 0"):
            app.recall(graph, queries=0)
        with pytest.raises(InvalidInputException, match="recall takes limits from 1 to 1000, got 2000"):
            app.recall(graph, limit=2000)


def test_which_schema_must_be_said_where_there_are_several() -> None:
    item, other = Item(), Other()
    space = sl.CustomSpace([item.first, other.vector], length=2)
    index = sl.Index(space, approximate=True)
    with sl.InMemoryExecutor([sl.InMemorySource(item), sl.InMemorySource(other)], index).run() as app:
        with pytest.raises(
            InvalidInputException, match=r"the index has the schemas Item, Other; say which with schema"
        ):
            app.recall(index)
        assert app.recall(index, other).rows == 0


def test_a_store_on_disk_keeps_its_graph(tmp_path: Path) -> None:
    item, rng = Item(), np.random.default_rng(2)
    space = sl.CustomSpace(item.first, length=LENGTH)
    narrow = sl.Approximate(recall=0.9, neighbours=8, build_width=40)
    exact, graph = sl.Index(space), sl.Index(space, approximate=narrow)
    vectors = rng.standard_normal((MINIMUM_ROWS + 100, LENGTH))
    rows = [{"id": str(i), "first": vector, "second": [0.0]} for i, vector in enumerate(vectors.tolist())]

    def nearest(app: sl.InMemoryApp, index: sl.Index) -> list[str]:
        query = sl.Query(index).find(item).similar(space.vector, vectors[20_050].tolist()).limit(10)
        return [entry.id for entry in app.query(query).entries]

    source = sl.InteractiveSource(item)
    with sl.InteractiveExecutor(source, exact, sl.LocalStore(tmp_path / "store")).run() as app:
        source.put(rows)
        best = nearest(app, exact)
    for read_only in (False, True):
        store = sl.LocalStore(tmp_path / "store", read_only=read_only)
        with sl.InteractiveExecutor(sl.InteractiveSource(item), graph, store).run() as app:
            report = app.recall(graph, queries=50)
            assert report.rows == MINIMUM_ROWS + 100
            # What the writer leaves for the next to link, a reader scores.
            assert report.graph_rows > report.rows * 63 / 64 if read_only else report.graph_rows == report.rows
            assert report.recall > 0.85
            assert report.width > 0
            found = nearest(app, graph)
            assert found[0] == "20050"
            assert len(set(found) & set(best)) > 5
