package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/jifen-pos/jifen/cmd/internal/simtool"
	"github.com/jifen-pos/jifen/cmd/internal/simworld"
	"github.com/jifen-pos/jifen/terminal/member"
)

// sim leads simulated chains of stores, or tells what happened in one of them.
func sim(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("sim", flag.ContinueOnError)
	o := simtool.Sweep{}
	story := f.Uint64("story", 0, "tell the story of a member in the world of this `seed`, and lead no other")
	who := f.String("member", "", "whose story, such as M1003; else of who has been to most stores")
	f.Uint64Var(&o.Seed, "start", 1, "the first `seed`")
	f.IntVar(&o.Seeds, "seeds", 20, "how many worlds")
	f.DurationVar(&o.For, "for", 0, "begin none after so long, such as 10m")
	f.IntVar(&o.Days, "days", 0, "days of each world; 0 is drawn from its seed")
	f.IntVar(&o.Terminals, "terminals", 0, "terminals of each world; 0 is drawn from its seed")
	f.StringVar(&o.Harsh, "harsh", "", "what goes wrong as often as can be: "+simworld.HarshKinds)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	if o.Harsh != "" && !slices.Contains(strings.Split(simworld.HarshKinds, ", "), o.Harsh) {
		return fmt.Errorf("there is no harm %q: %s", o.Harsh, simworld.HarshKinds)
	}
	if *story > 0 {
		var id member.ID
		if *who != "" {
			var err error
			if id, err = member.ParseID(*who); err != nil {
				return err
			}
		}
		o.Options.Seed = *story
		return simtool.Story(o.Options, id, out)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	sum := o.Run(ctx)
	sum.Write(out)
	if n := len(sum.Failures); n > 0 {
		return fmt.Errorf("%d of %d worlds failed", n, sum.Seeds)
	}
	return nil
}
