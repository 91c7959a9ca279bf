package fold_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Names that the tests share.
const (
	here    ledger.TerminalID  = 7
	first   ledger.Incarnation = 0xa1
	second  ledger.Incarnation = 0xb2
	wang    member.ID          = 10001001
	zhang   member.ID          = 10001138
	green   lot.Asset          = "points:green"
	points  lot.Asset          = "points:consumption"
	teaSet  lot.Asset          = "benefit:tea-set"
	version                    = "hongmi/1"
)

type table = fold.Memory

// fact is one thing that was folded, kept to be folded again.
type fact struct {
	incarnation ledger.Incarnation
	raw         []byte
	down        *ledger.Down
}

// bench is a terminal's fold with its journals.
type bench struct {
	t     rapid.TB
	table table
	state *fold.State
	facts []fact
	read  table // what was read back already
}

func newBench(t rapid.TB) *bench {
	b := &bench{t: t, table: table{}, read: table{}}
	b.load()
	return b
}

// opened is a bench in its first incarnation.
func opened(t rapid.TB) *bench {
	b := newBench(t)
	b.open(first, ledger.NoWitness)
	return b
}

func (b *bench) load() {
	b.t.Helper()
	s, err := fold.Load(here, b.table)
	if err != nil {
		b.t.Fatalf("Load() = %v, want nil", err)
	}
	b.state = s
}

func (b *bench) flush() {
	b.t.Helper()
	if err := b.state.Flush(b.table.Put); err != nil {
		b.t.Fatalf("Flush() = %v, want nil", err)
	}
	b.load()
	b.readable()
	b.conserved()
}

// readable reads every record again: one that cannot be read back would end
// the terminal for good.
func (b *bench) readable() {
	b.t.Helper()
	for key, value := range b.table {
		if bytes.Equal(value, b.read[key]) {
			continue
		}
		record := map[byte]codec.Message{
			'h': &fold.Head{}, 'm': &fold.Member{}, 'v': &fold.Voucher{}, 's': &fold.Sale{}, 't': &fold.Total{}, 'c': &fold.Claim{}, 'd': &ledger.Figures{},
		}[key[0]]
		if record == nil {
			continue // it only has to be there
		}
		if err := codec.Unmarshal(value, record); err != nil {
			b.t.Fatalf("record %x cannot be read back: %v", key, err)
		}
		if again := codec.Marshal(record); !bytes.Equal(again, value) {
			b.t.Fatalf("record %x is %x, written again %x", key, value, again)
		}
		b.read[key] = value
	}
}

// conserved holds what all members have here against the totals.
func (b *bench) conserved() {
	b.t.Helper()
	held := map[lot.Asset]lot.Amount{}
	for key, value := range b.table {
		if err := fold.AddHeld([]byte(key), value, held); err != nil {
			b.t.Fatalf("AddHeld(%x) = %v, want nil", key, err)
		}
	}
	for _, total := range b.totals() {
		if held[total.Asset] != total.Held() {
			b.t.Fatalf("members hold %d of %s, the totals say %d", held[total.Asset], total.Asset, total.Held())
		}
		delete(held, total.Asset)
	}
	for asset, n := range held {
		if n != 0 {
			b.t.Fatalf("members hold %d of %s, of which there is no total", n, asset)
		}
	}
}

// try applies an entry with the mark that is right, and throws the state away
// if it is refused.
func (b *bench) try(i ledger.Incarnation, body ledger.Body) (fold.Effects, error) {
	b.t.Helper()
	return b.tryRaw(i, b.encode(body))
}

func (b *bench) encode(body ledger.Body) []byte {
	b.t.Helper()
	raw, err := ledger.Encode(ledger.Entry{Mark: b.state.Mark(), Programme: version, Actor: "c1", Lane: 3, Wall: 99, Body: body})
	if err != nil {
		b.t.Fatalf("Encode(%T) = %v, want nil", body, err)
	}
	return raw
}

func (b *bench) tryRaw(i ledger.Incarnation, raw []byte) (fold.Effects, error) {
	b.t.Helper()
	before := maps.Clone(b.table)
	effects, err := b.state.Apply(i, raw)
	if err != nil {
		b.load()
		b.untouched(before)
		return effects, err
	}
	b.facts = append(b.facts, fact{incarnation: i, raw: raw})
	b.flush()
	return effects, nil
}

func (b *bench) untouched(before table) {
	b.t.Helper()
	if !maps.EqualFunc(before, b.table, bytes.Equal) {
		b.t.Fatal("a refused entry changed the table")
	}
}

// add applies an entry to the newest incarnation; it must be taken.
func (b *bench) add(body ledger.Body) fold.Effects {
	b.t.Helper()
	effects, err := b.try(b.state.Head().Incarnation, body)
	if err != nil {
		b.t.Fatalf("Apply(%T) = %v, want nil", body, err)
	}
	return effects
}

func (b *bench) open(i ledger.Incarnation, w ledger.Witness) {
	b.t.Helper()
	open := &ledger.Open{Parent: b.state.Head(), Witness: w}
	if w.Names() {
		open.Named = b.state.Moved()
	}
	if _, err := b.try(i, open); err != nil {
		b.t.Fatalf("Apply(Open %s) = %v, want nil", i, err)
	}
}

// award sells something that earns n of an asset and returns the lot.
func (b *bench) award(id member.ID, asset lot.Asset, n lot.Amount) lot.ID {
	b.t.Helper()
	effects := b.add(&ledger.Sale{Member: id, Day: 20000, Awards: []ledger.Award{{Issue: ledger.Issue{Asset: asset, Amount: n, Expires: 21000}}}})
	return effects.Issued[0].ID
}

// holding is what a member may use of a lot.
func (b *bench) holding(id member.ID, l lot.ID) lot.Holding {
	b.t.Helper()
	all, err := b.state.Usable(id)
	if err != nil {
		b.t.Fatalf("Usable(%s) = %v", id, err)
	}
	for _, h := range all {
		if h.Lot.ID == l {
			return h
		}
	}
	b.t.Fatalf("Usable(%s) has no lot %s", id, l)
	return lot.Holding{}
}

// tryDown applies an entry of HQ's journal.
func (b *bench) tryDown(d ledger.Down) (fold.Effects, error) {
	b.t.Helper()
	before := maps.Clone(b.table)
	effects, err := b.state.ApplyDown(d)
	if err != nil {
		b.load()
		b.untouched(before)
		return effects, err
	}
	b.facts = append(b.facts, fact{down: &d})
	b.flush()
	return effects, nil
}

// hq applies the next entry of HQ's journal; it must be taken.
func (b *bench) hq(d ledger.Down) fold.Effects {
	b.t.Helper()
	d.Terminal, d.Epoch, d.Seq = here, 1, b.state.Mark()+1
	effects, err := b.tryDown(d)
	if err != nil {
		b.t.Fatalf("ApplyDown(%+v) = %v, want nil", d, err)
	}
	return effects
}

func (b *bench) down(n *lot.Note) fold.Effects {
	b.t.Helper()
	return b.hq(ledger.Down{Note: n})
}

func (b *bench) alias(a ledger.Alias) fold.Effects {
	b.t.Helper()
	return b.hq(ledger.Down{Alias: &a})
}

// home brings a member's home here.
func (b *bench) home(id member.ID) {
	b.t.Helper()
	l := lot.Lot{ID: lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: uint64(id)}, N: 1}, Owner: id, Asset: "home", Amount: 1}
	b.down(&lot.Note{
		ID: lot.Origin{Incarnation: 1, Seq: 1<<32 + uint64(b.state.Mark())}, Terminal: uint32(here), Incarnation: uint64(b.state.Head().Incarnation),
		Holdings: []lot.Holding{{Lot: l, Amount: 1}},
	})
}

// quota makes a quota of one for a day.
func quota(id member.ID, name string, day lot.Day) *ledger.QuotaMinted {
	return &ledger.QuotaMinted{Member: id, Day: day, Quota: ledger.Issue{Asset: lot.Asset(name), Amount: 1, Expires: day}}
}

// note is a note from HQ of one lot that HQ issued.
func note(seq uint64, i ledger.Incarnation, ask lot.AskID, n lot.Amount) *lot.Note {
	origin := lot.Origin{Incarnation: 1, Seq: seq}
	l := lot.Lot{ID: lot.ID{Origin: origin}, Owner: wang, Asset: points, Amount: 1000, Expires: 20500}
	return &lot.Note{
		ID: origin, Terminal: uint32(here), Incarnation: uint64(i), Ask: ask,
		Holdings: []lot.Holding{{Lot: l, Amount: n}},
	}
}

// usable is what may be used here of a member's lots.
func (b *bench) usable(id member.ID) map[lot.ID]lot.Amount {
	b.t.Helper()
	list, err := b.state.Usable(id)
	if err != nil {
		b.t.Fatalf("Usable(%s) = %v, want nil", id, err)
	}
	return amounts(list)
}

func (b *bench) frozen(id member.ID) map[lot.ID]lot.Amount {
	b.t.Helper()
	list, err := b.state.Frozen(id)
	if err != nil {
		b.t.Fatalf("Frozen(%s) = %v, want nil", id, err)
	}
	return amounts(list)
}

func amounts(list []lot.Holding) map[lot.ID]lot.Amount {
	out := map[lot.ID]lot.Amount{}
	for _, h := range list {
		out[h.Lot.ID] += h.Amount
	}
	return out
}

// totals are the accounts of all assets, in order.
func (b *bench) totals() []fold.Total {
	b.t.Helper()
	if err := b.state.Flush(b.table.Put); err != nil {
		b.t.Fatalf("Flush() = %v, want nil", err)
	}
	var out []fold.Total
	for _, key := range slices.Sorted(maps.Keys(b.table)) {
		t, ok, err := fold.ReadTotal([]byte(key), b.table[key])
		if err != nil {
			b.t.Fatalf("ReadTotal(%x) = %v, want nil", key, err)
		}
		if ok {
			out = append(out, t)
		}
	}
	return out
}

func (b *bench) total(asset lot.Asset) fold.Total {
	for _, t := range b.totals() {
		if t.Asset == asset {
			return t
		}
	}
	return fold.Total{Asset: asset}
}

// replay folds the same journals again and writes after every n facts.
func (b *bench) replay(every int) table {
	b.t.Helper()
	out := table{}
	s, err := fold.Load(here, out)
	for n, f := range b.facts {
		if err == nil && f.down != nil {
			_, err = s.ApplyDown(*f.down)
		} else if err == nil {
			_, err = s.Apply(f.incarnation, f.raw)
		}
		if err == nil && (n+1)%every == 0 {
			err = s.Flush(out.Put)
		}
		if err == nil && (n+1)%every == 0 && n%2 == 0 {
			s, err = fold.Load(here, out) // a restart in between
		}
	}
	if err == nil {
		err = s.Flush(out.Put)
	}
	if err != nil {
		b.t.Fatalf("replay: %v", err)
	}
	return out
}

// alike tells where two tables differ, or "".
func alike(a, b table) string {
	for key, value := range a {
		if !bytes.Equal(b[key], value) {
			return fmt.Sprintf("record %x is %x and %x", key, value, b[key])
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d records and %d", len(a), len(b))
	}
	return ""
}
