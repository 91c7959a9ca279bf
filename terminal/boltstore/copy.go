package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/jifen-pos/jifen/terminal/journal"
)

// copyBytes bounds what one transaction of a copy writes.
const copyBytes = 1 << 20

// CopyJournals writes a new ledger file with the journals, the print jobs and
// the small records of this one, and with no state and no references: those
// are to be folded anew. A damaged small record or print job is left out, since
// no till would start with it, and named. A file that is there is an error.
func (s *Store) CopyJournals(path string) (left []string, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("copy journals to %s: %w", path, errors.Join(fs.ErrExist, err))
	}
	if err := copyArchives(s.path, path); err != nil {
		return nil, fmt.Errorf("copy archives to %s: %w", archiveFolder(path), err)
	}
	to, err := Open(path, s.terminal)
	if err != nil {
		return nil, fmt.Errorf("copy journals to %s: %w", path, err)
	}
	c := &copier{to: to}
	err = s.View(func(from journal.Tx) error {
		c.from = from.(*tx)
		return c.all()
	})
	if err = errors.Join(err, to.Close()); err != nil {
		return nil, fmt.Errorf("copy journals to %s: %w", path, err)
	}
	return c.left, nil
}

// copier writes records as they are, some of them at a time.
type copier struct {
	from  *tx
	to    *Store
	batch []copied
	size  int
	left  []string // what was damaged
}

type copied struct {
	space      space
	key, value []byte
}

func (c *copier) all() error {
	for _, s := range []space{streams, notes, hot} {
		cursor := c.from.b.Bucket([]byte{byte(s)}).Cursor()
		for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
			if v == nil || s == hot && k[0] == byte(rows) {
				continue
			}
			if err := c.add(s, k, v); err != nil {
				return err
			}
		}
	}
	for _, s := range logs {
		for r := range c.from.forward(s, nil) {
			if r.err != nil {
				return r.err
			}
			if s == entries && len(r.key) != entryBytes {
				continue // a record of the state
			}
			if err := c.add(s, r.key, r.value); err != nil {
				return err
			}
		}
	}
	return c.write()
}

func (c *copier) add(s space, key, value []byte) error {
	if s == notes || s == hot || s == papers {
		if _, err := unsealed(s, key, value); err != nil {
			c.left = append(c.left, fmt.Sprintf("%s %q", map[space]string{notes: "note", hot: "note", papers: "print job"}[s], key))
			return nil
		}
	}
	c.batch = append(c.batch, copied{s, key, value})
	if c.size += len(key) + len(value); c.size < copyBytes {
		return nil
	}
	return c.write()
}

func (c *copier) write() error {
	err := c.to.Update(func(to journal.Tx) error {
		for _, r := range c.batch {
			if err := to.(*tx).putRaw(r.space, r.key, r.value); err != nil {
				return err
			}
		}
		return nil
	})
	c.batch, c.size = nil, 0
	return err
}
