package hq_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/sync/hq/keeping"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// hasty is a book in which something happens each time before it is looked at.
type hasty struct {
	book.Book
	happens func()
}

func (h *hasty) Glance(fn func(book.Tx) error) error {
	if h.happens != nil {
		h.happens()
	}
	return h.Book.Glance(fn)
}

// What a person or another terminal's question brings about while a terminal is sent
// its entries is in the grant log before it goes out with them.
func TestWhatGoesOutMeanwhileIsInTheGrantLog(t *testing.T) {
	b, _ := logged(t)
	one := b.terminals[0]
	one.sync()
	b.give(wang, 300)
	o := b.options(b.log)
	beside := &hasty{Book: b.book}
	o.Book = beside
	made, err := hq.New(o)
	b.ok("New", err)
	b.HQ = made
	var asked lot.AskID
	beside.happens = func() {
		asked++
		one.ask(asked, 100)
	}
	raws, err := b.Down(1, 0)
	b.ok("Down", err)
	if len(raws) == 0 {
		t.Fatal("nothing goes out, want the note that was given meanwhile")
	}
	records, err := b.log.Records(0, 100)
	b.ok("Records", err)
	for _, raw := range raws {
		in := false
		for _, r := range records {
			g, err := grant.Open(r)
			b.ok("Open", err)
			in = in || g.Down != nil && bytes.Equal(g.Down.Raw, raw)
		}
		if !in {
			t.Errorf("an entry of %d bytes goes out that is not in the grant log", len(raw))
		}
	}
}

// A grant log that cannot be written is told to persons, once, and HQ decides nothing
// more that could not leave: who runs it starts it anew.
func TestBrokenGrantLogIsSaidAndEndsTheGiving(t *testing.T) {
	b, _ := logged(t)
	b.give(wang, 1000)
	one := b.terminals[0]
	one.hear()
	b.stuck = true
	b.restart()
	one.ask(1, 100)
	if _, err := b.Down(1, 0); !errors.Is(err, errStuck) {
		t.Fatalf("Down() = %v, want that the log cannot be written", err)
	}
	before := b.total()
	for name, call := range map[string]func() error{
		"Down":       func() (err error) { _, err = b.Down(1, 0); return err },
		"Report":     func() error { return b.Report(1, &wire.Report{}) },
		"Adjust":     func() error { return b.Adjust(wang, nil, nil, hq.By{Actor: "1", Reason: "no"}) },
		"OpenMember": func() error { return b.OpenMember(roll.Person{ID: zhao}) },
		"Ask": func() error {
			_, err := b.Ask(1, &wire.Ask{ID: 2, Incarnation: one.state.Head().Incarnation, Member: wang, Wants: []wire.Want{{Asset: points, Amount: 100}}})
			return err
		},
	} {
		if err := call(); !errors.Is(err, keeping.ErrBroken) {
			t.Errorf("%s() = %v, want ErrBroken", name, err)
		}
	}
	if after := b.total(); after != before {
		t.Errorf("account %+v after %+v, want nothing moved", after, before)
	}
	if alarms := b.alarms(); !slices.Equal(alarms, []string{"alarm-grant-log-broken"}) {
		t.Errorf("alarms = %v, want one that says it", alarms)
	}
	select {
	case err := <-b.Lost():
		if !errors.Is(err, keeping.ErrBroken) || !errors.Is(err, errStuck) {
			t.Errorf("Lost() = %v, want why", err)
		}
	default:
		t.Error("nobody is told that HQ is to be started anew")
	}
	b.stuck = false
	b.restart()
	if raws, err := b.Down(1, 0); len(raws) == 0 || err != nil {
		t.Errorf("Down() of an HQ that was started anew = %d entries, %v, want what was committed", len(raws), err)
	}
}
