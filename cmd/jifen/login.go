package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
)

// login tells how a terminal logs in at a broker, for an operator who runs
// another broker than HQ's own.
func login(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("login", flag.ContinueOnError)
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	username, password, err := assemble.BrokerLogin(f.Arg(0))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s %s\n", username, password)
	return err
}
