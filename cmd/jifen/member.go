package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/cmd/internal/officetool"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// usualPoints is the kind of points that is meant where none is named.
const usualPoints = "points:consumption"

// memberCommands are what a person at HQ decides of members, while HQ runs.
var memberCommands = []command{
	{officetool.Find, "WHOM", "show what HQ has on a member, by id (M1009), card or phone number", findMember},
	{officetool.Match, "MEMBER", "say that somebody whom a till enrolled is who they are: what waited for that is given", aboutMembers(officetool.Match, 1)},
	{officetool.Merge, "MEMBER MEMBER", "make two ids of one person one member: the one who joined later becomes the one who joined earlier", aboutMembers(officetool.Merge, 2)},
	{officetool.Unmerge, "MEMBER", "make somebody who was merged one of their own again; what was spent stays spent", aboutMembers(officetool.Unmerge, 1)},
	{officetool.Block, "MEMBER", "let a member spend no more; they go on earning", aboutMembers(officetool.Block, 1)},
	{officetool.Unblock, "MEMBER", "let a member spend again", aboutMembers(officetool.Unblock, 1)},
	{officetool.Household, "MEMBER=POOL …", "say who belongs together, and how many points of theirs each lets the others spend in a month; one alone leaves", household},
	{officetool.Adjust, "MEMBER POINTS", "mend a mistake: 50 gives points, -50 takes them out of what HQ holds; -points names the kind", adjust},
	{officetool.Recall, "MEMBER", "ask the tills for what they hold of a member's points; -points names the kind", recall},
}

func memberOffice(args []string, out, errs io.Writer) error {
	if len(args) > 0 {
		for _, c := range memberCommands {
			if c.name == args[0] {
				return c.run(args[1:], out, errs)
			}
		}
	}
	fmt.Fprintln(errs, "jifen member COMMAND, on HQ's machine; all but find want -by PERSON -reason WHY:")
	for _, c := range memberCommands {
		fmt.Fprintf(errs, "  %-9s %-14s %s\n", c.name, c.args, c.what)
	}
	if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		return flag.ErrHelp
	}
	return errUsage
}

func findMember(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("member find", flag.ContinueOnError)
	hq := hqFlag(f)
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	return officetool.Member(context.Background(), *hq, officetool.Personal{Verb: officetool.Find, Whom: f.Arg(0)}, "", "", out)
}

// aboutMembers is a command about some members and nothing else.
func aboutMembers(verb string, n int) func(args []string, out, errs io.Writer) error {
	return func(args []string, out, errs io.Writer) error {
		f := flag.NewFlagSet("member "+verb, flag.ContinueOnError)
		hq := hqFlag(f)
		by, reason := decider(f)
		if err := parse(f, args, n, errs); err != nil {
			return err
		}
		p := officetool.Personal{Verb: verb}
		for _, text := range f.Args() {
			id, err := memberOf(text)
			if err != nil {
				return err
			}
			p.Who = append(p.Who, id)
		}
		return officetool.Member(context.Background(), *hq, p, *by, *reason, out)
	}
}

func household(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("member household", flag.ContinueOnError)
	hq := hqFlag(f)
	by, reason := decider(f)
	if err := parse(f, args, some, errs); err != nil {
		return err
	}
	p := officetool.Personal{Verb: officetool.Household}
	for _, text := range f.Args() {
		name, pool, _ := strings.Cut(text, "=")
		id, err := memberOf(name)
		if err != nil {
			return err
		}
		r := ledger.Relative{Member: id}
		if pool != "" {
			if r.Pool, err = points(pool); err != nil {
				return err
			}
		}
		p.Family = append(p.Family, r)
	}
	return officetool.Member(context.Background(), *hq, p, *by, *reason, out)
}

func adjust(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("member adjust", flag.ContinueOnError)
	hq := hqFlag(f)
	by, reason := decider(f)
	asset := f.String("points", usualPoints, "the `kind` of points")
	taken, args := below(args)
	if err := parse(f, args, 2, errs); err != nil {
		return err
	}
	id, err := memberOf(f.Arg(0))
	if err != nil {
		return err
	}
	n, err := points(f.Arg(1))
	if err != nil {
		return err
	}
	if taken {
		n = -n
	}
	p := officetool.Personal{Verb: officetool.Adjust, Who: []member.ID{id}, Asset: lot.Asset(*asset), Amount: n}
	return officetool.Member(context.Background(), *hq, p, *by, *reason, out)
}

// below takes the sign off a number below zero, which would be read as a flag.
func below(args []string) (taken bool, rest []string) {
	for _, a := range args {
		if digits, ok := strings.CutPrefix(a, "-"); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			taken, a = true, digits
		}
		rest = append(rest, a)
	}
	return taken, rest
}

func recall(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("member recall", flag.ContinueOnError)
	hq := hqFlag(f)
	by, reason := decider(f)
	asset := f.String("points", usualPoints, "the `kind` of points")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	id, err := memberOf(f.Arg(0))
	if err != nil {
		return err
	}
	p := officetool.Personal{Verb: officetool.Recall, Who: []member.ID{id}, Asset: lot.Asset(*asset)}
	return officetool.Member(context.Background(), *hq, p, *by, *reason, out)
}

// incident opens an incident, or changes its days.
func incident(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("incident", flag.ContinueOnError)
	hq := hqFlag(f)
	by, reason := decider(f)
	first := f.String("first", "", "the first `day`: 2027-03-08")
	last := f.String("last", "", "the last `day`; without one it goes on, and what ends meanwhile waits")
	store := f.String("store", "", "only members who were served in this `store`; without one all stores")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	i := officetool.Happened{Incident: f.Arg(0), Store: *store}
	var err error
	if i.First, err = lot.ParseDay(*first); err != nil {
		return fmt.Errorf("-first: %w", err)
	}
	if *last != "" {
		if i.Last, err = lot.ParseDay(*last); err != nil {
			return fmt.Errorf("-last: %w", err)
		}
	}
	return officetool.Incident(context.Background(), *hq, i, *by, *reason, out)
}

// grants reads what a claim is to have: points:consumption=50.
func grants(args []string) (out []programme.Cost, err error) {
	for _, text := range args {
		asset, n, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("%q does not say how much of what is granted: %s=50", text, usualPoints)
		}
		amount, err := points(n)
		if err != nil {
			return nil, err
		}
		out = append(out, programme.Cost{Asset: lot.Asset(asset), Amount: amount})
	}
	return out, nil
}

func memberOf(text string) (member.ID, error) {
	id, err := member.ParseID(text)
	if err != nil {
		return 0, fmt.Errorf("%q: %w, such as M1009: jifen member find", text, err)
	}
	return id, nil
}

func points(text string) (lot.Amount, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of points", text)
	}
	return lot.Amount(n), nil
}
