"""Builds Arrow arrays and streams with nanoarrow, without pyarrow.

Knows the layout of Arrow buffers and of image cells; knows nothing of schemas,
rows or where values come from. Importing it imports nanoarrow, whole and in one
thread: two threads that begin with different modules of nanoarrow would each get
a half of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence, Sized
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import nanoarrow as na
from nanoarrow.c_array_stream import CArrayStream, allocate_c_array_stream

if TYPE_CHECKING:
    from nanoarrow.c_array import CArray

    from innerspace._cells import ImageCell


def text_array(texts: Sequence[bytes | None]) -> CArray:
    """Return a large_utf8 array of UTF-8 texts; None is null."""
    return _variable_size_array(na.large_string(), texts)


def image_array(cells: Sequence[ImageCell | None]) -> CArray:
    """Return a struct array of image cells; None is null."""
    length = len(cells)
    kinds = bytes(0 if cell is None else cell.kind for cell in cells)
    widths = array("i", (0 if cell is None else cell.width for cell in cells))
    heights = array("i", (0 if cell is None else cell.height for cell in cells))
    return na.c_array_from_buffers(
        na.struct(_cell_type()),
        length,
        [_validity(cells)],
        children=[
            na.c_array_from_buffers(na.uint8(), length, [None, kinds]),
            _variable_size_array(na.large_binary(), [b"" if cell is None else cell.data for cell in cells]),
            _modes([None if cell is None else cell.mode for cell in cells]),
            na.c_array_from_buffers(na.int32(), length, [None, widths]),
            na.c_array_from_buffers(na.int32(), length, [None, heights]),
        ],
        move=True,
    )


def int64_array(values: Sequence[int | None]) -> CArray:
    """Return an int64 array; None is null."""
    numbers = array("q", (0 if value is None else value for value in values))
    return na.c_array_from_buffers(na.int64(), len(values), [_validity(values), numbers])


def float64_array(values: Sequence[float | None]) -> CArray:
    """Return a float64 array; None is null."""
    numbers = array("d", (0.0 if value is None else value for value in values))
    return na.c_array_from_buffers(na.float64(), len(values), [_validity(values), numbers])


def bool_array(values: Sequence[bool | None]) -> CArray:
    """Return a boolean array; None is null."""
    return na.c_array_from_buffers(na.bool_(), len(values), [_validity(values), _bits(map(bool, values))])


def text_list_array(values: Sequence[Sequence[bytes] | None]) -> CArray:
    """Return an array of lists of UTF-8 texts; None is null."""
    texts = [text for value in values if value is not None for text in value]
    offsets = array("i", accumulate(map(len, texts), initial=0))
    return _list_array(values, na.c_array_from_buffers(na.string(), len(texts), [None, offsets, b"".join(texts)]))


def float64_list_array(values: Sequence[array[float] | None]) -> CArray:
    """Return an array of lists of float64; None is null."""
    numbers = b"".join(value.tobytes() for value in values if value is not None)
    return _list_array(values, na.c_array_from_buffers(na.float64(), len(numbers) // 8, [None, numbers]))


def null_array(length: int) -> CArray:
    """Return an array of nothing: it makes the name of a column known to the engine."""
    return na.c_array_from_buffers(na.null(), length, [])


def record_batch(length: int, columns: Mapping[str, CArray]) -> CArray:
    """Return a struct array of named columns, which are moved into it."""
    schema = na.c_schema(na.struct({name: column.schema for name, column in columns.items()}))
    return na.c_array_from_buffers(schema, length, [None], children=list(columns.values()), move=True)


def array_stream(batches: Sequence[CArray]) -> CArrayStream:
    """Return a stream of record batches of one schema, which are moved into it; at least one."""
    return CArrayStream.from_c_arrays(list(batches), batches[0].schema, move=True, validate=False)


def empty_stream() -> CArrayStream:
    """Return a released stream for the library to fill; its address is ``_addr()``."""
    return allocate_c_array_stream()


def _cell_type() -> dict[str, Any]:
    return {
        "kind": na.uint8(),
        "data": na.large_binary(),
        "mode": na.string(),
        "width": na.int32(),
        "height": na.int32(),
    }


def _modes(modes: Sequence[str | None]) -> CArray:
    encoded = [(mode or "").encode() for mode in modes]
    offsets = array("i", accumulate(map(len, encoded), initial=0))
    return na.c_array_from_buffers(na.string(), len(modes), [None, offsets, b"".join(encoded)])


def _variable_size_array(kind: Any, values: Sequence[bytes | bytearray | memoryview | None]) -> CArray:
    """Return an array of a type with 64-bit offsets. The values are copied once, into its one data buffer."""
    validity = _validity(values)
    present: Iterable[Any] = values if validity is None else [b"" if value is None else value for value in values]
    data = b"".join(present)
    offsets = array("q", accumulate(map(len, present), initial=0))
    # Offsets made from lengths can't be wrong: nothing to validate.
    return na.c_array_from_buffers(kind, len(values), [validity, offsets, data], validation_level="none")


def _list_array(values: Sequence[Sized | None], items: CArray) -> CArray:
    """Return an array of lists over the items of all lists, which are moved into it."""
    offsets = array("i", accumulate((0 if value is None else len(value) for value in values), initial=0))
    kind = na.c_schema(na.list_(items.schema))
    return na.c_array_from_buffers(kind, len(values), [_validity(values), offsets], children=[items], move=True)


def _bits(values: Iterable[bool]) -> bytes:
    """Return a bitmap, least significant bit first."""
    digits = "".join("1" if value else "0" for value in values)[::-1]
    return int(digits or "0", 2).to_bytes((len(digits) + 7) // 8, "little")


def _validity(values: Sequence[object]) -> bytes | None:
    """Return the validity bitmap, least significant bit first; None where no value is None."""
    if not any(value is None for value in values):
        return None
    return _bits(value is not None for value in values)
