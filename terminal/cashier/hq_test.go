package cashier_test

import (
	"crypto/ed25519"
	"slices"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// hqKey is what HQ signs with.
var hqKey = ed25519.NewKeyFromSeed([]byte("headquarters of the cashiers' hq"))

// prizes are those of the game in these tests.
var prizes = []string{
	"{id: points, name: {zh: 20 积分, en: 20 points}, weight: 500000, worth_fen: 20, asset: points:consumption, points: 20}",
	"{id: none, name: {zh: 谢谢参与, en: No prize}, weight: 500000, nothing: true}",
}

// rules is the programme in force.
func (b *bench) rules() []byte {
	if b.festive {
		return tilltest.Festive(prizes...)
	}
	return demo.Programme
}

func (b *bench) deals(p *programme.Programme) []game.Deal {
	g, ok := p.Game("spring")
	if !ok {
		return nil
	}
	deal := game.Deal{Batch: game.NewBatch(p, &g, "batch-1", 1), Seed: game.Seed{7}}
	deal.Seal = deal.Batch.Seal(deal.Seed)
	return []game.Deal{deal}
}

// hear has the till take in what HQ says next.
func (b *bench) hear(d ledger.Down) {
	b.t.Helper()
	b.heard++
	d.Terminal, d.Epoch, d.Seq = 1, 1, b.heard
	_, err := b.till.ApplyDown([][]byte{ledger.SignDown(d, hqKey)})
	b.check("hear HQ", err)
}

// give has HQ give new lots to this terminal.
func (b *bench) give(lots ...lot.Lot) {
	b.t.Helper()
	b.check("settle the boot", b.till.SettleBoot())
	progress, err := b.till.Progress()
	b.check("read progress", err)
	note := &lot.Note{
		ID: lot.Origin{Incarnation: 1, Seq: uint64(b.heard) + 1}, Terminal: 1, Incarnation: uint64(progress.Streams[len(progress.Streams)-1].Incarnation),
	}
	p := b.till.Programme()
	for n, l := range lots {
		l.ID, l.Earned, l.Terms = lot.ID{Origin: note.ID, N: uint32(n)}, p.Day(b.till.Now().Wall), p.Version()
		note.Holdings = append(note.Holdings, lot.Holding{Lot: l, Amount: l.Amount})
	}
	b.hear(ledger.Down{Note: note})
}

// fair has HQ give the batch of the game with what its prizes are.
func (b *bench) fair() {
	b.t.Helper()
	b.give(lot.Lot{Asset: lot.BudgetAsset("spring", "batch-1"), Amount: 10}, lot.Lot{Asset: lot.BudgetAsset("spring", "points"), Amount: 5})
}

// who is the member of a card.
func (b *bench) who(card string) member.ID {
	b.t.Helper()
	p, ok := b.till.Documents().Members.ByCard(card)
	if !ok {
		b.t.Fatalf("nobody has the card %s", card)
	}
	return p.ID
}

// household has HQ say that two members are one, of whom the second shares so many
// points a month, and puts that one's points here.
func (b *bench) household(of, sharer member.ID, pool, points lot.Amount) {
	b.t.Helper()
	b.hear(ledger.Down{Ruling: &ledger.Ruling{Member: of, Household: []ledger.Relative{{Member: sharer, Pool: pool}}}})
	b.hear(ledger.Down{Ruling: &ledger.Ruling{Member: sharer, Pool: pool, Household: []ledger.Relative{{Member: of}}}})
	b.give(lot.Lot{Owner: sharer, Asset: lot.Home, Amount: 1}, lot.Lot{Owner: sharer, Asset: "points:consumption", Amount: points, Expires: 30_000})
}

// plays are what was played, in the journal's order.
func (b *bench) plays() (list []ledger.Stake) {
	b.t.Helper()
	for _, e := range b.journal() {
		if p, ok := e.Body.(*ledger.Play); ok {
			list = append(list, p.Stake)
		}
	}
	return slices.Clip(list)
}
