package main

import "github.com/innerspace/innerspace/capi/internal/garbage"

func init() { garbage.Bound() }
