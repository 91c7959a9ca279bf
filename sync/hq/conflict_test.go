package hq_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// conflicts are the codes of what waits for a person.
func (b *bench) conflicts() (out []string) {
	b.Helper()
	list, err := b.Conflicts()
	b.ok("Conflicts", err)
	for _, c := range list {
		out = append(out, c.Code)
	}
	return out
}

// decides settles the first conflict as a person chose.
func (b *bench) decides(choice hq.Choice) {
	b.Helper()
	list, err := b.Conflicts()
	b.ok("Conflicts", err)
	if len(list) == 0 {
		b.Fatalf("no conflict to settle by %s", choice)
	}
	b.ok("Choose", b.Choose(list[0], choice, burnt))
}

// waits checks which conflicts there are.
func (b *bench) waits(when string, want ...string) {
	b.Helper()
	if diff := cmp.Diff(want, b.conflicts()); diff != "" {
		b.Errorf("%s: conflicts (-want +got):\n%s", when, diff)
	}
}

// clone is another board with a terminal's identity, that goes on from where
// the terminal stood.
func (t *terminal) clone() *terminal {
	t.b.Helper()
	c := *t
	c.table = map[string][]byte{}
	t.b.ok("Flush", t.state.Flush(t.table.Put))
	for k, v := range t.table {
		c.table[k] = v
	}
	c.raws = map[ledger.Incarnation][][]byte{}
	for i, raws := range t.raws {
		c.raws[i] = append([][]byte(nil), raws...)
	}
	c.load()
	return &c
}

func TestCloneIsBarredByAPerson(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(10)
	one.sync()
	two := one.clone()
	one.open(0x102)
	one.sell(5)
	one.sync()
	two.open(0x103) // for all that HQ can see, the disk went back
	two.sell(7)
	if _, _, err := b.Ingest(1, two.batch(1, 2)); err != nil {
		t.Fatalf("Ingest() of a second child = %v, want nil", err)
	}
	one.sell(1)
	_, _, err := b.Ingest(1, one.batch(3, 3))
	refused := (*exchange.RefusedError)(nil)
	if !errors.As(err, &refused) || refused.Code != "trouble-fork" {
		t.Fatalf("Ingest() of the first child again = %v, want refused as trouble-fork", err)
	}
	b.waits("two children that both go on", "trouble-fork", "conflict-unproven", "conflict-unproven")
	if two.ask(1, 1).Given {
		t.Error("ask while nobody has named the survivor: given, want nothing")
	}
	b.decides(hq.ChooseKeepFirst)
	two.sell(1)
	if _, _, err := b.Ingest(1, two.batch(3, 3)); err != nil {
		t.Errorf("Ingest() of the survivor = %v, want nil", err)
	}
	if _, _, err := b.Ingest(1, one.batch(3, 3)); !errors.As(err, &refused) || refused.Code != "denied-clone" {
		t.Errorf("Ingest() of the barred board = %v, want refused as denied-clone", err)
	}
	b.sums("in the end", hq.TotalView{Issued: 23, Terminals: 23})
	for _, c := range []struct {
		streams []ledger.Head
		want    []ledger.Incarnation
	}{{nil, []ledger.Incarnation{0x101, 0x103}}, {[]ledger.Head{{Incarnation: 0x102, Seq: 3}}, []ledger.Incarnation{0x101, 0x102, 0x103}}} {
		welcome, err := b.Hello(1, &wire.Hello{Streams: c.streams})
		b.ok("Hello", err)
		var lives []ledger.Incarnation
		for _, h := range welcome.Has {
			lives = append(lives, h.Incarnation)
		}
		if !slices.Equal(lives, c.want) {
			t.Errorf("HQ says to a board with the lives %v that it has %v, want %v: what another board did is nothing that it lacks", c.streams, lives, c.want)
		}
	}
}

func TestNoteThatWaitsIsFreedByAPerson(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.sync()
	one.ask(1, 60)
	one.open(0x102) // nothing proves it
	one.hear()
	one.do(&ledger.Mark{})
	one.sync()
	b.waits("after an unproven start", "conflict-note-waits")
	if got := b.total(); got.Flight != 60 {
		t.Errorf("account %+v, want 60 on their way", got)
	}
	b.decides(hq.ChooseLifeOver)
	b.waits("when a person has said so")
	b.sums("in the end", hq.TotalView{Issued: 200, HQ: 200})
}

func TestFrozenRightsAreFreedByAPerson(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(40)
	one.sync()
	one.open(0x102)
	one.sync()
	b.waits("after an unproven start", "conflict-unproven")
	if one.has() != 0 {
		t.Fatalf("usable = %d, want 0", one.has())
	}
	b.decides(hq.ChooseFree)
	one.hear()
	if one.has() != 40 {
		t.Errorf("usable = %d, want 40: a person took the exposure", one.has())
	}
	one.do(&ledger.Mark{})
	one.sync()
	b.waits("when it is heard")
}

func TestOnlyWhatIsListedCanBeChosen(t *testing.T) {
	b := newBench(t)
	for _, choice := range []hq.Choice{hq.ChooseResume, hq.ChooseTakeOver, hq.ChooseDecommission, hq.ChooseGrant, hq.ChooseFree} {
		if err := b.Choose(hq.Conflict{Code: "trouble-fork", Terminal: 1}, choice, burnt); !errors.Is(err, hq.ErrChoice) {
			t.Errorf("Choose(%s) of what is not there = %v, want ErrChoice", choice, err)
		}
	}
}

func TestStoppedTerminalGoesOnWhenAPersonHasLooked(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(10)
	bad := one.batch(1, 2)
	bad.Signature[0] ^= 1
	if _, _, err := b.Ingest(1, bad); err == nil {
		t.Fatal("Ingest() with a wrong signature = nil, want refused")
	}
	list, err := b.Conflicts()
	if err != nil || len(list) != 1 || list[0].Code != "trouble-signature" {
		t.Fatalf("Conflicts() = %+v, %v, want trouble-signature", list, err)
	}
	b.ok("Choose", b.Choose(list[0], hq.ChooseResume, burnt))
	one.sync()
	b.sums("in the end", hq.TotalView{Issued: 10, Terminals: 10})
}
