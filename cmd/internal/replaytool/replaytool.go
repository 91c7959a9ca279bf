// Package replaytool runs a draft of a programme over the sales in HQ's book, or
// in the ledger of one terminal, and writes what it would have cost. It only
// reads, also while HQ runs.
package replaytool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/past"
	"github.com/jifen-pos/jifen/cmd/internal/settletool"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/rerun"
)

// Replay writes the report of a draft over what a book, or a ledger if one is
// named, holds.
func Replay(draft, bookPath, ledgerPath string, out io.Writer) error {
	text, err := os.ReadFile(draft)
	if err != nil {
		return err
	}
	p, err := programme.Parse(text)
	if err != nil {
		return fmt.Errorf("%s:\n%w", draft, err)
	}
	r := rerun.New(p)
	if ledgerPath != "" {
		err = past.Entries(ledgerPath, func(o lot.Origin, e *ledger.Entry) error {
			add(r, ledger.TerminalID(o.Terminal).String(), e)
			return nil
		})
	} else {
		err = overBook(r, bookPath)
	}
	if err != nil {
		return err
	}
	return r.Text(out)
}

func overBook(r *rerun.Rerun, path string) (err error) {
	b, err := sqlbook.Read(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return b.View(func(tx book.Tx) error {
		terminals, err := tx.Terminals()
		if err != nil {
			return err
		}
		stores := map[uint32]string{}
		for _, t := range terminals {
			stores[uint32(t.ID)] = t.Store
		}
		return settletool.Entries(tx, func(o lot.Origin, e *ledger.Entry) error {
			add(r, stores[o.Terminal], e)
			return nil
		})
	})
}

func add(r *rerun.Rerun, store string, e *ledger.Entry) {
	at := time.UnixMilli(e.Wall)
	switch b := e.Body.(type) {
	case *ledger.Sale:
		r.Sale(b, store, at)
	case *ledger.Return:
		if b.Sale != nil {
			r.Sale(b.Sale, store, at)
		}
	}
}
