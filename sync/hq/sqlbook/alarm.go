package sqlbook

import (
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// AddAlarm implements book.Tx. Of one terminal the newest AlarmsMax are kept.
func (t *tx) AddAlarm(a book.Alarm) error {
	const act = "add an alarm"
	id := int64(a.Terminal)
	ordinal, err := t.next(act, `SELECT COALESCE(MAX(ordinal), 0) + 1 FROM alarm WHERE terminal = $1`, id)
	if err != nil {
		return err
	}
	_, err = t.exec(act, `INSERT INTO alarm (terminal, ordinal, wall, code, detail) VALUES ($1, $2, $3, $4, $5)`,
		id, ordinal, column.OfTime(a.At), column.Plain(a.Code), column.Plain(a.Detail))
	if err != nil || ordinal <= AlarmsMax {
		return err
	}
	_, err = t.exec(act, `DELETE FROM alarm WHERE terminal = $1 AND ordinal <= $2`, id, ordinal-AlarmsMax)
	return err
}

// Alarms implements book.Tx.
func (t *tx) Alarms(limit int) ([]book.Alarm, error) {
	var out []book.Alarm
	err := t.rows("list alarms", `SELECT terminal, wall, code, detail FROM alarm
		ORDER BY wall DESC, terminal, ordinal DESC LIMIT CAST($1 AS BIGINT)`, []any{atLeastNone(limit)}, func(scan scanner) error {
		var a book.Alarm
		var id, wall int64
		err := scan(&id, &wall, &a.Code, &a.Detail)
		a.Terminal, a.At = ledger.TerminalID(id), column.Time(wall)
		out = append(out, a)
		return err
	})
	return out, err
}

// Quarantine implements book.Tx. Of one terminal the first QuarantineMax/2 pieces are
// kept, which say how it began, and as many of the newest.
func (t *tx) Quarantine(id ledger.TerminalID, wall int64, why string, raw []byte) error {
	const act = "keep refused bytes"
	ordinal, err := t.next(act, `SELECT COALESCE(MAX(ordinal), 0) + 1 FROM quarantine WHERE terminal = $1`, int64(id))
	if err != nil {
		return err
	}
	_, err = t.exec(act, `INSERT INTO quarantine (terminal, ordinal, wall, why, raw) VALUES ($1, $2, $3, $4, $5)`,
		int64(id), ordinal, wall, column.Plain(why), column.OfBytes(raw))
	if err != nil || ordinal <= QuarantineMax {
		return err
	}
	_, err = t.exec(act, `DELETE FROM quarantine WHERE terminal = $1 AND ordinal > $2 AND ordinal <= $3`, int64(id), QuarantineMax/2, ordinal-QuarantineMax/2)
	return err
}

const refusalColumns = `SELECT terminal, ordinal, wall, why, raw FROM quarantine `

// Refusals implements book.Tx.
func (t *tx) Refusals(limit int) ([]book.Refusal, error) {
	return t.refusals("list what was refused", `ORDER BY wall DESC, terminal, ordinal DESC LIMIT CAST($1 AS BIGINT)`, atLeastNone(limit))
}

// Refusal implements book.Tx.
func (t *tx) Refusal(id ledger.TerminalID, number int64) (book.Refusal, error) {
	list, err := t.refusals("read what was refused", `WHERE terminal = $1 AND ordinal = $2`, int64(id), number)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("piece %d of %s: %w", number, id, book.ErrNotFound)
	}
	if err != nil {
		return book.Refusal{}, err
	}
	return list[0], nil
}

func (t *tx) refusals(act, which string, args ...any) (out []book.Refusal, err error) {
	err = t.rows(act, refusalColumns+which, args, func(scan scanner) error {
		var r book.Refusal
		var id, wall int64
		var raw string
		err := scan(&id, &r.Number, &wall, &r.Why, &raw)
		if err == nil {
			r.Raw, err = column.Bytes(raw)
		}
		r.Terminal, r.At = ledger.TerminalID(id), column.Time(wall)
		out = append(out, r)
		return err
	})
	return out, err
}
