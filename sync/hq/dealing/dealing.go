// Package dealing is HQ's part of the games: it seals batches of tickets for
// terminals, gives each the tickets and what its prizes are given out of, calls
// back what nobody can play any more, and publishes the seed of a batch once
// nothing of it is left (rule S20). What a ticket gives, the terminal works out.
package dealing

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Limits of dealing.
const (
	lowShare = 5 // another batch comes once less than a fifth of one is left
	openMax  = 4 // batches of a game at a terminal, those of earlier lives too
	early    = 7 // days before a game begins
)

// Dealer deals to one terminal, in one transaction. Chance comes from outside.
type Dealer struct {
	*decision.Work
	Epoch  uint64
	Random io.Reader

	row  book.Terminal
	life ledger.Incarnation
	made uint64
	open []*office.Hand
}

// Look deals a terminal what it lacks and reveals what is over; if the terminal was not
// given all its batches as they are then, it gets them, sealed for its key.
func (d *Dealer) Look(id ledger.TerminalID) (err error) {
	if d.row, err = d.Tx.Terminal(id); err != nil || len(d.row.Key) != ed25519.PublicKeySize {
		return err
	}
	if d.made, d.open, err = d.Desk.Dealt(id); err != nil {
		return err
	}
	p := d.Programme()
	if len(p.Games)+len(d.open) == 0 {
		return nil
	}
	for _, h := range d.open {
		if err := d.end(h); err != nil {
			return err
		}
	}
	if err := d.lacking(p); err != nil {
		return err
	}
	return d.send()
}

// end reveals a batch of which nothing is left, and calls back one whose game
// is over.
func (d *Dealer) end(h *office.Hand) error {
	b := &h.Sealed.Batch
	left, err := d.left(h)
	if err != nil {
		return err
	}
	if left == 0 {
		_, err := d.Enter(&office.Reveal{Terminal: d.row.ID, Game: b.Game, Batch: b.ID, By: d.By(decision.ByPolicy("deal"))})
		return err
	}
	g, known := d.Programme().Game(b.Game)
	if known && (g.Window.Until == 0 || g.Window.Until >= d.Today().Day) {
		return nil
	}
	var draws []lot.Draw
	for n := range uint32(len(b.Rows) + 1) {
		accounts, err := d.Tx.AccountsOf(lot.ID{Origin: h.Tickets.Origin, N: n})
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if a.Place.Kind == book.AtTerminal && a.Amount > 0 {
				draws = append(draws, lot.Draw{Lot: a.Lot.ID, Amount: a.Amount})
			}
		}
	}
	return d.Recall(d.row.ID, 0, draws, decision.ByPolicy("game-over"))
}

// left is how many tickets of a batch may still have been played, or be played, in
// whatever life of the terminal.
func (d *Dealer) left(h *office.Hand) (n lot.Amount, err error) {
	accounts, err := d.Tx.AccountsOf(h.Tickets)
	for _, a := range accounts {
		switch a.Place.Kind {
		case book.InFlight, book.Late, book.AtTerminal:
			n += a.Amount
		}
	}
	return n, err
}

// lacking deals batches of the games of which too little is left. A terminal
// gets none under rules that it does not go by yet.
func (d *Dealer) lacking(p *programme.Programme) error {
	if len(p.Games) == 0 {
		return nil
	}
	life, ok, err := d.Takes(d.row.ID)
	if err != nil || !ok {
		return err
	}
	d.life = life
	has, err := library.GoesBy(d.Tx, d.row.ID)
	if err != nil || has != p.Version() {
		return err
	}
	usable, err := underway.Usable(d.Tx, d.row.ID)
	if err != nil {
		return err
	}
	for i := range p.Games {
		g := &p.Games[i]
		if !d.due(p, g) {
			continue
		}
		var left lot.Amount
		count := 0
		for _, h := range d.open {
			if h.Sealed.Batch.Game != g.ID || h.Revealed != 0 {
				continue
			}
			left, count = left+usable[h.Sealed.Batch.TicketsLot()], count+1
		}
		switch {
		case left*lowShare >= lot.Amount(g.Batch):
		case count < openMax:
			err = d.deal(p, g)
		case left == 0:
			err = d.frozen(g)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// due reports whether a game is played where the terminal stands, now or soon.
func (d *Dealer) due(p *programme.Programme, g *programme.Game) bool {
	today := d.Today().Day
	if g.Window.From > today+early || g.Window.Until != 0 && g.Window.Until < today {
		return false
	}
	place := programme.Scope{Stores: g.Scope.Stores, Regions: g.Scope.Regions}
	return place.Here(&programme.Occasion{Store: d.row.Store, Region: p.Region(d.row.Store)})
}

// deal seals a batch and gives it: its tickets and as much of each prize as they
// win, so that no prize is used up before its tickets are.
func (d *Dealer) deal(p *programme.Programme, g *programme.Game) error {
	d.made++
	id := fmt.Sprintf("t%d-%d-%d", d.row.ID, d.Epoch, d.made)
	s := game.Deal{Batch: game.NewBatch(p, g, id, uint32(d.row.ID))}
	if enough, err := d.enough(p, g); err != nil || !enough {
		return err
	}
	if _, err := io.ReadFull(d.Random, s.Seed[:]); err != nil {
		return fmt.Errorf("draw a seed: %w", err)
	}
	s.Seal = s.Batch.Seal(s.Seed)
	body := &office.Deal{Sealed: s, By: d.By(decision.ByPolicy("deal"))}
	of := func(a lot.Asset, n uint64) {
		body.Lots = append(body.Lots, lot.Lot{
			Asset: a, Amount: lot.Amount(n), Funder: g.Funder, Earned: body.Day, Expires: g.Window.Until, Terms: p.Version(),
		})
	}
	of(s.Batch.TicketsLot(), s.Batch.Tickets())
	for _, r := range s.Batch.Rows {
		if r.Wins {
			of(s.Batch.BudgetOf(r.Prize), r.Count)
		}
	}
	at, err := d.Enter(body)
	if err != nil {
		return err
	}
	n := lot.Note{Incarnation: uint64(d.life)}
	for _, l := range body.Moves(at).Lots {
		n.Holdings = append(n.Holdings, lot.Holding{Lot: l, Amount: l.Amount})
	}
	return d.Note(d.row.ID, n, decision.By{Reason: "deal"})
}

// frozen tells a person, once in a life of the terminal, that it has no ticket of a game
// that it may play and gets none: those that it had in former lives may have been
// played, and nobody proves that they were not. On the day of its start somebody may.
func (d *Dealer) frozen(g *programme.Game) error {
	start, err := d.Tx.Entry(d.row.ID, d.life, 1)
	if err != nil || d.Programme().Day(time.UnixMilli(start.Received)) >= d.Today().Day {
		return err
	}
	name, life := "deals-frozen-"+d.row.ID.String()+"-"+g.ID, fmt.Sprintf("%x", uint64(d.life))
	if said, err := d.Tx.Meta(name); err != nil || said == life {
		return err
	}
	return errors.Join(d.Tx.PutMeta(name, life), d.Alarm(d.row.ID, "alarm-tickets-frozen", g.ID))
}

// outMeta notes under which version a game had a prize that is used up.
func outMeta(game string) string { return "draw-out-" + game }

// enough reports whether every prize has as much left as a batch may win: where
// one has not, the game ends with the batches that are out, and a person is told
// (rule S20).
func (d *Dealer) enough(p *programme.Programme, g *programme.Game) (bool, error) {
	for _, prize := range g.Prizes {
		if prize.InAll == 0 {
			continue
		}
		owned, err := d.Tx.OwnedOf(0, lot.BudgetAsset(g.ID, prize.ID))
		if err != nil {
			return false, err
		}
		made := lot.Amount(g.Count(prize))
		for _, a := range owned {
			if a.Place.Kind == book.Issued && a.Lot.Asset == lot.BudgetAsset(g.ID, prize.ID) {
				made -= a.Amount // what was issued is negative
			}
		}
		if made <= lot.Amount(prize.InAll) {
			continue
		}
		said, err := d.Tx.Meta(outMeta(g.ID))
		if err != nil || said == p.Version() {
			return false, err
		}
		return false, errors.Join(d.Tx.PutMeta(outMeta(g.ID), p.Version()), d.Alarm(0, "alarm-prize-out", g.ID+"."+prize.ID))
	}
	return true, nil
}

// givenMeta notes which batches a terminal was given as its document, by the hash of
// their seals. It goes back with HQ's book, while the grant log deals again what was
// dealt since: what the book has not got it gives once more.
func givenMeta(id ledger.TerminalID) string { return "deals-given-" + id.String() }

// send gives a terminal the batches that it plays, unless it was given them, sealed so
// that nobody else learns their seeds.
func (d *Dealer) send() error {
	_, open, err := d.Desk.Dealt(d.row.ID)
	if err != nil {
		return err
	}
	seals := sha256.New()
	for _, h := range open {
		seals.Write(h.Sealed.Seal[:])
	}
	given, err := d.Tx.Meta(givenMeta(d.row.ID))
	sum := fmt.Sprintf("%x", seals.Sum(nil))
	if err != nil || given == sum || given == "" && len(open) == 0 {
		return err
	}
	var list game.Deals
	for _, h := range open {
		list.List = append(list.List, h.Sealed)
	}
	b, err := sealed.For(d.row.Key, codec.Marshal(&list), d.Random)
	if err != nil {
		return err
	}
	return errors.Join(d.Tx.PutMeta(givenMeta(d.row.ID), sum), library.Give(d.Work, d.row.ID, b))
}
