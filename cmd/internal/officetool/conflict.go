package officetool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/admission"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/exposure"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/words"
)

// choicePrefix begins the catalogue's word of each choice; people leave it out.
const choicePrefix = "choice-"

// ErrConflict says that nothing of that name waits for a person.
var ErrConflict = errors.New("nothing of that name waits for a person: jifen conflicts list")

// errNobody says that nobody on HQ's list has such a card or number; errNoClaim that
// only of claims something else can be granted.
var (
	errNobody  = errors.New("nobody on HQ's list of members has that id, card or phone number; jifen enrolled lists whom the tills enrolled")
	errNoClaim = errors.New("is no claim, or nothing is named that it is to have: jifen conflicts choose settles anything else")
)

// errBounds says that a standing order is too large or trusts less than nothing.
var errBounds = errors.New("is no sum that may be trusted with")

// Deciding is what a person says of a terminal, or of what waits for a person.
type Deciding struct {
	Conflicts bool             `json:"conflicts,omitempty"` // list what waits
	Choose    string           `json:"choose,omitempty"`    // one of them, by its name
	Choice    string           `json:"choice,omitempty"`
	Settle    string           `json:"settle,omitempty"` // a claim, with what is granted instead
	Grant     []programme.Cost `json:"grant,omitempty"`
	Whose     member.ID        `json:"whose,omitempty"`    // where the claim names nobody
	Exposure  uint32           `json:"exposure,omitempty"` // of a terminal
	Trust     uint32           `json:"trust,omitempty"`    // a terminal
	Carry     *programme.Carry `json:"carry,omitempty"`    // what it may use on trust
}

// exposed is what a store may lose at a terminal.
type exposed struct {
	Terminal ledger.TerminalID
	exposure.Exposure
}

// dispute is a conflict as an answer has it.
type dispute struct {
	Name string
	hq.Conflict
	Exposed *exposed // where a choice may cost it
}

// decide does what a request asks about conflicts and terminals; done is false if
// it asks about neither.
func (d *Desk) decide(r *Request, by hq.By, out *reply) (done bool, err error) {
	if r.Choose != "" || r.Settle != "" || r.Trust != 0 {
		if err := people.Named(by); err != nil {
			return true, err
		}
	}
	switch {
	case r.Conflicts:
		out.Conflicts, err = d.conflicts()
	case r.Choose != "":
		err = d.choose(r, by, out)
	case r.Settle != "":
		err = d.settle(r, by)
	case r.Exposure != 0:
		out.Exposed, err = d.exposed(ledger.TerminalID(r.Exposure))
	case r.Trust != 0:
		err = d.trust(r, by, out)
	default:
		return false, nil
	}
	if r.Choose != "" || r.Settle != "" || r.Trust != 0 {
		d.Log.Info("work at HQ", "choose", r.Choose, "choice", r.Choice, "settle", r.Settle, "trust", r.Trust, "by", r.By, "error", err)
	}
	return true, err
}

func (d *Desk) conflicts() (out []dispute, err error) {
	list, err := d.HQ.Conflicts()
	worst := map[ledger.TerminalID]*exposed{}
	for _, c := range list[:min(len(list), shownMax)] {
		x := dispute{Name: c.Name(), Conflict: c}
		if slices.ContainsFunc(c.Choices, hq.Choice.Costs) {
			if worst[c.Terminal] == nil {
				if worst[c.Terminal], err = d.exposed(c.Terminal); err != nil {
					return nil, err
				}
			}
			x.Exposed = worst[c.Terminal]
		}
		out = append(out, x)
	}
	return out, err
}

func (d *Desk) exposed(id ledger.TerminalID) (s *exposed, err error) {
	err = d.HQ.Look(func(w *decision.Work) error {
		if err := admission.Known(w.Tx, id); err != nil {
			return err
		}
		e, err := exposure.Of(w, id)
		s = &exposed{id, e}
		return err
	})
	return s, err
}

// waits finds what waits for a person by its name.
func (d *Desk) waits(name string) (hq.Conflict, error) {
	list, err := d.HQ.Conflicts()
	n := slices.IndexFunc(list, func(c hq.Conflict) bool { return c.Name() == name })
	if err == nil && n < 0 {
		err = fmt.Errorf("%q: %w", name, ErrConflict)
	}
	if err != nil {
		return hq.Conflict{}, err
	}
	return list[n], nil
}

// settle grants something of a claim that HQ could not work out.
func (d *Desk) settle(r *Request, by hq.By) error {
	c, err := d.waits(r.Settle)
	if err != nil {
		return err
	}
	if !c.Claim() || len(r.Grant) == 0 {
		return fmt.Errorf("%q: %w", r.Settle, errNoClaim)
	}
	var issues []ledger.Issue
	err = d.HQ.Look(func(w *decision.Work) error {
		issues = nil
		for _, g := range r.Grant {
			i, err := people.Issue(w, g.Asset, g.Amount)
			if err != nil {
				return err
			}
			issues = append(issues, i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.HQ.DecideClaimFor(c.Of, r.Whose, issues, by)
}

// choose settles what waits, and says what the exposure was then.
func (d *Desk) choose(r *Request, by hq.By, out *reply) error {
	c, err := d.waits(r.Choose)
	if err != nil {
		return err
	}
	choice := hq.Choice(choicePrefix + strings.TrimPrefix(r.Choice, choicePrefix))
	if choice.Costs() {
		if out.Exposed, err = d.exposed(c.Terminal); err != nil {
			return err
		}
	}
	return d.HQ.Choose(c, choice, by)
}

// trust leaves a standing order: what a terminal may use on trust after every boot
// that nothing proves, beyond what the programme says. None takes it back.
func (d *Desk) trust(r *Request, by hq.By, out *reply) error {
	id := ledger.TerminalID(r.Trust)
	if c := r.Carry; c != nil && (c.MemberFen < 0 || c.TerminalFen < 0 || c.VoucherFen < 0 || c.Vouchers < 0 ||
		max(c.MemberFen, c.TerminalFen, c.VoucherFen) > lot.FenMax) {
		return fmt.Errorf("%+v %w", *c, errBounds)
	}
	err := d.HQ.Decide(func(w *decision.Work) error {
		if err := admission.Known(w.Tx, id); err != nil {
			return err
		}
		var bounds []ledger.Bound
		if r.Carry != nil {
			bounds = w.Programme().BoundsOf(*r.Carry)
		}
		return exposure.Stand(w, id, bounds, by)
	})
	if err == nil {
		out.Exposed, err = d.exposed(id)
	}
	return err
}

// Conflicts writes what waits for a person, what may be chosen, and the exposure.
func Conflicts(ctx context.Context, data string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Deciding: Deciding{Conflicts: true}}, &r); err != nil {
		return err
	}
	if len(r.Conflicts) == 0 {
		_, err := fmt.Fprintln(out, "没有待人工处理的事项\nnothing waits for a person")
		return err
	}
	for _, c := range r.Conflicts {
		fmt.Fprintf(out, "%s\n  %s\n  已做 done: %s\n", c.Name, both(c.Code), both(c.Done))
		if c.Exposed != nil {
			fmt.Fprintf(out, "  风险敞口 exposure: ￥%s，其中等待证明 of it waits for a proof ￥%s\n", c.Exposed.Held, c.Exposed.Frozen)
		}
		for _, choice := range c.Choices {
			if _, err := fmt.Fprintf(out, "    %-14s %s\n", strings.TrimPrefix(string(choice), choicePrefix), both(string(choice))); err != nil {
				return err
			}
		}
	}
	return nil
}

// both is a word of the catalogue in both languages.
func both(code string) string { return words.In("zh", code) + "  " + words.In("en", code) }

// Choose has HQ settle what waits as a person chose.
func Choose(ctx context.Context, data, conflict, choice, by, reason string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Deciding: Deciding{Choose: conflict, Choice: choice}, By: by, Reason: reason}, &r); err != nil {
		return err
	}
	fmt.Fprintf(out, "已执行 done: %s %s\n", conflict, both(choicePrefix+strings.TrimPrefix(choice, choicePrefix)))
	return r.Exposed.write(out)
}

// Settle has HQ grant of a claim what a person says.
func Settle(ctx context.Context, data, conflict string, whose member.ID, grant []programme.Cost, by, reason string, out io.Writer) error {
	if err := ask(ctx, data, Request{Deciding: Deciding{Settle: conflict, Grant: grant, Whose: whose}, By: by, Reason: reason}, &reply{}); err != nil {
		return err
	}
	w := &writer{out: out}
	for _, g := range grant {
		w.both("claim-settled", conflict, string(g.Asset), fmt.Sprint(g.Amount))
	}
	w.both("tills-claim")
	return w.err
}

// Exposure writes what the store may lose at a terminal.
func Exposure(ctx context.Context, data string, terminal uint32, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Deciding: Deciding{Exposure: terminal}}, &r); err != nil {
		return err
	}
	return r.Exposed.write(out)
}

// Sums are what may be used on trust, in fen but for the vouchers.
type Sums struct {
	Member, Terminal, Voucher int64
	Vouchers                  int
}

// Trust has HQ leave a standing order or, with no sums, take it back.
func Trust(ctx context.Context, data string, terminal uint32, s Sums, by, reason string, out io.Writer) error {
	var r reply
	var carry *programme.Carry
	if s != (Sums{}) {
		carry = &programme.Carry{MemberFen: lot.Fen(s.Member), TerminalFen: lot.Fen(s.Terminal), VoucherFen: lot.Fen(s.Voucher), Vouchers: s.Vouchers}
	}
	if err := ask(ctx, data, Request{Deciding: Deciding{Trust: terminal, Carry: carry}, By: by, Reason: reason}, &r); err != nil {
		return err
	}
	said := "已撤销长期许可，终端收到后生效 standing order taken back, once the terminal has heard of it"
	if carry != nil {
		said = "已下达长期许可，终端收到后生效 standing order sent, in force once the terminal has heard of it"
	}
	_, err := fmt.Fprintf(out, "%s: t%d\n", said, terminal)
	return err
}

func (s *exposed) write(out io.Writer) (err error) {
	if s == nil {
		return nil
	}
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(out, "  "+format+"\n", args...)
		}
	}
	line("%s 持有权益约值 holds rights worth: ￥%s", s.Terminal, s.Held)
	line("其中等待证明 of it waits for a proof: ￥%s", s.Frozen)
	for _, asset := range slices.Sorted(maps.Keys(s.Trusted)) {
		line("未经证明即使用 used on trust: %s %d", asset, s.Trusted[asset])
	}
	line("由人放行 freed by persons: ￥%s", s.Released)
	for _, b := range s.Standing {
		line("长期许可 standing order: %s 每会员 a member %d, 全机 in all %d", b.Asset, b.Member, b.Terminal)
	}
	return err
}
