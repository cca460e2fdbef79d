// Package tabular carries rows between Arrow record batches and the engine: batches of rows to put, images and texts
// to embed or to search for, and results. Beside capi it is the only package that imports Arrow. It knows the forms of
// docs/architecture.md ("Rows in", "Results out") and nothing of spaces, models or C.
//
// Values are copied: nothing that is returned refers to the memory of an Arrow array, so a record may be released at
// once. Arrow data is not trusted: every offset, length and index is checked before it is followed, and where arrow-go
// itself panics on data that contradicts itself, that is an error here.
package tabular
