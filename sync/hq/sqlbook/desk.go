package sqlbook

import (
	"encoding/hex"
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
	"github.com/jifen-pos/jifen/terminal/fold"
)

// desk is what HQ remembers, inside a transaction.
type desk struct{ tx *tx }

// Desk implements book.Tx.
func (t *tx) Desk() fold.Table { return desk{t} }

// Get returns nil for an absent key.
func (d desk) Get(key []byte) ([]byte, error) {
	name := column.OfKey(key)
	if value, ok := d.tx.pending.desk[name]; ok {
		return column.Bytes(value)
	}
	if v, ok := d.tx.known(ofDesk + name); ok {
		return v.bytes()
	}
	v, err := d.tx.value("read HQ's desk", deskGet, name)
	if err != nil {
		return nil, err
	}
	d.tx.note(ofDesk+name, v)
	return v.bytes()
}

// value reads the only value of a query; there may be none.
func (t *tx) value(act, text string, args ...any) (v value, err error) {
	err = t.row(act, text, args, &v.text)
	if errors.Is(err, book.ErrNotFound) {
		return value{}, nil
	}
	v.there = err == nil
	return v, err
}

// bytes are what was kept, or nil where nothing was.
func (v value) bytes() ([]byte, error) {
	if !v.there {
		return nil, nil
	}
	return column.Bytes(v.text)
}

// DeskAhead implements book.Tx.
func (t *tx) DeskAhead(keys [][]byte) error {
	var names []any
	for _, key := range keys {
		name := column.OfKey(key)
		if _, pending := t.pending.desk[name]; pending {
			continue
		}
		if _, known := t.known(ofDesk + name); !known {
			names = append(names, name)
		}
	}
	for _, name := range names {
		t.note(ofDesk+name.(string), value{})
	}
	for _, some := range prepared.InTurns(names) {
		err := t.rows("read HQ's desk ahead", `SELECT name, value FROM desk WHERE name IN (`+prepared.TurnPlaces+`)`, some, func(scan scanner) error {
			var name string
			v := value{there: true}
			err := scan(&name, &v.text)
			t.note(ofDesk+name, v)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// PutDesk implements book.Tx.
func (t *tx) PutDesk(key, value []byte) error {
	name, text := column.OfKey(key), column.OfBytes(value)
	if t.pending.desk == nil {
		t.pending.desk = map[string]string{}
	}
	t.change(ofDesk+name, text)
	t.pending.desk[name] = text
	return t.failed
}

// DeskRows implements book.Tx. No digit comes after what follows a prefix: g is
// the first letter that is none.
func (t *tx) DeskRows(prefix []byte) (keys, values [][]byte, err error) {
	from := column.OfKey(prefix)
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
			value, err := column.Bytes(text)
			keys, values = append(keys, key), append(values, value)
			return err
		})
	return keys, values, err
}
