package crashproof_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

var freeze = flag.Bool("freeze", false, "write the ledger of a version that has none yet; one that is there stays")

// frozenDir holds a ledger as version 1 writes it, with all that the script does in
// it and an archive of what was sealed, and what an audit says of it.
const frozenDir = "testdata/v1"

// TestLedgerOfVersionOneIsReadAndWorkedOn: what a shop has on its card is read by
// every later build, is whole, and is sold on with.
func TestLedgerOfVersionOneIsReadAndWorkedOn(t *testing.T) {
	if *freeze {
		freezeLedger(t)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	thaw(t, filepath.Join(frozenDir, "ledger.db.zst"), path)
	archives, err := filepath.Glob(filepath.Join(frozenDir, "*.sealed"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("Glob() = %v, %v, want archives", archives, err)
	}
	for _, a := range archives {
		b, err := os.ReadFile(a)
		check(t, "read an archive", err)
		check(t, "make the folder", os.MkdirAll(path+".sealed", 0o700))
		check(t, "write an archive", os.WriteFile(filepath.Join(path+".sealed", filepath.Base(a)), b, 0o600))
	}
	store, err := boltstore.Open(path, tilltest.Terminal)
	check(t, "open", err)
	t.Cleanup(func() { store.Close() })
	b := tilltest.NewUnenrolled(t, store) // its end verifies all of it, with what is added here
	want, err := os.ReadFile(filepath.Join(frozenDir, "ledger.json"))
	check(t, "read what it holds", err)
	if got := told(t, b.Verify(t)); string(got) != string(want) {
		t.Errorf("the ledger holds\n%s\nwant\n%s", got, want)
	}
	b.Reseed(t, 1)
	s := crashproof.NewScript(t, b, &crashproof.Recorder{}, rand.New(rand.NewPCG(3, 3)))
	check(t, "sign in", s.SignIn())
	check(t, "award", s.Award())
	check(t, "decline", s.Decline())
}

// told is what an audit says, for people and later builds.
func told(t *testing.T, r audit.Report) []byte {
	t.Helper()
	b, err := json.MarshalIndent(map[string]any{
		"terminal": r.Terminal.String(), "incarnations": r.Streams, "entries": r.Entries, "down": r.Down, "head": r.Head.String(), "totals": r.Totals,
	}, "", "\t")
	check(t, "write down", err)
	return append(b, '\n')
}

// freezeLedger plays the script and keeps what it leaves.
func freezeLedger(t *testing.T) {
	if _, err := os.Stat(frozenDir); err == nil {
		t.Fatalf("%s is there: what is frozen stays", frozenDir)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	store, err := boltstore.Open(path, tilltest.Terminal)
	check(t, "open", err)
	b := tilltest.New(t, store)
	s := crashproof.NewScript(t, b, &crashproof.Recorder{}, rand.New(rand.NewPCG(1, 1)))
	for _, step := range s.Day() {
		check(t, step.Name, step.Do())
	}
	n, err := store.Seal(*b.Left)
	if err != nil || n == 0 {
		t.Fatalf("Seal = %d, %v; want that some are sealed", n, err)
	}
	for range 20 {
		check(t, "sign in", b.Till.Record(clerk.By{Lane: 1, Actor: "c1"}, &ledger.SignIn{}))
	}
	check(t, "make the folder", os.MkdirAll(frozenDir, 0o755))
	check(t, "write down", os.WriteFile(filepath.Join(frozenDir, "ledger.json"), told(t, b.Verify(t)), 0o644))
	check(t, "back up", store.Backup(t.Context(), filepath.Join(dir, "copy.db")))
	raw, err := os.ReadFile(filepath.Join(dir, "copy.db"))
	check(t, "read", err)
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	check(t, "compress", err)
	check(t, "write", os.WriteFile(filepath.Join(frozenDir, "ledger.db.zst"), w.EncodeAll(raw, nil), 0o644))
	archives, err := filepath.Glob(filepath.Join(dir, "copy.db.sealed", "*"))
	check(t, "list archives", err)
	for _, a := range archives {
		b, err := os.ReadFile(a)
		check(t, "read an archive", err)
		check(t, "write an archive", os.WriteFile(filepath.Join(frozenDir, filepath.Base(a)), b, 0o644))
	}
}

func thaw(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	check(t, "read", err)
	r, err := zstd.NewReader(nil)
	check(t, "decompress", err)
	defer r.Close()
	b, err = r.DecodeAll(b, nil)
	check(t, "decompress", err)
	check(t, "write", os.WriteFile(to, b, 0o600))
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
