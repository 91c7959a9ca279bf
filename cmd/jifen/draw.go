package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/drawtool"
	"github.com/jifen-pos/jifen/cmd/internal/keeper"
)

// draw tells which batches of games HQ has dealt, fetches one, and checks it; without
// HQ it seals one by hand and collects what was played of it.
func draw(args []string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what, args = args[0], args[1:]
	}
	f := flag.NewFlagSet("draw "+what, flag.ContinueOnError)
	switch what {
	case "verify":
		if err := parse(f, args, 1, errs); err != nil {
			return err
		}
		return drawtool.Verify(f.Arg(0), out)
	case "list", "fetch":
		hq := f.String("hq", demoHQ, "HQ's data `folder`")
		if what == "list" {
			if err := parse(f, args, 0, errs); err != nil {
				return err
			}
			return drawtool.List(context.Background(), *hq, out)
		}
		if err := parse(f, args, 2, errs); err != nil {
			return err
		}
		return drawtool.Fetch(context.Background(), *hq, f.Arg(0), f.Arg(1), out)
	case "seal":
		if err := parse(f, args, 5, errs); err != nil {
			return err
		}
		return drawtool.Seal(f.Arg(0), f.Arg(1), f.Arg(2), f.Arg(3), f.Arg(4), rand.Reader)
	case "collect":
		ledger := f.String("ledger", demoTill+"/"+keeper.LedgerFile, "the ledger `file`")
		seed := f.String("seed", "", "the `file` of the seed, which is published with this")
		if err := parse(f, args, 1, errs); err != nil {
			return err
		}
		return drawtool.Collect(*ledger, f.Arg(0), *seed, out)
	}
	fmt.Fprintln(errs, "jifen draw list | fetch GAME BATCH | verify FILE | seal PROGRAMME GAME BATCH TERMINAL FILE | collect [-seed FILE] FILE")
	return errUsage
}
