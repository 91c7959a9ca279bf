package desk_test

import (
	"crypto/ed25519"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

// elsewhere is a key that nobody here knows.
var elsewhere = ed25519.NewKeyFromSeed([]byte("a key of another shop, far away!"))

// A customer touches their screen as often as they like: one offer, one stake.
func TestOneOfferIsOnePlay(t *testing.T) {
	c := newCounter(t)
	c.scan(wang)
	c.ok("OfferPlay", c.OfferPlay(by, "spring"))
	if v := c.lane(); v.Offer == nil || v.Offer.Game.ID != "spring" || len(v.Offer.Rows) != 3 || len(c.of(ledger.KindPlay)) != 0 {
		t.Fatalf("offered, the lane shows %+v, want the game with its table, and nothing staked", v.Offer)
	}
	var all sync.WaitGroup
	var played atomic.Int32
	for range 6 {
		all.Go(func() {
			if _, err := c.Begin(1); err == nil {
				played.Add(1)
			}
		})
	}
	all.Wait()
	list := c.of(ledger.KindPlay)
	if played.Load() != 1 || len(list) != 1 || lot.Sum(list[0].(*ledger.Play).Stake.Draws) != 10 {
		t.Fatalf("six touches were %d plays and %d entries, want one with a stake of 10", played.Load(), len(list))
	}
	c.refused("touch it again", "play-not-offered", func() error { _, err := c.Begin(1); return err })
}

func TestAnOfferIsForItsMemberAlone(t *testing.T) {
	c := newCounter(t)
	c.scan(wang)
	c.ok("OfferPlay", c.OfferPlay(by, "spring"))
	c.ok("DropMember", c.DropMember(by))
	c.scan(chenJing)
	if v := c.lane(); v.Offer != nil {
		t.Errorf("another member sees the offer %+v", v.Offer)
	}
	c.refused("another member's touch", "play-not-offered", func() error { _, err := c.Begin(1); return err })
	c.refused("offer without points", "play-nothing-left", func() error { return c.OfferPlay(by, "spring") })
	c.scan(wang)
	c.ok("OfferPlay", c.OfferPlay(by, "spring"))
	c.ok("WithdrawPlay", c.WithdrawPlay(by))
	c.refused("touch what was taken off", "play-not-offered", func() error { _, err := c.Begin(1); return err })
}

// What the screens show of a play is what its entry says, a prize as its row of
// the table and a blank as the row without one; and it goes with the next scan.
// Who won much is told to everybody, masked (law L14).
func TestADrawShowsWhatItsEntrySays(t *testing.T) {
	c := newCounter(t)
	c.scan(wang)
	rows := map[string]int{"cooker": 0, "points": 1, "": 2}
	won := 0
	for range 10 {
		done, err := c.Play(by, c.lane().Ref, "spring")
		c.ok("Play", err)
		stake := done.Entry.Body.(*ledger.Play).Stake
		v := c.lane()
		if len(v.Draws) != 1 || v.Draws[0].Row != rows[stake.Prize] || v.Draws[0].Won != (stake.Prize != "") || v.Draws[0].ID != done.Origin.String()+".0" {
			t.Fatalf("the entry says %q, the screen shows %+v", stake.Prize, v.Draws)
		}
		if stake.Prize == "cooker" {
			won++
		}
		if len(v.Winners) != won {
			t.Errorf("after %d cookers everybody is told of %+v", won, v.Winners)
		}
	}
	c.scan(rice)
	v := c.lane()
	if len(v.Draws) != 0 {
		t.Errorf("with the next goods in the basket the screen still shows %+v", v.Draws)
	}
	if won != 2 || v.Winners[0].Name != "王*" || v.Winners[0].Phone != "138****1001" || v.Winners[0].Prize.EN != "Rice cooker" {
		t.Errorf("winners are %+v, want 王* twice, masked, with the rice cooker", v.Winners)
	}
	c.refused("play on", "no-batch", func() error { _, err := c.Play(by, v.Ref, "spring"); return err })
	c.Verify(t)
}

func TestASurveyIsOneEntryAtItsEnd(t *testing.T) {
	c := newCounter(t)
	c.scan(wang)
	c.ok("AskSurvey", c.AskSurvey(by, "service-here"))
	answer := func(question, option int) error { _, err := c.AnswerSurvey(1, question, option); return err }
	for name, x := range map[string][2]int{"above the scale": {0, 5}, "below the scale": {0, -1}, "a later question": {1, 0}, "no question": {-1, 0}} {
		c.refused(name, "bad-answer", func() error { return answer(x[0], x[1]) })
	}
	c.ok("first answer", answer(0, 4))
	c.ok("first answer, touched twice", answer(0, 1))
	if v := c.lane(); v.Survey == nil || v.Survey.N != 2 || v.Survey.Of != 2 || len(c.of(ledger.KindAnswer)) != 0 {
		t.Fatalf("after one answer the screen shows %+v, want the second question and nothing written", v.Survey)
	}
	c.reopen() // what was answered outlives a restart
	c.ok("last answer", answer(1, 2))
	list := c.of(ledger.KindAnswer)
	if len(list) != 1 {
		t.Fatalf("%d entries of answers, want one", len(list))
	}
	a := list[0].(*ledger.Answer)
	if len(a.Choices) != 2 || a.Choices[0].Option != 4 || a.Choices[1].Option != 2 || a.Member != wangID || a.Issues[0].Amount != 20 {
		t.Errorf("the answers are %+v, want 4 and 2 of wang for 20 points", a)
	}
	if v := c.lane(); v.Survey != nil {
		t.Errorf("the survey is over and the screen shows %+v", v.Survey)
	}
}

func TestAnActivitysCodeChecksIn(t *testing.T) {
	c := newCounter(t)
	now := uint32(c.Clock.Now().Wall.Unix() / 60)
	seal := func(a token.Activity, key ed25519.PrivateKey) string {
		text, err := token.SealActivity(a, key)
		c.ok("SealActivity", err)
		return text
	}
	good := seal(token.Activity{ID: "talk-here", Nonce: 7, From: now - 30, Until: now + 30}, c.HQKey)
	scan := func(text string) func() error { return func() error { return c.Desk.Scan(by, "", text) } }
	c.refused("before the member", "activity-who", scan(good))
	c.scan(wang)
	c.refused("over", "activity-not-now", scan(seal(token.Activity{ID: "talk-here", From: now - 90, Until: now - 31}, c.HQKey)))
	c.refused("of no activity", "unknown-activity", scan(seal(token.Activity{ID: "no-such", From: now, Until: now}, c.HQKey)))
	c.refused("by another key", "token-elsewhere", scan(seal(token.Activity{ID: "talk-here", From: now, Until: now}, elsewhere)))
	c.refused("changed", "token-forged", scan(good[:len(good)-3]+"000"))
	c.scan(good)
	list := c.of(ledger.KindCheckIn)
	if len(list) != 1 || list[0].(*ledger.CheckIn).Activity != "talk-here" || len(list[0].(*ledger.CheckIn).Nonce) != 8 {
		t.Errorf("check-ins are %+v, want one at the tea talk with the code's nonce", list)
	}
}

// Goods of another till's sale: the receipt puts a claim up, wrong figures do
// nothing, and the same line again needs a second person.
func TestAnotherTillsGoodsAreClaimed(t *testing.T) {
	c := newCounter(t)
	c.scan(rice)
	sale := lot.Origin{Terminal: 2, Incarnation: 9, Seq: 118}
	cert := token.Certificate{Entry: sale, Member: wangID, Awards: []token.Awarded{{Issue: ledger.Issue{Asset: consumption, Amount: 49}}}}
	codes, err := token.SealCertificates(cert, elsewhere)
	c.ok("SealCertificates", err)
	c.scan(codes[0])
	v := c.lane()
	if v.Claim == nil || v.Claim.Sale != sale.String() || len(v.Lines) != 1 {
		t.Fatalf("the other till's receipt shows %+v, want the sale %s beside the basket", v.Claim, sale)
	}
	claim := func(line uint32, qty int64, fen lot.Fen, tender, second string) func() error {
		return func() error {
			_, err := c.ClaimBack(by, till.ClaimReturn{Ref: c.lane().Claim.Ref, Lines: []ledger.ReturnLine{{Line: line, Qty: qty}}, Refund: fen, Tender: tender, Second: second})
			return err
		}
	}
	c.refused("below nothing", "bad-amount", claim(0, 1, -1, "cash", ""))
	c.refused("beyond all", "bad-amount", claim(0, 1, lot.FenMax+1, "cash", ""))
	c.refused("no pieces", "bad-quantity", claim(0, 0, 100, "cash", ""))
	c.refused("pieces below nothing", "bad-quantity", claim(0, -3, 100, "cash", ""))
	c.refused("in shells", "bad-tender", claim(0, 1, 100, "shells", ""))
	c.ok("claim", claim(0, 1, 4990, "cash", "")())
	if v := c.lane(); v.Claim != nil || v.Day.Figures.Refunded != 4990 {
		t.Errorf("claimed, the lane shows %+v and %s refunded, want nothing and 49.90", v.Claim, v.Day.Figures.Refunded)
	}
	c.ok("LookUpSale", c.LookUpSale(by, sale.String()))
	c.refused("the same line", "return-claimed", claim(0, 1, 4990, "cash", ""))
	c.refused("the same line, oneself", "return-claimed", claim(0, 1, 4990, "cash", by.Actor))
	c.ok("the same line, agreed to", claim(0, 1, 4990, "cash", "wu")())
	if n := len(c.of(ledger.KindReturnClaim)); n != 2 {
		t.Errorf("%d claims, want 2", n)
	}
}

// A receipt of another till asks for its points as well: they are claimed once, and
// only of a code that was scanned.
func TestTheReceiptOfALostTillClaimsItsPoints(t *testing.T) {
	c := newCounter(t)
	sale := lot.Origin{Terminal: 2, Incarnation: 9, Seq: 118}
	cert := token.Certificate{Entry: sale, Member: wangID, Awards: []token.Awarded{{Issue: ledger.Issue{Asset: consumption, Amount: 49}}}}
	codes, err := token.SealCertificates(cert, elsewhere)
	c.ok("SealCertificates", err)
	c.ok("LookUpSale", c.LookUpSale(by, sale.String()))
	if c.lane().Claim.Points {
		t.Error("a sale that was typed offers points that nobody knows")
	}
	c.refused("without a code", "claim-no-receipt", func() error { return c.ClaimPoints(by) })
	c.ok("PutClaimAway", c.PutClaimAway(by))
	c.refused("without a sale", "claim-no-receipt", func() error { return c.ClaimPoints(by) })
	for _, want := range []string{"paper-claimed", "paper-waits"} {
		c.scan(codes[0])
		if v := c.lane(); v.Claim == nil || !v.Claim.Points {
			t.Fatalf("the receipt shows %+v, want its points offered", v.Claim)
		}
		c.ok("ClaimPoints", c.ClaimPoints(by))
		if v := c.lane(); v.Claim != nil || v.Message.Code != want {
			t.Errorf("after its points the lane shows %+v and %q, want nothing and %s", v.Claim, v.Message.Code, want)
		}
	}
	if list := c.of(ledger.KindPaperClaim); len(list) != 1 || list[0].(*ledger.PaperClaim).Of != sale {
		t.Errorf("the journal claims %+v, want the receipt's points once", list)
	}
	own := token.Certificate{Entry: lot.Origin{Terminal: 1, Incarnation: 9, Seq: 3}, Member: wangID, Awards: cert.Awards}
	codes, err = token.SealCertificates(own, c.Key)
	c.ok("SealCertificates", err)
	c.scan(codes[0])
	if v := c.lane(); v.Message.Code != "paper-claimed" {
		t.Errorf("a receipt of this till that its journal has lost says %q, want paper-claimed", v.Message.Code)
	}
}

// A voucher that was handed out here is scanned: its goods may come back, once, and
// whatever is scanned next takes its place.
func TestGoodsOfAHandedOutVoucherComeBack(t *testing.T) {
	c := newCounter(t)
	c.scan(wang)
	done, err := c.Redeem(by, c.lane().Ref, "tea-set")
	c.ok("Redeem", err)
	id := lot.ID{Origin: done.Origin}
	paper, err := c.SealVoucher(token.Voucher{Lot: id, Benefit: "tea-set", Expires: done.Entry.Body.(*ledger.Redeem).Voucher.Expires, Units: 1})
	c.ok("SealVoucher", err)
	c.scan(paper)
	if c.lane().Handed != nil {
		t.Error("a voucher that is still to be used is offered to be brought back")
	}
	_, err = c.UseVoucher(by, c.lane().Ref)
	c.ok("UseVoucher", err)
	c.refused("used", "voucher-used", func() error { return c.Desk.Scan(by, "", paper) })
	if v := c.lane(); v.Handed == nil || v.Handed.Lot != id || v.Handed.Benefit.EN == "" {
		t.Fatalf("the used voucher shows %+v, want its goods to come back", v.Handed)
	}
	c.scan(rice)
	if c.lane().Handed != nil {
		t.Error("after other goods the voucher still lies there")
	}
	c.refused("used", "voucher-used", func() error { return c.Desk.Scan(by, "", paper) })
	_, err = c.TakeVoucherBack(by, "goods-1", id, true)
	c.ok("TakeVoucherBack", err)
	if v := c.lane(); v.Handed != nil || v.Message.Code != "voucher-back-done" {
		t.Errorf("brought back, the lane shows %+v and %q, want nothing and voucher-back-done", v.Handed, v.Message.Code)
	}
	c.refused("twice", "voucher-returned", func() error { return c.Desk.Scan(by, "", paper) })
	if c.lane().Handed != nil {
		t.Error("goods that came back may come back again")
	}
}

// An exchange says what it comes to before it is done, and comes to that, either
// way.
func TestAnExchangeComesToWhatItShows(t *testing.T) {
	c := newCounter(t)
	for name, x := range map[string]struct {
		out       []string
		pay, back lot.Fen
	}{
		"dearer":  {[]string{rice, millet}, 2680, 0},
		"cheaper": {[]string{millet}, 0, 2310},
		"alike":   {[]string{rice}, 0, 0},
	} {
		c.scan(rice, millet)
		sold := c.pay()
		c.ok("LookUpSale", c.LookUpSale(by, sold.Origin.String()))
		c.ok("ChooseBack", c.ChooseBack(by, 0, 1))
		if v := c.lane(); v.Return.Swap != nil {
			t.Errorf("%s: with nothing in the basket an exchange comes to %+v", name, v.Return.Swap)
		}
		c.scan(x.out...)
		v := c.lane()
		if s := v.Return.Swap; s == nil || s.Pay != x.pay || s.Back != x.back {
			t.Fatalf("%s: the exchange shows %+v, want %s to pay, %s back", name, s, x.pay, x.back)
		}
		c.refused(name+" in shells", "bad-tender", func() error { _, err := c.Swap(by, v.Ref, "shells"); return err })
		v = c.lane()
		done, err := c.Swap(by, v.Ref, "card")
		c.ok("Swap", err)
		body := done.Entry.Body.(*ledger.Return)
		var paid, given lot.Fen
		for _, tender := range body.Sale.Tenders {
			if tender.Kind == "card" {
				paid += tender.Fen
			}
		}
		for _, tender := range body.Tenders {
			if tender.Kind == "card" {
				given += tender.Fen
			}
		}
		if paid != x.pay || given != x.back || body.Sale.Change != 0 {
			t.Errorf("%s: %s was paid and %s given, want %s and %s", name, paid, given, x.pay, x.back)
		}
		if v := c.lane(); v.Return != nil || len(v.Lines) != 0 {
			t.Errorf("%s: done, the lane still shows %+v and %d lines", name, v.Return, len(v.Lines))
		}
	}
	c.Verify(t)
}

// A day that has passed ends no offer by itself; but who comes back finds nothing
// left of another member's.
func TestAnOfferOutlivesARestart(t *testing.T) {
	c := newCounter(t)
	c.scan(wang)
	c.ok("OfferPlay", c.OfferPlay(by, "spring"))
	c.reopen()
	c.Clock.Advance(time.Minute)
	if v := c.lane(); v.Offer == nil {
		t.Fatal("after a restart the offer is gone")
	}
	_, err := c.Begin(1)
	c.ok("Begin", err)
}
