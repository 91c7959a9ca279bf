package sqlbook

import "github.com/jifen-pos/jifen/sync/hq/book"

// PutGrant implements book.Tx.
func (t *tx) PutGrant(n uint64, raw []byte) error {
	_, err := t.exec("keep a grant for the log", `INSERT INTO grants (number, raw) VALUES ($1, $2)`, int64(n), bytesText(raw))
	return err
}

// Grants implements book.Tx.
func (t *tx) Grants(after uint64, limit int) ([]book.Grant, error) {
	var out []book.Grant
	err := t.rows("list grants for the log", `SELECT number, raw FROM grants WHERE number > $1 ORDER BY number LIMIT CAST($2 AS BIGINT)`,
		[]any{int64(after), atLeastNone(limit)}, func(scan scanner) error {
			var n int64
			var raw string
			if err := scan(&n, &raw); err != nil {
				return err
			}
			b, err := bytesOf(raw)
			out = append(out, book.Grant{N: uint64(n), Raw: b})
			return err
		})
	return out, err
}

// DropGrants implements book.Tx.
func (t *tx) DropGrants(upTo uint64) error {
	_, err := t.exec("forget grants that the log has", `DELETE FROM grants WHERE number <= $1`, int64(upTo))
	return err
}
