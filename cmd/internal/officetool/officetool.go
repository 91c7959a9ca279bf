// Package officetool is what a person decides at HQ beside programmes, boards and
// draws: what members are given for points that they could not use, the stock of
// limited benefits, who is unlocked at a terminal, who is whom among members and what is
// mended of their points, incidents, what HQ does not settle by itself, and what may be
// lost at a terminal. The operator's tool asks over HQ's control socket.
package officetool

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/sync/hq/supply"
	"github.com/jifen-pos/jifen/sync/hq/voice"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// patience is how long the tool waits for HQ, which may have to look through its
// whole book.
const patience = 5 * time.Minute

// shownMax bounds the lots and the gifts of one proposal that an answer lists.
const shownMax = 200

// Request asks HQ for one thing; an empty one for the proposals.
type Request struct {
	Apply  string     `json:"apply,omitempty"` // a proposal
	Stock  string     `json:"stock,omitempty"` // a benefit
	Pieces lot.Amount `json:"pieces,omitempty"`
	Unlock string     `json:"unlock,omitempty"`  // a person at a terminal
	At     uint32     `json:"at,omitempty"`      // the terminal
	Voices bool       `json:"voices,omitempty"`  // what members wrote and nobody has read
	Judge  string     `json:"judge,omitempty"`   // one of these
	Fine   bool       `json:"approve,omitempty"` // whether it is approved
	Survey string     `json:"survey,omitempty"`
	Deciding
	Personal
	Happened
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
}

type asked struct {
	Office *Request `json:"office"`
}

// shown is a proposal as an answer has it.
type shown struct {
	makegood.Proposal
	AllLots, AllGifts int
}

type reply struct {
	Proposals []shown      `json:"proposals,omitempty"`
	Voices    []voice.Item `json:"voices,omitempty"`
	Survey    *voice.Tally `json:"survey,omitempty"`
	Conflicts []dispute    `json:"conflicts,omitempty"`
	Exposed   *exposed     `json:"exposed,omitempty"`
	Card      *people.Card `json:"card,omitempty"`
}

// Desk answers the tool at HQ.
type Desk struct {
	HQ       *hq.HQ
	Members  *roll.Members // that HQ publishes
	PhoneKey []byte        // under which their phone numbers are hidden
	Log      *slog.Logger
}

// Do does what a request asks for.
func (d *Desk) Do(r *Request) (any, error) {
	by := hq.By{Actor: r.By, Reason: r.Reason}
	var out reply
	for _, do := range []func(*Request, hq.By, *reply) (bool, error){d.decide, d.personal, d.happened} {
		if done, err := do(r, by, &out); done {
			return out, err
		}
	}
	if r.Unlock != "" || r.Judge != "" || r.Stock != "" || r.Apply != "" {
		if err := people.Named(by); err != nil {
			return nil, err
		}
	}
	do := d.HQ.Decide
	if r.Voices || r.Survey != "" { // HQ goes on meanwhile: a survey's answers lie in all journals
		do = d.HQ.Look
	}
	err := do(func(w *decision.Work) error {
		out = reply{}
		switch {
		case r.Unlock != "":
			return unlock(w, ledger.TerminalID(r.At), &ledger.Unlock{Person: r.Unlock, By: by.Actor, Reason: by.Reason})
		case r.Voices, r.Judge != "", r.Survey != "":
			return out.hear(w, r, by)
		case r.Stock != "":
			return supply.Stock(w, r.Stock, r.Pieces, by)
		case r.Apply != "":
			p, err := makegood.Apply(w, r.Apply, by)
			out.add(p)
			return err
		}
		list, err := makegood.Proposals(w)
		for _, p := range list {
			out.add(p)
		}
		return err
	})
	if r.Stock != "" || r.Apply != "" || r.Unlock != "" || r.Judge != "" {
		d.Log.Info("work at HQ", "apply", r.Apply, "unlock", r.Unlock, "judge", r.Judge, "approve", r.Fine, "stock", r.Stock, "pieces", int64(r.Pieces), "by", r.By, "error", err)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (r *reply) add(p makegood.Proposal) {
	s := shown{p, len(p.Lots), len(p.Gifts)}
	s.Lots, s.Gifts = p.Lots[:min(len(p.Lots), shownMax)], p.Gifts[:min(len(p.Gifts), shownMax)]
	r.Proposals = append(r.Proposals, s)
}

// Proposals writes what members are to have, and why.
func Proposals(ctx context.Context, data string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{}, &r); err != nil {
		return err
	}
	if len(r.Proposals) == 0 {
		_, err := fmt.Fprintln(out, "没有待补偿的事项\nnothing is to be made good")
		return err
	}
	return r.write(out)
}

// Apply has HQ do what a proposal calls for.
func Apply(ctx context.Context, data, id, by, reason string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Apply: id, By: by, Reason: reason}, &r); err != nil {
		return err
	}
	fmt.Fprintln(out, "已执行 applied:")
	return r.write(out)
}

// Stock has HQ add pieces of a limited benefit.
func Stock(ctx context.Context, data, benefit string, pieces int64, by, reason string) error {
	return ask(ctx, data, Request{Stock: benefit, Pieces: lot.Amount(pieces), By: by, Reason: reason}, &reply{})
}

// Unlock has HQ let somebody at a terminal try their PIN again.
func Unlock(ctx context.Context, data string, terminal uint32, person, by, reason string) error {
	return ask(ctx, data, Request{Unlock: person, At: terminal, By: by, Reason: reason}, &reply{})
}

// unlock tells a terminal, which may be away: it hears of it when it is back. HQ
// does not know who is locked there.
func unlock(w *decision.Work, id ledger.TerminalID, u *ledger.Unlock) error {
	if _, err := w.Tx.Terminal(id); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	_, err := w.Send(id, ledger.Down{Unlock: u})
	return err
}

func ask(ctx context.Context, data string, r Request, out *reply) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return control.Ask(ctx, data, asked{Office: &r}, out)
}

func (r *reply) write(out io.Writer) (err error) {
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(out, format+"\n", args...)
		}
	}
	for _, p := range r.Proposals {
		if p.Benefit != "" {
			line("%s\n  权益下架 benefit withdrawn: %s %s", p.ID, p.Benefit, p.First)
		} else {
			line("%s\n  断线 outage: %s %s … %s, %d 小时 hours, 拒绝 declined %d", p.ID, p.Terminal, p.First, p.Last, p.Hours, p.Declined)
		}
		for _, o := range p.Evidence {
			line("    凭证 evidence %s", o)
		}
		for _, l := range p.Lots {
			line("    延长 extend %s %s %s: %s → %s 已过期 lapsed %d", l.Lot.Owner, l.Lot.ID, l.Lot.Asset, l.Lot.Expires, l.Until, l.Lapsed)
		}
		for _, g := range p.Gifts {
			line("    补偿 give %s %d %s 凭证 evidence %v", g.Member, g.Points, g.Asset, g.Evidence)
		}
		if n := p.AllLots + p.AllGifts - len(p.Lots) - len(p.Gifts); n > 0 {
			line("    … %d", n)
		}
	}
	return err
}
