package main

import (
	"flag"
	"io"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/enroltool"
)

// enrolled lists who joined at the tills, for HQ.
func enrolled(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("enrolled", flag.ContinueOnError)
	book := f.String("book", filepath.Join(demoHQ, assemble.BookFile), "HQ's book, a `file` or the address of a database, postgres://user@host/database")
	key := f.String("key", filepath.Join(demoHQ, assemble.HQKeyFile), "HQ's key `file`")
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	return enroltool.List(*book, *key, out)
}
