package sqlbook

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/tail"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

const entryColumns = `terminal, incarnation, seq, hash, raw, received, parked`

// AppendEntries implements book.Tx. Entries must be of one incarnation and
// follow its newest entry here without a gap; else the error matches ErrOrder.
func (t *tx) AppendEntries(id ledger.TerminalID, entries []book.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	act := "append entries of " + id.String()
	rows, err := t.entryRows(act, id, entries)
	if err != nil {
		return err
	}
	if err := t.insert(act, `INSERT INTO entry (`+entryColumns+`) VALUES `, "", rows); err != nil {
		return err
	}
	return t.putStream(act, id, entries[len(entries)-1])
}

// entryRows checks the order of entries and makes rows of them.
func (t *tx) entryRows(act string, id ledger.TerminalID, entries []book.Entry) ([][]any, error) {
	i := entries[0].Head.Incarnation
	streams, err := t.Streams(id)
	if err != nil {
		return nil, err
	}
	var newest int64
	if n := slices.IndexFunc(streams, func(h ledger.Head) bool { return h.Incarnation == i }); n >= 0 {
		newest = int64(streams[n].Seq)
	}
	rows := make([][]any, 0, len(entries))
	for _, e := range entries {
		newest++
		if e.Head.Incarnation != i || e.Head.Seq != ledger.Seq(newest) {
			return nil, t.fail(act, fmt.Errorf("entry %s where %s/%d is next: %w", e.Head, i, newest, ErrOrder))
		}
		c := column.OfHead(e.Head)
		rows = append(rows, []any{int64(id), c.Incarnation, c.Seq, c.Hash, column.OfBytes(e.Raw), e.Received, column.OfFlag(e.Parked)})
	}
	return rows, nil
}

// putStream notes the newest entry of an incarnation. A new incarnation comes
// after those that are there.
func (t *tx) putStream(act string, id ledger.TerminalID, newest book.Entry) error {
	streams, err := t.Streams(id)
	if err != nil {
		return err
	}
	t.own.streams[id] = put(streams, newest.Head)
	c := column.OfHead(newest.Head)
	n, err := t.exec(act, `UPDATE stream SET seq = $1, hash = $2, received = $3 WHERE terminal = $4 AND incarnation = $5`,
		c.Seq, c.Hash, newest.Received, int64(id), c.Incarnation)
	if err != nil || n > 0 {
		return err
	}
	ordinal, err := t.next(act, `SELECT COALESCE(MAX(ordinal), 0) + 1 FROM stream WHERE terminal = $1`, int64(id))
	if err != nil {
		return err
	}
	_, err = t.exec(act, `INSERT INTO stream (terminal, incarnation, ordinal, seq, hash, received)
		VALUES ($1, $2, $3, $4, $5, $6)`, int64(id), c.Incarnation, ordinal, c.Seq, c.Hash, newest.Received)
	return err
}

// next reads the number that a query works out.
func (t *tx) next(act, text string, args ...any) (int64, error) {
	var n int64
	err := t.row(act, text, args, &n)
	return n, err
}

// Entry implements book.Tx.
func (t *tx) Entry(id ledger.TerminalID, i ledger.Incarnation, seq ledger.Seq) (book.Entry, error) {
	act := "read entry " + ledger.Origin(id, i, seq).String()
	out, err := t.entries(act, `SELECT `+entryColumns+` FROM entry
		WHERE terminal = $1 AND incarnation = $2 AND seq = $3`, int64(id), column.OfIncarnation(i), int64(seq))
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: %w", act, book.ErrNotFound)
	}
	if err != nil {
		return book.Entry{}, err
	}
	return out[0], nil
}

// Entries implements book.Tx.
func (t *tx) Entries(id ledger.TerminalID, i ledger.Incarnation, after ledger.Seq, limit int) ([]book.Entry, error) {
	return t.entries("list entries of "+id.String(), `SELECT `+entryColumns+` FROM entry
		WHERE terminal = $1 AND incarnation = $2 AND seq > $3 ORDER BY seq LIMIT CAST($4 AS BIGINT)`,
		int64(id), column.OfIncarnation(i), int64(after), atLeastNone(limit))
}

func (t *tx) entries(act, text string, args ...any) ([]book.Entry, error) {
	var out []book.Entry
	err := t.rows(act, text, args, func(scan scanner) error {
		e, err := scanEntry(scan)
		out = append(out, e)
		return err
	})
	return out, err
}

func scanEntry(scan scanner) (book.Entry, error) {
	var (
		e          book.Entry
		c          column.Head
		id, parked int64
		raw        string
	)
	if err := scan(&id, &c.Incarnation, &c.Seq, &c.Hash, &raw, &e.Received, &parked); err != nil {
		return e, err
	}
	h, err := c.Head()
	if err != nil {
		return e, err
	}
	e.Terminal, e.Head, e.Parked = ledger.TerminalID(id), h, parked != 0
	e.Raw, err = column.Bytes(raw)
	return e, err
}

// Streams implements book.Tx.
func (t *tx) Streams(id ledger.TerminalID) ([]ledger.Head, error) {
	if list, ok := t.heads(id); ok {
		return slices.Clone(list), nil
	}
	var out []ledger.Head
	err := t.rows("list streams of "+id.String(), `SELECT incarnation, seq, hash FROM stream
		WHERE terminal = $1 ORDER BY ordinal`, []any{int64(id)}, func(scan scanner) error {
		var c column.Head
		if err := scan(&c.Incarnation, &c.Seq, &c.Hash); err != nil {
			return err
		}
		h, err := c.Head()
		out = append(out, h)
		return err
	})
	if err == nil {
		t.own.streams[id] = slices.Clone(out)
	}
	return out, err
}

// stream is an incarnation and when its newest entry came.
type stream struct {
	terminal    int64
	incarnation string
	received    int64
}

// Recent implements book.Tx. It merges the newest entries of the streams that
// were written last; no key leads with the time.
func (t *tx) Recent(limit int) ([]book.Entry, error) {
	streams, err := t.latest(limit)
	if err != nil {
		return nil, err
	}
	var out []book.Entry
	for _, s := range streams {
		if len(out) == limit && s.received < out[limit-1].Received {
			break
		}
		more, err := t.entries("list recent entries", `SELECT `+entryColumns+` FROM entry
			WHERE terminal = $1 AND incarnation = $2 ORDER BY seq DESC LIMIT CAST($3 AS BIGINT)`, s.terminal, s.incarnation, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
		slices.SortStableFunc(out, func(a, b book.Entry) int { return cmp.Compare(b.Received, a.Received) })
		out = out[:min(limit, len(out))]
	}
	return out, nil
}

// latest lists the streams that were written last.
func (t *tx) latest(limit int) ([]stream, error) {
	var out []stream
	err := t.rows("list recent streams", `SELECT terminal, incarnation, received FROM stream
		ORDER BY received DESC, terminal, ordinal DESC LIMIT CAST($1 AS BIGINT)`, []any{atLeastNone(limit)}, func(scan scanner) error {
		var s stream
		err := scan(&s.terminal, &s.incarnation, &s.received)
		out = append(out, s)
		return err
	})
	return out, err
}

// atLeastNone keeps engines from disagreeing about a negative limit.
func atLeastNone(limit int) int64 { return int64(max(limit, 0)) }

// AppendDown implements book.Tx. The entry must follow the newest one; else the
// error matches ErrOrder.
func (t *tx) AppendDown(id ledger.TerminalID, seq ledger.DownSeq, raw []byte) error {
	act := "append down entry for " + id.String()
	journal := "down " + id.String()
	newest, err := t.newest(act, journal, `SELECT COALESCE(MAX(seq), 0) FROM down WHERE terminal = $1`, int64(id))
	if err != nil {
		return err
	}
	next := newest + 1
	if seq != ledger.DownSeq(next) {
		return t.fail(act, fmt.Errorf("entry %d where %d is next: %w", seq, next, ErrOrder))
	}
	t.own.numbers[journal] = next
	t.own.downs[id] = t.own.downs[id].And(tail.Tail{First: uint64(next), List: [][]byte{slices.Clone(raw)}})
	_, err = t.exec(act, `INSERT INTO down (terminal, seq, raw) VALUES ($1, $2, $3)`, int64(id), next, column.OfBytes(raw))
	return err
}

// Down implements book.Tx.
func (t *tx) Down(id ledger.TerminalID, after ledger.DownSeq, limit int) ([][]byte, error) {
	if list, ok := t.downs(id).After(uint64(after), limit); ok {
		return list, nil
	}
	var out [][]byte
	err := t.rows("list down entries for "+id.String(), `SELECT raw FROM down
		WHERE terminal = $1 AND seq > $2 ORDER BY seq LIMIT CAST($3 AS BIGINT)`,
		[]any{int64(id), int64(after), atLeastNone(limit)}, func(scan scanner) error {
			var raw string
			if err := scan(&raw); err != nil {
				return err
			}
			b, err := column.Bytes(raw)
			out = append(out, b)
			return err
		})
	return out, err
}

// AppendOffice implements book.Tx.
func (t *tx) AppendOffice(epoch uint64, wall int64, kind string, body []byte) (uint64, error) {
	const act = "append to HQ's journal"
	key := column.OfIncarnation(ledger.Incarnation(epoch))
	seq, err := t.newest(act, key, `SELECT COALESCE(MAX(seq), 0) FROM office WHERE epoch = $1`, key)
	if err != nil {
		return 0, err
	}
	seq++
	t.own.numbers[key] = seq
	_, err = t.exec(act, `INSERT INTO office (epoch, seq, wall, kind, body) VALUES ($1, $2, $3, $4, $5)`,
		key, seq, wall, kind, column.OfBytes(body))
	return uint64(seq), err
}

// Office implements book.Tx.
func (t *tx) Office(epoch, after uint64, limit int) ([]book.OfficeEntry, error) {
	var out []book.OfficeEntry
	err := t.rows("list HQ's journal", `SELECT epoch, seq, wall, kind, body FROM office
		WHERE epoch > $1 OR (epoch = $1 AND seq > $2) ORDER BY epoch, seq LIMIT CAST($3 AS BIGINT)`,
		[]any{column.OfIncarnation(ledger.Incarnation(epoch)), int64(after), atLeastNone(limit)}, func(scan scanner) error {
			var e book.OfficeEntry
			var key, body string
			var seq int64
			if err := scan(&key, &seq, &e.Wall, &e.Kind, &body); err != nil {
				return err
			}
			i, err := column.Incarnation(key)
			if err != nil {
				return err
			}
			e.Epoch, e.Seq = uint64(i), uint64(seq)
			e.Body, err = column.Bytes(body)
			out = append(out, e)
			return err
		})
	return out, err
}
