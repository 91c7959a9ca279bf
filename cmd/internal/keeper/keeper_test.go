package keeper_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// The test binary is the process that audits, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "audit" {
		if err := keeper.Child(os.Args[2:], os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var by = clerk.By{Lane: 1, Actor: "c1"}

const card = "HM10001001V"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens a ledger in a folder.
func open(t *testing.T, data string) *boltstore.Store {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(data, keeper.LedgerFile), tilltest.Terminal)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	return store
}

// sell sells rice to a member n times.
func sell(t *testing.T, b *tilltest.Bench, n int) {
	t.Helper()
	for range n {
		for _, code := range []string{card, "6900001000112"} {
			must(t, b.Till.Scan(by, "", code))
		}
		v, err := b.Till.View(1)
		must(t, err)
		_, err = b.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
		must(t, err)
	}
}

// minded is a keeper that looks at once and often, and what it has said.
func minded(t *testing.T, o keeper.Options) *keeper.Keeper {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	o.Key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	o.First, o.Log = time.Millisecond, slog.New(slog.DiscardHandler)
	if o.Program == nil {
		o.Program = []string{self, "audit"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	k := keeper.New(o)
	t.Cleanup(func() { k.Close() })
	return k
}

// runs runs a keeper until the test ends.
func runs(t *testing.T, k *keeper.Keeper) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// flip flips a bit of a record wherever it stands in a file.
func flip(t *testing.T, path string, record []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	found := 0
	for at := 0; ; {
		n := bytes.Index(b[at:], record)
		if n < 0 {
			break
		}
		at += n + len(record)/2
		b[at] ^= 4
		found++
	}
	if found == 0 {
		t.Fatal("the record is not in the file")
	}
	must(t, os.WriteFile(path, b, 0o600))
}

// lived is a ledger with many sales in a folder of its own, that no till uses,
// and an old entry and the member's record in it.
func lived(t *testing.T) (data string, entry, member []byte) {
	t.Helper()
	b := tilltest.New(t, open(t, t.TempDir()))
	must(t, b.Till.SignIn(by))
	sell(t, b, 60)
	data = t.TempDir()
	path := filepath.Join(data, keeper.LedgerFile)
	must(t, b.Journal.(*boltstore.Store).Backup(t.Context(), path))
	must(t, boltstore.Compact(path))
	must(t, b.Journal.View(func(tx journal.Tx) error {
		heads, err := tx.Streams()
		must(t, err)
		r, err := tx.Record(heads[0].Incarnation, 4)
		entry = r.Raw
		must(t, err)
		return tx.StateRows(func(key, value []byte) error {
			if key[0] == 'm' {
				member = value
			}
			return nil
		})
	}))
	return data, entry, member
}

// TestDamageIsFoundAndSaid is bolt R8 and fault S14: the daemon finds a flipped
// bit by itself, says what to do, and the ledger stays in use.
func TestDamageIsFoundAndSaid(t *testing.T) {
	for _, c := range []struct {
		name       string
		of         func(entry, member []byte) []byte
		good, past bool
		says       string
	}{
		{"whole", func(_, _ []byte) []byte { return nil }, true, false, "all "},
		{"old-entry", func(entry, _ []byte) []byte { return entry }, false, false, "a rebuild cannot mend it"},
		{"state", func(_, member []byte) []byte { return member }, false, true, "run jifen rebuild"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, entry, member := lived(t)
			path := filepath.Join(data, keeper.LedgerFile)
			if record := c.of(entry, member); record != nil {
				flip(t, path, record)
			}
			store := open(t, data)
			news := make(chan struct{}, 100)
			k := minded(t, keeper.Options{Data: data, Store: store, Boot: "b1", Changed: func() { news <- struct{}{} }})
			if s, ok := k.Result().Say("en"); !ok || !strings.Contains(s, "not looked through yet") {
				t.Errorf("before: %q, %v", s, ok)
			}
			runs(t, k)
			<-news
			r := k.Result()
			sentence, ok := r.Say("en")
			if r.Good() != c.good || ok != c.good || r.Whole != c.past || !strings.Contains(sentence, c.says) {
				t.Errorf("found %+v, said %q, %v; want good %v, journals whole %v, and %q in it", r, sentence, ok, c.good, c.past, c.says)
			}
			must(t, store.Update(func(tx journal.Tx) error { return tx.PutNote("lane-1", []byte("{}")) }))
			if _, err := os.Stat(filepath.Join(data, "audit")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the copy is still there: %v", err)
			}
			again := minded(t, keeper.Options{Data: data, Store: store, Boot: "b1"})
			if got := again.Result(); got.Fault != r.Fault || got.Entries != r.Entries {
				t.Errorf("after a restart: %+v, want %+v", got, r)
			}
		})
	}
}

// TestOneAuditABoot is fault P8: a daemon that is started again and again does
// not wear the card out.
func TestOneAuditABoot(t *testing.T) {
	data := t.TempDir()
	store := open(t, data)
	for _, c := range []struct {
		name, boot string
		after      time.Duration
		again      bool
	}{
		{"first", "b1", 0, true},
		{"same-boot", "b1", time.Hour, false},
		{"next-day", "b1", 25 * time.Hour, true},
		{"another-boot", "b2", 25*time.Hour + time.Second, true},
		{"clock-set-back", "b2", 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			news := make(chan struct{}, 100)
			k := minded(t, keeper.Options{
				Data: data, Store: store, Boot: c.boot, Changed: func() { news <- struct{}{} },
				Now: func() time.Time { return time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC).Add(c.after) },
			})
			runs(t, k)
			if !c.again {
				time.Sleep(50 * time.Millisecond) // dozens of looks
				if len(news) > 0 {
					t.Error("audited again")
				}
				return
			}
			<-news
		})
	}
}

// An audit that cannot be made is not a good one, and not a damaged ledger.
func TestAuditThatCannotBeMadeIsSaid(t *testing.T) {
	data := t.TempDir()
	store := open(t, data)
	k := minded(t, keeper.Options{Data: data, Store: store, Program: []string{filepath.Join(data, "nothing")}})
	r := k.Audit(t.Context())
	if s, ok := r.Say("en"); ok || r.Fault != "" || !strings.Contains(s, "could not be looked through") {
		t.Errorf("said %q, %v of %+v", s, ok, r)
	}
	killed := minded(t, keeper.Options{Data: data, Store: store, Program: []string{"/bin/sh", "-c", "kill -SEGV $$"}})
	if r := killed.Audit(t.Context()); r.Fault == "" || r.Whole {
		t.Errorf("an audit that died over the file: %+v, want a fault", r)
	}
}

// TestOldEntriesAreSealedByThemselves: what HQ has twice and is old leaves the
// ledger; the verifier, the audit, the rebuild and the history see no seam.
func TestOldEntriesAreSealedByThemselves(t *testing.T) {
	data := t.TempDir()
	store := open(t, data)
	b := tilltest.New(t, store)
	must(t, b.Till.SignIn(by))
	sell(t, b, 5)
	b.Reboot(t, "boot-2")
	b.Clock.Advance(91 * 24 * time.Hour)
	must(t, b.Till.SignIn(by))
	sell(t, b, 1)
	k := minded(t, keeper.Options{Data: data, Store: store, Boot: "b1", Now: func() time.Time { return b.Clock.Now().Wall }})
	runs(t, k)
	archives := func() []string {
		names, err := filepath.Glob(filepath.Join(data, "ledger.db.sealed", "*.sealed"))
		must(t, err)
		return names
	}
	time.Sleep(20 * time.Millisecond)
	if names := archives(); len(names) > 0 {
		t.Fatalf("sealed %v before HQ said that it has two of them", names)
	}
	k.Kept(*b.Left)
	for until := time.Now().Add(time.Minute); len(archives()) == 0; {
		if time.Now().After(until) {
			t.Fatal("nothing is sealed")
		}
		time.Sleep(time.Millisecond)
	}
	sell(t, b, 33) // what is sealed leaves with what is appended
	b.Verify(t)
	if r := k.Audit(t.Context()); !r.Good() {
		t.Errorf("audit with archives: %+v", r)
	}
	history, err := audit.History(store, tilltest.Terminal, 1001)
	must(t, err)
	if sales := len(history.Events); sales != 39 {
		t.Errorf("history of %d events, want all 39 sales", sales)
	}
	path := filepath.Join(data, "rebuilt.db")
	left, err := store.CopyJournals(path)
	must(t, err)
	if len(left) > 0 {
		t.Errorf("left out %q", left)
	}
	rebuilt, err := boltstore.Open(path, tilltest.Terminal)
	must(t, err)
	t.Cleanup(func() { rebuilt.Close() })
	must(t, audit.Rebuild(rebuilt, tilltest.Terminal))
	if _, err := audit.Verify(rebuilt, tilltest.Terminal, b.Key.Public().(ed25519.PublicKey)); err != nil {
		t.Errorf("rebuilt from archives and ledger: %v", err)
	}
	must(t, os.Rename(path+".sealed", path+".away"))
	if _, err := audit.Verify(rebuilt, tilltest.Terminal, nil); !errors.Is(err, boltstore.ErrSealed) {
		t.Errorf("without archives: %v; then nothing had left the ledger", err)
	}
}
