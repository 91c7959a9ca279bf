package sqlbook

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/tail"
)

// PutGrant implements book.Tx.
func (t *tx) PutGrant(n uint64, raw []byte) error {
	if t.committed == nil {
		return t.fail("keep a grant for the log", errView)
	}
	raw = slices.Clone(raw)
	t.own.grants = t.own.grants.And(tail.Tail{First: n, List: [][]byte{raw}})
	t.pending.grants = append(t.pending.grants, book.Grant{N: n, Raw: raw})
	return t.failed
}

// Grants implements book.Tx.
func (t *tx) Grants(after uint64, limit int) ([]book.Grant, error) {
	var out []book.Grant
	if list, ok := t.grants().After(after, limit); ok {
		for n, raw := range list {
			out = append(out, book.Grant{N: after + 1 + uint64(n), Raw: raw})
		}
		return out, nil
	}
	err := t.rows("list grants for the log", `SELECT number, raw FROM grants WHERE number > $1 ORDER BY number LIMIT CAST($2 AS BIGINT)`,
		[]any{int64(after), atLeastNone(limit)}, func(scan scanner) error {
			var n int64
			var raw string
			if err := scan(&n, &raw); err != nil {
				return err
			}
			b, err := column.Bytes(raw)
			out = append(out, book.Grant{N: uint64(n), Raw: b})
			return err
		})
	return out, err
}

// DropGrants implements book.Tx.
func (t *tx) DropGrants(upTo uint64) error {
	t.own.dropped = max(t.own.dropped, upTo)
	_, err := t.exec("forget grants that the log has", `DELETE FROM grants WHERE number <= $1`, int64(upTo))
	return err
}
