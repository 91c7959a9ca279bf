// Package enroltool lists for HQ who joined at the tills, with what they told of
// themselves: it was sealed for HQ's key, so that no journal has it in clear. It
// only reads; who may have the table, HQ decides.
package enroltool

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/cmd/internal/settletool"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// List writes a table of the enrolments in HQ's book, oldest first. What cannot
// be opened with the key is said in the last column, and the rest is listed.
func List(bookPath, keyPath string, out io.Writer) (err error) {
	key, err := keyfile.Existing(keyPath)
	if err != nil {
		return err
	}
	former, err := keyfile.Former(keyPath)
	if err != nil {
		return err
	}
	keys := signer.New(key, former...)
	b, err := sqlbook.Read(bookPath)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	table := csv.NewWriter(out)
	if err := table.Write([]string{"member", "day", "entry", "card", "phone", "name", "birthday", "note"}); err != nil {
		return err
	}
	err = b.View(func(tx book.Tx) error {
		return settletool.Entries(tx, func(o lot.Origin, e *ledger.Entry) error {
			if enrol, ok := e.Body.(*ledger.Enrol); ok {
				return table.Write(row(o, enrol, keys))
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("list who joined: %w", err)
	}
	table.Flush()
	return table.Error()
}

func row(o lot.Origin, e *ledger.Enrol, keys *signer.Signer) []string {
	var k member.Known
	note := ""
	if len(e.Sealed) > 0 {
		plain, err := keys.Unseal(e.Sealed)
		if err == nil {
			err = json.Unmarshal(plain, &k)
		}
		if err != nil {
			note = err.Error()
		}
	}
	return []string{e.Member.String(), e.Day.String(), o.String(), e.Card, k.Phone, k.Name, k.Birthday, note}
}
