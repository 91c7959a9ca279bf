package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/programmetool"
	"github.com/jifen-pos/jifen/cmd/internal/replaytool"
)

// programmeDocument checks a programme document, prices a basket under it, or
// writes what such a document may say.
func programmeDocument(args []string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what = args[0]
	}
	switch what {
	case "publish", "rollback", "adoption":
		return publishProgramme(what, args[1:], out, errs)
	}
	f := flag.NewFlagSet("programme "+what, flag.ContinueOnError)
	switch what {
	case "schema":
		if err := parse(f, args[1:], 0, errs); err != nil {
			return err
		}
		return programmetool.ProgrammeSchema(out)
	case "lint":
		if err := parse(f, args[1:], max(len(args)-1, 1), errs); err != nil {
			return err
		}
		return programmetool.LintProgrammes(f.Args(), out)
	case "replay":
		book := f.String("book", filepath.Join(demoHQ, assemble.BookFile), "HQ's book, a `file` or the address of a database, postgres://user@host/database")
		ledger := f.String("ledger", "", "the ledger of one terminal, a `file`, instead of HQ's book")
		if err := parse(f, args[1:], 1, errs); err != nil {
			return err
		}
		return replaytool.Replay(f.Arg(0), *book, *ledger, out)
	case "quote":
		if err := parse(f, args[1:], 2, errs); err != nil {
			return err
		}
		return programmetool.QuoteProgramme(f.Arg(0), f.Arg(1), out)
	}
	fmt.Fprintln(errs, "jifen programme schema | lint FILE… | quote FILE REQUEST.json | replay [-book FILE] [-ledger FILE] DRAFT")
	fmt.Fprintln(errs, "jifen programme publish [-from TIME] [-pilot STORES] [-override] -by PERSON -reason WHY FILE | rollback -by PERSON -reason WHY | adoption")
	return errUsage
}
