package fold_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

type held = map[lot.ID]lot.Amount

func want(t *testing.T, call string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", call, diff)
	}
}

func draw(id lot.ID, n lot.Amount) []lot.Draw { return []lot.Draw{{Lot: id, Amount: n}} }

func spend(id member.ID, draws []lot.Draw) *ledger.Sale {
	return &ledger.Sale{Member: id, Deduction: &ledger.Deduction{Asset: points, Draws: draws}}
}

func redeem(draws []lot.Draw) *ledger.Redeem {
	return &ledger.Redeem{
		Member: wang, Benefit: "tea-set", Asset: points, Draws: draws, Day: 20000,
		Voucher: ledger.Issue{Asset: teaSet, Amount: 1, Funder: "m1", UnitCost: 600, Expires: 20060},
	}
}

func TestSaleAwardsAndDeducts(t *testing.T) {
	b := opened(t)
	old := b.award(wang, points, 100)
	effects := b.add(&ledger.Sale{
		Member: wang, Day: 20001, Deduction: &ledger.Deduction{Asset: points, Fen: 30, Draws: draw(old, 30)},
		Awards: []ledger.Award{
			{Issue: ledger.Issue{Asset: points, Amount: 8, Funder: "m1", UnitCost: 1000, Expires: 21000}},
			{Issue: ledger.Issue{Asset: green, Amount: 5, Expires: 21001}},
		},
	})
	one, two := lot.ID{Origin: effects.Origin}, lot.ID{Origin: effects.Origin, N: 1}
	want(t, "Issued", []lot.Lot{
		{ID: one, Owner: wang, Asset: points, Amount: 8, Funder: "m1", UnitCost: 1000, Earned: 20001, Expires: 21000, Terms: version},
		{ID: two, Owner: wang, Asset: green, Amount: 5, Earned: 20001, Expires: 21001, Terms: version},
	}, effects.Issued)
	at := fold.Account{Kind: fold.AccountHeld, Incarnation: first}
	want(t, "Postings", []fold.Posting{
		{Lot: old, Asset: points, From: at, To: fold.Account{Kind: fold.AccountSpent}, Amount: 30},
		{Lot: one, Asset: points, From: fold.Account{Kind: fold.AccountIssued}, To: at, Amount: 8},
		{Lot: two, Asset: green, From: fold.Account{Kind: fold.AccountIssued}, To: at, Amount: 5},
	}, effects.Postings)
	want(t, "Usable", held{old: 70, one: 8, two: 5}, b.usable(wang))
	want(t, "Usable of another", held{}, b.usable(zhang))
	want(t, "total", fold.Total{Asset: points, Born: 108, Spent: 30}, b.total(points))
	if b.state.Receipts() != 2 || effects.Risk != 0 || effects.Parked {
		t.Errorf("receipts %d, risk %d, parked %v, want 2, 0, false", b.state.Receipts(), effects.Risk, effects.Parked)
	}
}

func TestVoucherIsBornAndUsedOnce(t *testing.T) {
	b := opened(t)
	old := b.award(wang, points, 500)
	paid := []fold.Paid{{Holding: b.holding(wang, old)}}
	effects := b.add(redeem(draw(old, 500)))
	id := lot.ID{Origin: effects.Origin}
	l := lot.Lot{ID: id, Owner: wang, Asset: teaSet, Amount: 1, Funder: "m1", UnitCost: 600, Earned: 20000, Expires: 20060, Terms: version}
	v, ok, err := b.state.Voucher(id)
	want(t, "Voucher", fold.Voucher{Status: fold.VoucherIssued, Member: wang, Lot: l, Paid: paid}, v)
	if !ok || err != nil {
		t.Errorf("Voucher() = %v, %v, want true, nil", ok, err)
	}
	want(t, "Usable", held{id: 1}, b.usable(wang))

	use := &ledger.VoucherUse{Member: wang, Voucher: id, Benefit: "tea-set", Day: 20010}
	effects = b.add(use)
	used := fold.Voucher{Status: fold.VoucherUsed, Member: wang, Lot: l, Used: effects.Origin, Wall: 99, Lane: 3, Actor: "c1", Paid: paid}
	v, _, _ = b.state.Voucher(id)
	want(t, "Voucher after use", used, v)
	want(t, "Usable after use", held{}, b.usable(wang))
	if effects.Risk != 0 {
		t.Errorf("risk = %d, want 0", effects.Risk)
	}

	effects = b.add(use)
	v, _, _ = b.state.Voucher(id)
	want(t, "Voucher after a second use", used, v)
	if effects.Risk != 1 || b.total(teaSet).Risk != 1 {
		t.Errorf("second use: risk %d, in total %d, want 1 of each", effects.Risk, b.total(teaSet).Risk)
	}
}

func TestUnknownVoucherIsNotKnown(t *testing.T) {
	b := opened(t)
	if v, ok, err := b.state.Voucher(lot.ID{N: 9}); ok || err != nil {
		t.Errorf("Voucher(unknown) = %+v, %v, %v, want false, nil", v, ok, err)
	}
	if effects := b.add(&ledger.VoucherUse{Member: wang, Voucher: lot.ID{N: 9}, Benefit: "tea-set"}); effects.Risk != 1 {
		t.Errorf("use of an unknown voucher: risk %d, want 1", effects.Risk)
	}
}

func TestNoteIsAcceptedOnce(t *testing.T) {
	b := opened(t)
	n := note(1, first, 5, 40)
	id := n.Holdings[0].Lot.ID
	effects := b.down(n)
	want(t, "Accepted", n, effects.Accepted)
	want(t, "Postings", []fold.Posting{{
		Lot: id, Asset: points, From: fold.Account{Kind: fold.AccountFlight}, To: fold.Account{Kind: fold.AccountHeld, Incarnation: first}, Amount: 40,
	}}, effects.Postings)
	want(t, "Usable", held{id: 40}, b.usable(wang))
	effects = b.down(n)
	if len(effects.Notes()) != 0 || len(effects.Postings) != 0 {
		t.Errorf("the same note again: %+v, want no effect", effects)
	}
	want(t, "Usable after the same note", held{id: 40}, b.usable(wang))
	// Another note may bring more of the same lot.
	more := note(1, first, 0, 2)
	more.ID.Seq = 2
	b.down(more)
	want(t, "Usable after another note", held{id: 42}, b.usable(wang))
	want(t, "total", fold.Total{Asset: points, In: 42}, b.total(points))
}

// TestNoteThatIsNotAccepted shows what becomes of it: it goes back only where
// nobody else can accept it any more.
func TestNoteThatIsNotAccepted(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(b *bench, n *lot.Note)
		back    bool
	}{
		{"for-another-incarnation", func(_ *bench, n *lot.Note) { n.Incarnation++ }, false},
		{"for-another-terminal", func(_ *bench, n *lot.Note) { n.Terminal++ }, false},
		{"ask-given-up", func(b *bench, n *lot.Note) { b.add(&ledger.AskGivenUp{Ask: n.Ask}) }, true},
		{"incarnation-stopped", func(b *bench, _ *lot.Note) { b.add(&ledger.Stop{}) }, false},
		{"incarnation-continued-with-witness", func(b *bench, _ *lot.Note) { b.open(second, ledger.BootWitness) }, true},
		{"incarnation-continued-without", func(b *bench, _ *lot.Note) { b.open(second, ledger.NoWitness) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			n := note(1, first, 5, 40)
			c.prepare(b, n)
			effects := b.down(n)
			if effects.Accepted != nil || (effects.Refused != nil) != c.back || (effects.Left != nil) == c.back || len(effects.Postings) != 0 {
				t.Errorf("ApplyDown() = %+v, want it given back %v and nothing posted", effects, c.back)
			}
			want(t, "Usable", held{}, b.usable(wang))
			want(t, "Frozen", held{}, b.frozen(wang))
			if again := b.down(n); len(again.Notes()) != 0 {
				t.Errorf("the same note again: %+v, want no effect", again)
			}
		})
	}
}

func TestGivingUpOneAskLeavesOthers(t *testing.T) {
	b := opened(t)
	b.add(&ledger.AskGivenUp{Ask: 4})
	if effects := b.down(note(1, first, 5, 40)); effects.Accepted == nil {
		t.Errorf("note for another ask: %+v, want it accepted", effects)
	}
	if effects := b.down(note(2, first, 0, 40)); effects.Accepted == nil {
		t.Errorf("note for no ask: %+v, want it accepted", effects)
	}
	// What was given up in one incarnation says nothing in the next.
	b.open(second, ledger.NoWitness)
	if effects := b.down(note(3, second, 4, 40)); effects.Accepted == nil {
		t.Errorf("note for an ask of the new incarnation: %+v, want it accepted", effects)
	}
}

func TestDownEntryWithoutNoteOnlyCounts(t *testing.T) {
	b := opened(t)
	if effects := b.down(nil); len(effects.Notes()) != 0 || b.state.Mark() != 1 {
		t.Errorf("effects %+v, mark %d, want none and 1", effects, b.state.Mark())
	}
}

func TestOpeningWithoutWitnessFreezes(t *testing.T) {
	b := opened(t)
	old := b.award(wang, points, 100)
	b.open(second, ledger.NoWitness)
	want(t, "Usable", held{}, b.usable(wang))
	want(t, "Frozen", held{old: 100}, b.frozen(wang))
	fresh := b.award(wang, points, 7)
	want(t, "Usable after a new award", held{fresh: 7}, b.usable(wang))
	if effects := b.add(spend(wang, draw(old, 10))); effects.Risk != 10 {
		t.Errorf("spending what is frozen: risk %d, want 10", effects.Risk)
	}
	want(t, "Frozen after that", held{old: 100}, b.frozen(wang))
	if b.state.Receipts() != 2 {
		t.Errorf("receipts of the new incarnation = %d, want 2", b.state.Receipts())
	}
	// A witnessed opening after it carries the second incarnation, not the first.
	b.open(0xc3, ledger.BootWitness)
	want(t, "Usable in the third", held{fresh: 7}, b.usable(wang))
	want(t, "Frozen in the third", held{old: 100}, b.frozen(wang))
}

func TestWitnessedOpeningCarries(t *testing.T) {
	b := opened(t)
	old := b.award(wang, points, 100)
	b.add(&ledger.Stop{})
	b.open(second, ledger.BootWitness)
	want(t, "Usable", held{old: 100}, b.usable(wang))
	want(t, "Frozen", held{}, b.frozen(wang))
	effects := b.add(spend(wang, draw(old, 60)))
	want(t, "Postings", []fold.Posting{{
		Lot: old, Asset: points, From: fold.Account{Kind: fold.AccountHeld, Incarnation: first}, To: fold.Account{Kind: fold.AccountSpent}, Amount: 60,
	}}, effects.Postings)
	// More of the lot comes by note: one lot, held by two incarnations.
	n := note(1, second, 0, 5)
	n.Holdings[0].Lot.ID = old
	b.down(n)
	list, err := b.state.Usable(wang)
	if err != nil || len(list) != 1 || list[0].Amount != 45 {
		t.Errorf("Usable() = %+v, %v, want one lot of 45", list, err)
	}
	if effects := b.add(spend(wang, draw(old, 45))); effects.Risk != 0 || len(effects.Postings) != 2 {
		t.Errorf("spending both parts: %+v, want two postings and no risk", effects)
	}
}

func TestOverdrawIsBookedToRiskAndSaid(t *testing.T) {
	for _, c := range []struct {
		name string
		body func(id lot.ID) ledger.Body
		to   fold.AccountKind
	}{
		{"sale", func(id lot.ID) ledger.Body { return spend(wang, draw(id, 130)) }, fold.AccountSpent},
		{"redeem", func(id lot.ID) ledger.Body { return redeem(draw(id, 130)) }, fold.AccountSpent},
		{"note-given", func(id lot.ID) ledger.Body { return &ledger.NoteGiven{Member: wang, Draws: draw(id, 130)} }, fold.AccountFlight},
		{"twice-the-same-lot", func(id lot.ID) ledger.Body { return spend(wang, append(draw(id, 100), draw(id, 30)...)) }, fold.AccountSpent},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			id := b.award(wang, points, 100)
			effects := b.add(c.body(id))
			var risk, out lot.Amount
			for _, p := range effects.Postings {
				if p.From.Kind == fold.AccountRisk && p.Lot == id {
					risk += p.Amount
				}
				if p.To.Kind == c.to && p.Lot == id {
					out += p.Amount
				}
			}
			if effects.Risk != 30 || risk != 30 || out != 130 {
				t.Errorf("Risk = %d, posted from risk %d, posted away %d, want 30, 30, 130", effects.Risk, risk, out)
			}
			if b.usable(wang)[id] != 0 {
				t.Errorf("Usable() still has %d", b.usable(wang)[id])
			}
		})
	}
	t.Run("lot-of-another-member", func(t *testing.T) {
		b := opened(t)
		id := b.award(zhang, points, 100)
		if effects := b.add(spend(wang, draw(id, 10))); effects.Risk != 10 {
			t.Errorf("risk = %d, want 10", effects.Risk)
		}
		want(t, "Usable of the owner", held{id: 100}, b.usable(zhang))
	})
}

func TestNoteGivenLeaves(t *testing.T) {
	b := opened(t)
	id := b.award(wang, points, 100)
	effects := b.add(&ledger.NoteGiven{Member: wang, Draws: draw(id, 60)})
	want(t, "Postings", []fold.Posting{{
		Lot: id, Asset: points, From: fold.Account{Kind: fold.AccountHeld, Incarnation: first}, To: fold.Account{Kind: fold.AccountFlight}, Amount: 60,
	}}, effects.Postings)
	want(t, "Usable", held{id: 40}, b.usable(wang))
	want(t, "total", fold.Total{Asset: points, Born: 100, Out: 60}, b.total(points))
}

func TestUnknownKindIsParkedAndTheChainGoesOn(t *testing.T) {
	b := opened(t)
	raw := protowire.AppendVarint([]byte{0x08}, 999)
	effects, err := b.tryRaw(first, raw)
	if err != nil || !effects.Parked || effects.Origin.Seq != 2 {
		t.Fatalf("Apply(kind 999) = %+v, %v, want it parked as entry 2", effects, err)
	}
	if id := b.award(wang, points, 1); id.Seq != 3 {
		t.Errorf("next entry has number %d, want 3", id.Seq)
	}
}

func TestOrderIsKept(t *testing.T) {
	open := func(parent ledger.Head) *ledger.Open { return &ledger.Open{Parent: parent} }
	for _, c := range []struct {
		name string
		do   func(b *bench) error
		want error
	}{
		{"no-opening", func(b *bench) error { return b.entry(second, &ledger.Mark{}) }, fold.ErrOrder},
		{"second-opening", func(b *bench) error { return b.entry(first, open(b.state.Head())) }, fold.ErrOrder},
		{"incarnation-zero", func(b *bench) error { return b.entry(0, open(b.state.Head())) }, fold.ErrOrder},
		{"another-parent", func(b *bench) error { return b.entry(second, open(ledger.Head{Incarnation: 77, Seq: 1})) }, fold.ErrParent},
		{"a-parent-to-come", func(b *bench) error { return b.entry(second, open(ledger.Head{Incarnation: first, Seq: 99})) }, fold.ErrParent},
		{"parent-of-other-bytes", func(b *bench) error {
			h := b.state.Head()
			h.Hash[0] ^= 1
			return b.entry(second, open(h))
		}, fold.ErrParent},
		{"after-stop", func(b *bench) error {
			b.add(&ledger.Stop{})
			return b.entry(first, &ledger.Mark{})
		}, fold.ErrOrder},
		{"back-to-the-first-incarnation", func(b *bench) error {
			b.open(second, ledger.NoWitness)
			return b.entry(first, &ledger.Mark{})
		}, fold.ErrOrder},
		{"mark-ahead", func(b *bench) error { return b.marked(1) }, fold.ErrOrder},
		{"mark-behind", func(b *bench) error {
			b.down(nil)
			return b.marked(0)
		}, fold.ErrOrder},
		{"down-gap", func(b *bench) error { return b.downAs(here, 2) }, fold.ErrOrder},
		{"down-again", func(b *bench) error {
			b.down(nil)
			return b.downAs(here, 1)
		}, fold.ErrOrder},
		{"down-for-another", func(b *bench) error { return b.downAs(here+1, 1) }, fold.ErrOrder},
		{"no-entry", func(b *bench) error {
			_, err := b.tryRaw(first, []byte{0xff})
			return err
		}, codec.ErrMalformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			if err := c.do(b); !errors.Is(err, c.want) {
				t.Errorf("error %v, want one that matches %q", err, c.want)
			}
		})
	}
}

func (b *bench) entry(i ledger.Incarnation, body ledger.Body) error {
	_, err := b.try(i, body)
	return err
}

func (b *bench) marked(mark ledger.DownSeq) error {
	raw, err := ledger.Encode(ledger.Entry{Mark: mark, Body: &ledger.Mark{}})
	if err == nil {
		_, err = b.tryRaw(first, raw)
	}
	return err
}

func (b *bench) downAs(id ledger.TerminalID, seq ledger.DownSeq) error {
	_, err := b.tryDown(ledger.Down{Terminal: id, Seq: seq})
	return err
}

func TestHeadFollowsTheChain(t *testing.T) {
	b := newBench(t)
	if b.state.Head() != (ledger.Head{}) || b.state.Stopped() || b.state.Mark() != 0 {
		t.Errorf("empty table: head %v, want none", b.state.Head())
	}
	b.open(first, ledger.NoWitness)
	b.add(&ledger.Mark{})
	hash := ledger.Genesis(here, first, ledger.Head{})
	for _, f := range b.facts {
		hash = hash.Next(f.raw)
	}
	want(t, "Head", ledger.Head{Incarnation: first, Seq: 2, Hash: hash}, b.state.Head())
	b.add(&ledger.Stop{})
	parent := b.state.Head()
	if !b.state.Stopped() {
		t.Error("Stopped() = false after stop")
	}
	b.open(second, ledger.NoWitness)
	want(t, "Head", ledger.Head{Incarnation: second, Seq: 1, Hash: ledger.Genesis(here, second, parent).Next(b.facts[3].raw)}, b.state.Head())
	if b.state.Stopped() {
		t.Error("Stopped() = true after an opening")
	}
}
