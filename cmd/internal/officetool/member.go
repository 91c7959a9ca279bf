package officetool

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/words"
)

// What a person may ask of members.
const (
	Find      = "find"
	Match     = "match"
	Merge     = "merge"
	Unmerge   = "unmerge"
	Block     = "block"
	Unblock   = "unblock"
	Household = "household"
	Adjust    = "adjust"
	Recall    = "recall"
)

// Personal is what a person asks of members.
type Personal struct {
	Verb   string            `json:"verb,omitempty"`
	Whom   string            `json:"whom,omitempty"` // to find: an id, a card or a phone number
	Who    []member.ID       `json:"who,omitempty"`
	Family []ledger.Relative `json:"family,omitempty"`
	Asset  lot.Asset         `json:"asset,omitempty"`
	Amount lot.Amount        `json:"amount,omitempty"`
}

// personal does what a request asks of members; done is false if it asks nothing of them.
func (d *Desk) personal(r *Request, by hq.By, out *reply) (done bool, err error) {
	if r.Verb == "" {
		return false, nil
	}
	if r.Verb == Find {
		id, err := d.find(r.Whom)
		if err != nil {
			return true, err
		}
		return true, d.HQ.Look(func(w *decision.Work) error { return out.show(w, id) })
	}
	if err := people.Named(by); err != nil {
		return true, err
	}
	err = d.HQ.Decide(func(w *decision.Work) error {
		*out = reply{}
		id, err := carry(w, r, by)
		if err != nil {
			return err
		}
		return out.show(w, id)
	})
	d.Log.Info("work at HQ", "member", r.Verb, "who", r.Who, "asset", string(r.Asset), "amount", int64(r.Amount), "by", r.By, "error", err)
	return true, err
}

// carry carries out what was asked, and returns whom it is about.
func carry(w *decision.Work, r *Request, by hq.By) (id member.ID, err error) {
	if r.Verb == Household {
		if len(r.Family) == 0 {
			return 0, people.ErrUnknown
		}
		return r.Family[0].Member, people.Family(w, r.Family, by)
	}
	want := 1
	if r.Verb == Merge {
		want = 2
	}
	if len(r.Who) != want {
		return 0, people.ErrUnknown
	}
	id = r.Who[0]
	switch r.Verb {
	case Match:
		err = people.Confirm(w, id, by)
	case Merge:
		id, err = people.Join(w, id, r.Who[1], by)
	case Unmerge:
		_, err = people.Part(w, id, by)
	case Block, Unblock:
		err = people.Block(w, id, r.Verb == Block, by)
	case Adjust:
		err = people.Correct(w, id, r.Asset, r.Amount, by)
	case Recall:
		err = people.Recall(w, id, r.Asset, by)
	default:
		err = fmt.Errorf("%q: HQ does not know how to do that", r.Verb)
	}
	return id, err
}

// find finds a member by what somebody has of them. Whom a till enrolled is not on the
// list that HQ publishes: jifen enrolled has their numbers.
func (d *Desk) find(text string) (member.ID, error) {
	if id, err := member.ParseID(text); err == nil {
		return id, nil
	}
	p, ok := d.Members.ByCard(text)
	if !ok {
		p, ok = d.Members.ByPhone(roll.PhoneHash(d.PhoneKey, text))
	}
	if !ok {
		return 0, errNobody
	}
	return p.ID, nil
}

func (r *reply) show(w *decision.Work, id member.ID) error {
	c, err := people.CardOf(w, id)
	r.Card = &c
	return err
}

// Member has HQ do something about members, and writes what was done and what the
// tills make of it.
func Member(ctx context.Context, data string, p Personal, by, reason string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Personal: p, By: by, Reason: reason}, &r); err != nil {
		return err
	}
	w := &writer{out: out}
	if p.Verb != Find {
		w.both("did-"+p.Verb, doneValues(p, r.Card)...)
	}
	w.card(r.Card)
	if p.Verb != Find {
		w.tills(p.Verb, r.Card)
	}
	return w.err
}

// doneValues fill in the sentence of what was done.
func doneValues(p Personal, c *people.Card) []string {
	switch p.Verb {
	case Merge:
		younger := p.Who[0]
		if younger == c.Member {
			younger = p.Who[1]
		}
		return []string{younger.String(), c.Member.String()}
	case Household:
		return nil
	case Adjust:
		return []string{p.Who[0].String(), string(p.Asset), fmt.Sprintf("%+d", p.Amount)}
	case Recall:
		return []string{p.Who[0].String(), string(p.Asset)}
	}
	return []string{p.Who[0].String()}
}

// writer writes lines in both languages until one cannot be written.
type writer struct {
	out io.Writer
	err error
}

func (w *writer) line(text string) {
	if w.err == nil {
		_, w.err = fmt.Fprintln(w.out, text)
	}
}

func (w *writer) both(code string, values ...string) {
	for _, lang := range words.Languages() {
		w.line(words.In(lang, code, values...))
	}
}

func (w *writer) card(c *people.Card) {
	said := func(code string) string { return words.In("zh", code) + " " + words.In("en", code) }
	line := c.Member.String()
	for _, x := range []struct {
		is   bool
		code string
	}{{c.Blocked, "card-blocked"}, {c.Waits, "card-waits"}} {
		if x.is {
			line += "  " + said(x.code)
		}
	}
	if c.Tier != "" {
		line += "  " + said("card-tier") + " " + c.Tier
	}
	w.line(line)
	if len(c.Aliases) > 0 {
		w.line("  " + said("card-aliases") + " " + join(c.Aliases))
	}
	for _, p := range c.Points {
		line := fmt.Sprintf("  %s  %s %d  %s %d  %s %d", p.Asset, said("card-at-hq"), p.HQ, said("card-at-tills"), p.Terminals, said("card-carried"), p.Carried)
		if p.Lost > 0 {
			line += fmt.Sprintf("  %s %d", said("card-lost"), p.Lost)
		}
		w.line(line)
	}
	for _, o := range c.Owed {
		w.line(fmt.Sprintf("  %s  %s %d  %s %d", o.Asset, said("card-owed"), o.Owed, said("card-due"), o.Due))
	}
	if len(c.Household) > 0 {
		w.line(fmt.Sprintf("  %s %d", said("card-pool"), c.Pool))
	}
	for _, r := range c.Household {
		w.line(fmt.Sprintf("  %s %s  %s %d", said("card-relative"), r.Member, said("card-pool"), r.Pool))
	}
}

// tills says who hears of what was decided, and what one goes by that is offline.
func (w *writer) tills(verb string, c *people.Card) {
	switch {
	case verb == Adjust:
		w.both("tills-adjusted")
	case len(c.Told) == 0:
		w.both("tills-none")
	case verb == Block:
		w.both("tills-blocked", join(c.Told))
	default:
		w.both("tills-told", join(c.Told))
	}
}

// join lists names.
func join[T fmt.Stringer](list []T) string {
	names := make([]string, len(list))
	for n, x := range list {
		names[n] = x.String()
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
