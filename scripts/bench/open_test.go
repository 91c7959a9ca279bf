package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
)

// The test binary is also its own child: the variable says which ledger it is
// to open, and how.
const (
	childOpens  = "JIFEN_BENCH_OPEN"
	childLedger = "JIFEN_BENCH_LEDGER"
)

// opened is what a child says: how long it took until it had read a record,
// and what it then needed.
type opened struct {
	Micros    int64
	ResidentK int64
	AnonK     int64
}

func TestMain(m *testing.M) {
	how := os.Getenv(childOpens)
	if how == "" {
		os.Exit(m.Run())
	}
	if err := openAndTell(how, os.Getenv(childLedger)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func openAndTell(how, path string) error {
	begin := time.Now()
	open := openOurs
	if how == "unsynced" {
		open = openUnsynced
	}
	if err := open(path); err != nil {
		return err
	}
	o := opened{Micros: time.Since(begin).Microseconds()}
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		_, _ = fmt.Sscanf(string(line), "VmRSS: %d kB", &o.ResidentK)
		_, _ = fmt.Sscanf(string(line), "RssAnon: %d kB", &o.AnonK)
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

func openOurs(path string) error {
	s, err := boltstore.Open(path, terminal)
	if err != nil {
		return err
	}
	return s.View(func(tx journal.Tx) error {
		_, err := tx.Get(memberKey(1))
		return err
	})
}

func openUnsynced(path string) error {
	b, err := openBare(path, true)
	if err != nil {
		return err
	}
	return b.db.View(func(tx *bolt.Tx) error {
		tx.Bucket([]byte("h")).Get([]byte("mh"))
		return nil
	})
}

// BenchmarkOpen opens a large ledger in a process of its own, until it has read
// a record: as it is, and as it would be without a synced list of free pages.
func BenchmarkOpen(b *testing.B) {
	members, lots := number(membersVariable, membersDefault), number(lotsVariable, lotsDefault)
	s := newShop(b, members, lots)
	must(b, "close", s.store.Close())
	unsynced := filepath.Join(b.TempDir(), "unsynced.db")
	must(b, "copy", copyFile(s.path, unsynced))
	other, err := openBare(unsynced, true)
	must(b, "open bare", err)
	must(b, "write", other.db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte("h")).Put([]byte("x"), []byte("x")) }))
	must(b, "close bare", other.db.Close())
	for _, c := range []struct{ how, path string }{{"synced", s.path}, {"unsynced", unsynced}} {
		b.Run(fmt.Sprintf("%s/members=%d/lots=%d", c.how, members, members*lots), func(b *testing.B) { openInChild(b, c.how, c.path) })
	}
}

func openInChild(b *testing.B, how, path string) {
	var sum opened
	n := int64(0)
	for b.Loop() {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), childOpens+"="+how, childLedger+"="+path)
		out, err := c.Output()
		must(b, "child", err)
		var o opened
		must(b, "child's answer", json.Unmarshal(out, &o))
		sum.Micros, sum.ResidentK, sum.AnonK = sum.Micros+o.Micros, max(sum.ResidentK, o.ResidentK), max(sum.AnonK, o.AnonK)
		n++
	}
	b.ReportMetric(float64(sum.Micros)/1000/float64(n), "open-ms")
	b.ReportMetric(float64(sum.ResidentK)/1024, "rss-MiB")
	b.ReportMetric(float64(sum.AnonK)/1024, "anon-MiB")
}
