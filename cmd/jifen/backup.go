package main

import (
	"context"
	"flag"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
)

// backup copies a ledger, also while its terminal runs.
func backup(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("backup", flag.ContinueOnError)
	if err := parse(f, args, 2, errs); err != nil {
		return err
	}
	return keeper.Backup(context.Background(), f.Arg(0), f.Arg(1), out)
}
