package sqlbook

import (
	"encoding/hex"

	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// table is the state of one terminal inside a transaction.
type table struct {
	tx *tx
	id ledger.TerminalID
}

// State implements book.Tx.
func (t *tx) State(id ledger.TerminalID) fold.Table { return table{t, id} }

// Get returns nil for an absent key.
func (s table) Get(key []byte) ([]byte, error) {
	name := column.OfKey(key)
	if value, ok := s.tx.pending.state(s.id, name); ok {
		return column.Bytes(value)
	}
	kept := ofState + s.id.String() + "." + name
	if v, ok := s.tx.known(kept); ok {
		return v.bytes()
	}
	v, err := s.tx.value("read state of "+s.id.String(), stateGet, int64(s.id), name)
	if err != nil {
		return nil, err
	}
	s.tx.note(kept, v)
	return v.bytes()
}

// PutState implements book.Tx.
func (t *tx) PutState(id ledger.TerminalID, key, value []byte) error {
	name, text := column.OfKey(key), column.OfBytes(value)
	t.change(ofState+id.String()+"."+name, text)
	t.pending.putState(id, name, text)
	return t.failed
}

// StateRows implements book.Tx.
func (t *tx) StateRows(id ledger.TerminalID) (keys, values [][]byte, err error) {
	err = t.rows("list state of "+id.String(), `SELECT name, value FROM state WHERE terminal = $1 ORDER BY name`,
		[]any{int64(id)}, func(scan scanner) error {
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
