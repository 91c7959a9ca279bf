package sqlbook

import (
	"encoding/hex"
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/fold"
)

// desk is what HQ remembers, inside a transaction.
type desk struct{ tx *tx }

// Desk implements book.Tx.
func (t *tx) Desk() fold.Table { return desk{t} }

// Get returns nil for an absent key.
func (d desk) Get(key []byte) ([]byte, error) {
	name := keyText(key)
	if value, ok := d.tx.pending.desk[name]; ok {
		return bytesOf(value)
	}
	if value, ok := d.tx.ahead[name]; ok {
		if value == "" {
			return nil, nil
		}
		return bytesOf(value)
	}
	var value string
	err := d.tx.row("read HQ's desk", deskGet, []any{name}, &value)
	if errors.Is(err, book.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return bytesOf(value)
}

// DeskAhead implements book.Tx.
func (t *tx) DeskAhead(keys [][]byte) error {
	names := make([]any, len(keys))
	for n, key := range keys {
		names[n] = keyText(key)
	}
	t.ahead = map[string]string{}
	for _, some := range inTurns(names) {
		err := t.rows("read HQ's desk ahead", `SELECT name, value FROM desk WHERE name IN (`+turnPlaces+`)`, some, func(scan scanner) error {
			var name, value string
			err := scan(&name, &value)
			t.ahead[name] = value
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, name := range names {
		if _, ok := t.ahead[name.(string)]; !ok {
			t.ahead[name.(string)] = ""
		}
	}
	return nil
}

// PutDesk implements book.Tx.
func (t *tx) PutDesk(key, value []byte) error {
	if t.pending.desk == nil {
		t.pending.desk = map[string]string{}
	}
	delete(t.ahead, keyText(key))
	t.pending.desk[keyText(key)] = bytesText(value)
	return t.failed
}

// DeskRows implements book.Tx. No digit comes after what follows a prefix: g is
// the first letter that is none.
func (t *tx) DeskRows(prefix []byte) (keys, values [][]byte, err error) {
	from := keyText(prefix)
	err = t.rows("list HQ's desk", `SELECT name, value FROM desk WHERE name >= $1 AND name < $2 ORDER BY name`,
		[]any{from, from + "g"}, func(scan scanner) error {
			var name, text string
			if err := scan(&name, &text); err != nil {
				return err
			}
			key, err := hex.DecodeString(name)
			if err != nil {
				return err
			}
			value, err := bytesOf(text)
			keys, values = append(keys, key), append(values, value)
			return err
		})
	return keys, values, err
}
