// Package headfile keeps the head that a witness remembers in a file on another
// device: a USB stick, a second card, a share. It is written after the commit,
// apart from it and not too often; it never keeps a cashier waiting. What the
// file says, the terminal signed, and judges again at the next start.
package headfile

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/token"
)

// ErrSameDevice says that the file would be lost with the ledger.
var ErrSameDevice = errors.New("is on the ledger's own device")

// Limits of the file.
const (
	TextMax = 1024            // bytes of it that are read
	Every   = 2 * time.Second // between two writings
	again   = 30 * time.Second
)

// Options are what a file is kept by.
type Options struct {
	Path   string
	Beside string // the ledger's folder, on another device
	Seal   func(ledger.Head) (string, error)
	Every  time.Duration // 0 is Every
	Log    *slog.Logger
}

// Open makes the file of a terminal, which signs what it says, and returns which
// entry it names: none if the file says nothing or is not this terminal's word.
// A witness that is missing keeps no shop closed: then the slip is asked for.
func Open(o Options, id ledger.TerminalID, key ed25519.PrivateKey, now func() time.Time) (*File, ledger.Head) {
	o.Seal = func(h ledger.Head) (string, error) {
		return token.SealHead(token.Head{Terminal: id, Head: h, Minute: uint32(max(now().Unix()/60, 0))}, key)
	}
	f := New(o)
	text, err := f.Read()
	if text == "" {
		if err != nil {
			o.Log.Warn("head file says nothing", "error", err)
		}
		return f, ledger.Head{}
	}
	said, err := token.OpenHead(text, token.NewKeys(key.Public().(ed25519.PublicKey)).Find)
	if err != nil || said.Terminal != id {
		o.Log.Warn("head file is not this terminal's word", "of", said.Terminal.String(), "error", err)
		return f, ledger.Head{}
	}
	return f, said.Head
}

// File is a head file. It is safe for concurrent use.
type File struct {
	o    Options
	wake chan struct{}

	mu     sync.Mutex
	newest ledger.Head // to be written
	state  string      // what is wrong with it, or ""
}

// New makes a file. It reads and writes nothing.
func New(o Options) *File {
	if o.Every == 0 {
		o.Every = Every
	}
	return &File{o: o, wake: make(chan struct{}, 1)}
}

// Read returns what the file says, or "" if there is none. A file on the
// ledger's own device says nothing: ErrSameDevice.
func (f *File) Read() (string, error) {
	if err := f.apart(); err != nil {
		return "", err
	}
	file, err := os.Open(f.o.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the head file: %w", err)
	}
	defer file.Close()
	b := make([]byte, TextMax)
	n, err := file.Read(b)
	if n == 0 && err != nil {
		return "", nil
	}
	return string(b[:n]), nil
}

// apart checks that the file's folder is on another device than the ledger.
func (f *File) apart() error {
	dir := filepath.Dir(f.o.Path)
	ours, err := deviceOf(f.o.Beside)
	if err != nil {
		return err
	}
	theirs, err := deviceOf(dir)
	if err != nil {
		return err
	}
	if ours == theirs {
		return fmt.Errorf("%s: %w", dir, ErrSameDevice)
	}
	return nil
}

func deviceOf(dir string) (uint64, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return 0, fmt.Errorf("head file: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("head file: %s: %w", dir, errors.ErrUnsupported)
	}
	return stat.Dev, nil
}

// Moved notes that another entry is the last that moved a right. It never
// blocks; where there is no file it does nothing.
func (f *File) Moved(head ledger.Head) {
	if f == nil {
		return
	}
	f.mu.Lock()
	f.newest = head
	f.mu.Unlock()
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Trouble is why the file is not kept, or "".
func (f *File) Trouble() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Run writes the file until ctx ends, and once more then. Where there is no
// file it only waits.
func (f *File) Run(ctx context.Context) error {
	if f == nil {
		<-ctx.Done()
		return nil
	}
	var written ledger.Head
	for {
		select {
		case <-ctx.Done():
			f.keep(&written)
			return nil
		case <-f.wake:
		}
		wait := f.o.Every
		if !f.keep(&written) {
			wait = again
			f.Moved(f.head())
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (f *File) head() ledger.Head {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.newest
}

// keep writes the newest head unless it was written last; it says once what is
// wrong.
func (f *File) keep(written *ledger.Head) bool {
	head := f.head()
	if head == *written || head.Seq == 0 {
		return true
	}
	err := f.write(head)
	f.mu.Lock()
	before := f.state
	f.state = ""
	if err != nil {
		f.state = err.Error()
	}
	f.mu.Unlock()
	if err != nil {
		if before == "" {
			f.o.Log.Warn("head file is not kept: after a start without power the slip is the witness", "error", err)
		}
		return false
	}
	if before != "" {
		f.o.Log.Info("head file is kept again")
	}
	*written = head
	return true
}

// write puts the file in its place in one step, so that it is whole or old.
func (f *File) write(head ledger.Head) error {
	if err := f.apart(); err != nil {
		return err
	}
	text, err := f.o.Seal(head)
	if err != nil {
		return err
	}
	aside := f.o.Path + ".new"
	file, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the head file: %w", err)
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(aside, f.o.Path)
	}
	if err != nil {
		return fmt.Errorf("write the head file: %w", err)
	}
	return nil
}
