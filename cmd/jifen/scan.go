package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
)

// scan types a code on a terminal's virtual scanner.
func scan(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("scan", flag.ContinueOnError)
	data := f.String("data", demoTill, "the terminal's data `folder`")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := assemble.Scan(ctx, *data, f.Arg(0)); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "scanned")
	return err
}
