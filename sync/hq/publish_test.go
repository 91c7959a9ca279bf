package hq_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/audit"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// told is the version of the programme that a terminal was told of last.
func (t *terminal) told() (version string) {
	t.b.Helper()
	t.b.ok("View", t.b.book.View(func(tx book.Tx) error {
		raws, err := tx.Down(t.id, 0, 1000)
		for _, raw := range raws {
			d, err := ledger.OpenDown(raw, nil)
			if err != nil {
				return err
			}
			if d.Document != nil && d.Document.What == "programme" {
				version = d.Document.Version
			}
		}
		return err
	}))
	return version
}

func (b *bench) tellsAll(when, first, second string) {
	b.Helper()
	if one, two := b.terminals[0].told(), b.terminals[1].told(); one != first || two != second {
		b.Errorf("%s: told %q in S1 and %q in S2, want %q and %q", when, one, two, first, second)
	}
}

// A programme goes to pilot stores first, then to all, and back; each step is a
// named person's decision in HQ's journal.
func TestProgrammeIsReleasedInSteps(t *testing.T) {
	b := newBench(t)
	release := func(version string, stores ...string) {
		b.Helper()
		b.ok("Release", b.Release(library.Release{What: "programme", Version: version, Bytes: []byte("document " + version), Stores: stores}, byZhou))
	}
	b.ok("Publish", b.Publish("programme", "1", []byte("document 1"), time.Time{}))
	b.tellsAll("from the settings", "1", "1")
	release("2", "S1")
	b.tellsAll("pilot", "2", "1")
	release("2")
	b.tellsAll("to all", "2", "2")
	b.ok("Publish", b.Publish("programme", "0", []byte("another file in the settings"), time.Time{}))
	b.tellsAll("the settings count no more", "2", "2")
	release("3", "S2")
	b.tellsAll("another pilot", "2", "3")
	d, err := b.RollBack("programme", byZhou)
	b.ok("RollBack", err)
	b.tellsAll("the pilot is taken back", "2", "2")
	if d.Version != "2" {
		t.Errorf("RollBack of a pilot: got version %s in force, want 2", d.Version)
	}
	if _, err = b.RollBack("programme", byZhou); err != nil {
		t.Fatalf("RollBack: %v", err)
	}
	b.tellsAll("back to the first", "1", "1")
	if _, err := b.RollBack("programme", byZhou); !errors.Is(err, library.ErrNothingOld) {
		t.Errorf("RollBack of the first: got %v, want ErrNothingOld", err)
	}
	document, byPerson, err := library.Published(b.book, "programme")
	if err != nil || string(document) != "document 1" || !byPerson {
		t.Errorf("Published: got %q, by a person %v, %v", document, byPerson, err)
	}
	list, err := library.Adopted(b.book)
	if err != nil || len(list) != 2 || list[0].Want != "1" || list[0].Store != "S1" {
		t.Errorf("Adoption: got %+v, %v", list, err)
	}
	b.newest("judge")
}

func TestPublishingNeedsAPersonAndAStore(t *testing.T) {
	b := newBench(t)
	r := library.Release{What: "programme", Version: "2", Bytes: []byte("two")}
	for name, by := range map[string]hq.By{"nobody": {}, "policy": {Actor: "policy", Reason: "x"}, "no-reason": {Actor: "zhou"}} {
		if err := b.Release(r, by); !errors.Is(err, library.ErrPerson) {
			t.Errorf("Release by %s: got %v, want ErrPerson", name, err)
		}
	}
	r.Stores = []string{"S9"}
	if err := b.Release(r, byZhou); !errors.Is(err, library.ErrNoStore) || !strings.Contains(err.Error(), "S9") {
		t.Errorf("Release to a store without a terminal: got %v, want ErrNoStore", err)
	}
}

// What is let stand is kept with the reason as far as the journal can: what is longer
// could be written and never be read again.
func TestAReasonWithWhatIsLetStandFitsTheJournal(t *testing.T) {
	b := newBench(t)
	rules := strings.Fields("F01 F02 F03 F04 F05 F06 F07 F08 F09 F10 F11 F12")
	r := library.Release{What: "programme", Version: "2", Bytes: []byte("two"), Overridden: rules}
	for name, c := range map[string]struct {
		reason string
		want   error
	}{"too-long": {strings.Repeat("x", 65), people.ErrLong}, "no-room-beside-it": {strings.Repeat("x", 60), people.ErrLong}, "fits": {"spring", nil}} {
		if err := b.Release(r, hq.By{Actor: "zhou", Reason: c.reason}); !errors.Is(err, c.want) {
			t.Errorf("%s: Release = %v, want %v", name, err, c.want)
		}
	}
	b.ok("Check", audit.Check(b.book))
}
