package keeper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/terminal/boltstore"
)

// Backup copies a ledger into a file that is a ledger itself. The terminal may
// run meanwhile: then it writes the copy.
func Backup(ctx context.Context, path, to string, out io.Writer) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return fmt.Errorf("find %s: %w", to, err)
	}
	if _, err := ask(ctx, path, request{Backup: to}); !errors.Is(err, control.ErrNobody) {
		return told(err, out, "backed up to %s by the terminal\n", to)
	}
	store, err := boltstore.OpenRead(path)
	if errors.Is(err, boltstore.ErrInUse) {
		return fmt.Errorf("%w, which does not answer at %s beside it: stop that program first", err, control.Socket)
	}
	if err != nil {
		return err
	}
	err = errors.Join(store.Backup(ctx, to), store.Close())
	return told(err, out, "backed up to %s\n", to)
}

func told(err error, out io.Writer, format string, args ...any) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, format, args...)
	return err
}

// Compact writes a ledger anew without the room that it no longer needs. No
// terminal may run on it.
func Compact(path string, out io.Writer) error {
	before, err := os.Stat(path)
	if err != nil {
		return err
	}
	err = boltstore.Compact(path)
	if errors.Is(err, boltstore.ErrInUse) {
		return fmt.Errorf("%w: stop the terminal first, since another file takes the ledger's place", err)
	}
	if err != nil {
		return err
	}
	after, err := os.Stat(path)
	if err != nil {
		return err
	}
	return told(nil, out, "%d KiB before, %d KiB now\n", before.Size()>>10, after.Size()>>10)
}

// errFault says that a terminal found something wrong with its ledger.
var errFault = errors.New("ledger does not verify")

// Verified has the terminal that runs on a ledger look through it. ok is false
// where none runs.
func Verified(ctx context.Context, path string, out io.Writer) (ok bool, err error) {
	answer, err := ask(ctx, path, request{Audit: true})
	if errors.Is(err, control.ErrNobody) {
		return false, nil
	}
	if err != nil || answer.Audit == nil {
		return true, errors.Join(err, errors.New("the terminal does not say what it found"))
	}
	sentence, _ := answer.Audit.Say("en")
	if !answer.Audit.Good() {
		return true, fmt.Errorf("%s: %w: %s", path, errFault, sentence)
	}
	return true, told(nil, out, "the terminal that runs on it: %s; newest entry %s\n", sentence, answer.Audit.Head)
}
