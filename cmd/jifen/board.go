package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/officetool"
	"github.com/jifen-pos/jifen/sync/identity"
)

// boardCommands are what an operator at HQ does about boards, while HQ runs.
var boardCommands = []command{
	{"invite", "TERMINAL", "open a code with which a board enrols as a terminal, for 15 minutes; -approved: no need to look at its fingerprint", invite},
	{"waiting", "", "list the boards that used a code and wait for a yes", waiting},
	{"admit", "TERMINAL", "say yes to the board that waits; -refuse: say no", admit},
	{"hear", "TERMINAL", "let a decommissioned terminal that turned up in for 15 minutes, to tell what HQ has not heard", hear},
	{"end", "TERMINAL", "decommission a terminal for good, with -reason: what it held, which is said, goes back to the members", decommission},
}

func board(args []string, out, errs io.Writer) error {
	if len(args) > 0 {
		for _, c := range boardCommands {
			if c.name == args[0] {
				return c.run(args[1:], out, errs)
			}
		}
	}
	fmt.Fprintln(errs, "jifen board COMMAND, on HQ's machine:")
	for _, c := range boardCommands {
		fmt.Fprintf(errs, "  %-8s %-9s %s\n", c.name, c.args, c.what)
	}
	return errUsage
}

func hqFlag(f *flag.FlagSet) *string {
	return f.String("hq", demoHQ, "HQ's data `folder`")
}

// terminalOf reads a terminal's number: 7, or t7.
func terminalOf(text string) (uint32, error) {
	if len(text) > 1 && text[0] == 't' {
		text = text[1:]
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no number of a terminal", text)
	}
	return uint32(n), nil
}

func invite(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("board invite", flag.ContinueOnError)
	folder := hqFlag(f)
	approved := f.Bool("approved", false, "the board is in your hands: HQ takes the first one that has the code")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := terminalOf(f.Arg(0))
	if err != nil {
		return err
	}
	code, until, err := assemble.Invite(context.Background(), *folder, id, *approved)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, identity.Spread(code))
	fmt.Fprintf(errs, "good until %s, once; on the board: jifen join CODE\n", until.Local().Format(time.TimeOnly))
	return nil
}

func waiting(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("board waiting", flag.ContinueOnError)
	folder := hqFlag(f)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	list, err := assemble.Waiting(context.Background(), *folder)
	if err == nil && len(list) == 0 {
		fmt.Fprintln(errs, "no board waits")
	}
	for _, a := range list {
		fmt.Fprintf(out, "%s %s version %s, waits until %s\n", a.Terminal, a.Fingerprint, a.Software, a.Until.Local().Format(time.DateTime))
	}
	return err
}

func admit(args []string, _, errs io.Writer) error {
	f := flag.NewFlagSet("board admit", flag.ContinueOnError)
	folder := hqFlag(f)
	refuse := f.Bool("refuse", false, "say no")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := terminalOf(f.Arg(0))
	if err != nil {
		return err
	}
	return assemble.Admit(context.Background(), *folder, id, !*refuse)
}

func decommission(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("board end", flag.ContinueOnError)
	folder := hqFlag(f)
	reason := f.String("reason", "", "why, for the record")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := terminalOf(f.Arg(0))
	if err == nil && *reason == "" {
		err = fmt.Errorf("-reason is missing: it cannot be undone, and stays in the books")
	}
	if err != nil {
		return err
	}
	if err := officetool.Exposure(context.Background(), *folder, id, out); err != nil { // before it is nobody's
		return err
	}
	return assemble.Decommission(context.Background(), *folder, id, *reason)
}

// hear lets a terminal in once more: its certificate is worth nothing otherwise.
func hear(args []string, _, errs io.Writer) error {
	f := flag.NewFlagSet("board hear", flag.ContinueOnError)
	folder := hqFlag(f)
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := terminalOf(f.Arg(0))
	if err != nil {
		return err
	}
	until, err := assemble.Hear(context.Background(), *folder, id)
	if err == nil {
		fmt.Fprintf(errs, "t%d is let in until %s; nothing is given to it\n", id, until.Local().Format(time.TimeOnly))
	}
	return err
}

// join hands this board its code.
func join(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("join", flag.ContinueOnError)
	data := f.String("data", demoTill, "the terminal's data `folder`")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	fingerprint, err := assemble.Join(*data, f.Arg(0))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "fingerprint of this board: %s\n", fingerprint)
	return err
}

// authority turns HQ's authority over.
func authority(args []string, _, errs io.Writer) error {
	f := flag.NewFlagSet("authority", flag.ContinueOnError)
	folder := hqFlag(f)
	alone := f.Bool("alone", false, "believe the newest one alone from now on")
	broker := f.String("broker", "", "instead, write into a `folder` what a broker of another make needs for TLS, good for 30 days")
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	if *broker != "" {
		return assemble.CertifyBroker(*folder, *broker)
	}
	return assemble.RotateAuthority(*folder, *alone)
}
