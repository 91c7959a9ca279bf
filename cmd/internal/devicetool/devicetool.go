// Package devicetool is what the installer does with printers from the command
// line: read the bytes of a job, read what a printer answered, and print a test
// page. It keeps nothing and touches no ledger.
package devicetool

import "errors"

// Errors of the tools.
var (
	ErrJobFile = errors.New("the job is empty or too long")
	ErrDots    = errors.New("the paper is 58 or 80 mm wide, or so many dots")
)
