// Command capi is the C library: the functions of include/innerspace.h over
// core/engine. It holds no logic of the engine's; what it adds is what a C caller needs: handles
// instead of pointers, statuses instead of errors and panics, Arrow streams in and out.
//
// exports.c defines the public functions. Each refuses to run in a forked
// child, where the Go runtime would hang, and else calls the Go function of the same
// name, which runs its body under guard. capi/build.sh builds the library.
package main

func main() {}
