package main

import (
	"flag"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
)

// verify folds a ledger from its journal and compares it with its state.
func verify(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("verify", flag.ContinueOnError)
	keyFile := f.String("key", "", "the terminal's key `file` (default: the one beside the ledger)")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	return assemble.Verify(f.Arg(0), *keyFile, out)
}
