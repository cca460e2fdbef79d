from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from types import ModuleType

import PIL.Image
import pytest

import innerspace as sl

SCRIPT = Path(__file__).parents[3] / "tools" / "draw_shapes.py"
GREYSCALE, RGB, PALETTE, RGBA = 0, 2, 3, 6  # the colour types of PNG


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_shapes", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("label", "width", "height", "bit_depth", "colour_type", "mode"),
    [
        ("blue-circle", 225, 225, 8, PALETTE, "P"),
        ("blue-square", 960, 960, 8, RGB, "RGB"),
        ("red-circle", 348, 348, 4, PALETTE, "P"),
        ("red-rectangle", 420, 280, 8, RGBA, "RGBA"),
        ("red-circle-with-black-frame", 225, 225, 8, PALETTE, "P"),
    ],
)
def test_kinds(label: str, width: int, height: int, bit_depth: int, colour_type: int, mode: str) -> None:
    picture = sl.datasets.shapes()[label]
    assert picture.id == label
    assert picture.bytes == picture.path.read_bytes()
    assert picture.bytes[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">IIBB", picture.bytes[16:26]) == (width, height, bit_depth, colour_type)
    assert picture.pil().mode == mode


def test_the_script_draws_the_same_pixels(script: ModuleType, tmp_path: Path) -> None:
    script.main(tmp_path)
    drawn = {path.stem: path for path in tmp_path.iterdir()}
    shapes = sl.datasets.shapes()
    assert set(drawn) == {shape.id for shape in shapes}
    for shape in shapes:
        with PIL.Image.open(drawn[shape.id]) as again, shape.pil() as shipped:
            assert again.mode == shipped.mode
            assert again.getpalette() == shipped.getpalette()
            assert again.tobytes() == shipped.tobytes()


@pytest.mark.parametrize(
    ("label", "centre", "corner"),
    [
        ("blue-circle", (10, 30, 245, 255), (255, 255, 255, 255)),
        ("blue-square", (3, 18, 252, 255), (3, 18, 252, 255)),
        ("red-circle", (255, 0, 0, 255), (255, 255, 255, 255)),
        ("red-rectangle", (254, 0, 0, 255), (0, 0, 0, 0)),
        ("red-circle-with-black-frame", (237, 28, 36, 255), (255, 255, 255, 255)),
    ],
)
def test_what_they_show(label: str, centre: tuple[int, ...], corner: tuple[int, ...]) -> None:
    picture = sl.datasets.shapes()[label].pil().convert("RGBA")
    assert picture.getpixel((picture.width // 2, picture.height // 2)) == centre
    assert picture.getpixel((0, 0)) == corner


def test_edges_are_smooth() -> None:
    circle = sl.datasets.shapes()["red-circle"].pil().convert("RGB")
    assert len(set(circle.getchannel("G").tobytes())) == 16


def test_the_frame_is_around_the_circle() -> None:
    picture = sl.datasets.shapes()["red-circle-with-black-frame"].pil().convert("RGB")
    row = [picture.getpixel((x, 112)) for x in (0, 9, 20, 112, 204, 215, 224)]
    white, black, red = (255, 255, 255), (0, 0, 0), (237, 28, 36)
    assert row == [white, black, white, red, white, black, white]


def test_found_by_position_and_by_label() -> None:
    shapes = sl.datasets.shapes()
    assert len(shapes) == 5
    assert shapes[0] == shapes["blue-circle"]
    assert [shape.id for shape in shapes[1:3]] == ["blue-square", "red-circle"]
    with pytest.raises(sl.NotFoundException, match=r"There is no picture 'green-square'; there are .'blue-circle'"):
        shapes["green-square"]
