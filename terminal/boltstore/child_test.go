package boltstore_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// The test binary is also its own child: the variable says what it does with
// the ledger of the other one.
const (
	childDoes   = "BOLTSTORE_CHILD"
	childLedger = "BOLTSTORE_LEDGER"
	childFrom   = "BOLTSTORE_FROM"
)

func TestMain(m *testing.M) {
	does := os.Getenv(childDoes)
	if does == "" {
		os.Exit(m.Run())
	}
	err := map[string]func(string) error{
		"sell": sellForEver, "full": sellToFullDisk, "flip": flipAndTell, "crowd": crowdToFullDisk, "tiny": workOnTinyDisk,
		"backup": workForEver("backup"), "compact": workForEver("compact"), "rewrite": workForEver("rewrite"),
	}[does](os.Getenv(childLedger))
	if err != nil {
		fmt.Println("fault:", err)
		os.Exit(3)
	}
	os.Exit(0)
}

func child(ctx context.Context, does, path string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0])
	c.Env = append(os.Environ(), childDoes+"="+does, childLedger+"="+path)
	return c
}

// seller writes entries as a till does, without the till around them.
type seller struct {
	store *boltstore.Store
	i     ledger.Incarnation
	n     int
	refs  []string
}

var key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// sell makes one transaction: an entry, the state, a job and a note.
func (s *seller) sell() (ledger.Head, error) {
	s.n++
	ref := fmt.Sprintf("ref-%s-%d", s.i, s.n)
	var head ledger.Head
	err := s.store.Update(func(tx journal.Tx) error {
		state, err := fold.Load(tilltest.Terminal, tx)
		if err != nil {
			return err
		}
		var body ledger.Body = &ledger.Sale{Member: 10001001, Receipt: uint64(s.n), Awards: []ledger.Award{{
			Issue: ledger.Issue{Asset: "points:green", Amount: lot.Amount(s.n), Expires: 21000},
		}}}
		if state.Head().Incarnation != s.i {
			body = &ledger.Open{Parent: state.Head()}
		}
		raw, err := ledger.Encode(ledger.Entry{Ref: ref, Body: body})
		if err != nil {
			return err
		}
		if _, err := state.Apply(s.i, raw); err != nil {
			return err
		}
		head = state.Head()
		r := journal.Record{Head: head, Raw: raw, Signature: [64]byte(ed25519.Sign(key, head.Signed(tilltest.Terminal)))}
		return errors.Join(tx.Append(r, ref), state.Flush(tx.PutState), tx.PutJob(uint64(s.n), []byte("paper")), tx.PutNote("acked", []byte(ref)))
	})
	s.refs = append(s.refs, ref)
	return head, err
}

func sellForEver(path string) error {
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	s := &seller{store: store, i: ledger.Incarnation(os.Getpid())}
	for {
		head, err := s.sell()
		if err != nil {
			return err
		}
		fmt.Printf("%d %x\n", head.Seq, head.Hash)
	}
}

// sellToFullDisk sells until a write fails and tells what follows.
func sellToFullDisk(path string) error {
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	const most = 256 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return err
	}
	s := &seller{store: store, i: 1}
	for range 10_000 {
		head, err := s.sell()
		if err == nil {
			fmt.Printf("%d %x\n", head.Seq, head.Hash)
			continue
		}
		later := store.Update(func(tx journal.Tx) error { return tx.PutNote("small", nil) })
		fmt.Println("failed:", errors.Is(err, journal.ErrUnknownResult), "refused later:", errors.Is(later, journal.ErrUnknownResult),
			"told:", errors.Is(store.Failed(), journal.ErrUnknownResult))
		return store.View(func(tx journal.Tx) error { return tx.Check() })
	}
	return errors.New("the disk never filled")
}

// flipAndTell flips one bit of a ledger after another and prints what a reader
// sees of each; it may well die over one.
func flipAndTell(path string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	list, err := os.ReadFile(path + ".refs")
	if err != nil {
		return err
	}
	from, err := strconv.Atoi(os.Getenv(childFrom))
	if err != nil {
		return err
	}
	for n := from; n < flips; n++ {
		bit := bitOf(n, len(file))
		file[bit/8] ^= 1 << (bit % 8)
		spoiled := fmt.Sprintf("%s.%d", path, n) // a file of its own: a lock may be left on it
		if err := os.WriteFile(spoiled, file, 0o600); err != nil {
			return err
		}
		fmt.Println(n, look(spoiled, strings.Fields(string(list))))
		file[bit/8] ^= 1 << (bit % 8)
		if err := os.Remove(spoiled); err != nil {
			return err
		}
	}
	return nil
}

// look opens, verifies and reads a ledger.
func look(path string, refs []string) string {
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return "told"
	}
	defer store.Close()
	if _, err := audit.Verify(store, tilltest.Terminal, key.Public().(ed25519.PublicKey)); err != nil {
		return "told"
	}
	return dump(store, refs)
}

// flips is how many bits are flipped; bitOf chooses them.
const flips = 500

func bitOf(n, size int) int { return rand.New(rand.NewPCG(uint64(n), 2)).IntN(size * 8) }

// dump is a hash of everything a reader of a ledger sees, and the head.
func dump(s *boltstore.Store, refs []string) string {
	sum := sha256.New()
	var newest ledger.Head
	err := s.View(func(tx journal.Tx) error {
		streams, err := tx.Streams()
		for _, h := range streams {
			newest = h
			fmt.Fprintln(sum, h)
			for seq := ledger.Seq(1); seq <= h.Seq && err == nil; seq++ {
				var r journal.Record
				r, err = tx.Record(h.Incarnation, seq)
				fmt.Fprintln(sum, r)
			}
		}
		ids, jobs, jobsErr := tx.Jobs(1 << 20)
		fmt.Fprintln(sum, ids, jobs)
		note, noteErr := tx.Note("acked")
		fmt.Fprintln(sum, note)
		err = errors.Join(err, jobsErr, noteErr, tx.StateRows(func(key, value []byte) error {
			_, err := fmt.Fprintln(sum, key, value)
			return err
		}))
		for _, ref := range refs {
			r, refErr := tx.Referred(ref)
			fmt.Fprintln(sum, ref, r.Head)
			err = errors.Join(err, refErr)
		}
		return err
	})
	return fmt.Sprintf("%s %x %v", newest, sum.Sum(nil), err)
}

// ledgerFile is a ledger that was written and closed.
type ledgerFile struct {
	file []byte
	refs []string
	head ledger.Head
	dump string
}

// sold writes a ledger of n entries.
func sold(t testing.TB, n int) ledgerFile {
	t.Helper()
	path := newPath(t)
	s := &seller{store: open(t, path), i: 1}
	var out ledgerFile
	for range n {
		var err error
		if out.head, err = s.sell(); err != nil {
			t.Fatalf("sell: %v", err)
		}
	}
	out.refs, out.dump = s.refs, dump(s.store, s.refs)
	closeStore(t, s.store)
	out.file = used(t, path)
	return out
}

// used is the file without the room that it keeps at its end.
func used(t testing.TB, path string) []byte {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	err = db.View(func(tx *bolt.Tx) error {
		size = tx.Size()
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file[:size]
}

// TestFlippedBitsAreNoticed flips one bit at a time and lets a child read the
// file (bolt R8): what a reader sees is right, or something says that it is
// not. A flip in the newest meta page takes back the last transaction as a
// whole: the head that the boot remembers tells that.
func TestFlippedBitsAreNoticed(t *testing.T) {
	whole := sold(t, 200)
	path := newPath(t)
	put(t, path, whole.file)
	put(t, path+".refs", []byte(strings.Join(whole.refs, "\n")))
	count := map[string]int{}
	for n := 0; n < flips; n++ {
		seen := lookOn(t, path, n)
		for _, s := range seen {
			how := judge(s, whole)
			if count[how]++; how == "silent" {
				bit := bitOf(n, len(whole.file))
				t.Errorf("bit %d of byte %d in page %d: a reader sees %s, and nothing says so", bit%8, bit/8%4096, bit/8/4096, s)
			}
			n++
		}
		if n < flips {
			count["died"]++ // over this one; the next child goes on after it
		}
	}
	t.Logf("of %d flips: %v", flips, count)
	if count["told"] < 60 || count["unseen"] < 20 {
		t.Errorf("of %d flips: %v: the test shows little", flips, count)
	}
}

// lookOn lets a child look at flips from n on and returns what it saw before it
// ended or died.
func lookOn(t *testing.T, path string, n int) (seen []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // hundreds of looks, perhaps under the race detector
	defer cancel()
	c := child(ctx, "flip", path)
	c.Env = append(c.Env, fmt.Sprintf("%s=%d", childFrom, n))
	out, err := c.Output()
	if ctx.Err() != nil {
		t.Errorf("a child hung over flip %d or one after it", n)
	}
	if code := c.ProcessState.ExitCode(); code == 3 {
		t.Fatalf("child: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		number, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		if number != strconv.Itoa(n+len(seen)) {
			t.Fatalf("child says %q, want flip %d", line, n+len(seen))
		}
		seen = append(seen, what)
	}
	return seen
}

// judge says how a damaged file showed itself.
func judge(seen string, whole ledgerFile) string {
	switch {
	case seen == "told":
		return "told"
	case seen == whole.dump:
		return "unseen"
	case strings.HasPrefix(seen, whole.head.String()+" "):
		return "silent"
	}
	return "older" // the head is not the one that was remembered
}

func TestKilledTerminalLosesNothing(t *testing.T) {
	path := newPath(t)
	for round, after := range []ledger.Seq{1, 2, 30, 5, 77, 13} {
		c := child(t.Context(), "sell", path)
		said := killAfter(t, c, after)
		s := open(t, path)
		audit, err := audit.Verify(s, tilltest.Terminal, key.Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatalf("Verify() after kill %d = %v, want nil", round, err)
		}
		err = s.View(func(tx journal.Tx) error {
			for seq, hash := range said {
				r, err := tx.Record(ledger.Incarnation(c.Process.Pid), seq)
				if err != nil || fmt.Sprintf("%x", r.Head.Hash) != hash {
					return fmt.Errorf("entry %d was said to be done, the ledger has %v, %w", seq, r.Head, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("after kill %d: %v", round, err)
		}
		if len(said) < int(after) || audit.Streams != round+1 {
			t.Errorf("after kill %d: %d entries said, %d streams, want at least %d and %d", round, len(said), audit.Streams, after, round+1)
		}
		closeStore(t, s)
	}
}

// killAfter ends a child in the middle of its work and returns what it said.
func killAfter(t *testing.T, c *exec.Cmd, after ledger.Seq) map[ledger.Seq]string {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	said := map[ledger.Seq]string{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var seq ledger.Seq
		var hash string
		if _, err := fmt.Sscanf(lines.Text(), "%d %s", &seq, &hash); err != nil {
			t.Errorf("child says %q, want a number and a hash", lines.Text())
		}
		if len(hash) == 64 {
			said[seq] = hash
		}
		if seq == after {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = c.Wait() // it was killed
	return said
}

func TestFailedWriteEndsWriting(t *testing.T) {
	path := newPath(t)
	out, err := child(t.Context(), "full", path).Output()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if got, want := lines[len(lines)-1], "failed: true refused later: true told: true"; got != want {
		t.Errorf("child says %q, want %q", got, want)
	}
	s := open(t, path) // with room again
	defer closeStore(t, s)
	audit, err := audit.Verify(s, tilltest.Terminal, key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatalf("Verify() = %v, want nil", err)
	}
	done := uint64(len(lines) - 1)
	if audit.Entries != done && audit.Entries != done+1 {
		t.Errorf("%d entries in the ledger, %d were said to be done and one was unknown", audit.Entries, done)
	}
	if s.Failed() != nil {
		t.Errorf("Failed() = %v after opening anew, want nil", s.Failed())
	}
}
