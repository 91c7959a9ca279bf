package headfile_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/headfile"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// apart are two folders on different devices.
func apart(t *testing.T) (ledgers, other string) {
	t.Helper()
	other, err := os.MkdirTemp("/dev/shm", "jifen-head-")
	if err != nil {
		t.Fatalf("a folder on the other device: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(other) })
	return t.TempDir(), other
}

func seal(h ledger.Head) (string, error) { return fmt.Sprint("head ", h.Seq), nil }

func newFile(ledgers, path string) *headfile.File {
	return headfile.New(headfile.Options{Path: path, Beside: ledgers, Seal: seal, Every: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
}

func TestNewestHeadIsInTheFileAtTheEnd(t *testing.T) {
	ledgers, other := apart(t)
	path := filepath.Join(other, "jifen.head")
	f := newFile(ledgers, path)
	if text, err := f.Read(); text != "" || err != nil {
		t.Errorf("Read() before anything = %q, %v; want nothing", text, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	for n := range 1000 {
		f.Moved(ledger.Head{Incarnation: 1, Seq: ledger.Seq(n + 1)})
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run() = %v, want nil", err)
	}
	if text, err := newFile(ledgers, path).Read(); text != "head 1000" || err != nil {
		t.Errorf("Read() = %q, %v; want the newest head", text, err)
	}
	list, err := os.ReadDir(other)
	if err != nil || len(list) != 1 {
		t.Errorf("%d files beside it, %v; want none", len(list)-1, err)
	}
}

func TestFileOnTheLedgersOwnDeviceIsNoWitness(t *testing.T) {
	ledgers, _ := apart(t)
	f := newFile(ledgers, filepath.Join(ledgers, "jifen.head"))
	if _, err := f.Read(); !errors.Is(err, headfile.ErrSameDevice) {
		t.Errorf("Read() = %v, want ErrSameDevice", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f.Moved(ledger.Head{Incarnation: 1, Seq: 1})
	if err := f.Run(ctx); err != nil {
		t.Errorf("Run() = %v, want nil: a missing witness stops no shop", err)
	}
	if f.Trouble() == "" {
		t.Error("Trouble() is empty, want the reason")
	}
	if _, err := os.Stat(filepath.Join(ledgers, "jifen.head")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there: %v", err)
	}
}

func TestDeviceThatIsPulledOutIsTold(t *testing.T) {
	ledgers, other := apart(t)
	f := newFile(ledgers, filepath.Join(other, "gone", "jifen.head"))
	if _, err := f.Read(); err == nil {
		t.Error("Read() without the device = nil, want an error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f.Moved(ledger.Head{Incarnation: 1, Seq: 1})
	_ = f.Run(ctx)
	if f.Trouble() == "" {
		t.Error("Trouble() is empty, want the reason")
	}
	if err := os.Mkdir(filepath.Join(other, "gone"), 0o700); err != nil {
		t.Fatal(err)
	}
	_ = f.Run(ctx)
	if text, err := f.Read(); text != "head 1" || err != nil || f.Trouble() != "" {
		t.Errorf("Read() after it was put back = %q, %v, trouble %q", text, err, f.Trouble())
	}
}

// TestFileIsBelievedFromThisTerminalOnly: what another key or another terminal
// signed names nothing.
func TestFileIsBelievedFromThisTerminalOnly(t *testing.T) {
	ledgers, other := apart(t)
	ours, theirs := ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed([]byte("another-board's-key-another-boar"))
	open := func(id ledger.TerminalID, key ed25519.PrivateKey) (*headfile.File, ledger.Head) {
		o := headfile.Options{Path: filepath.Join(other, "jifen.head"), Beside: ledgers, Every: time.Millisecond, Log: slog.New(slog.DiscardHandler)}
		return headfile.Open(o, id, key, func() time.Time { return time.Unix(1_790_000_000, 0) })
	}
	f, said := open(7, ours)
	if said != (ledger.Head{}) {
		t.Errorf("Open() without a file = %s, want nothing", said)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	want := ledger.Head{Incarnation: 5, Seq: 6, Hash: ledger.Hash{1}}
	f.Moved(want)
	_ = f.Run(ctx)
	if _, said := open(7, ours); said != want {
		t.Errorf("Open() = %s, want %s", said, want)
	}
	if _, said := open(7, theirs); said != (ledger.Head{}) {
		t.Errorf("Open() under another key = %s, want nothing", said)
	}
	if _, said := open(8, ours); said != (ledger.Head{}) {
		t.Errorf("Open() of another terminal = %s, want nothing", said)
	}
}
