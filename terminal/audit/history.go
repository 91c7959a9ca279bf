package audit

import (
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Event is one entry that touched a member: when, by whom, under which rules,
// and what it moved (cap F4).
type Event struct {
	At        time.Time  `json:"at"`
	Entry     string     `json:"entry"` // the terminal's, or HQ's with its number
	Kind      string     `json:"kind"`  // a word of the catalogue
	Programme string     `json:"programme,omitempty"`
	Actor     string     `json:"actor,omitempty"`
	Lane      uint32     `json:"lane,omitempty"`
	Code      string     `json:"code,omitempty"` // why it was declined
	Moves     []Movement `json:"moves,omitempty"`
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

var accountWords = map[fold.AccountKind]string{
	fold.AccountIssued: "account-issued", fold.AccountHeld: "account-held", fold.AccountFlight: "account-flight",
	fold.AccountSpent: "account-spent", fold.AccountRisk: "account-risk", fold.AccountClawed: "account-clawed",
	fold.AccountReinstated: "account-reinstated", fold.AccountReissued: "account-reissued", fold.AccountWrittenOff: "account-written-off",
}

// History tells everything in a ledger that touched a member, oldest first.
func History(j journal.Journal, id ledger.TerminalID, who member.ID) ([]Event, error) {
	var events []Event
	err := j.View(func(tx journal.Tx) error {
		h := &historian{owner: map[lot.ID]member.ID{}, who: who, events: &events}
		w := &walker{tx: tx, id: id, table: fold.Memory{}, entry: h.entry, down: h.down, open: func(raw []byte) (ledger.Down, error) {
			return ledger.OpenDown(raw, nil)
		}}
		_, err := w.walk()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", who, err)
	}
	return events, nil
}

type historian struct {
	owner  map[lot.ID]member.ID
	who    member.ID
	events *[]Event
}

func (h *historian) entry(_ journal.Record, _ ledger.Head, e fold.Effects) error {
	for _, l := range e.Issued {
		h.owner[l.ID] = l.Owner
	}
	event := Event{
		At: time.UnixMilli(e.Entry.Wall).UTC(), Entry: e.Origin.String(), Kind: e.Entry.Body.Kind().Word(),
		Programme: e.Entry.Programme, Actor: e.Entry.Actor, Lane: e.Entry.Lane, Moves: h.moves(e.Postings),
	}
	d, declined := e.Entry.Body.(*ledger.Decline)
	if declined && d.Member == h.who {
		event.Code = d.Code
	}
	if len(event.Moves) > 0 || event.Code != "" {
		*h.events = append(*h.events, event)
	}
	return nil
}

func (h *historian) down(d ledger.Down, e fold.Effects) {
	for _, n := range e.Notes() {
		for _, held := range n.Holdings {
			h.owner[held.Lot.ID] = held.Lot.Owner
		}
	}
	event := Event{At: time.UnixMilli(d.Wall).UTC(), Entry: fmt.Sprintf("hq/%d/%d", d.Epoch, d.Seq), Kind: "kind-note", Moves: h.moves(e.Postings)}
	if len(event.Moves) > 0 {
		*h.events = append(*h.events, event)
	}
}

func (h *historian) moves(postings []fold.Posting) []Movement {
	var out []Movement
	for _, p := range postings {
		if h.owner[p.Lot] == h.who {
			out = append(out, Movement{
				Asset: p.Asset, Lot: p.Lot.String(), Amount: p.Amount, From: accountWords[p.From.Kind], To: accountWords[p.To.Kind],
			})
		}
	}
	return out
}
