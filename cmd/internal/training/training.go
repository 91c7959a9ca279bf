// Package training is a till to practise on: a ledger of its own beside the real
// one, a key of its own that no till believes, papers that are only pictures,
// and no line to HQ. Nothing done in it is in any other book. It begins anew at
// every start of the daemon, and every paper of it says what it is.
package training

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/jifen-pos/jifen/cmd/internal/counter"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/virtual"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

// What members have to practise with.
const (
	giftMembers            = 30
	giftPoints  lot.Amount = 3000
)

// Training is a till to practise on. What is done in it is done at its own desk.
type Training struct {
	*desk.Desk
	asset   lot.Asset
	store   *boltstore.Store
	printer *virtual.Printer
	print   *counter.Printing
	gift    sync.Once
	given   error
}

// Options are what a real till lends: its documents and its clock.
type Options struct {
	Dir     string // emptied
	Like    till.Options
	Profile escpos.Profile
	Changed func()
	Log     *slog.Logger
}

// Open makes a training with an empty ledger. It starts nothing.
func Open(o Options) (*Training, error) {
	if err := os.RemoveAll(o.Dir); err != nil {
		return nil, fmt.Errorf("empty the training's folder: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the training's folder: %w", err)
	}
	t := &Training{asset: o.Like.Programme.Deduction.Asset}
	if err := t.build(o); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Training) build(o Options) (err error) {
	like := o.Like
	if t.store, err = boltstore.Open(filepath.Join(o.Dir, "ledger.db"), like.Terminal); err != nil {
		return err
	}
	_, key, err := ed25519.GenerateKey(like.Rand)
	if err != nil {
		return fmt.Errorf("draw the training's key: %w", err)
	}
	like.Journal, like.Key, like.Asker, like.Training = t.store, key, alone{}, true
	like.Boot = clerk.Boot{ID: like.Boot.ID, Board: "training"}
	like.Short, like.Journaled, like.Moved = nil, func(ledger.Head) {}, nil
	like.Changed = func() {
		o.Changed()
		if t.print != nil {
			t.print.Wake()
		}
	}
	practice, err := till.New(like)
	if err != nil {
		return err
	}
	t.Desk = desk.New(desk.Options{
		Till: practice, Journal: t.store, Codes: like.Codes, PhoneKey: like.PhoneKey, Key: key.Public().(ed25519.PublicKey), Changed: like.Changed,
		Seal: func(ed25519.PublicKey, []byte) ([]byte, error) { return []byte("training"), nil }, // it goes nowhere
	})
	t.printer, err = virtual.NewPrinter(virtual.PrinterOptions{
		Dir: filepath.Join(o.Dir, "papers"), Dots: o.Profile.Dots, Log: o.Log, OnPaper: func(virtual.PaperInfo) { o.Changed() },
	})
	if err != nil {
		return fmt.Errorf("the training's printer: %w", err)
	}
	port, err := printport.New(printport.Options{Kind: printport.TCP, Address: t.printer.Addr(), Profile: o.Profile, Torn: t.Torn(), Log: o.Log})
	if err != nil {
		return err
	}
	t.print = counter.NewPrinting(practice, port, o.Profile, o.Changed, o.Log)
	return nil
}

// alone is a line to HQ that is never up.
type alone struct{}

func (alone) Online() bool  { return false }
func (alone) Ask(clerk.Ask) {}

// SignIn lets somebody practise at a lane; the first one finds members with
// points.
func (t *Training) SignIn(by clerk.By) error {
	t.gift.Do(func() { t.given = t.give() })
	return errors.Join(t.given, t.Desk.SignIn(by))
}

// give gives the first members points to practise with.
func (t *Training) give() error {
	by := clerk.By{Lane: till.LanesMax, Actor: "training"}
	if err := t.Desk.SignIn(by); err != nil {
		return err
	}
	for n, p := range t.People(giftMembers) {
		_, err := t.Adjust(by, till.Adjustment{
			Ref: fmt.Sprintf("training-%03d", n), Member: p, Asset: t.asset, Amount: giftPoints, Reason: "reason-other", Second: "training-too",
		})
		if err != nil {
			return err
		}
	}
	return t.SignOut(by)
}

// Papers are the pictures of what was printed.
func (t *Training) Papers() *virtual.Printer { return t.printer }

// Run prints until ctx ends.
func (t *Training) Run(ctx context.Context) error {
	printed := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { printed <- t.printer.Run(ctx) }()
	err := t.print.Run(ctx)
	cancel()
	return errors.Join(err, <-printed)
}

// Close closes the ledger.
func (t *Training) Close() error {
	var err error
	if t.print != nil {
		err = t.print.Close()
	}
	if t.store != nil {
		err = errors.Join(err, t.store.Close())
	}
	return err
}
