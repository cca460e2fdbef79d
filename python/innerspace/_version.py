"""The version of the package; the library has the same (core/version.go), a test compares the two."""

__version__ = "0.1.0"
