// Package engine is the front door of innerspace for Go programs: Open a
// definition, Put rows, Delete, Prepare and Run queries, Embed, Close. It composes the
// other packages and holds no formula, no decoder and no kernel of its own.
package engine
