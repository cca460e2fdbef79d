// Package arrowstream reads record batches that a foreign library offers
// through the Arrow C stream interface, and hands our own out through it.
//
// Nothing that the C structs say is taken on trust: formats, counts, null
// pointers, offsets, view headers and dictionary indices are checked before an
// array is built, because arrow-go's own import either panics on them or, where
// it returns an error, has already freed memory that belongs to the producer. What
// the interface does not say cannot be checked: how many bytes lie behind a pointer,
// and whether a pointer that is not null points anywhere.
//
// The package knows nothing of rows, fields or engines.
package arrowstream
