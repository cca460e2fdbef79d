"""The structs and functions of ``innerspace.h``, declared to ctypes."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

ABI_VERSION = 1
"""The version of the C ABI that this package speaks."""


class Buffer(ctypes.Structure):
    """``innerspace_buffer``: bytes that the library allocated."""

    _fields_ = (("data", c_void_p), ("size", c_size_t))

    def to_bytes(self) -> bytes:
        """Return a copy of the bytes."""
        return ctypes.string_at(self.data, self.size) if self.data else b""


class ErrorStruct(ctypes.Structure):
    """``innerspace_error``: what a failed call says, owned by the caller."""

    _fields_ = (("status", c_int32), ("message", Buffer), ("path", Buffer), ("detail", Buffer))


_Text = (c_char_p, c_size_t)
_Handle = c_uint64
_Stream = c_void_p
_Error = POINTER(ErrorStruct)

_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "innerspace_abi_version": (c_uint32, ()),
    "innerspace_version": (c_char_p, ()),
    "innerspace_engine_open": (c_int32, (*_Text, POINTER(_Handle), _Error)),
    "innerspace_engine_open_with_task": (c_int32, (*_Text, _Handle, POINTER(_Handle), _Error)),
    "innerspace_engine_put": (c_int32, (_Handle, *_Text, _Stream, _Handle, POINTER(Buffer), _Error)),
    "innerspace_engine_compact": (c_int32, (_Handle, _Handle, POINTER(Buffer), _Error)),
    "innerspace_engine_delete": (c_int32, (_Handle, *_Text, POINTER(Buffer), _Error)),
    "innerspace_engine_embed": (c_int32, (_Handle, *_Text, _Stream, _Handle, _Stream, _Error)),
    "innerspace_engine_vectors": (c_int32, (_Handle, *_Text, _Stream, _Error)),
    "innerspace_engine_recall": (c_int32, (_Handle, *_Text, _Handle, POINTER(Buffer), _Error)),
    "innerspace_engine_describe": (c_int32, (_Handle, POINTER(Buffer), _Error)),
    "innerspace_query_prepare": (c_int32, (_Handle, *_Text, POINTER(_Handle), _Error)),
    "innerspace_query_run": (c_int32, (_Handle, *_Text, _Stream, _Handle, _Stream, _Error)),
    "innerspace_query_run_many": (c_int32, (_Handle, *_Text, _Stream, _Handle, POINTER(c_void_p), c_size_t, _Error)),
    "innerspace_store_maintain": (c_int32, (*_Text, _Handle, POINTER(Buffer), _Error)),
    "innerspace_task_new": (c_int32, (POINTER(_Handle), _Error)),
    "innerspace_task_progress": (c_int32, (_Handle, POINTER(c_int64), POINTER(c_int64), _Error)),
    "innerspace_task_cancel": (c_int32, (_Handle, _Error)),
    "innerspace_close": (c_int32, (_Handle, _Error)),
    "innerspace_image_thumbnail": (c_int32, (c_char_p, c_size_t, c_int32, POINTER(Buffer), _Error)),
    "innerspace_buffer_free": (None, (POINTER(Buffer),)),
    "innerspace_error_free": (None, (_Error,)),
    "innerspace_memory_in_use": (c_int32, (POINTER(c_int64), POINTER(c_int64), _Error)),
}


def declare(library: ctypes.CDLL) -> None:
    """Give every function of the library its argument and result types.

    Raises
    ------
    AttributeError
        If the library lacks one of them.
    """
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
