package main

import _ "embed"

// header is the public header. Embedding it also makes go build notice when it changes, which it does not for a
// header in another directory.
//
//go:embed include/innerspace.h
var header string
