package ledger_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

var (
	someLot = lot.ID{Origin: lot.Origin{Terminal: 7, Incarnation: 1 << 63, Seq: 9}, N: 3}
	issue   = ledger.Issue{Asset: "points:green", Amount: 12, Funder: "m1", UnitCost: 1000, Expires: 21000, Active: 20785}
	draws   = []lot.Draw{{Lot: someLot, Amount: 5}, {Lot: lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 2}, N: 1}, Amount: lot.AmountMax}}
)

// What several kinds have inside.
var (
	pool        = []ledger.PoolPart{{Owner: 10001002, Draws: draws, Allowance: draws}}
	coupons     = []ledger.CouponUse{{Lot: someLot, Asset: "coupon:100-off-200", Fen: 10000}}
	once        = ledger.Once{Quota: draws, Claim: true}
	voucherBack = ledger.VoucherBack{
		Member: 10001001, Voucher: someLot, Benefit: "tea-set", Used: true, Day: 20780, Back: draws,
		Anew: []ledger.Anew{{From: someLot, Amount: 4, Expires: 21001}},
	}
	redemption = ledger.Redemption{
		Benefit: "tea-set", Asset: "points:green", Draws: draws, Voucher: issue, Pool: pool, Stock: draws, Quota: draws,
	}
	stake = ledger.Stake{
		Game: "wheel", Batch: "b1", Number: 77, Asset: "points:green", Draws: draws, Prize: "tea", Issues: []ledger.Issue{issue},
		Budget: draws, Quota: draws,
	}
)

// bodies has one body of every kind, with every field set.
func bodies() []ledger.Body {
	return []ledger.Body{
		&ledger.Open{
			Parent: ledger.Head{Incarnation: 5, Seq: 6, Hash: ledger.Hash{31: 7}}, Witness: ledger.BootWitness,
			Boot: "boot", Board: "board", Software: "soft", Named: ledger.Head{Incarnation: 5, Seq: 4, Hash: ledger.Hash{0: 7}},
			Trust: []ledger.Bound{{Asset: "benefit:", Each: 5000, Member: 10, Terminal: 11}},
		},
		&ledger.Stop{},
		&ledger.Sale{
			Receipt: 17, Day: 20779, Member: 10001001, Proof: member.ByCard,
			Lines: []ledger.Line{
				{Product: "06900001000112", Qty: 2, Fen: 9980, Deducted: 100, Merchant: "m1", Eco: true, Off: 50, Rounded: 3, Category: "rice", Brand: "hm"},
				{Product: "06900001000228", Qty: 1, Fen: 2680, Deducted: 2680, Merchant: "m2"},
			},
			Awards:    []ledger.Award{{Issue: issue, Rule: "base", Shares: []ledger.Share{{Line: 1, Amount: 12}, {Line: 2, Amount: 1}}, Base: 6}},
			Deduction: &ledger.Deduction{Asset: "points:consumption", Fen: 100, Draws: draws, Pool: pool},
			Tenders:   []ledger.Tender{{Kind: "cash", Fen: 10000}, {Kind: "card", Fen: 1}}, Change: 20,
			Coupons: coupons, Rounded: 3, Tier: "gold", Grade: "tree", Promotions: []ledger.Promotion{{Campaign: "spring", Fen: 50}}, Ceilings: []lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Terminal: 4, Incarnation: 7, Seq: 9}, N: 2}, Amount: 5000}},
			Redemptions: []ledger.Redemption{redemption}, Plays: []ledger.Stake{stake},
		},
		&ledger.Redeem{
			Member: 10001001, Proof: member.ByPass, Benefit: "tea-set", Asset: "points:green", Draws: draws,
			Voucher: ledger.Issue{Asset: "benefit:tea-set", Amount: 1, Funder: "m1", UnitCost: 600, Expires: 21000, Active: 1}, Day: 20779,
			Pool: pool, Stock: draws, Quota: draws,
		},
		&ledger.VoucherUse{Member: 10001001, Voucher: someLot, Benefit: "tea-set", Day: 20779, Proof: member.ByCard, Instead: "health-box"},
		&ledger.Decline{Action: ledger.KindRedeem, Code: "points-short", Member: 1, Asset: "points:green", Want: 9, Has: 8, AtHQ: 7, Elsewhere: 6},
		&ledger.NoteGiven{Member: 10001001, Draws: draws, Recall: 4},
		&ledger.AskGivenUp{Ask: 1 << 40},
		&ledger.Mark{},
		&ledger.Return{
			Of: someLot.Origin, Void: true, Day: 20780, Member: 10001001, Lines: []ledger.ReturnLine{{Line: 1, Qty: 2}}, Refund: 9880,
			Tenders: []ledger.Tender{{Kind: "cash", Fen: 9880}}, Claw: draws, Due: []ledger.Due{{Award: 1, Amount: 3}}, Back: draws,
			Anew: []ledger.Anew{{From: someLot, Amount: 4, Expires: 21001}},
			Sale: &ledger.Sale{
				Receipt: 18, Day: 20780, Member: 10001001, Proof: member.ByCard,
				Lines:     []ledger.Line{{Product: "06900001000112", Qty: 2, Fen: 9980, Deducted: 100, Merchant: "m1", Eco: true, Off: 50, Rounded: 3, Category: "rice", Brand: "hm"}},
				Awards:    []ledger.Award{{Issue: issue, Rule: "base", Shares: []ledger.Share{{Line: 1, Amount: 12}}, Base: 6}},
				Deduction: &ledger.Deduction{Asset: "points:consumption", Fen: 100, Draws: draws, Pool: pool},
				Tenders:   []ledger.Tender{{Kind: "cash", Fen: 10000}}, Change: 20,
				Coupons: coupons, Rounded: 3, Tier: "gold", Grade: "tree", Promotions: []ledger.Promotion{{Campaign: "spring", Fen: 50}}, Ceilings: []lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Terminal: 4, Incarnation: 7, Seq: 9}, N: 2}, Amount: 5000}},
				Redemptions: []ledger.Redemption{redemption}, Plays: []ledger.Stake{stake},
			},
			Vouchers: []ledger.VoucherBack{voucherBack},
			Ceilings: []lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Terminal: 4, Incarnation: 7, Seq: 9}, N: 2}, Amount: 5000}},
			Plays: []ledger.PlayBack{
				{Play: 1, Claw: draws, Due: []ledger.Due{{Award: ledger.PrizeFrom, Amount: 3}}, Back: draws, Anew: []ledger.Anew{{From: someLot, Amount: 4, Expires: 21001}}},
			},
		},
		&voucherBack,
		&ledger.Grant{Member: 10001001, Reason: "goodwill", Second: "k1", Issues: []ledger.Issue{issue}, Day: 20780, Once: once},
		&ledger.WriteOff{Member: 10001001, Reason: "mistake", Second: "k1", Asset: "points:green", Draws: draws},
		&ledger.Transfer{From: 10001001, Proof: member.ByCard, To: 10001002, Asset: "points:green", Draws: draws, Day: 20780},
		&ledger.SignIn{Out: true, Via: "pos"},
		&ledger.InForce{What: "programme", Before: "1-aa", After: "2-bb"},
		&ledger.ClockStep{Before: 1795000000000, After: 1795000009000},
		&ledger.Printed{Of: someLot.Origin, Job: 7, Attempt: 2, State: "unknown", Reason: "restart"},
		&ledger.Outage{From: 1795000000000, To: 1795000009000, Declined: 3, Refused: []ledger.Count{{Code: "points-short", N: 3}}},
		&ledger.Carry{
			Parent: ledger.Head{Incarnation: 5, Seq: 6, Hash: ledger.Hash{31: 7}}, Witness: ledger.SlipWitness,
			Named: ledger.Head{Incarnation: 5, Seq: 4, Hash: ledger.Hash{0: 7}},
		},
		&ledger.ReturnClaim{
			Second: "chen", Of: someLot.Origin, Day: 20780, Member: 10001001, Lines: []ledger.ReturnLine{{Line: 1, Qty: 2}}, Refund: 9880,
			Tenders: []ledger.Tender{{Kind: "cash", Fen: 9880}},
		},
		&ledger.CheckIn{
			Member: 10001001, Proof: member.ByCard, Activity: "lecture-1", Nonce: []byte{1, 2}, Issues: []ledger.Issue{issue}, Day: 20780, Once: once,
		},
		&ledger.Answer{
			Member: 10001001, Survey: "tea", Version: 2, Choices: []ledger.Choice{{Question: 1, Option: 3}},
			Issues: []ledger.Issue{issue}, Day: 20780, Once: once,
		},
		&ledger.QuotaMinted{Member: 10001001, Quota: issue, Day: 20780},
		&ledger.Play{Member: 10001001, Proof: member.ByPass, Day: 20780, Stake: stake},
		&ledger.Enrol{Member: 10001001, Phone: []byte{1, 2}, Card: "9900010001001", Sealed: []byte{3}, Day: 20780, Referrer: 10001002},
		&ledger.Consent{Member: 10001001, Purpose: "programme", Text: []byte{1}, Withdrawn: true, Guardian: 10001002, Sealed: []byte{7}},
		&ledger.StepUp{Action: ledger.KindWriteOff, Input: []byte{1}, Second: "k1", Reason: "mistake"},
		&ledger.Locked{Person: "li", Wrong: 10, Off: true},
		&ledger.PaperClaim{Member: 10001001, Of: someLot.Origin, Code: "JF1.R.ABC", Day: 20780},
		&ledger.NoteByHand{Signed: []byte{1, 2}},
		&ledger.Healed{Child: 6, Entries: 40},
		&ledger.Doubt{Witness: ledger.FileWitness, Named: ledger.Head{Incarnation: 5, Seq: 9, Hash: ledger.Hash{0: 9}}},
		&ledger.DayOpen{Day: 20780, Float: 50000},
		&ledger.DayClose{Day: 20780, Counted: 50100, Figures: ledger.Figures{
			Sales: 1, Returns: 2, Sold: 3, Off: 4, Deducted: 5, Rounded: 6, Refunded: 7, Vouchers: 8, HandOuts: 9, Since: 10,
			Tenders: []ledger.TenderSum{{Kind: "cash", Taken: 1, Given: 2}},
			Points:  []ledger.PointsSums{{Asset: "points:green", Earned: 1, Used: 2, Back: 3, Clawed: 4}},
		}},
		&ledger.Reprint{Of: someLot.Origin, Job: 7, Attempt: 2, Reason: "torn"},
	}
}

func full(b ledger.Body) ledger.Entry {
	return ledger.Entry{
		Wall: 1795000000000, Mono: 3600000, Clock: ledger.ClockSynced, Mark: 12, Actor: "c1", Lane: 2, Programme: "hongmi-green/1",
		Ref: "ref-1", Input: []byte{1, 2, 3}, Away: true, Body: b,
	}
}

func encode(t testing.TB, e ledger.Entry) []byte {
	t.Helper()
	b, err := ledger.Encode(e)
	if err != nil {
		t.Fatalf("Encode(%T) = %v, want nil", e.Body, err)
	}
	return b
}

// raw builds an entry's bytes by hand.
func raw(kind ledger.Kind, critical bool, body []byte) []byte {
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(kind))
	if critical {
		b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), 1)
	}
	return protowire.AppendBytes(protowire.AppendTag(b, 15, protowire.BytesType), body)
}

func TestEveryKindComesBackAsWritten(t *testing.T) {
	covered := map[ledger.Kind]bool{}
	for _, b := range bodies() {
		covered[b.Kind()] = true
		t.Run(reflect.TypeOf(b).Elem().Name(), func(t *testing.T) {
			if name := firstZero(reflect.ValueOf(b).Elem(), ""); name != "" {
				t.Fatalf("sample leaves %s empty: the test shows nothing about it", name)
			}
			want := full(b)
			got, err := ledger.Decode(encode(t, want))
			if err != nil {
				t.Fatalf("Decode() = %v, want nil", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Decode(Encode(e)) (-want +got):\n%s", diff)
			}
		})
	}
	for k := range ledger.Kind(1000) {
		_, err := ledger.Decode(raw(k, false, nil))
		if known := !errors.Is(err, ledger.ErrUnknownKind); known != covered[k] {
			t.Errorf("kind %d: known %v, has a sample %v", k, known, covered[k])
		}
	}
}

// firstZero names the first exported field without a value.
func firstZero(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Pointer:
		return firstZero(v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := firstZero(v.Field(i), path+"."+v.Type().Field(i).Name); name != "" {
				return name
			}
		}
		return ""
	case reflect.Slice:
		if v.Len() > 0 && v.Index(0).Kind() == reflect.Struct {
			return firstZero(v.Index(0), path+"[0]")
		}
	}
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return path
	}
	return ""
}

func TestCriticalIsWhatMovesRights(t *testing.T) {
	for _, b := range bodies() {
		moves := true
		switch b.(type) {
		case *ledger.Decline, *ledger.Mark, *ledger.SignIn, *ledger.InForce, *ledger.ClockStep, *ledger.Printed, *ledger.Outage,
			*ledger.Consent, *ledger.StepUp, *ledger.Locked, *ledger.Reprint:
			moves = false
		}
		if got, want := b.Critical(), moves; got != want {
			t.Errorf("%T.Critical() = %v, want %v", b, got, want)
		}
		// A build that does not know the kind reads the bit from the bytes.
		e, err := ledger.Decode(raw(999, b.Critical(), nil))
		if !errors.Is(err, ledger.ErrUnknownKind) || e.Body.Critical() != b.Critical() {
			t.Errorf("Decode(kind 999).Critical() = %v, %v, want %v, ErrUnknownKind", e.Body.Critical(), err, b.Critical())
		}
	}
}

func TestUnknownKindIsReadAsFarAsItGoes(t *testing.T) {
	b := encode(t, full(&ledger.Mark{}))
	n, size := protowire.ConsumeVarint(b[1:])
	if n != uint64(ledger.KindMark) || size != 1 {
		t.Fatalf("kind stands as %d in %d bytes", n, size)
	}
	b[1] = 99
	got, err := ledger.Decode(b)
	if !errors.Is(err, ledger.ErrUnknownKind) || errors.Is(err, codec.ErrMalformed) {
		t.Fatalf("Decode(kind 99) = %v, want ErrUnknownKind and nothing else", err)
	}
	if got.Body.Kind() != 99 {
		t.Errorf("Kind() = %d, want 99", got.Body.Kind())
	}
	want := full(nil)
	got.Body = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header of an unknown kind (-want +got):\n%s", diff)
	}
}

func TestUnknownFieldsArePassedOver(t *testing.T) {
	b := encode(t, full(&ledger.Stop{}))
	b = protowire.AppendVarint(protowire.AppendTag(b, 200, protowire.VarintType), 7)
	if _, err := ledger.Decode(b); err != nil {
		t.Errorf("Decode(entry with a newer field) = %v, want nil", err)
	}
}

func TestWhatIsNoEntryIsRefused(t *testing.T) {
	long := strings.Repeat("x", ledger.TextBytesMax+1)
	message := func(b ledger.Body) []byte { return raw(b.Kind(), true, codec.Marshal(b)) }
	sale := func(edit func(*ledger.Sale)) []byte {
		s := bodies()[2].(*ledger.Sale)
		edit(s)
		return message(s)
	}
	award := func(n lot.Amount) func(s *ledger.Sale) {
		return func(s *ledger.Sale) { s.Awards = []ledger.Award{{Issue: ledger.Issue{Asset: "points:a", Amount: n}}} }
	}
	for name, b := range map[string][]byte{
		"cut-short":              encode(t, full(&ledger.Stop{}))[:10],
		"no-field":               {0xff},
		"too-long":               append(encode(t, full(&ledger.Stop{})), make([]byte, ledger.EntryBytesMax)...),
		"body-cut-short":         raw(ledger.KindSale, true, []byte{0x08}),
		"text-not-utf8":          raw(ledger.KindOpen, true, []byte{0x1a, 1, 0xff}),
		"text-too-long":          message(&ledger.Open{Boot: long}),
		"reference-too-long":     encode(t, ledger.Entry{Ref: strings.Repeat("r", ledger.RefBytesMax+1), Body: &ledger.Stop{}}),
		"input-too-long":         encode(t, ledger.Entry{Input: make([]byte, 33), Body: &ledger.Stop{}}),
		"draw-of-nothing":        message(&ledger.NoteGiven{Draws: []lot.Draw{{Lot: someLot}}}),
		"draw-below-nothing":     message(&ledger.NoteGiven{Draws: []lot.Draw{{Lot: someLot, Amount: -1}}}),
		"draw-of-too-much":       message(&ledger.NoteGiven{Draws: []lot.Draw{{Lot: someLot, Amount: lot.AmountMax + 1}}}),
		"too-many-draws":         message(&ledger.NoteGiven{Draws: make([]lot.Draw, lot.HoldingsMax+1)}),
		"award-of-nothing":       sale(award(0)),
		"award-below-nothing":    sale(award(-1)),
		"award-of-too-much":      sale(award(lot.AmountMax + 1)),
		"award-without-issue":    raw(ledger.KindSale, true, []byte{0x32, 2, 0x12, 0}),
		"redeem-without-voucher": raw(ledger.KindRedeem, true, []byte{0x08, 1}),
		"line-below-nothing":     sale(func(s *ledger.Sale) { s.Lines[0].Fen = -1 }),
		"line-of-too-much":       sale(func(s *ledger.Sale) { s.Lines[0].Fen = lot.FenMax + 1 }),
		"line-deducted-over":     sale(func(s *ledger.Sale) { s.Lines[0].Deducted = s.Lines[0].Fen + 1 }),
		"line-of-less-than-none": sale(func(s *ledger.Sale) { s.Lines[0].Qty = -1 }),
		"tender-below-nothing":   sale(func(s *ledger.Sale) { s.Tenders[0].Fen = -1 }),
		"too-many-tenders":       sale(func(s *ledger.Sale) { s.Tenders = make([]ledger.Tender, ledger.TendersMax+1) }),
		"too-many-lines":         sale(func(s *ledger.Sale) { s.Lines = make([]ledger.Line, ledger.LinesMax+1) }),
		"negative-unit-cost":     sale(func(s *ledger.Sale) { s.Awards[0].UnitCost = -1 }),
		"line-off-and-more":      sale(func(s *ledger.Sale) { s.Lines[0].Off = s.Lines[0].Fen }),
		"rounded-below-nothing":  sale(func(s *ledger.Sale) { s.Rounded = -1 }),
		"change-below-nothing":   sale(func(s *ledger.Sale) { s.Change = -1 }),
		"base-over-the-award":    sale(func(s *ledger.Sale) { s.Awards[0].Base = s.Awards[0].Amount + 1 }),
		"coupon-below-nothing":   sale(func(s *ledger.Sale) { s.Coupons = []ledger.CouponUse{{Fen: -1}} }),
		"too-many-coupons":       sale(func(s *ledger.Sale) { s.Coupons = make([]ledger.CouponUse, ledger.CouponsMax+1) }),
		"too-many-plays":         sale(func(s *ledger.Sale) { s.Plays = make([]ledger.Stake, ledger.PlaysMax+1) }),
		"redemption-of-nothing":  sale(func(s *ledger.Sale) { s.Redemptions = []ledger.Redemption{{}} }),
		"too-many-prizes":        message(&ledger.Play{Stake: ledger.Stake{Issues: slices.Repeat([]ledger.Issue{issue}, ledger.PrizesMax+1)}}),
		"pool-of-nobody":         message(&ledger.Redeem{Voucher: issue, Pool: []ledger.PoolPart{{Draws: draws, Allowance: draws}}}),
		"pool-over-allowance":    message(&ledger.Redeem{Voucher: issue, Pool: []ledger.PoolPart{{Owner: 1, Draws: draws, Allowance: draws[:1]}}}),
		"too-large-a-pool":       message(&ledger.Redeem{Voucher: issue, Pool: slices.Repeat(pool, ledger.PoolMax+1)}),
		"return-of-nothing":      message(&ledger.Return{Lines: []ledger.ReturnLine{{}}}),
		"refund-below-nothing":   message(&ledger.Return{Refund: -1}),
		"claim-below-nothing":    message(&ledger.ReturnClaim{Refund: -1}),
		"due-of-nothing":         message(&ledger.Return{Due: []ledger.Due{{}}}),
		"anew-of-nothing":        message(&ledger.Return{Anew: []ledger.Anew{{}}}),
		"quota-of-nothing":       raw(ledger.KindQuotaMinted, true, []byte{0x08, 1}),
		"float-below-nothing":    message(&ledger.DayOpen{Float: -1}),
		"count-below-nothing":    message(&ledger.DayClose{Counted: -1}),
		"too-many-answers":       message(&ledger.Answer{Choices: make([]ledger.Choice, ledger.AnswersMax+1)}),
		"nonce-too-long":         message(&ledger.CheckIn{Nonce: make([]byte, 17)}),
		"sealed-too-long":        message(&ledger.Enrol{Sealed: make([]byte, ledger.SealedBytesMax+1)}),
		"too-many-figures":       message(&ledger.DayClose{Figures: ledger.Figures{Tenders: make([]ledger.TenderSum, ledger.FiguresMax+1)}}),
	} {
		t.Run(name, func(t *testing.T) {
			e, err := ledger.Decode(b)
			if !errors.Is(err, codec.ErrMalformed) {
				t.Errorf("Decode() = %+v, %v, want an error that matches ErrMalformed", e, err)
			}
		})
	}
}

func TestTooLargeAnEntryIsNotWritten(t *testing.T) {
	sale := &ledger.Sale{}
	for range ledger.LinesMax {
		sale.Lines = append(sale.Lines, ledger.Line{Product: strings.Repeat("p", 64), Qty: 1, Fen: 1, Merchant: strings.Repeat("m", 64)})
	}
	if b, err := ledger.Encode(ledger.Entry{Body: sale}); err == nil {
		t.Errorf("Encode(sale of %d bytes) = nil, want an error", len(b))
	}
}

func TestSaleTotal(t *testing.T) {
	if got := bodies()[2].(*ledger.Sale).Total(); got != 9980+2680 {
		t.Errorf("Total() = %d, want %d", got, 9980+2680)
	}
}
