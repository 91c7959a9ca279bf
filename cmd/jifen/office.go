package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strconv"

	"github.com/jifen-pos/jifen/cmd/internal/officetool"
)

// makeGood tells what members are to have for points that they could not use, and
// has HQ give it.
func makeGood(args []string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what, args = args[0], args[1:]
	}
	f := flag.NewFlagSet("makegood "+what, flag.ContinueOnError)
	hq := f.String("hq", demoHQ, "HQ's data `folder`")
	switch what {
	case "list":
		if err := parse(f, args, 0, errs); err != nil {
			return err
		}
		return officetool.Proposals(context.Background(), *hq, out)
	case "apply":
		by, reason := decider(f)
		if err := parse(f, args, 1, errs); err != nil {
			return err
		}
		return officetool.Apply(context.Background(), *hq, f.Arg(0), *by, *reason, out)
	}
	fmt.Fprintln(errs, "jifen makegood list | apply -by PERSON -reason WHY PROPOSAL")
	return errUsage
}

// decider is who decides and why.
func decider(f *flag.FlagSet) (by, reason *string) {
	return f.String("by", "", "the `person` who decides"), f.String("reason", "", "and why")
}

// stock has HQ add pieces of a limited benefit, which it places at the tills.
func stock(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("stock", flag.ContinueOnError)
	hq := f.String("hq", demoHQ, "HQ's data `folder`")
	by, reason := decider(f)
	if err := parse(f, args, 2, errs); err != nil {
		return err
	}
	pieces, err := strconv.ParseInt(f.Arg(1), 10, 64)
	if err != nil {
		return err
	}
	if err := officetool.Stock(context.Background(), *hq, f.Arg(0), pieces, *by, *reason); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "已入库 added: %s %d\n", f.Arg(0), pieces)
	return err
}

// unlock has HQ let somebody at a terminal try their PIN again, where no keeper
// can.
func unlock(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("unlock", flag.ContinueOnError)
	hq := f.String("hq", demoHQ, "HQ's data `folder`")
	by, reason := decider(f)
	if err := parse(f, args, 2, errs); err != nil {
		return err
	}
	id, err := terminalOf(f.Arg(0))
	if err != nil {
		return err
	}
	if err := officetool.Unlock(context.Background(), *hq, id, f.Arg(1), *by, *reason); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "已通知 told: t%d %s\n", id, f.Arg(1))
	return err
}

// voices tells what members wrote at HQ's page, and has HQ take it or not; and what
// they answered to a survey.
func voices(args []string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what, args = args[0], args[1:]
	}
	f := flag.NewFlagSet("voices "+what, flag.ContinueOnError)
	hq := f.String("hq", demoHQ, "HQ's data `folder`")
	switch what {
	case "list":
		if err := parse(f, args, 0, errs); err != nil {
			return err
		}
		return officetool.Voices(context.Background(), *hq, out)
	case "approve", "refuse":
		by, reason := decider(f)
		if err := parse(f, args, 1, errs); err != nil {
			return err
		}
		return officetool.Judge(context.Background(), *hq, f.Arg(0), what == "approve", *by, *reason, out)
	case "survey":
		if err := parse(f, args, 1, errs); err != nil {
			return err
		}
		return officetool.Survey(context.Background(), *hq, f.Arg(0), out)
	}
	fmt.Fprintln(errs, "jifen voices list | approve|refuse -by PERSON -reason WHY ID | survey SURVEY")
	return errUsage
}
