package onnx

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void give_back_free_memory(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

import "runtime/debug"

// giveBackFreeMemory hands memory that was freed back to the system. A graph is parsed and optimised with
// copies of its weights, and glibc keeps the room: after loading the embedded model that is 100 MB of
// 250 MB, given back in 9 ms.
func giveBackFreeMemory() { C.give_back_free_memory() }

// giveBackGarbage does the same for the memory of Go, which keeps it for minutes: making ViT-B/32 int8 leaves 400 MB.
func giveBackGarbage() { debug.FreeOSMemory() }
