"""The C library ``libinnerspace``, as Python sees it.

This room knows the C ABI (``capi/include/innerspace.h``): where the library
lies, its functions, its errors, its handles, and how to wait for a long call
without losing Ctrl-C. It knows nothing of schemas, rows or results; JSON and
Arrow streams pass through as bytes and addresses. Nothing is loaded before the
first call.
"""
