package clerk

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/keyring"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/pins"
)

// TriedPINs lists whose PIN was last tried in vain.
func (c *Clerk) TriedPINs() (list []pins.Tried, err error) {
	err = c.o.Journal.View(func(tx journal.Tx) error {
		list, err = pins.Read(tx)
		return err
	})
	return list, err
}

// KeepTried keeps how often wrong PINs were given for somebody. That it locks them
// is an entry.
func (c *Clerk) KeepTried(t pins.Tried) error {
	return c.Update(func(x *Txn) error {
		before, err := pins.Put(x, t)
		if err == nil && t.Locked && !before.Locked {
			_, err = c.Append(x, ledger.Entry{Body: &ledger.Locked{Person: t.Person, Wrong: t.Wrong}})
		}
		return err
	})
}

// UnlockPIN lets somebody try their PIN again, and writes down who said so. It
// reports whether they were locked.
func (c *Clerk) UnlockPIN(by By, person string) (was bool, err error) {
	defer c.changed()
	err = c.Update(func(x *Txn) error {
		before, err := pins.Put(x, pins.Tried{Person: person})
		if was = before.Locked; err == nil && was {
			_, err = c.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: &ledger.Locked{Person: person, Off: true}})
		}
		return err
	})
	return was, err
}

// unlock does what HQ said of somebody who is locked.
func unlock(x *Txn, d ledger.Down) error {
	_, err := pins.Put(x, pins.Tried{Person: d.Unlock.Person})
	return err
}

// unlocks does the same with all that has come while the day is closed. The rest
// of what came waits, and so do they: when the day is open they come once more.
func (c *Clerk) unlocks(x *Txn, raws [][]byte, ring keyring.Ring) error {
	for _, raw := range raws {
		d, err := ring.Open(raw, x.State.Mark())
		if err == nil {
			ring, err = ring.Follow(d)
		}
		if err != nil {
			return err
		}
		if d.Terminal != c.o.Terminal {
			return fmt.Errorf("down entry %d of %s: %w", d.Seq, d.Terminal, ErrNotOurs)
		}
		if d.Unlock == nil || d.Seq <= x.State.Mark() {
			continue
		}
		if err := unlock(x, d); err != nil {
			return err
		}
	}
	return nil
}
