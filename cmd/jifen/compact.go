package main

import (
	"flag"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
)

// compact writes a ledger anew without the room that it no longer needs.
func compact(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("compact", flag.ContinueOnError)
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	return keeper.Compact(f.Arg(0), out)
}
