package keeper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// errEntry says that a text does not name an entry.
var errEntry = errors.New("not an entry: it reads like 00c0ffee00c0ffee/123, an incarnation and a number, as jifen verify writes the head")

// Archive seals a ledger's entries up to one into archives. Whoever asks for
// it says that HQ has them in two places that do not fail together.
func Archive(ctx context.Context, path, upTo string, out io.Writer) error {
	if _, _, err := parseEntry(upTo); err != nil {
		return err
	}
	answer, err := ask(ctx, path, request{Seal: upTo})
	if errors.Is(err, control.ErrNobody) {
		answer.Sealed, err = sealAlone(path, upTo)
	}
	return told(err, out, "%d entries sealed\n", answer.Sealed)
}

func sealAlone(path, upTo string) (int, error) {
	old, err := boltstore.OpenRead(path)
	if err != nil {
		return 0, err
	}
	id := old.Terminal()
	if err := old.Close(); err != nil {
		return 0, err
	}
	store, err := boltstore.OpenExisting(path, id)
	if err != nil {
		return 0, err
	}
	n, err := sealUpTo(store, upTo)
	return n, errors.Join(err, store.Close())
}

func sealUpTo(store *boltstore.Store, upTo string) (int, error) {
	i, seq, err := parseEntry(upTo)
	if err != nil {
		return 0, err
	}
	var head ledger.Head
	err = store.View(func(tx journal.Tx) error {
		r, err := tx.Record(i, seq)
		head = r.Head
		return err
	})
	if err != nil {
		return 0, err
	}
	return store.Seal(head)
}

// parseEntry reads an incarnation in hexadecimal digits and a number; what
// follows on a second slash, as in a head, is left out.
func parseEntry(s string) (ledger.Incarnation, ledger.Seq, error) {
	left, rest, _ := strings.Cut(s, "/")
	right, _, _ := strings.Cut(rest, "/")
	i, err := strconv.ParseUint(left, 16, 64)
	seq, err2 := strconv.ParseUint(right, 10, 64)
	if err != nil || err2 != nil || len(left) != 16 {
		return 0, 0, fmt.Errorf("%q: %w", s, errEntry)
	}
	return ledger.Incarnation(i), ledger.Seq(seq), nil
}
