package hqtest

import (
	"crypto/ed25519"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

func metaByName(_ *testing.T, b *bench) {
	b.update(func(tx book.Tx) error {
		if err := tx.PutMeta("epoch", "1"); err != nil {
			return err
		}
		if err := tx.PutMeta("key", "红'\"$1"); err != nil {
			return err
		}
		return tx.PutMeta("epoch", "2")
	})
	b.view(func(tx book.Tx) {
		for name, want := range map[string]string{"epoch": "2", "key": "红'\"$1", "absent": ""} {
			got, err := tx.Meta(name)
			b.same("Meta("+name+")", got, err, want)
		}
	})
}

func sampleTerminal(id ledger.TerminalID) book.Terminal {
	return book.Terminal{
		ID: id, Name: "收银台 1", Store: "西湖店", Key: ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)),
		Software: "jifen 0.1", Heard: time.UnixMilli(1_800_000_000_123).UTC(), Said: headAt(wide, math.MaxUint64),
		Backlog: math.MaxUint64, Oldest: time.UnixMilli(1_700_000_000_001).UTC(), Has: headAt(small, 17),
		Entries: 40, Parked: 2, DownSeq: 9, DownApplied: 8, Trouble: "two boards with one identity",
	}
}

func terminalsAsWritten(_ *testing.T, b *bench) {
	full, bare := sampleTerminal(2_000_000_000), book.Terminal{ID: 7}
	changed := full
	changed.Trouble, changed.Heard, changed.Key = "", time.Time{}, nil
	b.update(func(tx book.Tx) error {
		if err := tx.PutTerminal(full); err != nil {
			return err
		}
		return tx.PutTerminal(bare)
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Terminals()
		b.same("Terminals()", got, err, []book.Terminal{bare, full})
		one, err := tx.Terminal(full.ID)
		b.same("Terminal(full)", one, err, full)
	})
	b.update(func(tx book.Tx) error { return tx.PutTerminal(changed) })
	b.view(func(tx book.Tx) {
		one, err := tx.Terminal(full.ID)
		b.same("Terminal(changed)", one, err, changed)
	})
}

func entriesAsReceived(_ *testing.T, b *bench) {
	all := entriesOf(3, wide, 1, 300, 5000)
	b.update(func(tx book.Tx) error { return tx.AppendEntries(3, all[:257]) })
	b.update(func(tx book.Tx) error {
		if err := tx.AppendEntries(3, nil); err != nil {
			return err
		}
		return tx.AppendEntries(3, all[257:])
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Entries(3, wide, 0, 1000)
		b.same("Entries(all)", got, err, all)
		got, err = tx.Entries(3, wide, 254, 5)
		b.same("Entries(after 254, 5)", got, err, all[254:259])
		got, err = tx.Entries(3, wide, 300, 5)
		b.same("Entries(after the newest)", got, err, []book.Entry(nil))
		got, err = tx.Entries(4, wide, 0, 5)
		b.same("Entries(of another)", got, err, []book.Entry(nil))
		one, err := tx.Entry(3, wide, 258)
		b.same("Entry(258)", one, err, all[257])
	})
}

func entriesWithoutGap(_ *testing.T, b *bench) {
	b.update(func(tx book.Tx) error { return tx.AppendEntries(3, entriesOf(3, wide, 1, 4, 0)) })
	b.refused("a gap", func(tx book.Tx) error { return tx.AppendEntries(3, entriesOf(3, wide, 6, 6, 0)) })
	b.refused("a second time", func(tx book.Tx) error { return tx.AppendEntries(3, entriesOf(3, wide, 4, 5, 0)) })
	b.refused("not from 1", func(tx book.Tx) error { return tx.AppendEntries(3, entriesOf(3, small, 2, 2, 0)) })
	b.refused("a gap inside", func(tx book.Tx) error {
		return tx.AppendEntries(3, append(entriesOf(3, wide, 5, 5, 0), entriesOf(3, wide, 7, 7, 0)...))
	})
	b.refused("two incarnations", func(tx book.Tx) error {
		return tx.AppendEntries(3, append(entriesOf(3, wide, 5, 5, 0), entriesOf(3, small, 6, 6, 0)...))
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Streams(3)
		b.same("Streams(3)", got, err, []ledger.Head{headAt(wide, 4)})
	})
}

func streamsOldestFirst(_ *testing.T, b *bench) {
	b.update(func(tx book.Tx) error {
		if err := tx.AppendEntries(3, entriesOf(3, wide, 1, 2, 0)); err != nil {
			return err
		}
		if err := tx.AppendEntries(3, entriesOf(3, small, 1, 5, 0)); err != nil {
			return err
		}
		return tx.AppendEntries(4, entriesOf(4, small, 1, 1, 0))
	})
	b.update(func(tx book.Tx) error { return tx.AppendEntries(3, entriesOf(3, wide, 3, 3, 0)) })
	b.view(func(tx book.Tx) {
		got, err := tx.Streams(3)
		b.same("Streams(3)", got, err, []ledger.Head{headAt(wide, 3), headAt(small, 5)})
		got, err = tx.Streams(5)
		b.same("Streams(unknown)", got, err, []ledger.Head(nil))
	})
}

func recentByReceipt(_ *testing.T, b *bench) {
	early, late := entriesOf(3, wide, 1, 4, 1_000), entriesOf(4, small, 1, 4, 2_500)
	b.update(func(tx book.Tx) error {
		for id, e := range map[ledger.TerminalID][]book.Entry{3: early, 4: late} {
			if err := tx.AppendEntries(id, e); err != nil {
				return err
			}
		}
		return nil
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Recent(5)
		b.same("Recent(5)", got, err, []book.Entry{late[3], late[2], early[3], late[1], early[2]})
		got, err = tx.Recent(3)
		b.same("Recent(3)", got, err, []book.Entry{late[3], late[2], early[3]})
		got, err = tx.Recent(1)
		b.same("Recent(1)", got, err, []book.Entry{late[3]})
		got, err = tx.Recent(100)
		b.same("len(Recent(100))", len(got), err, 8)
	})
}

func stateByTerminal(t *testing.T, b *bench) {
	rows := [][2]string{{"", "empty key"}, {"\x00", "zero"}, {"a", ""}, {"a\x00b", "\xff\xfe"}, {"b", "plain"}, {"\xff", "last"}}
	b.update(func(tx book.Tx) error {
		for _, r := range slices.Backward(rows) {
			if err := tx.PutState(3, []byte(r[0]), []byte(r[1])); err != nil {
				return err
			}
		}
		got, err := tx.State(3).Get([]byte("b"))
		b.same("Get(b) in its own transaction", got, err, []byte("plain"))
		if err := tx.PutState(4, []byte("b"), []byte("other")); err != nil {
			return err
		}
		return tx.PutState(3, []byte("b"), []byte("changed"))
	})
	rows[4][1] = "changed"
	b.view(func(tx book.Tx) {
		keys, values, err := tx.StateRows(3)
		if err != nil || len(keys) != len(rows) || len(values) != len(rows) {
			t.Fatalf("StateRows(3) = %d keys, %d values, %v, want %d", len(keys), len(values), err, len(rows))
		}
		for n, r := range rows {
			b.same("StateRows(3)", [2]string{string(keys[n]), string(values[n])}, nil, r)
			got, err := tx.State(3).Get([]byte(r[0]))
			b.same("Get("+r[0]+")", string(got), err, r[1])
		}
		got, err := tx.State(3).Get([]byte("absent"))
		b.same("Get(absent)", got, err, []byte(nil))
	})
}

func downInOrder(_ *testing.T, b *bench) {
	b.update(func(tx book.Tx) error {
		for seq := ledger.DownSeq(1); seq <= 3; seq++ {
			if err := tx.AppendDown(3, seq, []byte{0, byte(seq)}); err != nil {
				return err
			}
		}
		return tx.AppendDown(4, 1, []byte("other"))
	})
	b.refused("a gap", func(tx book.Tx) error { return tx.AppendDown(3, 5, nil) })
	b.refused("a second time", func(tx book.Tx) error { return tx.AppendDown(3, 3, nil) })
	b.view(func(tx book.Tx) {
		got, err := tx.Down(3, 0, 2)
		b.same("Down(3, 0, 2)", got, err, [][]byte{{0, 1}, {0, 2}})
		got, err = tx.Down(3, 2, 9)
		b.same("Down(3, 2, 9)", got, err, [][]byte{{0, 3}})
		got, err = tx.Down(3, 3, 9)
		b.same("Down(3, 3, 9)", got, err, [][]byte(nil))
	})
}

func officeByEpoch(_ *testing.T, b *bench) {
	for _, c := range []struct{ epoch, want uint64 }{{1, 1}, {1, 2}, {math.MaxUint64, 1}, {1, 3}, {math.MaxUint64, 2}} {
		b.update(func(tx book.Tx) error {
			got, err := tx.AppendOffice(c.epoch, 1_800_000_000_000, "issue", []byte{0, 1})
			b.same("AppendOffice()", got, err, c.want)
			return err
		})
	}
}

func alarmsNewestFirst(_ *testing.T, b *bench) {
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	a := book.Alarm{At: at(2000), Terminal: 3, Code: "alarm-fork", Detail: "第 7 条"}
	c := book.Alarm{At: at(3000), Code: "alarm-disk"}
	d := book.Alarm{At: at(2000), Terminal: 3, Code: "alarm-gap"}
	b.update(func(tx book.Tx) error {
		for _, v := range []book.Alarm{a, c, d} {
			if err := tx.AddAlarm(v); err != nil {
				return err
			}
		}
		return nil
	})
	b.view(func(tx book.Tx) {
		got, err := tx.Alarms(10)
		b.same("Alarms(10)", got, err, []book.Alarm{c, d, a})
		got, err = tx.Alarms(2)
		b.same("Alarms(2)", got, err, []book.Alarm{c, d})
	})
}

func refusedBytesAsTheyCame(_ *testing.T, b *bench) {
	b.update(func(tx book.Tx) error {
		return errors.Join(
			tx.Quarantine(3, 2000, "not an entry: \xff\x00", []byte{0xff, 0}),
			tx.Quarantine(0, 3000, "no topic of ours", nil),
			tx.Quarantine(3, 4000, "fork", []byte("raw")),
		)
	})
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	first := book.Refusal{Terminal: 3, Number: 1, At: at(2000), Why: "not an entry: \uFFFD\uFFFD", Raw: []byte{0xff, 0}}
	nobody := book.Refusal{Number: 1, At: at(3000), Why: "no topic of ours", Raw: []byte{}}
	second := book.Refusal{Terminal: 3, Number: 2, At: at(4000), Why: "fork", Raw: []byte("raw")}
	b.view(func(tx book.Tx) {
		got, err := tx.Refusals(10)
		b.same("Refusals(10)", got, err, []book.Refusal{second, nobody, first})
		got, err = tx.Refusals(1)
		b.same("Refusals(1)", got, err, []book.Refusal{second})
		one, err := tx.Refusal(3, 1)
		b.same("Refusal(3, 1)", one, err, first)
		if _, err = tx.Refusal(3, 3); !errors.Is(err, book.ErrNotFound) {
			b.t.Errorf("Refusal(3, 3) = %v, want ErrNotFound", err)
		}
	})
}
