// Package hqtest holds what every book of HQ must pass, whatever keeps it. It
// holds no book of its own, and never looks behind book.Book.
package hqtest

import (
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Book is a book that can be closed and opened again.
type Book interface {
	book.Book
	io.Closer
}

// Opener opens the book of a folder, making it first if there is none.
type Opener func(t *testing.T, folder string) Book

// TestBook is the contract of book.Book.
func TestBook(t *testing.T, open Opener) {
	facts := []struct {
		name string
		test func(t *testing.T, b *bench)
	}{
		{"meta-values-are-kept-by-name", metaByName},
		{"terminals-come-back-as-written", terminalsAsWritten},
		{"entries-come-back-as-received", entriesAsReceived},
		{"entries-leave-no-gap", entriesWithoutGap},
		{"streams-are-listed-oldest-first", streamsOldestFirst},
		{"recent-entries-are-merged-by-receipt", recentByReceipt},
		{"state-is-apart-for-every-terminal", stateByTerminal},
		{"down-entries-are-in-order", downInOrder},
		{"office-numbers-count-within-an-epoch", officeByEpoch},
		{"office-entries-are-listed-in-order", officeListed},
		{"desk-rows-are-kept-by-key", deskByKey},
		{"grants-wait-for-the-log", grantsWait},
		{"what-is-awaited-may-owe", awaitedOwes},
		{"alarms-are-listed-newest-first", alarmsNewestFirst},
		{"refused-bytes-are-kept-as-they-came", refusedBytesAsTheyCame},
		{"lots-never-change", lotsNeverChange},
		{"posts-add-up", postsAddUp},
		{"posts-count-as-a-whole", postsAsAWhole},
		{"overdrawn-accounts-are-refused", overdrawnRefused},
		{"posts-to-an-unknown-lot-are-refused", unknownLotRefused},
		{"free-lists-what-hq-holds", freeAtHQ},
		{"accounts-are-listed-lot-by-lot", accountsListed},
		{"lapsed-lists-what-hq-holds", lapsedAtHQ},
		{"accounts-add-up-by-asset", accountsByAsset},
		{"unbalanced-finds-a-planted-fault", unbalancedFound},
		{"absent-rows-are-not-found", absentNotFound},
		{"an-error-leaves-nothing", errorLeavesNothing},
		{"a-panic-leaves-nothing", panicLeavesNothing},
		{"a-swallowed-failure-leaves-nothing", swallowedLeavesNothing},
		{"what-was-given-up-is-not-remembered", givenUpForgotten},
		{"a-view-writes-nothing", viewWritesNothing},
		{"a-view-during-an-update-sees-the-old-state", viewSeesOld},
		{"a-view-stays-on-one-state", viewStays},
		{"a-glance-sees-what-is-committed-last", glanceSeesNewest},
		{"updates-follow-one-another", updatesSerial},
		{"a-reopened-book-has-everything", reopenedHasAll},
	}
	for _, f := range facts {
		t.Run(f.name, func(t *testing.T) {
			folder := t.TempDir()
			b := &bench{t: t, Book: open(t, folder)}
			b.reopen = func() {
				b.close()
				b.Book = open(t, folder)
			}
			defer b.close()
			f.test(t, b)
			b.whole()
		})
	}
}

// bench is a book under test.
type bench struct {
	Book
	t       *testing.T
	reopen  func()
	planted []lot.ID // lots that the test put out of balance
}

func (b *bench) close() {
	b.t.Helper()
	if err := b.Close(); err != nil {
		b.t.Errorf("Close() = %v, want nil", err)
	}
}

// whole checks the book that a test leaves: all lots are in balance but those
// that it put out of it.
func (b *bench) whole() {
	b.t.Helper()
	b.view(func(tx book.Tx) {
		got, err := tx.Unbalanced(100)
		b.same("Unbalanced(100) at the end", got, err, b.planted)
	})
}

// update runs fn in a transaction that must be kept.
func (b *bench) update(fn func(tx book.Tx) error) {
	b.t.Helper()
	if err := b.Update(fn); err != nil {
		b.t.Fatalf("Update() = %v, want nil", err)
	}
}

func (b *bench) view(fn func(tx book.Tx)) {
	b.t.Helper()
	err := b.View(func(tx book.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		b.t.Fatalf("View() = %v, want nil", err)
	}
}

// refused runs fn in a transaction that must fail.
func (b *bench) refused(what string, fn func(tx book.Tx) error) {
	b.t.Helper()
	if err := b.Update(fn); err == nil {
		b.t.Errorf("Update(%s) = nil, want an error", what)
	}
}

// same reports a call that did not return what was wanted.
func (b *bench) same(call string, got any, err error, want any) {
	b.t.Helper()
	if err != nil {
		b.t.Errorf("%s: error %v, want nil", call, err)
		return
	}
	if !reflect.DeepEqual(got, want) {
		b.t.Errorf("%s = %+v, want %+v", call, got, want)
	}
}

func (b *bench) notFound(call string, err error) {
	b.t.Helper()
	if !errors.Is(err, book.ErrNotFound) {
		b.t.Errorf("%s: error %v, want one that matches ErrNotFound", call, err)
	}
}

// The samples use numbers that only fit into 64 bits without a sign.
const (
	wide  ledger.Incarnation = 0xfedcba9876543210
	small ledger.Incarnation = 0x0000000000000abc
)

func headAt(i ledger.Incarnation, seq ledger.Seq) ledger.Head {
	h := ledger.Head{Incarnation: i, Seq: seq}
	for n := range h.Hash {
		h.Hash[n] = byte(uint64(i) + uint64(seq) + uint64(n))
	}
	return h
}

// entriesOf makes entries from to to of an incarnation, received a second
// apart.
func entriesOf(id ledger.TerminalID, i ledger.Incarnation, from, to ledger.Seq, received int64) []book.Entry {
	var out []book.Entry
	for seq := from; seq <= to; seq++ {
		out = append(out, book.Entry{
			Terminal: id, Head: headAt(i, seq), Raw: []byte{0, 0xff, byte(id), byte(seq)},
			Received: received + int64(seq-from)*1000, Parked: seq%2 == 0,
		})
	}
	return out
}
