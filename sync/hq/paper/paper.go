// Package paper settles what receipts claim: awards of which only the paper knows,
// since the terminal that gave them is lost, or the end of its journal. Each is
// booked once, under its own entry's name, whatever turns up later. What may still
// come by itself is waited for. So is what paid for a voucher of one terminal that
// came back at another one, and the points' side of goods that came back where their
// sale's right of return is not: its points are given back once.
package paper

import (
	"bytes"
	"errors"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/late"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Why a receipt's claim is refused, or left to a person: words of the catalogue.
const (
	Forged    = "claim-forged"      // whoever it names did not sign it
	Booked    = "claim-booked"      // HQ has it
	Another   = "claim-other-entry" // HQ has another entry under its number
	AfterLoss = "claim-after-loss"  // it is dated after its terminal's end
)

// Settle settles what an entry claims of a receipt, or of a voucher or goods that came
// back, if that can be done now; done is false for every other entry.
func Settle(w *decision.Work, of lot.Origin, b ledger.Body) (done bool, err error) {
	switch b := b.(type) {
	case *ledger.PaperClaim:
		return true, receipt(w, of, b)
	case *ledger.VoucherBack:
		return true, voucher(w, of, b)
	case *ledger.ReturnClaim:
		return true, goods(w, of, b)
	}
	return false, nil
}

func receipt(w *decision.Work, of lot.Origin, b *ledger.PaperClaim) error {
	c, ok, err := read(w, b)
	if err != nil {
		return err
	}
	if !ok {
		return w.Refuse(of, b.Member, Forged)
	}
	id, i, seq := ledger.TerminalID(c.Entry.Terminal), ledger.Incarnation(c.Entry.Incarnation), ledger.Seq(c.Entry.Seq)
	kept, err := w.Tx.Entry(id, i, seq)
	switch {
	case errors.Is(err, book.ErrNotFound):
		may, err := mayCome(w, c.Entry, c.Member)
		if err != nil || may {
			return err
		}
		return settle(w, of, c, bring)
	case err != nil:
		return err
	case !bytes.HasPrefix(kept.Head.Hash[:], c.Hash[:]):
		return w.Park(of, Another)
	}
	return settle(w, of, c, heardLate)
}

// read opens a receipt's code under the key of the terminal that it names.
func read(w *decision.Work, b *ledger.PaperClaim) (c token.Certificate, ok bool, err error) {
	row, err := w.Tx.Terminal(ledger.TerminalID(b.Of.Terminal))
	if errors.Is(err, book.ErrNotFound) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	c, unsigned := token.OpenCertificate(b.Code, token.NewKeys(row.Key).Find)
	return c, unsigned == nil && c.Entry == b.Of && c.Member == b.Member, nil
}

// settle grants what ways finds to grant. A receipt of a decommissioned terminal
// counts if it dates the award before the loss.
func settle(w *decision.Work, of lot.Origin, c token.Certificate, way func(*decision.Work, *office.SettleClaim, token.Certificate) (bool, error)) error {
	persons, err := w.Desk.Persons(c.Member)
	if err != nil {
		return err
	}
	gone, err := w.Desk.Gone(ledger.TerminalID(c.Entry.Terminal))
	if err != nil {
		return err
	}
	body := &office.SettleClaim{Of: of, Owner: persons[0], Granted: true, By: w.By(decision.ByPolicy("paper"))}
	found, err := way(w, body, c)
	switch {
	case err != nil:
		return err
	case !found:
		return w.Refuse(of, persons[0], Booked)
	case gone != nil && w.Programme().Day(at(c)) > gone.Day:
		return w.Park(of, AfterLoss)
	}
	for _, l := range body.Lots {
		w.Touch(l.Owner)
	}
	if err := release(w, c); err != nil {
		return err
	}
	name, err := w.Answer(body)
	if err != nil {
		return err
	}
	return w.Net(persons[0], body.Moves(name).Lots)
}

func at(c token.Certificate) time.Time { return time.Unix(int64(c.Minute)*60, 0) }

// bring finds the awards that HQ has never heard of.
func bring(w *decision.Work, body *office.SettleClaim, c token.Certificate) (bool, error) {
	for _, a := range c.Awards {
		id := lot.ID{Origin: c.Entry, N: a.N}
		_, err := w.Tx.Lot(id)
		if err == nil {
			continue
		}
		if !errors.Is(err, book.ErrNotFound) {
			return false, err
		}
		l := w.Lots(c.Member, []ledger.Issue{a.Issue}, w.Programme().Day(at(c)), w.Programme().Version())[0]
		l.ID = id
		body.Lots = append(body.Lots, l)
	}
	return len(body.Lots) > 0, nil
}

// heardLate finds awards that HQ heard of after the loss of their terminal, and that
// wait for somebody to date them.
func heardLate(w *decision.Work, _ *office.SettleClaim, c token.Certificate) (bool, error) {
	lots, err := waiting(w, c)
	return len(lots) > 0, err
}

func waiting(w *decision.Work, c token.Certificate) (lots []lot.ID, err error) {
	for _, a := range c.Awards {
		id := lot.ID{Origin: c.Entry, N: a.N}
		accounts, err := w.Tx.AccountsOf(id)
		if err != nil {
			return nil, err
		}
		if decision.At(accounts, book.Late) > 0 {
			lots = append(lots, id)
		}
	}
	return lots, nil
}

// release gives the member what waits of a receipt's awards.
func release(w *decision.Work, c token.Certificate) error {
	lots, err := waiting(w, c)
	if err != nil || len(lots) == 0 {
		return err
	}
	return late.Settle(w, c.Entry, lots, true, decision.ByPolicy("paper"))
}

// Twice ends what a decommissioned terminal told of awards that its receipts had
// brought before: there is one of each.
func Twice(w *decision.Work, of lot.Origin, draws []lot.Draw) error {
	_, err := w.Enter(&office.SettleLate{Of: of, Draws: draws, Booked: true, By: w.By(decision.ByPolicy("paper"))})
	return err
}

// Again ends what a living terminal told of awards that its receipts had brought
// before, when nobody had them any more: a card that was lost, or lay in a drawer, was
// put back. What HQ holds of them is written off, since the terminal holds them. What
// was spent meanwhile is the store's loss: a person is told.
func Again(w *decision.Work, of lot.Origin, draws []lot.Draw) error {
	for _, d := range draws {
		accounts, err := w.Tx.AccountsOf(d.Lot)
		if err != nil {
			return err
		}
		here := min(decision.At(accounts, book.AtHQ), d.Amount)
		if here <= 0 {
			continue
		}
		body := &office.Adjust{Member: accounts[0].Lot.Owner, Draws: []lot.Draw{{Lot: d.Lot, Amount: here}}, By: w.By(decision.ByPolicy("paper"))}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	return w.Alarm(ledger.TerminalID(of.Terminal), "alarm-paper-twice", of.String())
}

// Brought reports whether a lot of an entry that is only now heard of is booked
// already.
func Brought(w *decision.Work, id lot.ID) (bool, error) {
	accounts, err := w.Tx.AccountsOf(id)
	return decision.At(accounts, book.Issued) < 0, err
}
