package audit

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/replay"
)

// Statement answers a complaint from the record (cap F4): every entry of one
// ledger that touched a member, the rules that each was written under, and what
// is held there now. Another terminal's ledger may have more; HQ has all.
type Statement struct {
	Member     string    `json:"member"`
	Aliases    []string  `json:"aliases,omitempty"` // that HQ found to be the same person
	Terminal   string    `json:"terminal"`
	Head       string    `json:"head"`       // the newest entry that was read
	Programmes []string  `json:"programmes"` // versions, in order of first use
	Events     []Event   `json:"events"`     // oldest first
	Balances   []Balance `json:"balances"`   // now
}

// Event is one entry that touched the member: when, by whom, under which rules,
// and what it moved.
type Event struct {
	At        time.Time  `json:"at"`
	Entry     string     `json:"entry"` // the terminal's, or HQ's with its number
	Kind      string     `json:"kind"`  // a word of the catalogue
	Programme string     `json:"programme,omitempty"`
	Actor     string     `json:"actor,omitempty"`
	Lane      uint32     `json:"lane,omitempty"`
	Code      string     `json:"code,omitempty"` // why it was declined
	Says      []Say      `json:"says,omitempty"`
	Moves     []Movement `json:"moves,omitempty"`
	After     []Balance  `json:"after,omitempty"` // of what it moved
}

// Say is a sentence about an event: a word of the catalogue and what is to be
// filled in.
type Say struct {
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
}

// Movement is an amount of one of the member's lots that went from one account
// to another.
type Movement struct {
	Asset  lot.Asset  `json:"asset"`
	Lot    string     `json:"lot"`
	Amount lot.Amount `json:"amount"`
	From   string     `json:"from"` // words of the catalogue
	To     string     `json:"to"`
}

// Balance is how much of an asset is held in this ledger, usable or not.
type Balance struct {
	Asset  lot.Asset  `json:"asset"`
	Amount lot.Amount `json:"amount"`
}

var accountWords = map[fold.AccountKind]string{
	fold.AccountIssued: "account-issued", fold.AccountHeld: "account-held", fold.AccountFlight: "account-flight",
	fold.AccountSpent: "account-spent", fold.AccountRisk: "account-risk", fold.AccountClawed: "account-clawed",
	fold.AccountReinstated: "account-reinstated", fold.AccountReissued: "account-reissued", fold.AccountWrittenOff: "account-written-off",
}

// History tells everything in a ledger that touched a member.
func History(j journal.Journal, id ledger.TerminalID, who member.ID) (Statement, error) {
	var s Statement
	err := j.View(func(tx journal.Tx) error {
		about, err := whoIs(tx, id, who)
		if err != nil {
			return err
		}
		h := newHistorian(about)
		head, err := h.read(tx, id)
		s = h.statement(id, head)
		return err
	})
	if err != nil {
		return Statement{}, fmt.Errorf("history of %s: %w", who, err)
	}
	return s, nil
}

// whoIs folds the ledger once to learn under which ids the member is in it.
func whoIs(tx journal.Tx, id ledger.TerminalID, who member.ID) (fold.About, error) {
	w := &replay.Walk{Tx: tx, ID: id, Table: fold.Memory{}, Open: unchecked}
	if _, err := w.Run(); err != nil {
		return fold.About{}, err
	}
	return w.State.About(who)
}

// unchecked opens an entry of HQ's without looking at its signature: that is
// for Verify.
func unchecked(raw []byte) (ledger.Down, error) { return ledger.OpenDown(raw, nil) }

type historian struct {
	about    fold.About
	who      map[member.ID]bool
	owner    map[lot.ID]member.ID
	balances map[lot.Asset]lot.Amount
	rules    []string
	events   []Event
}

func newHistorian(about fold.About) *historian {
	h := &historian{about: about, who: map[member.ID]bool{about.Member: true}, owner: map[lot.ID]member.ID{}, balances: map[lot.Asset]lot.Amount{}}
	for _, id := range about.Aliases {
		h.who[id] = true
	}
	return h
}

func (h *historian) read(tx journal.Tx, id ledger.TerminalID) (ledger.Head, error) {
	w := &replay.Walk{Tx: tx, ID: id, Table: fold.Memory{}, Entry: h.entry, Down: h.down, Open: unchecked}
	_, err := w.Run()
	if err != nil {
		return ledger.Head{}, err
	}
	return w.State.Head(), nil
}

func (h *historian) statement(id ledger.TerminalID, head ledger.Head) Statement {
	s := Statement{
		Member: h.about.Member.String(), Terminal: id.String(), Head: head.String(), Programmes: h.rules, Events: h.events,
		Balances: h.held(slices.Sorted(maps.Keys(h.balances))),
	}
	for _, a := range h.about.Aliases {
		s.Aliases = append(s.Aliases, a.String())
	}
	return s
}

func (h *historian) entry(_ journal.Record, _ ledger.Head, e fold.Effects) error {
	for _, l := range e.Issued {
		h.owner[l.ID] = l.Owner
	}
	event := Event{
		At: time.UnixMilli(e.Entry.Wall).UTC(), Entry: e.Origin.String(), Kind: e.Entry.Body.Kind().Word(),
		Programme: e.Entry.Programme, Actor: e.Entry.Actor, Lane: e.Entry.Lane, Says: h.says(e),
	}
	if d, ok := e.Entry.Body.(*ledger.Decline); ok && h.who[d.Member] {
		event.Code = d.Code
	}
	h.add(event, e.Postings)
	return nil
}

func (h *historian) down(d ledger.Down, e fold.Effects) {
	for _, n := range e.Notes() {
		for _, held := range n.Holdings {
			h.owner[held.Lot.ID] = held.Lot.Owner
		}
	}
	event := Event{At: time.UnixMilli(d.Wall).UTC(), Entry: fmt.Sprintf("hq/%d/%d", d.Epoch, d.Seq), Kind: "kind-note"}
	switch {
	case d.Alias != nil && h.who[d.Alias.To] && !d.Alias.Undo:
		event.Says = []Say{{"history-alias", []string{d.Alias.From.String()}}}
	case d.Alias != nil && h.who[d.Alias.To]:
		event.Says = []Say{{"history-alias-undone", []string{d.Alias.From.String()}}}
	case d.Ruling != nil && h.who[d.Ruling.Member]:
		event.Says = ruling(d.Ruling)
	case d.Settled != nil:
		event.Says = h.settled(d.Settled)
	}
	h.add(event, e.Postings)
}

// add keeps an event that touched the member.
func (h *historian) add(event Event, postings []fold.Posting) {
	touched := map[lot.Asset]bool{}
	for _, p := range postings {
		if !h.who[h.owner[p.Lot]] {
			continue
		}
		event.Moves = append(event.Moves, Movement{
			Asset: p.Asset, Lot: p.Lot.String(), Amount: p.Amount, From: accountWords[p.From.Kind], To: accountWords[p.To.Kind],
		})
		touched[p.Asset] = true
		if p.To.Kind == fold.AccountHeld {
			h.balances[p.Asset] += p.Amount
		}
		if p.From.Kind == fold.AccountHeld {
			h.balances[p.Asset] -= p.Amount
		}
	}
	if len(event.Moves) == 0 && event.Code == "" && len(event.Says) == 0 {
		return
	}
	event.After = h.held(slices.Sorted(maps.Keys(touched)))
	h.events = append(h.events, event)
	if event.Programme != "" && !slices.Contains(h.rules, event.Programme) {
		h.rules = append(h.rules, event.Programme)
	}
}

func (h *historian) held(assets []lot.Asset) (list []Balance) {
	for _, a := range assets {
		list = append(list, Balance{a, h.balances[a]})
	}
	return list
}
