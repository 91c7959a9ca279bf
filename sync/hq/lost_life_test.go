package hq_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What is claimed of an entry that HQ will never hear of: it is booked where paper says
// what it was, and is for a person where nothing does. It does not wait for ever.

// forgotten is a terminal whose card went back: what it sold in a life that HQ never
// heard of only its receipt remembers, and the card that it lay on.
func (b *bench) forgotten() (card *terminal, sale lot.Origin, code string) {
	b.Helper()
	one := b.terminals[0]
	one.sell(10)
	one.sync()
	card = one.clone()
	card.open(0x1ff)
	sale = card.sell(40).Origin
	return card, sale, card.certified(sale, 40)
}

// paperClaim brings a receipt to another till.
func (t *terminal) paperClaim(of lot.Origin, code string) lot.Origin {
	t.b.Helper()
	claim := t.do(&ledger.PaperClaim{Member: wang, Of: of, Code: code, Day: start}).Origin
	t.sync()
	return claim
}

func TestReceiptOfALifeThatNobodyHasIsBooked(t *testing.T) {
	for _, turnsUp := range []bool{false, true} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		card, sale, code := b.forgotten()
		first := two.paperClaim(sale, code)
		one.open(0x102) // another card is in the board
		one.sell(5)
		one.sync()
		b.ok("Nightly", b.Nightly())
		two.settled("what the board wrote may be older than the receipt", first, fold.ClaimOpen, "")
		one.answers()
		two.settled("the board has answered, and has no such life", first, fold.ClaimGranted, "")
		again := two.paperClaim(sale, code)
		two.settled("the receipt again", again, fold.ClaimRefused, "claim-booked")
		if n := b.freeOf(wang, points); n != 40 {
			t.Errorf("%d points at HQ, want the 40 of the receipt", n)
		}
		if !turnsUp {
			b.ok("Check", b.Check())
			continue
		}
		for seq := ledger.Seq(1); seq <= card.state.Head().Seq; seq++ { // one by one
			if _, resume, err := b.Ingest(1, card.batch(seq, seq)); err != nil || resume {
				t.Fatalf("Ingest(the old card, entry %d) = %v, %v", seq, resume, err)
			}
		}
		if n := b.freeOf(wang, points); n != 0 {
			t.Errorf("%d points at HQ beside the 40 that the old card has, want none", n)
		}
		if !slices.Contains(b.alarms(), "alarm-paper-twice") {
			t.Errorf("alarms %v, want alarm-paper-twice", b.alarms())
		}
		b.ok("Check", b.Check())
	}
}

// TestReceiptOfALifeThatIsOnlyOfflineWaits: the board goes on in that life, and tells of
// it before it answers.
func TestReceiptOfALifeThatIsOnlyOfflineWaits(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	one.sell(10)
	one.sync()
	one.open(0x1ff)
	sale := one.sell(40).Origin
	claim := two.paperClaim(sale, one.certified(sale, 40))
	b.ok("Nightly", b.Nightly())
	two.settled("the board is silent", claim, fold.ClaimOpen, "")
	one.answers()
	two.settled("the board has told of it", claim, fold.ClaimRefused, "claim-booked")
	if got := b.total(); got.HQ != 0 || got.Terminals != 50 {
		t.Errorf("accounts %+v, want 50 at the board and nothing at HQ", got)
	}
	if n := b.recalls(1); n != 1 {
		t.Errorf("the board was asked %d times, want once", n)
	}
	b.ok("Check", b.Check())
}

func TestClaimOfWhatCannotComeIsForAPerson(t *testing.T) {
	for name, c := range map[string]struct {
		of    lot.Origin
		asked bool // the board must be asked first
	}{
		"no-such-terminal":           {lot.Origin{Terminal: 99, Incarnation: 0x101, Seq: 2}, false},
		"no-such-life":               {lot.Origin{Terminal: 1, Incarnation: 0xdead, Seq: 2}, true},
		"beyond-a-life-that-is-over": {lot.Origin{Terminal: 1, Incarnation: 0x101, Seq: 90}, false},
	} {
		for _, voucher := range []bool{false, true} {
			b := newBench(t)
			b.give(wang, 100)
			one, two := b.terminals[0], b.terminals[1]
			one.do(&ledger.Stop{})
			one.sync()
			one.open(0x102)
			one.sync()
			claim := two.claimsOf(c.of, voucher)
			if c.asked {
				b.waits("the board may still tell")
				one.answers()
			}
			b.waits(name, "claim-no-sale")
			b.ok("DecideClaim", b.DecideClaimFor(claim, wang, reward(1), byZhou))
			b.waits(name + " is settled")
			b.ok("Check", b.Check())
		}
	}
}

// claimsOf claims what paid for goods of a sale, or for a voucher that it made.
func (t *terminal) claimsOf(sale lot.Origin, voucher bool) lot.Origin {
	t.b.Helper()
	if !voucher {
		claim := t.do(&ledger.ReturnClaim{Of: sale, Day: start, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 100}).Origin
		t.sync()
		return claim
	}
	id := lot.ID{Origin: sale, N: ledger.VoucherFrom}
	claim := t.do(&ledger.VoucherBack{Member: wang, Voucher: id, Day: start}).Origin
	t.sync()
	t.b.ok("OpenClaim", t.b.Decide(func(w *decision.Work) error { // as a till claims it that had handed its goods out
		return errors.Join(w.Desk.OpenClaim(claim, wang, sale), w.Retry(decision.AllClaims))
	}))
	return claim
}
