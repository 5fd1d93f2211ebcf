// Package fault holds the errors that decide how a command ends: its exit
// code, and the next command to type.
package fault

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Exit codes of every command. Through kubectl on Windows only 0 and 1
// survive.
const (
	ExitAnswered    = 0   // the question was answered
	ExitError       = 1   // it was not
	ExitUsage       = 2   // the command line, or a file of assertions named on it, is wrong
	ExitFindings    = 3   // an assertion failed, or there are findings at or above --fail-on
	ExitIncomplete  = 4   // answered, with gaps, under --require-complete
	ExitInterrupted = 130 // interrupted by a signal
)

// Error is an error with an exit code and hints. Err may be nil where the
// answer itself has said everything (exit codes 3 and 4).
type Error struct {
	Err  error
	Code int
	Help []string // next commands to type, or what to do
}

// Error returns the text of the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Usage returns an error of the command line: exit code 2.
func Usage(format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Code: ExitUsage}
}

// WithHelp adds hints to an error and keeps its exit code.
func WithHelp(err error, help ...string) error {
	if err == nil {
		return nil
	}
	return &Error{Err: err, Code: Code(err), Help: slices.Concat(Help(err), help)}
}

// Findings ends a command whose answer holds failed assertions, or findings at
// or above --fail-on.
func Findings() error { return &Error{Code: ExitFindings} }

// Incomplete ends a command whose answer has gaps under --require-complete.
func Incomplete() error { return &Error{Code: ExitIncomplete} }

// Code returns the exit code for an error. Of joined errors the first in the
// order 130, 2, 1, 4, 3 decides: an answer that failed is no answer, and what
// is incomplete proves nothing.
func Code(err error) int {
	if errors.Is(err, context.Canceled) {
		return ExitInterrupted
	}
	switch e := err.(type) { //nolint:errorlint // looks at each layer itself
	case nil:
		return ExitAnswered
	case *Error:
		return e.Code
	case interface{ Unwrap() error }:
		if cause := e.Unwrap(); cause != nil {
			return Code(cause)
		}
	case interface{ Unwrap() []error }:
		return first(e.Unwrap())
	}
	return ExitError
}

func first(joined []error) int {
	codes := make([]int, 0, len(joined))
	for _, err := range joined {
		codes = append(codes, Code(err))
	}
	for _, code := range []int{ExitUsage, ExitError, ExitIncomplete, ExitFindings} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return ExitError
}

// Help returns the hints of an error.
func Help(err error) []string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Help
	}
	return nil
}
