package refused_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/refused"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
)

// bench is a keeper with a clock of its own.
type bench struct {
	*refused.Keeper
	dir    string
	now    time.Time
	redrew int
}

func newBench(t *testing.T) *bench {
	b := &bench{dir: t.TempDir(), now: time.Date(2026, 11, 27, 6, 0, 0, 0, time.UTC)}
	b.Keeper = refused.New(b.dir, func() time.Time { return b.now }, func() { b.redrew++ }, slog.New(slog.DiscardHandler))
	return b
}

func (b *bench) files(t *testing.T) (list []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(b.dir, refused.Folder, "*.bin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(raw))
	}
	return list
}

// What a line does by itself, and what is the terminal's own fault, is nobody
// else's doing.
func TestOnlyWhatSomebodyMustHaveMadeIsTold(t *testing.T) {
	b := newBench(t)
	for _, err := range []error{nil, fold.ErrOrder, errors.New("disk full")} {
		if b.Take([]byte("x"), err) {
			t.Errorf("Take(%v) = true, want false", err)
		}
	}
	if told, _, _ := b.View(time.UTC); told || b.Faults() != nil || b.redrew > 0 || len(b.files(t)) > 0 {
		t.Error("something is told of, want nothing")
	}
	for _, err := range []error{wire.ErrSignature, wire.ErrVersion, exchange.ErrEpoch, exchange.ErrAck, exchange.ErrForeign} {
		if !b.Take([]byte("x"), fmt.Errorf("about it: %w", err)) {
			t.Errorf("Take(%v) = false, want true", err)
		}
	}
}

func TestCashierAndHQAreToldForAnHour(t *testing.T) {
	b := newBench(t)
	b.Take([]byte("forged"), wire.ErrSignature)
	b.now = b.now.Add(time.Minute)
	b.Take([]byte("forged again"), wire.ErrSignature)
	told, zh, en := b.View(time.UTC)
	if !told || !strings.HasPrefix(en, "2 messages") || !strings.Contains(en, "06:01") || !strings.Contains(zh, "2 条") {
		t.Errorf("View() = %v, %q, %q; want two messages, the last at 06:01", told, zh, en)
	}
	faults := b.Faults()
	if len(faults) != 1 || faults[0].Code != "fault-messages" || !strings.Contains(faults[0].Detail, "6 bytes") || !strings.Contains(faults[0].Detail, "666f72676564") {
		t.Errorf("Faults() = %+v, want the first piece, with how it begins", faults)
	}
	if got := b.files(t); len(got) != 1 || got[0] != "forged" {
		t.Errorf("kept %q, want the first of its kind alone", got)
	}
	b.now = b.now.Add(refused.Shown + time.Second)
	if told, _, _ := b.View(time.UTC); told || b.Faults() != nil {
		t.Error("it is told of after an hour without another one")
	}
}

func TestNobodyFillsTheDisk(t *testing.T) {
	b := newBench(t)
	for n := range 3 * refused.KeptMax {
		b.Take([]byte{byte(n)}, fmt.Errorf("epoch %d: %w", n, exchange.ErrEpoch))
	}
	if got := b.files(t); len(got) != refused.KeptMax || got[0] != "\x00" {
		t.Errorf("%d pieces are kept, want the first %d", len(got), refused.KeptMax)
	}
	long := fmt.Errorf("%s: %w", strings.Repeat("long ", 200), wire.ErrKind)
	b.Take(nil, long)
	if got := b.Faults(); len(got) != 1 || len(got[0].Detail) > wire.FaultBytesMax {
		t.Errorf("Faults() = %d of %d bytes, want one that fits a report", len(got), len(got[0].Detail))
	}
}
