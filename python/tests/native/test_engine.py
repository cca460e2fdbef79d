"""The whole way: Python values through the real library and the embedded model, and back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from notebook_app import SCHEMA, definition, query
from PIL import Image

from innerspace._engine import Engine
from innerspace.converter import PandasConverter
from innerspace.exceptions import InvalidInputException, InvalidStateException, NotFoundException, PutException, Status
from innerspace.gallery import gallery
from innerspace.result import QueryResult

Put = Callable[..., Any]
Find = Callable[..., QueryResult]

MODES = (
    "1",
    "L",
    "LA",
    "P",
    "PA",
    "RGB",
    "RGBA",
    "CMYK",
    "YCbCr",
    "LAB",
    "HSV",
    "I;16",
    "I",
    "F",
    "La",
    "RGBa",
    "RGBX",
)


def picture(mode: str) -> Image.Image:
    grey = Image.linear_gradient("L").resize((60, 40))
    if mode == "I;16":
        return Image.fromarray(np.asarray(grey, dtype=np.uint16) * 257)
    if mode in ("La", "RGBa"):
        return grey.convert(mode.upper()).convert(mode)
    if mode == "PA":
        return grey.convert("LA").convert("PA")
    if mode == "LAB":
        return Image.merge("LAB", [grey] * 3)
    if mode == "RGBX":
        return Image.frombytes("RGBX", grey.size, grey.convert("RGBA").tobytes())
    return grey.convert("RGB").convert(mode)


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_of_any_mode_is_found_by_itself(put: Put, find: Find, mode: str) -> None:
    image = picture(mode)
    assert image.mode == mode
    put([{"id": "it", "image": image}, {"id": "other", "image": Image.new("RGB", (30, 30), "red")}])
    first, second = find(image_search=image).entries
    assert first.id == "it"
    assert first.metadata.score == pytest.approx(1, abs=1e-6)
    assert second.metadata.score < 0.99
    stored = Image.open(io.BytesIO(first.fields["image"]))
    assert (stored.format, stored.size) == ("PNG", image.size)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "I;16"])
def test_pixels_come_back_to_the_bit_in_the_modes_that_png_has(put: Put, find: Find, mode: str) -> None:
    image = picture(mode)
    put({"id": "it", "image": image})
    stored = Image.open(io.BytesIO(find(image_search=image).entries[0].fields["image"]))
    assert np.array_equal(np.asarray(stored), np.asarray(image))


def test_encoded_pictures_come_back_as_their_own_bytes(put: Put, find: Find, png: bytes, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(png)
    ways = {
        "bytes": png,
        "bytearray": bytearray(png),
        "memoryview": memoryview(png),
        "pillow": Image.open(io.BytesIO(png)),
        "path": path,
        "text": str(path),
        "url": path.as_uri(),
    }
    put([{"id": name, "image": value} for name, value in ways.items()])
    result = find(image_search=np.asarray(Image.open(io.BytesIO(png))))
    assert {entry.id: entry.fields["image"] for entry in result} == dict.fromkeys(ways, png)
    assert [entry.metadata.score for entry in result] == pytest.approx([1] * len(ways), abs=1e-6)


def files() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every kind of file that Pillow writes from these modes and the engine reads."""
    yield from (("PNG", mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"))
    yield from (("GIF", mode, {}) for mode in ("L", "P", "RGBA"))
    yield from (("BMP", mode, {}) for mode in ("1", "L", "P", "RGB", "RGBA"))
    yield from (("WEBP", mode, {"lossless": lossless}) for mode in ("RGB", "RGBA") for lossless in (False, True))
    yield from (
        ("JPEG", mode, {"progressive": progressive}) for mode in ("L", "RGB", "CMYK") for progressive in (False, True)
    )
    for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"):
        yield from (
            ("TIFF", mode, {"compression": name}) for name in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")
        )
    yield from (("TIFF", "RGB", {"compression": "jpeg"}), ("TIFF", "1", {"compression": "group4"}))


def test_a_file_s_bytes_and_its_pixels_have_one_vector() -> None:
    made = []
    for format_name, mode, save in files():
        out = io.BytesIO()
        picture(mode).save(out, format_name, **save)
        untouched, decoded = (Image.open(io.BytesIO(out.getvalue())) for _ in range(2))
        decoded.load()
        made.append((f"{format_name} {mode} {save}", untouched, decoded))
    with Engine(definition(embedding_cache_bytes=0)) as engine:
        untouched = engine.embed("pictures", images=[image for _, image, _ in made])
        decoded = engine.embed("pictures", images=[image for _, _, image in made])
    for (name, _, _), *outcomes in zip(made, untouched.errors, decoded.errors, strict=True):
        assert outcomes == [None, None], name
    for (name, _, _), *vectors in zip(made, untouched.to_numpy(), decoded.to_numpy(), strict=True):
        assert np.array_equal(*vectors), name


def test_one_picture_has_one_vector_whatever_way_it_came(put: Put, png: bytes) -> None:
    # The cache is off, and the bytes differ: equal vectors can only come from equal pixels.
    image = Image.open(io.BytesIO(png))
    recoded = io.BytesIO()
    image.convert("RGB").save(recoded, "BMP")
    with Engine(definition(embedding_cache_bytes=0)) as engine:
        vectors = engine.embed(
            "pictures", images=[png, recoded.getvalue(), image, image.copy(), np.asarray(image)]
        ).to_numpy()
    assert np.array_equal(vectors, np.broadcast_to(vectors[0], vectors.shape))
    assert np.linalg.norm(vectors[0]) > 0


def test_the_notebook_s_flow(put: Put, find: Find, png: bytes) -> None:
    rows = [{"id": colour, "image": Image.new("RGB", (64, 64), colour)} for colour in ("red", "blue")]
    assert put(rows).stored == 2
    result = find(image_search=Image.new("RGB", (80, 80), "blue"))
    assert [entry.id for entry in result] == ["blue", "red"]
    frame = PandasConverter.to_pandas(result)
    assert list(frame.columns) == ["image", "id", "similarity_score", "rank"]
    assert frame["image"][0].startswith("iVBORw0KGgo")
    put([{**row, "description": f"a {row['id']} square"} for row in rows])
    both = find(image_search=png, text_search="a red square", image_weight=0.1, text_weight=1.0)
    assert list(PandasConverter.to_pandas(both).columns) == ["image", "description", "id", "similarity_score", "rank"]
    assert both.metadata.search_params["text_search"] == "a red square"
    assert both.metadata.search_params["image_search"] is png
    assert [clause.weight for clause in both.metadata.clauses] == [0.1, 1.0]
    for entry in both:
        assert sum(entry.metadata.contributions) == pytest.approx(entry.metadata.score, abs=1e-6)
    html = gallery(both)
    assert html.count("data:image/webp;base64,") == 2
    assert "“a red square” × 1" in html


def test_before_any_put_there_is_an_empty_table_with_its_columns(find: Find) -> None:
    result = find(text_search="anything")
    assert (len(result), result.entries) == (0, ())
    frame = PandasConverter.to_pandas(result)
    assert (list(frame.columns), len(frame)) == (["image", "description", "id", "similarity_score", "rank"], 0)
    assert "No results" in gallery(result)


BAD = [
    {"id": "good", "description": "x"},
    {"id": "number", "description": 7},
    {"id": None, "description": "x"},
    {"id": "broken", "image": b"not a picture", "description": "x"},
    {"id": "missing", "image": Path("/nowhere/x.png"), "description": "x"},
]


def test_raise_stores_nothing_and_names_every_bad_row(put: Put, find: Find) -> None:
    with pytest.raises(PutException) as refused:
        put(BAD)
    report = refused.value.report
    assert [(error.row, error.id, error.field) for error in report.errors] == [
        (1, "number", "description"),
        (2, "", "id"),
        (3, "broken", "image"),
        (4, "missing", "image"),
    ]
    assert report.errors[3].status == Status.NOT_FOUND
    assert (report.rows, report.stored) == (5, 0)
    for words in ("number", "broken", "/nowhere/x.png", "4 rows of 5", "nothing of this put was stored"):
        assert words in str(refused.value)
    assert len(find(text_search="x")) == 0


def test_skip_stores_the_good_rows(put: Put, find: Find) -> None:
    report = put(BAD, on_error="skip")
    assert (report.stored, len(report.errors)) == (1, 4)
    assert [entry.id for entry in find(text_search="x")] == ["good"]


def test_null_stores_a_row_without_its_bad_field(put: Put, find: Find) -> None:
    report = put(BAD, on_error="null")
    assert (report.stored, len(report.errors)) == (4, 4)
    fields = {entry.id: entry.fields for entry in find(text_search="x")}
    assert fields == {
        "good": {"description": "x"},
        "number": {},
        "broken": {"description": "x"},
        "missing": {"description": "x"},
    }


@pytest.mark.parametrize("value", [None, float("nan"), "", "  "])
def test_a_missing_id_is_one_error(put: Put, value: object) -> None:
    report = put([{"id": value, "description": "x"}], on_error="skip")
    assert [(error.row, error.field) for error in report.errors] == [(0, "id")]


@pytest.mark.parametrize("value", [[1], float("inf"), b"bytes"])
def test_an_unusable_id_is_one_error_that_names_it(put: Put, value: object) -> None:
    report = put([{"id": value, "description": "x"}], on_error="skip")
    assert [(error.row, error.field) for error in report.errors] == [(0, "id")]
    assert "id" in report.errors[0].reason


def test_unknown_keys_and_duplicates_are_told(put: Put, find: Find) -> None:
    report = put([{"id": "a", "description": "x", "colour": "red"}, {"id": "a", "description": "y"}])
    warnings = {warning.code: warning for warning in report.warnings}
    assert warnings["unknown_column"].fields == ("colour",)
    assert warnings["duplicate_id"].ids == ("a",)
    assert [entry.fields for entry in find(text_search="x")] == [{"description": "y"}]


def test_ids_of_python_types(put: Put, find: Find) -> None:
    put([{"id": value, "description": "x"} for value in (7, 7.5, True, "seven")])
    assert {entry.id for entry in find(text_search="x")} == {"7", "7.5", "True", "seven"}


def test_no_rows(put: Put) -> None:
    report = put([])
    assert (report.rows, report.stored, report.errors) == (0, 0, ())


def test_deleting(put: Put, find: Find, engine: Engine) -> None:
    put([{"id": "a", "description": "x"}, {"id": "b", "description": "x"}])
    report = engine.delete("Image", ["a", "z"])
    assert (report.deleted, report.missing) == (1, ("z",))
    assert [entry.id for entry in find(text_search="x")] == ["b"]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"text_search": "x", "text_weight": float("nan")}, "text_weight"),
        ({"text_search": "x", "text_weight": float("inf")}, "text_weight"),
        ({"text_search": object()}, "text_search"),
        ({"text_search": Image.new("L", (2, 2))}, "text_search"),
        ({"text_search": "\ud800"}, "text_search"),
        ({"image_search": 7}, "image_search"),
        ({"image_search": np.zeros((2, 2))}, "image_search"),
    ],
)
def test_a_wrong_parameter_is_named(find: Find, params: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidInputException) as refused:
        find(**params)
    assert refused.value.path == path


def test_wrong_parameters_that_only_the_engine_can_tell(find: Find) -> None:
    for params in ({"unheard_of": 1}, {"text_search": "x", "text_weight": "heavy"}, {"image_search": b"not a picture"}):
        with pytest.raises(InvalidInputException) as refused:
            find(**params)
        assert next(iter(params)) in str(refused.value) or "text_weight" in str(refused.value)
    with pytest.raises(NotFoundException):
        find(image_search=Path("/nowhere/x.png"))


def test_numpy_scalars_are_numbers(put: Put, find: Find) -> None:
    put({"id": "a", "description": "x"})
    assert len(find(text_search=np.str_("x"), text_weight=np.float32(0.5))) == 1
    assert len(find(text_search="x", text_weight=np.int64(1))) == 1


@pytest.mark.parametrize(
    "one",
    [
        {"texts": "a red circle"},
        {"images": "picture.png"},
        {"images": Path("picture.png")},
        {"images": b"bytes"},
        {"images": {"a": b"bytes"}},
        {"images": Image.new("RGB", (2, 2))},
        {"images": np.zeros((2, 2, 3), dtype=np.uint8)},
        {"images": 7},
    ],
)
def test_one_value_is_not_embedded_bit_by_bit(engine: Engine, one: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputException, match=rf"^{next(iter(one))} takes several values in a list, not one"):
        engine.embed("pictures", **one)


def test_values_to_embed_come_in_any_iterable(engine: Engine) -> None:
    pictures = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    of_list = engine.embed("pictures", images=list(pictures)).vectors
    for images in (pictures, iter(pictures), tuple(pictures)):
        assert engine.embed("pictures", images=images).vectors == of_list
    assert len(engine.embed("pictures", texts=pd.Series(["a", "b"]))) == 2


def test_embedding_without_storing(engine: Engine, png: bytes) -> None:
    texts = engine.embed("pictures", texts=["a red circle", None, ""])
    assert len(texts) == 3
    assert texts.vectors[1] is None
    assert texts.to_numpy().shape[0] == 3
    assert np.isnan(texts.to_numpy()[1]).all()
    assert (texts.tokens[0] or 0) >= 3
    images = engine.embed("pictures", images=[png, b"not a picture"])
    assert images.vectors[1] is None
    assert images.errors[0] is None
    assert "image" in (images.errors[1] or "")
    with pytest.raises(InvalidInputException, match="not both"):
        engine.embed("pictures")
    with pytest.raises(InvalidInputException) as refused:
        engine.embed("pictures", images=[png, 7])
    assert refused.value.path == "images[1]"


def test_the_engine_describes_itself(put: Put, engine: Engine) -> None:
    put({"id": "a", "description": "x"})
    assert "embedded" in str(engine.describe())


def test_a_closed_engine_says_so(png: bytes) -> None:
    engine = Engine(definition())
    prepared = engine.prepare(query())
    engine.put(SCHEMA, {"id": "a", "image": png}, on_error="raise", partial="reset")
    result = prepared.run({"image_search": png})
    engine.close()
    engine.close()
    for use in (
        lambda: engine.put(SCHEMA, {"id": "b"}, on_error="raise", partial="reset"),
        lambda: engine.prepare(query()),
        lambda: engine.delete("Image", ["a"]),
        engine.describe,
        lambda: prepared.run({"image_search": png}),
    ):
        with pytest.raises(InvalidStateException, match="closed"):
            use()
    assert result.entries[0].fields["image"] == png, "a result outlives its engine"


def test_images_are_turned_as_the_definition_says(png: bytes) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).save(out, "PNG", exif=exif)
    for pixels in ("faithful", "reference"):
        loaded = Image.open(io.BytesIO(out.getvalue()))
        loaded.load()
        with Engine(definition(pixels=pixels, embedding_cache_bytes=0)) as engine:
            vectors = engine.embed("pictures", images=[out.getvalue(), loaded]).to_numpy()
        assert np.array_equal(vectors[0], vectors[1]), pixels
