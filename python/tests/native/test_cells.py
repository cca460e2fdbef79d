from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from innerspace._cells import CellKind, UnusableValueError, image_cell

if TYPE_CHECKING:
    from collections.abc import Callable


class Fspath:
    def __fspath__(self) -> bytes:
        return b"a/\xff.png"


@pytest.mark.parametrize(
    ("value", "kind", "data"),
    [
        ("data:image/png;base64,AA==", CellKind.TEXT, b"data:image/png;base64,AA=="),
        ("blå.png", CellKind.TEXT, "blå.png".encode()),
        ("", CellKind.TEXT, b""),
        (Path("a") / "b.png", CellKind.PATH, os.fsencode(os.path.join("a", "b.png"))),  # noqa: PTH118
        (Fspath(), CellKind.PATH, b"a/\xff.png"),
        ("a/\udcff.png", CellKind.PATH, b"a/\xff.png"),
        (b"\x89PNG", CellKind.ENCODED, b"\x89PNG"),
        (bytearray(b"GIF8"), CellKind.ENCODED, b"GIF8"),
        (memoryview(b"GIF89a"), CellKind.ENCODED, b"GIF89a"),
        (memoryview(b"GxIxFx8x")[::2], CellKind.ENCODED, b"GIF8"),
        (memoryview(np.array([1, 256], dtype="<u2")), CellKind.ENCODED, b"\x01\x00\x00\x01"),
        (np.str_("x.png"), CellKind.TEXT, b"x.png"),
    ],
)
def test_kind_and_bytes(value: object, kind: CellKind, data: bytes) -> None:
    cell = image_cell(value)
    assert cell.kind is kind
    assert bytes(cell.data) == data
    assert cell[2:] == ("", 0, 0)


@pytest.mark.parametrize(
    ("shape", "mode"), [((2, 3), "L"), ((2, 3, 1), "L"), ((2, 3, 3), "RGB"), ((2, 3, 4), "RGBA"), ((1, 1), "L")]
)
def test_arrays_are_raw_pixels(shape: tuple[int, ...], mode: str) -> None:
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    cell = image_cell(array)
    assert (cell.kind, cell.mode, cell.width, cell.height) == (CellKind.RAW, mode, shape[1], shape[0])
    assert bytes(cell.data) == array.tobytes()


def test_an_array_of_any_layout_is_read_row_by_row() -> None:
    array = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    for view in (array[::2, ::-1], np.asfortranarray(array), array.transpose(1, 0, 2)):
        cell = image_cell(view)
        assert bytes(cell.data) == view.tobytes()
        assert (cell.height, cell.width) == view.shape[:2]


def test_a_contiguous_array_is_not_copied() -> None:
    array = np.zeros((4, 4, 3), dtype=np.uint8)
    data = image_cell(array).data
    array[0, 0, 0] = 9
    assert data[0] == 9


def test_anything_with_an_array_interface_is_an_array() -> None:
    class Wrapped:
        __array_interface__ = np.full((2, 2), 7, dtype=np.uint8).__array_interface__

    assert bytes(image_cell(Wrapped()).data) == b"\x07" * 4


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (7, ["type int", "accepted are a PIL image"]),
        (float("nan"), ["NaN", "None"]),
        ({"url": "x"}, ["type dict"]),
        (io.BytesIO(b"x"), ["io.BytesIO", "read()"]),
        ("\ud800.png", ["Unicode"]),
        (np.zeros((3, 4)), ["(3, 4)", "float64", "astype('uint8')"]),
        (np.zeros((3, 8, 9), dtype=np.uint8), ["(3, 8, 9)", "transpose(1, 2, 0)"]),
        (np.zeros((8, 9, 2), dtype=np.uint8), ["(8, 9, 2)", "uint8"]),
        (np.zeros((0, 4), dtype=np.uint8), ["(0, 4)"]),
        (np.zeros(5, dtype=np.uint8), ["(5,)"]),
        (np.zeros((4, 4), dtype=np.uint16), ["uint16"]),
        (np.float64(1.5), ["float64", "()"]),
    ],
)
def test_anything_else_is_refused_by_name(value: object, words: list[str]) -> None:
    with pytest.raises(UnusableValueError) as refused:
        image_cell(value)
    for word in words:
        assert word in str(refused.value)


def test_neither_pillow_nor_numpy_is_imported_for_other_values(run_python: Callable[..., Any]) -> None:
    code = (
        "import sys, pathlib\n"
        "from innerspace._cells import image_cell, UnusableValueError\n"
        "for value in ('x', b'x', memoryview(b'x'), pathlib.Path('x')): image_cell(value)\n"
        "try: image_cell(3)\n"
        "except UnusableValueError: pass\n"
        "print([name for name in ('numpy', 'PIL', 'pandas', 'nanoarrow') if name in sys.modules])\n"
    )
    done = run_python(code)
    assert done.stdout.strip() == "[]", done.stderr
