// Package contract tries the local API of a running terminal from outside, as
// another till's software meets it: what is promised for references, money,
// points, holds, returns, papers, the stream and wrong requests, in every answer
// and in both languages. It knows the interface by its description and by HTTP
// alone, and none of the code that serves it. It sells, and takes back what it
// sold: it belongs at a terminal with sample data.
package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Why a terminal is not found to keep its contract: it does not, or it was not
// tried, since somebody is selling at the lane.
var (
	ErrBroken = errors.New("the contract is not kept")
	ErrInUse  = errors.New("the lane is in use, nothing was tried and its basket is as it was: finish the sale there or clear it, or name another lane")
)

// Options say which terminal is tried, and with what.
type Options struct {
	URL     string       // without a path; the host counts over TCP only
	Client  *http.Client // nil: http.DefaultClient
	Token   string       // "" over a unix socket: who may open it is let in
	Lane    uint32       // 0: 1
	Senior  Person       // who acts: a senior or a keeper
	Cashier Person       // who may less; none: roles are not tried
	Ref     string       // what the references of this run begin with: at least 4 characters, new for each run
	Goods   string       // a bar code that the terminal knows, at most ￥1,000.00
	Other   string       // another one, of another price
	Member  string       // the card of a member with points
	Benefit string       // what the member redeems
}

// Person is somebody who works at the terminal.
type Person struct{ ID, PIN string }

// Result is what came of one part of the contract.
type Result struct {
	Name, What string
	Left       string   // why it was left out, "" if it was not
	Wrong      []string // what is not as promised
}

// part is one part of the contract.
type part struct {
	name, what string
	try        func(*suite)
}

// parts are tried in this order.
func parts() []part {
	return []part{
		{"description", "OpenAPI 3.1 of version 1, and a page for people", described},
		{"health", "how the terminal and each of its devices is, in both languages", healthy},
		{"strangers", "nobody without the token, by another name or from a web page", strangers},
		{"paths", "no other path, method or form of a body", paths},
		{"people", "who acts has signed in", people},
		{"wrong-fields", "each field of each request, wrong in each way, is told at the field", wrongFields},
		{"quote", "what an order comes to; nothing is changed", quote},
		{"sale", "one sale under one reference, and the same answer again", sell},
		{"conflict", "other content under a used reference is refused", conflict},
		{"outcome", "what became of a reference", outcome},
		{"refusals", "what cannot be sold is refused with a stable code", refusals},
		{"hold", "a basket keeps what it would take", hold},
		{"scan", "a code into the basket, and papers of a sale", scan},
		{"member", "a member masked, by card", member},
		{"redemption", "points for a voucher, and the voucher for points", redemption},
		{"deduction", "points pay a part of a bill", deduction},
		{"return", "goods come back, in part and never twice", giveBack},
		{"void", "a whole sale on its day", void},
		{"exchange", "goods for other goods in one entry", exchange},
		{"persons", "enrolment, transfer, check-in and play refuse what cannot be", persons},
		{"roles", "a cashier does what a senior agrees to, and no more", roles},
		{"witness", "the head of an answer proves the journal", witness},
		{"stream", "what there is first, then what changes", stream},
		{"guessing", "a wrong PIN makes the next one wait", guessing},
	}
}

// Run tries all parts and tells of each as it is done.
func Run(ctx context.Context, o Options, tell func(Result)) error {
	o.Lane = max(o.Lane, 1)
	if o.Client == nil {
		o.Client = http.DefaultClient
	}
	s := &suite{o: o, ctx: ctx, base: strings.TrimSuffix(o.URL, "/") + "/api/v1"}
	broken := 0
	for _, p := range parts() {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := s.part(p)
		if len(r.Wrong) > 0 {
			broken++
		}
		tell(r)
		if s.spec == nil || p.name == "people" && s.session == "" { // nothing else can be tried
			return fmt.Errorf("%s: %w", p.name, ErrBroken)
		}
		if p.name == "people" && s.inUse() {
			return fmt.Errorf("lane %d: %w", o.Lane, ErrInUse)
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d parts: %w", broken, len(parts()), ErrBroken)
	}
	return nil
}

// stop ends a part at its first fault that the rest builds on.
type stop struct{}

// left ends a part that cannot be tried at this terminal.
type left string

func (s *suite) part(p part) (r Result) {
	s.faults = nil
	r = Result{Name: p.name, What: p.what}
	defer func() {
		switch why := recover().(type) {
		case nil, stop:
		case left:
			r.Left = string(why)
		default:
			panic(why)
		}
		r.Wrong = s.faults
	}()
	p.try(s)
	return r
}

// wrong notes that something is not as promised.
func (s *suite) wrong(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// broken is wrong for what the rest of the part builds on.
func (s *suite) broken(format string, args ...any) {
	s.wrong(format, args...)
	panic(stop{})
}
