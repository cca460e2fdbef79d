"""What the example notebook's text says, by rank and score."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from search import Search, ids, scores

import innerspace as sl

if TYPE_CHECKING:
    import PIL.Image


def square() -> PIL.Image.Image:
    return sl.datasets.shapes()["blue-square"].pil()


def test_a_picture_that_is_there_scores_one_and_the_blue_circle_follows(undescribed: Search) -> None:
    result = undescribed.ask(image=square())
    assert ids(result)[:2] == ["blue-square", "blue-circle"]
    assert result.entries[0].metadata.score == pytest.approx(1.0, abs=5e-7)
    assert result.entries[1].metadata.score < 0.99


def test_other_bytes_of_the_same_pixels_score_one(undescribed: Search) -> None:
    bitmap = BytesIO()
    square().save(bitmap, "BMP")
    result = undescribed.ask(image=bitmap.getvalue())
    assert ids(result)[0] == "blue-square"
    assert result.entries[0].metadata.score == pytest.approx(1.0, abs=5e-7)


def test_with_descriptions_the_square_stays_first_and_the_rectangle_comes_closer(
    described: Search, undescribed: Search
) -> None:
    before, after = (scores(search.ask(image=square())) for search in (undescribed, described))
    assert max(after, key=after.__getitem__) == "blue-square"
    assert after["blue-square"] < 0.999
    assert after["blue-circle"] - after["red-rectangle"] < before["blue-circle"] - before["red-rectangle"]


def test_text(described: Search) -> None:
    result = described.ask(text="black frame around a red circle")
    assert ids(result)[:2] == ["red-circle-with-black-frame", "red-circle"]


def test_picture_and_text_and_weights(described: Search) -> None:
    both = described.ask(image=square(), text="red circle")
    assert set(ids(both)[:2]) == {"blue-square", "red-circle"}
    weighted = described.ask(image=square(), image_weight=0.1, text="red circle", text_weight=1.0)
    assert ids(weighted)[0] == "red-circle"
    assert ids(weighted)[-1] == "blue-square"


def test_a_clause_with_weight_zero_or_without_a_value_takes_no_part(described: Search) -> None:
    alone = scores(described.ask(text="red circle"))
    assert scores(described.ask(text="red circle", image=square(), image_weight=0)) == alone
    assert scores(described.ask(text="red circle", image=None)) == alone
    assert set(scores(described.ask()).values()) == {0.0}


def test_a_negative_weight_turns_the_order_round(described: Search) -> None:
    forwards, backwards = described.ask(text="red circle"), described.ask(text="red circle", text_weight=-1)
    assert ids(backwards) == ids(forwards)[::-1]


def test_the_table(described: Search) -> None:
    table = sl.PandasConverter.to_pandas(described.ask(image=square()))
    assert list(table.columns) == ["photo", "caption", "id", "similarity_score", "rank"]
    assert table["rank"].tolist() == [0, 1, 2, 3, 4]
    assert all(text.startswith("iVBORw0KGgo") for text in table["photo"])


def test_the_stored_picture_is_the_one_that_was_put(described: Search) -> None:
    for entry in described.ask(text="x").entries:
        assert entry.fields["photo"] == sl.datasets.shapes()[entry.id].bytes


def test_through_the_references_module_name() -> None:
    from innerspace import framework

    class Image(framework.Schema):
        id: framework.IdField
        image: framework.Blob

    image = Image()
    space = framework.ImageSpace(image=image.image, model="embedded")
    index = framework.Index(space)
    source = framework.InMemorySource(image)
    app = framework.InMemoryExecutor(sources=[source], indices=[index]).run()
    source.put({"id": "square", "image": square()})
    query = framework.Query(index).find(image).similar(space.image, framework.Param("picture")).select_all()
    assert ids(app.query(query, picture=square())) == ["square"]
