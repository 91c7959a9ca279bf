package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/publishtool"
)

// publishProgramme publishes a programme at HQ, takes one back, or tells how far
// one has got.
func publishProgramme(what string, args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("programme "+what, flag.ContinueOnError)
	var a publishtool.Asked
	f.StringVar(&a.Data, "hq", demoHQ, "HQ's data `folder`")
	f.StringVar(&a.By, "by", "", "the `person` who decides")
	f.StringVar(&a.Reason, "reason", "", "and why")
	n := 0
	if what == "publish" {
		n = 1
		f.StringVar(&a.From, "from", "", "in force from a `time` on, such as 2027-03-01T04:00+08:00; else at once")
		f.StringVar(&a.Stores, "pilot", "", "only in these `stores` first, with commas between them")
		f.BoolVar(&a.Override, "override", false, "let stand what is not fair, where a person may")
	}
	if err := parse(f, args, n, errs); err != nil {
		return err
	}
	var r publishtool.Reply
	var err error
	switch what {
	case "publish":
		a.File = f.Arg(0)
		r, err = publishtool.Publish(context.Background(), a)
	case "rollback":
		r, err = publishtool.RollBack(context.Background(), a)
	default:
		r, err = publishtool.Adoption(context.Background(), a.Data)
	}
	if err != nil {
		return err
	}
	for _, s := range r.Findings {
		fmt.Fprintln(out, s)
	}
	if r.Version != "" {
		fmt.Fprintf(out, "已发布 published: %s\n", r.Version)
	}
	for _, t := range r.Adoption {
		state, pilot := "等待 waiting", ""
		if t.Has == t.Want {
			state = "已采用 adopted"
		}
		if t.Pilot {
			pilot = "试点 pilot"
		}
		fmt.Fprintf(out, "%-6s %-16s %-8s 应用 want %-14s 现用 has %-14s %s %s\n", t.Terminal, t.Name, t.Store, t.Want, t.Has, state, pilot)
	}
	return nil
}
