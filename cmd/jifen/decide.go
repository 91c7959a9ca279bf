package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/officetool"
	"github.com/jifen-pos/jifen/terminal/member"
)

// conflicts tells what HQ does not settle by itself, and has it do what a person
// chooses.
func conflicts(args []string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what, args = args[0], args[1:]
	}
	f := flag.NewFlagSet("conflicts "+what, flag.ContinueOnError)
	hq := hqFlag(f)
	switch what {
	case "list":
		if err := parse(f, args, 0, errs); err != nil {
			return err
		}
		return officetool.Conflicts(context.Background(), *hq, out)
	case "choose":
		by, reason := decider(f)
		if err := parse(f, args, 2, errs); err != nil {
			return err
		}
		return officetool.Choose(context.Background(), *hq, f.Arg(0), f.Arg(1), *by, *reason, out)
	case "settle":
		by, reason := decider(f)
		return settleClaim(f, args, hq, by, reason, out, errs)
	}
	fmt.Fprintln(errs, "jifen conflicts list | choose -by PERSON -reason WHY CONFLICT CHOICE | settle -by PERSON -reason WHY [-member M1009] CLAIM "+usualPoints+"=50 …")
	return errUsage
}

// settleClaim grants of a claim what a person says.
func settleClaim(f *flag.FlagSet, args []string, hq, by, reason *string, out, errs io.Writer) error {
	whose := f.String("member", "", "the `member` whose it is to be, where the claim names none")
	if err := parse(f, args, some, errs); err != nil {
		return err
	}
	var id member.ID
	if *whose != "" {
		var err error
		if id, err = memberOf(*whose); err != nil {
			return err
		}
	}
	grant, err := grants(f.Args()[1:])
	if err != nil {
		return err
	}
	return officetool.Settle(context.Background(), *hq, f.Arg(0), id, grant, *by, *reason, out)
}

// exposure tells what the store may lose at a terminal.
func exposure(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("exposure", flag.ContinueOnError)
	hq := hqFlag(f)
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := terminalOf(f.Arg(0))
	if err != nil {
		return err
	}
	return officetool.Exposure(context.Background(), *hq, id, out)
}

// trust leaves a standing order of what a terminal may use on trust, or takes it
// back.
func trust(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("trust", flag.ContinueOnError)
	hq := hqFlag(f)
	by, reason := decider(f)
	member := f.Int64("member-fen", 0, "of each kind of points, what one member may use, in `fen`")
	all := f.Int64("terminal-fen", 0, "of each kind of points, in all, in `fen`")
	voucher := f.Int64("voucher-fen", 0, "what one voucher may have cost, in `fen`")
	vouchers := f.Int("vouchers", 0, "how many of the vouchers that were issued there")
	no := f.Bool("none", false, "take the order back: what the programme says is all")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := terminalOf(f.Arg(0))
	if err != nil {
		return err
	}
	sums := officetool.Sums{Member: *member, Terminal: *all, Voucher: *voucher, Vouchers: *vouchers}
	if none := sums == (officetool.Sums{}); none != *no {
		fmt.Fprintln(errs, "jifen trust: either sums, or -none")
		return errUsage
	}
	return officetool.Trust(context.Background(), *hq, id, sums, *by, *reason, out)
}
