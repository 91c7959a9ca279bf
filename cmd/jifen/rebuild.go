package main

import (
	"flag"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
)

// rebuild folds a ledger's state anew into a new file, and verifies that.
func rebuild(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("rebuild", flag.ContinueOnError)
	to := f.String("o", "rebuilt.db", "the new `file`")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	return assemble.Rebuild(f.Arg(0), *to, out)
}
