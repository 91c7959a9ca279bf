package sqlbook

import (
	"encoding/hex"
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/book"
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
	name := keyText(key)
	if value, ok := s.tx.pending.state(s.id, name); ok {
		return bytesOf(value)
	}
	var value string
	err := s.tx.row("read state of "+s.id.String(), stateGet, []any{int64(s.id), name}, &value)
	if errors.Is(err, book.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return bytesOf(value)
}

// PutState implements book.Tx.
func (t *tx) PutState(id ledger.TerminalID, key, value []byte) error {
	t.pending.putState(id, keyText(key), bytesText(value))
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
			value, err := bytesOf(text)
			keys, values = append(keys, key), append(values, value)
			return err
		})
	return keys, values, err
}
