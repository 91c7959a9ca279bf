package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/terminal/member"
)

// pass makes a member's pass, signed with HQ's key.
func pass(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("pass", flag.ContinueOnError)
	keyFile := f.String("key", filepath.Join(demoHQ, assemble.HQKeyFile), "HQ's key `file`")
	minutes := f.Uint("minutes", 5, "how long the pass is good")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := member.ParseID(f.Arg(0))
	if err != nil {
		return fmt.Errorf("%q: %w (a member id looks like M1001)", f.Arg(0), err)
	}
	if *minutes == 0 || *minutes > 60 {
		return fmt.Errorf("a pass is good for 1 to 60 minutes, not %d", *minutes)
	}
	text, err := assemble.Pass(*keyFile, id, uint16(*minutes))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, text)
	return err
}
