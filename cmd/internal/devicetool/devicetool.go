// Package devicetool is what the installer does with printers from the command
// line: read the bytes of a job, read what a printer answered, and print a test
// page. It keeps nothing and touches no ledger.
package devicetool
