package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/programmetool"
)

// programmeDocument checks a programme document, prices a basket under it, or
// writes what such a document may say.
func programmeDocument(args []string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what = args[0]
	}
	f := flag.NewFlagSet("programme "+what, flag.ContinueOnError)
	switch what {
	case "schema":
		if err := parse(f, args[1:], 0, errs); err != nil {
			return err
		}
		return programmetool.ProgrammeSchema(out)
	case "lint":
		if err := parse(f, args[1:], 1, errs); err != nil {
			return err
		}
		return programmetool.LintProgramme(f.Arg(0), out)
	case "quote":
		if err := parse(f, args[1:], 2, errs); err != nil {
			return err
		}
		return programmetool.QuoteProgramme(f.Arg(0), f.Arg(1), out)
	}
	fmt.Fprintln(errs, "jifen programme schema | lint FILE | quote FILE REQUEST.json")
	return errUsage
}
