package errs

import "runtime/debug"

// Contain runs work and turns a panic into an Internal error that says what failed. Goroutines of the
// engine run their work through it: nobody else would recover there, and the panic would end
// the process that the engine is a library in. So would a fault in mapped memory, of a file that was cut or of a disk that
// cannot be read: it is a panic here.
func Contain(what string, work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = New(Internal, "%s failed: %v", what, cause)
		}
	}()
	return work()
}
