"""The address of the Arrow stream in a PyCapsule (the Arrow PyCapsule protocol)."""

from __future__ import annotations

import ctypes

_get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_get_pointer.restype = ctypes.c_void_p
_get_pointer.argtypes = (ctypes.py_object, ctypes.c_char_p)


def stream_address(capsule: object) -> int:
    """Return the address of the ``ArrowArrayStream`` in a capsule; keep the capsule alive while it is used.

    Raises
    ------
    ValueError
        If it is not a capsule of that kind.
    """
    address: int = _get_pointer(capsule, b"arrow_array_stream")
    return address
