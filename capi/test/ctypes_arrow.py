"""Arrow's C structs in plain ctypes: just enough to put rows and read results."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int32, c_int64, c_void_p


class ArrowSchema(Structure):
    """``struct ArrowSchema``."""


class ArrowArray(Structure):
    """``struct ArrowArray``."""


class ArrowArrayStream(Structure):
    """``struct ArrowArrayStream``."""


RELEASE = CFUNCTYPE(None, c_void_p)
ArrowSchema._fields_ = (
    ("format", c_char_p),
    ("name", c_char_p),
    ("metadata", c_void_p),
    ("flags", c_int64),
    ("n_children", c_int64),
    ("children", POINTER(POINTER(ArrowSchema))),
    ("dictionary", POINTER(ArrowSchema)),
    ("release", RELEASE),
    ("private_data", c_void_p),
)
ArrowArray._fields_ = (
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(ArrowArray))),
    ("dictionary", POINTER(ArrowArray)),
    ("release", RELEASE),
    ("private_data", c_void_p),
)
GET_SCHEMA = CFUNCTYPE(c_int, c_void_p, POINTER(ArrowSchema))
GET_NEXT = CFUNCTYPE(c_int, c_void_p, POINTER(ArrowArray))
GET_ERROR = CFUNCTYPE(c_void_p, c_void_p)
ArrowArrayStream._fields_ = (
    ("get_schema", GET_SCHEMA),
    ("get_next", GET_NEXT),
    ("get_last_error", GET_ERROR),
    ("release", RELEASE),
    ("private_data", c_void_p),
)


class TextTable:
    """A stream of one record batch of text columns, produced by Python callbacks.

    Parameters
    ----------
    columns : dict of str to list of str
        All of one length.
    """

    def __init__(self, columns: dict[str, list[str]]) -> None:
        self._columns = columns
        self._keep: list[object] = []
        self._given = False
        self.released = 0
        self._callbacks = (
            GET_SCHEMA(self._schema),
            GET_NEXT(self._next),
            GET_ERROR(lambda _: None),
            RELEASE(self._release_stream),
        )
        self._release_schema, self._release_array = RELEASE(_mark(ArrowSchema)), RELEASE(_mark(ArrowArray))
        self.stream = ArrowArrayStream(*self._callbacks, None)

    def _schema(self, _stream: int, out: object) -> int:
        fields = [self._field(b"u", name.encode(), []) for name in self._columns]
        out[0] = self._field(b"+s", b"", fields)  # type: ignore[index]
        return 0

    def _field(self, format_: bytes, name: bytes, children: list[ArrowSchema]) -> ArrowSchema:
        pointers = (POINTER(ArrowSchema) * max(len(children), 1))(*(ctypes.pointer(c) for c in children))
        field = ArrowSchema(format_, name, None, 2, len(children), pointers, None, self._release_schema, None)
        self._keep += [field, pointers]
        return field

    def _next(self, _stream: int, out: object) -> int:
        if self._given:
            out[0] = ArrowArray()  # type: ignore[index]
            return 0
        self._given = True
        columns = [self._texts(values) for values in self._columns.values()]
        pointers = (POINTER(ArrowArray) * len(columns))(*(ctypes.pointer(c) for c in columns))
        buffers = (c_void_p * 1)(None)
        self._keep += [pointers, buffers]
        length = columns[0].length
        out[0] = ArrowArray(length, 0, 0, 1, len(columns), buffers, pointers, None, self._release_array, None)  # type: ignore[index]
        return 0

    def _texts(self, values: list[str]) -> ArrowArray:
        encoded = [value.encode() for value in values]
        offsets = (c_int32 * (len(values) + 1))()
        for i, text in enumerate(encoded):
            offsets[i + 1] = offsets[i] + len(text)
        data = ctypes.create_string_buffer(b"".join(encoded))
        buffers = (c_void_p * 3)(None, ctypes.addressof(offsets), ctypes.addressof(data))
        array = ArrowArray(len(values), 0, 0, 3, 0, buffers, None, None, self._release_array, None)
        self._keep += [offsets, data, buffers, array]
        return array

    def _release_stream(self, stream: int) -> None:
        self.released += 1
        ArrowArrayStream.from_address(stream).release = RELEASE()


def _mark(kind: type[Structure]) -> object:
    def release(address: int) -> None:
        kind.from_address(address).release = RELEASE()

    return release


def read_texts(stream: ArrowArrayStream, column: str) -> list[str]:
    """Read a text column of a stream to its end, and release it."""
    address = ctypes.addressof(stream)
    schema = ArrowSchema()
    assert stream.get_schema(address, ctypes.byref(schema)) == 0
    names = [schema.children[i][0].name.decode() for i in range(schema.n_children)]
    schema.release(ctypes.addressof(schema))
    texts: list[str] = []
    while True:
        batch = ArrowArray()
        assert stream.get_next(address, ctypes.byref(batch)) == 0
        if not batch.release:
            break
        array = batch.children[names.index(column)][0]
        offsets = (c_int32 * (array.length + 1)).from_address(array.buffers[1])
        texts += [
            ctypes.string_at(array.buffers[2] + a, b - a).decode() for a, b in zip(offsets, offsets[1:], strict=False)
        ]
        batch.release(ctypes.addressof(batch))
    stream.release(address)
    return texts
