package sqlbook

import (
	"crypto/ed25519"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

const terminalColumns = `terminal, name, store, public_key, software, heard,
	said_incarnation, said_seq, said_hash, backlog, oldest,
	has_incarnation, has_seq, has_hash, entries, parked, down_seq, down_applied, trouble`

const terminalUpdate = ` ON CONFLICT (terminal) DO UPDATE SET
	name = excluded.name, store = excluded.store, public_key = excluded.public_key,
	software = excluded.software, heard = excluded.heard,
	said_incarnation = excluded.said_incarnation, said_seq = excluded.said_seq,
	said_hash = excluded.said_hash, backlog = excluded.backlog, oldest = excluded.oldest,
	has_incarnation = excluded.has_incarnation, has_seq = excluded.has_seq,
	has_hash = excluded.has_hash, entries = excluded.entries, parked = excluded.parked,
	down_seq = excluded.down_seq, down_applied = excluded.down_applied, trouble = excluded.trouble`

// Terminals implements book.Tx.
func (t *tx) Terminals() ([]book.Terminal, error) {
	var out []book.Terminal
	err := t.rows("list terminals", `SELECT `+terminalColumns+` FROM terminal ORDER BY terminal`, nil,
		func(scan scanner) error {
			row, err := scanTerminal(scan)
			out = append(out, row)
			return err
		})
	return out, err
}

// Terminal implements book.Tx. A row is read once: nobody else writes meanwhile.
func (t *tx) Terminal(id ledger.TerminalID) (book.Terminal, error) {
	row, ok := t.own.terminals[id]
	if !ok && t.committed != nil {
		row, ok = t.committed.terminals[id]
	}
	if ok {
		return row, nil
	}
	var out []book.Terminal
	act := "read terminal " + id.String()
	err := t.rows(act, `SELECT `+terminalColumns+` FROM terminal WHERE terminal = $1`, []any{int64(id)},
		func(scan scanner) error {
			row, err := scanTerminal(scan)
			out = append(out, row)
			return err
		})
	if err != nil {
		return book.Terminal{}, err
	}
	if len(out) == 0 {
		return book.Terminal{}, fmt.Errorf("%s: %w", act, book.ErrNotFound)
	}
	t.own.terminals[id] = out[0]
	return out[0], nil
}

// PutTerminal implements book.Tx. Times are kept to the millisecond.
func (t *tx) PutTerminal(row book.Terminal) error {
	t.own.terminals[row.ID] = asKept(row)
	said, has := column.OfHead(row.Said), column.OfHead(row.Has)
	return t.insert("write terminal "+row.ID.String(), `INSERT INTO terminal (`+terminalColumns+`) VALUES `, terminalUpdate,
		[][]any{{
			int64(row.ID), column.Plain(row.Name), column.Plain(row.Store), column.OfBytes(row.Key), column.Plain(row.Software), column.OfTime(row.Heard),
			said.Incarnation, said.Seq, said.Hash, int64(row.Backlog), column.OfTime(row.Oldest),
			has.Incarnation, has.Seq, has.Hash, row.Entries, row.Parked, int64(row.DownSeq), int64(row.DownApplied),
			column.Plain(row.Trouble),
		}})
}

// asKept is a row as it will be read.
func asKept(row book.Terminal) book.Terminal {
	row.Name, row.Store, row.Software, row.Trouble = column.Plain(row.Name), column.Plain(row.Store), column.Plain(row.Software), column.Plain(row.Trouble)
	row.Heard, row.Oldest = column.Time(column.OfTime(row.Heard)), column.Time(column.OfTime(row.Oldest))
	if row.Key = slices.Clone(row.Key); len(row.Key) == 0 {
		row.Key = nil
	}
	return row
}

func scanTerminal(scan scanner) (book.Terminal, error) {
	var (
		row                               book.Terminal
		key                               string
		said, has                         column.Head
		id, heard, backlog, oldest, d, da int64
	)
	err := scan(&id, &row.Name, &row.Store, &key, &row.Software, &heard,
		&said.Incarnation, &said.Seq, &said.Hash, &backlog, &oldest,
		&has.Incarnation, &has.Seq, &has.Hash, &row.Entries, &row.Parked, &d, &da, &row.Trouble)
	if err != nil {
		return row, err
	}
	row.ID, row.Backlog = ledger.TerminalID(id), uint64(backlog)
	row.Heard, row.Oldest = column.Time(heard), column.Time(oldest)
	row.DownSeq, row.DownApplied = ledger.DownSeq(d), ledger.DownSeq(da)
	if row.Said, err = said.Head(); err != nil {
		return row, err
	}
	if row.Has, err = has.Head(); err != nil || key == "" {
		return row, err
	}
	b, err := column.Bytes(key)
	row.Key = ed25519.PublicKey(b)
	return row, err
}
