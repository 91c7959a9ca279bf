package hqtest

import (
	"fmt"
	"math"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

const (
	green = lot.Asset("points:green")
	tea   = lot.Asset("benefit:tea-set")
)

// The places that the tests use.
var (
	issued = book.Place{Kind: book.Issued}
	atHQ   = book.Place{Kind: book.AtHQ}
	atTill = book.Place{Kind: book.AtTerminal, Terminal: 3, Incarnation: wide}
	later  = book.Place{Kind: book.AtTerminal, Terminal: 3, Incarnation: small}
	flight = book.Place{Kind: book.InFlight}
	spent  = book.Place{Kind: book.Spent}
	risk   = book.Place{Kind: book.Risk, Terminal: 3}

	expired = book.Place{Kind: book.Expired}
	netted  = book.Place{Kind: book.Netted}
)

func sampleLot(n uint32, owner member.ID, asset lot.Asset) lot.Lot {
	return lot.Lot{
		ID:    lot.ID{Origin: lot.Origin{Terminal: 3, Incarnation: uint64(wide), Seq: math.MaxUint64}, N: n},
		Owner: owner, Asset: asset, Amount: 100, Funder: "商户 9", UnitCost: 1200, Earned: 20_000, Expires: 20_365, Terms: "v1",
		Active: 20_010, From: lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 7}, N: 2},
	}
}

func move(id lot.ID, from, to book.Place, amount lot.Amount) []book.Post {
	return []book.Post{{Lot: id, Place: from, Amount: -amount}, {Lot: id, Place: to, Amount: amount}}
}

// issue puts lots into the book, all of them at HQ.
func (b *bench) issue(lots ...lot.Lot) {
	b.t.Helper()
	b.update(func(tx book.Tx) error {
		for _, l := range lots {
			if err := tx.PutLot(l); err != nil {
				return err
			}
			if err := tx.Post(move(l.ID, issued, atHQ, l.Amount)); err != nil {
				return err
			}
		}
		return nil
	})
}

// sums are the sums of all accounts of one asset by place.
func (b *bench) sums(tx book.Tx, asset lot.Asset) map[book.PlaceKind]lot.Amount {
	b.t.Helper()
	all, err := tx.Accounts()
	if err != nil {
		b.t.Fatalf("Accounts() = %v, want nil", err)
	}
	out := map[book.PlaceKind]lot.Amount{}
	for _, a := range all {
		if a.Asset == asset && a.Amount != 0 {
			out[a.Kind] = a.Amount
		}
	}
	return out
}

func lotsNeverChange(_ *testing.T, b *bench) {
	l := sampleLot(math.MaxUint32, math.MaxUint64, green)
	other := l
	other.Amount, other.Owner, other.From = 7, 8, lot.ID{}
	b.update(func(tx book.Tx) error {
		if err := tx.PutLot(l); err != nil {
			return err
		}
		return tx.PutLot(other)
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Lot(l.ID)
		b.same("Lot()", got, err, l)
	})
}

func postsAddUp(_ *testing.T, b *bench) {
	l := sampleLot(0, 1017, green)
	b.issue(l)
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, atHQ, flight, 60)) })
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, flight, atTill, 40)) })
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, atTill, spent, 40)) })
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, risk, spent, 5)) })
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, atHQ, expired, 7)) })
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, atHQ, netted, 3)) })
	b.update(func(tx book.Tx) error { return tx.Post(nil) })
	b.view(func(tx book.Tx) {
		b.same("sums of green", b.sums(tx, green), nil, map[book.PlaceKind]lot.Amount{
			book.Issued: -100, book.AtHQ: 30, book.InFlight: 20, book.Spent: 45, book.Risk: -5, book.Expired: 7, book.Netted: 3,
		})
	})
}

// postsAsAWhole: within one call the order of postings does not matter.
func postsAsAWhole(_ *testing.T, b *bench) {
	l := sampleLot(0, 1017, green)
	b.issue(l)
	b.update(func(tx book.Tx) error {
		posts := append(move(l.ID, atTill, spent, 30), move(l.ID, atHQ, atTill, 30)...)
		return tx.Post(append(posts, move(l.ID, later, later, 10)...))
	})
	b.view(func(tx book.Tx) {
		b.same("sums of green", b.sums(tx, green), nil,
			map[book.PlaceKind]lot.Amount{book.Issued: -100, book.AtHQ: 70, book.Spent: 30})
	})
}

func overdrawnRefused(_ *testing.T, b *bench) {
	l := sampleLot(0, 1017, green)
	b.issue(l)
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, atHQ, atTill, 10)) })
	for name, posts := range map[string][]book.Post{
		"HQ":                  move(l.ID, atHQ, flight, 91),
		"a terminal":          move(l.ID, atTill, spent, 11),
		"another incarnation": move(l.ID, later, spent, 1),
		"notes":               move(l.ID, flight, atHQ, 1),
		"spent":               move(l.ID, spent, atHQ, 1),
		"after a good one":    append(move(l.ID, atHQ, spent, 5), move(l.ID, atTill, spent, 11)...),
		"beyond all numbers":  {{Lot: l.ID, Place: atHQ, Amount: math.MaxInt64}, {Lot: l.ID, Place: atHQ, Amount: math.MaxInt64}},
		"below all numbers":   {{Lot: l.ID, Place: issued, Amount: math.MinInt64}},
		"no such place":       {{Lot: l.ID, Place: book.Place{Kind: 99}, Amount: 1}},
	} {
		b.refused(name, func(tx book.Tx) error { return tx.Post(posts) })
	}
	b.view(func(tx book.Tx) {
		b.same("sums of green", b.sums(tx, green), nil,
			map[book.PlaceKind]lot.Amount{book.Issued: -100, book.AtHQ: 90, book.AtTerminal: 10})
	})
}

func unknownLotRefused(_ *testing.T, b *bench) {
	id := sampleLot(9, 1, green).ID
	b.notFound("Update(Post to an unknown lot)", b.Update(func(tx book.Tx) error { return tx.Post(move(id, issued, atHQ, 1)) }))
}

func freeAtHQ(_ *testing.T, b *bench) {
	one, two, three := sampleLot(1, 1017, green), sampleLot(2, 1017, tea), sampleLot(16, 1017, green)
	hqs := sampleLot(0, 1017, green)
	hqs.ID = lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 300}}
	b.issue(three, two, one, hqs, sampleLot(5, 1018, green))
	b.update(func(tx book.Tx) error {
		if err := tx.Post(move(one.ID, atHQ, atTill, 100)); err != nil {
			return err
		}
		return tx.Post(move(two.ID, atHQ, flight, 1))
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Free(1017)
		b.same("Free(1017)", got, err, []lot.Holding{{Lot: hqs, Amount: 100}, {Lot: two, Amount: 99}, {Lot: three, Amount: 100}})
		got, err = tx.Free(1)
		b.same("Free(nobody)", got, err, []lot.Holding(nil))
	})
}

func accountsByAsset(_ *testing.T, b *bench) {
	b.issue(sampleLot(1, 1017, green), sampleLot(2, 1018, green), sampleLot(3, 0, tea))
	b.view(func(tx book.Tx) {
		got, err := tx.Accounts()
		b.same("Accounts()", got, err, []book.AccountSum{
			{Asset: tea, Kind: book.Issued, Amount: -100}, {Asset: tea, Kind: book.AtHQ, Amount: 100},
			{Asset: green, Kind: book.Issued, Amount: -200}, {Asset: green, Kind: book.AtHQ, Amount: 200},
		})
	})
}

func unbalancedFound(_ *testing.T, b *bench) {
	var lots []lot.Lot
	for n := range uint32(100) {
		lots = append(lots, sampleLot(n, 1017, green))
	}
	b.issue(lots...)
	b.planted = []lot.ID{lots[9].ID, lots[70].ID}
	b.update(func(tx book.Tx) error {
		return tx.Post([]book.Post{{Lot: lots[70].ID, Place: atTill, Amount: 1}, {Lot: lots[9].ID, Place: atHQ, Amount: -1}})
	})
	b.view(func(tx book.Tx) {
		for limit, want := range [][]lot.ID{nil, b.planted[:1], b.planted} {
			got, err := tx.Unbalanced(limit)
			b.same(fmt.Sprintf("Unbalanced(%d)", limit), got, err, want)
		}
	})
}
