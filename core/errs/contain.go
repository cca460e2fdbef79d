package errs

// Contain runs work and turns a panic into an Internal error that says what failed. Goroutines of the
// engine run their work through it: nobody else would recover there, and the panic would end
// the process that the engine is a library in.
func Contain(what string, work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = New(Internal, "%s failed: %v", what, cause)
		}
	}()
	return work()
}
