package exchange

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// HQ's lives, as a terminal meets them.

// obey keeps to an epoch from now on, over restarts: whoever said so may take it
// that nobody of an earlier one is believed any more.
func (t *Terminal) obey(epoch uint64) error {
	if epoch <= t.epoch || t.o.Station.HQKey() == nil {
		return nil
	}
	if err := t.o.Station.Obey(epoch); err != nil {
		return fmt.Errorf("keep to epoch %d: %w", epoch, err)
	}
	t.epoch = epoch
	return nil
}

// stale shows an HQ that has been replaced what it has missed.
func (t *Terminal) stale(epoch uint64, now time.Time) error {
	return errors.Join(fmt.Errorf("epoch %d after %d: %w", epoch, t.epoch, ErrEpoch), t.greetAgain(now))
}

// echo sends back what HQ says it has forgotten, if anything, and that nobody
// of an earlier epoch will be believed.
func (t *Terminal) echo(after ledger.DownSeq) error {
	s, err := t.o.Station.Status()
	if err != nil {
		return err
	}
	raws, err := t.o.Station.Down(after)
	if err != nil {
		return err
	}
	t.say(&wire.Echo{First: after + 1, Entries: raws[:fitting(raws)], Down: s.Down, Epoch: t.epoch}, true)
	return nil
}

// verify checks that HQ signed a message: with its key or, until it has once used
// that, with one before that the till still believes.
func (t *Terminal) verify(e *wire.Envelope, key ed25519.PublicKey) error {
	former := t.o.Station.FormerHQKeys()
	err := e.Verify(key)
	if err == nil && len(former) > 0 {
		return t.o.Station.HQKeyHeard()
	}
	for n := 0; err != nil && n < len(former); n++ {
		err = e.Verify(former[n])
	}
	return err
}
