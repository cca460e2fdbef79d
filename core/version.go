// Package core holds the engine; core/engine is its front door. The package
// itself knows only the version of the whole.
package core

// Version is the version of the library and of the Python package (pyproject.toml says the same; a test compares).
const Version = "0.1.0"
