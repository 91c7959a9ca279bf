package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
	"github.com/jifen-pos/jifen/cmd/internal/statement"
	"github.com/jifen-pos/jifen/terminal/member"
)

// history tells everything in a ledger that touched a member.
func history(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("history", flag.ContinueOnError)
	ledger := f.String("ledger", demoTill+"/"+keeper.LedgerFile, "the ledger `file`")
	lang := f.String("lang", "zh", "zh or en")
	form := f.String("form", statement.Text, "text, json, or html: a document to be printed")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	who, err := member.ParseID(f.Arg(0))
	if err != nil {
		return fmt.Errorf("%q: %w (a member id looks like M1001)", f.Arg(0), err)
	}
	return statement.History(*ledger, who, *lang, *form, out)
}
