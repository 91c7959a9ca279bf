package hqtest

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// officeListed: HQ's own journal comes back in order, epoch after epoch.
func officeListed(_ *testing.T, b *bench) {
	var all []book.OfficeEntry
	for _, e := range []book.OfficeEntry{
		{Epoch: 1, Seq: 1, Wall: 5, Kind: "opening", Body: []byte{0, 0xff}},
		{Epoch: 1, Seq: 2, Wall: 5, Kind: "note", Body: []byte("b")},
		{Epoch: math.MaxUint64, Seq: 1, Wall: 4, Kind: "note", Body: []byte("c")},
	} {
		all = append(all, e)
		b.update(func(tx book.Tx) error {
			_, err := tx.AppendOffice(e.Epoch, e.Wall, e.Kind, e.Body)
			return err
		})
	}
	b.view(func(tx book.Tx) {
		got, err := tx.Office(0, 0, 9)
		b.same("Office(all)", got, err, all)
		got, err = tx.Office(1, 1, 1)
		b.same("Office(after 1/1, 1)", got, err, all[1:2])
		got, err = tx.Office(1, 2, 9)
		b.same("Office(after 1/2)", got, err, all[2:])
		got, err = tx.Office(math.MaxUint64, 1, 9)
		b.same("Office(after the newest)", got, err, []book.OfficeEntry(nil))
	})
}

func deskByKey(_ *testing.T, b *bench) {
	rows := [][2]string{{"a", "1"}, {"a\x00", ""}, {"a\xff", "\xff\x00"}, {"b", "2"}, {"b\x01", "3"}}
	b.update(func(tx book.Tx) error {
		for _, r := range slices.Backward(rows) {
			if err := tx.PutDesk([]byte(r[0]), []byte(r[1])); err != nil {
				return err
			}
		}
		got, err := tx.Desk().Get([]byte("b"))
		b.same("Get(b) in its own transaction", got, err, []byte("2"))
		return tx.PutDesk([]byte("b"), []byte("changed"))
	})
	rows[3][1] = "changed"
	b.view(func(tx book.Tx) {
		for prefix, want := range map[string][][2]string{"": rows, "a": rows[:3], "b": rows[3:], "a\xff": rows[2:3], "c": {}} {
			keys, values, err := tx.DeskRows([]byte(prefix))
			got := [][2]string{}
			for n := range keys {
				got = append(got, [2]string{string(keys[n]), string(values[n])})
			}
			b.same("DeskRows("+prefix+")", got, err, want)
		}
		got, err := tx.Desk().Get([]byte("absent"))
		b.same("Get(absent)", got, err, []byte(nil))
		before, err := tx.Desk().Get([]byte("b"))
		b.same("DeskAhead", nil, errors.Join(err, tx.DeskAhead([][]byte{[]byte("b"), []byte("absent")})), nil)
		got, err = tx.Desk().Get([]byte("b"))
		b.same("Get(b) read ahead", got, err, before)
		got, err = tx.Desk().Get([]byte("absent"))
		b.same("Get(absent) read ahead", got, err, []byte(nil))
	})
}

func accountsListed(_ *testing.T, b *bench) {
	one, two, other := sampleLot(1, 1017, green), sampleLot(2, 1017, tea), sampleLot(3, 1018, green)
	one.From = lot.ID{} // the others came from somebody else
	b.issue(two, one, other)
	b.update(func(tx book.Tx) error {
		return tx.Post(append(move(one.ID, atHQ, atTill, 10), move(two.ID, atHQ, spent, 100)...))
	})
	first := []book.Account{{Lot: one, Place: issued, Amount: -100}, {Lot: one, Place: atHQ, Amount: 90}, {Lot: one, Place: atTill, Amount: 10}}
	second := []book.Account{{Lot: two, Place: issued, Amount: -100}, {Lot: two, Place: spent, Amount: 100}}
	b.view(func(tx book.Tx) {
		got, err := tx.Owned(1017)
		b.same("Owned(1017)", got, err, append(slices.Clone(first), second...))
		got, err = tx.OwnedOf(1017, "benefit:")
		b.same("OwnedOf(1017, benefits)", got, err, second)
		got, err = tx.OwnedOf(1017, tea[:len(tea)-1])
		b.same("OwnedOf(1017, what tea begins with)", got, err, []book.Account(nil))
		got, err = tx.OwnedOf(1017, green)
		b.same("OwnedOf(1017, green)", got, err, first)
		got, err = tx.OwnedOf(1018, tea)
		b.same("OwnedOf(1018, tea)", got, err, []book.Account(nil))
		got, err = tx.Held(1017)
		b.same("Held(1017)", got, err, first[1:])
		earned, err := tx.Earned(green, []member.ID{1018, 1017, 1017, 1099})
		b.same("Earned(green)", earned, err, []book.Earned{{Owner: 1017, Day: one.Earned, Amount: 100}})
		got, err = tx.AccountsOf(two.ID)
		b.same("AccountsOf(two)", got, err, second)
		got, err = tx.AccountsOf(sampleLot(9, 1, tea).ID)
		b.same("AccountsOf(unknown)", got, err, []book.Account(nil))
		got, err = tx.Ledger(lot.ID{}, 1)
		b.same("Ledger(first lot)", got, err, first)
		got, err = tx.Ledger(one.ID, 1)
		b.same("Ledger(second lot)", got[:1], err, second[:1])
		got, err = tx.Ledger(other.ID, 9)
		b.same("Ledger(after the last)", got, err, []book.Account(nil))
	})
}

func lapsedAtHQ(_ *testing.T, b *bench) {
	lots := []lot.Lot{sampleLot(1, 1017, green), sampleLot(2, 1017, green), sampleLot(3, 1018, green), sampleLot(4, 1018, tea)}
	lots[1].Expires, lots[2].Expires = 0, lots[0].Expires+1
	b.issue(lots...)
	b.update(func(tx book.Tx) error { return tx.Post(move(lots[3].ID, atHQ, atTill, 100)) })
	day := lots[0].Expires
	b.view(func(tx book.Tx) {
		got, err := tx.Lapsed(day, lot.ID{}, 9)
		b.same("Lapsed(last day)", got, err, []lot.Holding(nil))
		got, err = tx.Lapsed(day+1, lot.ID{}, 9)
		b.same("Lapsed(day after)", got, err, []lot.Holding{{Lot: lots[0], Amount: 100}})
		got, err = tx.Lapsed(day+2, lot.ID{}, 1)
		b.same("Lapsed(one)", got, err, []lot.Holding{{Lot: lots[0], Amount: 100}})
		got, err = tx.Lapsed(day+2, lots[0].ID, 9)
		b.same("Lapsed(after the first)", got, err, []lot.Holding{{Lot: lots[2], Amount: 100}})
	})
}

// grantsWait: what the log has is forgotten, and the rest stays in order.
func grantsWait(_ *testing.T, b *bench) {
	b.update(func(tx book.Tx) error {
		for n := range uint64(5) {
			if err := tx.PutGrant(n+7, []byte{byte(n), 0xff}); err != nil {
				return err
			}
		}
		return tx.DropGrants(8)
	})
	b.refused("a grant's number twice", func(tx book.Tx) error { return tx.PutGrant(9, nil) })
	b.view(func(tx book.Tx) {
		got, err := tx.Grants(0, 2)
		b.same("Grants(0, 2)", got, err, []book.Grant{{N: 9, Raw: []byte{2, 0xff}}, {N: 10, Raw: []byte{3, 0xff}}})
		got, err = tx.Grants(10, 9)
		b.same("Grants(10, 9)", got, err, []book.Grant{{N: 11, Raw: []byte{4, 0xff}}})
	})
	b.update(func(tx book.Tx) error { return tx.DropGrants(100) })
	b.view(func(tx book.Tx) {
		got, err := tx.Grants(0, 9)
		b.same("Grants() of none", got, err, []book.Grant(nil))
	})
}

// awaitedOwes: a place that stands for another one may be below zero.
func awaitedOwes(_ *testing.T, b *bench) {
	l := sampleLot(1, 1017, green)
	b.issue(l)
	there := book.Place{Kind: book.AtHQ.Awaited()}
	b.update(func(tx book.Tx) error { return tx.Post(move(l.ID, there, flight, 30)) })
	b.view(func(tx book.Tx) {
		b.same("sums of green", b.sums(tx, green), nil,
			map[book.PlaceKind]lot.Amount{book.Issued: -100, book.AtHQ: 100, book.InFlight: 30, there.Kind: -30})
		free, err := tx.Free(1017)
		b.same("Free(1017)", free, err, []lot.Holding{{Lot: l, Amount: 100}})
	})
}
