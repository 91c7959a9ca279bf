package main

import (
	"flag"
	"io"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/settletool"
)

// settle writes what merchants owe each other, by merchant and month.
func settle(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("settle", flag.ContinueOnError)
	var a settletool.Asked
	f.StringVar(&a.Book, "book", filepath.Join(demoHQ, assemble.BookFile), "HQ's book, a `file` or the address of a database, postgres://user@host/database")
	f.StringVar(&a.Programme, "programme", "", "the programme document, a `file`: names of merchants, and their ceilings")
	f.StringVar(&a.Merchant, "merchant", "", "only this `merchant`")
	f.StringVar(&a.Month, "month", "", "only this month, such as 2027-03")
	f.StringVar(&a.Form, "form", settletool.Text, "text or csv")
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	if err := settletool.CheckMonth(a.Month); err != nil {
		return err
	}
	return settletool.Settle(a, out)
}
