// Package errs is the one error type of the engine: what kind of failure
// (Status), what was wrong and what to do (Message), and where (Path). It knows
// nothing about rows, models or queries; those packages put their own words in.
package errs

import (
	"context"
	"errors"
	"fmt"
)

// Status is the kind of a failure. The numbers are part of the C ABI
// (capi/include/innerspace.h) and of the Python package (exceptions.py); a test
// walks all three. Never renumber, only append.
type Status int32

const (
	// OK is no failure.
	OK Status = 0
	// InvalidInput is a mistake in what the caller gave: data, definition, query or argument.
	InvalidInput Status = 1
	// NotFound is an id, file, URL or parameter that does not exist.
	NotFound Status = 2
	// LimitExceeded is an input over a cap: pixels, bytes, counts, redirects.
	LimitExceeded Status = 3
	// Forbidden is something the engine refuses by policy, such as a private network address.
	Forbidden Status = 4
	// Unsupported is a well-formed request for something the engine does not do.
	Unsupported Status = 5
	// Timeout is a remote end that did not answer in time.
	Timeout Status = 6
	// UnexpectedResponse is a remote end that answered with an error or with something else than asked.
	UnexpectedResponse Status = 7
	// InvalidState is a call at the wrong time: a closed or foreign handle, a process that forked.
	InvalidState Status = 8
	// Cancelled is a call that the caller stopped.
	Cancelled Status = 9
	// Internal is a fault of the engine itself, such as a recovered panic.
	Internal Status = 10
)

var names = [...]string{
	OK: "ok", InvalidInput: "invalid_input", NotFound: "not_found", LimitExceeded: "limit_exceeded",
	Forbidden: "forbidden", Unsupported: "unsupported", Timeout: "timeout",
	UnexpectedResponse: "unexpected_response", InvalidState: "invalid_state",
	Cancelled: "cancelled", Internal: "internal",
}

// Statuses lists every status in order.
func Statuses() []Status {
	all := make([]Status, len(names))
	for i := range all {
		all[i] = Status(i)
	}
	return all
}

func (s Status) String() string {
	if s >= 0 && int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("status(%d)", int32(s))
}

// Error is the engine's only error type.
type Error struct {
	Status  Status
	Message string // what was wrong and what to do, one sentence or two, no trailing newline
	Path    string // where: "$.spaces[0].model" in a definition, "rows[3].image" in data; may be empty
	Cause   error  // what it wraps; may be nil
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// Unwrap returns the wrapped cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error from a format.
func New(status Status, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error from a format and keeps cause for errors.Is and errors.As.
// The message should already say what cause says where a user needs it.
func Wrap(cause error, status Status, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// At returns a copy of the error with path put before its own path.
func (e *Error) At(path string) *Error {
	c := *e
	switch {
	case c.Path == "":
		c.Path = path
	case c.Path[0] == '[':
		c.Path = path + c.Path
	default:
		c.Path = path + "." + c.Path
	}
	return &c
}

// From returns err as an *Error: itself where it is one, Cancelled for a
// cancelled context, Timeout for an expired one, Internal for anything else, nil for nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled):
		return Wrap(err, Cancelled, "the call was cancelled")
	case errors.Is(err, context.DeadlineExceeded):
		return Wrap(err, Timeout, "the call took too long: %v", err)
	}
	return Wrap(err, Internal, "%v", err)
}

// StatusOf returns the status of err, OK for nil.
func StatusOf(err error) Status {
	if err == nil {
		return OK
	}
	return From(err).Status
}
