package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
)

// moveBook moves HQ's book into another database.
func moveBook(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("move", flag.ContinueOnError)
	if err := parse(f, args, 2, errs); err != nil {
		return err
	}
	rows, err := sqlbook.Move(f.Arg(0), f.Arg(1))
	if err != nil {
		return err
	}
	kind := "[store] kind = \"sqlite\""
	if sqlbook.IsPostgres(f.Arg(1)) {
		kind = "[store] kind = \"postgresql\""
	}
	_, err = fmt.Fprintf(out, "the book has moved: %d rows, each compared. HQ starts on it there alone: %s in its settings.\n", rows, kind)
	return err
}
