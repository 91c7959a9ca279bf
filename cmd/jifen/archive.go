package main

import (
	"context"
	"flag"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
)

// archive seals entries that HQ has in two places, so that they leave the
// ledger.
func archive(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("archive", flag.ContinueOnError)
	if err := parse(f, args, 2, errs); err != nil {
		return err
	}
	return keeper.Archive(context.Background(), f.Arg(0), f.Arg(1), out)
}
