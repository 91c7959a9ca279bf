// Package ruled keeps which word of HQ's on how a member stands is the newest, while HQ
// waits to hear what it has forgotten: terminals show theirs in any order, and a person
// may decide meanwhile. It decides nothing itself.
package ruled

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Decided keeps that a person rules on members in an epoch at a time, in Unix milliseconds.
func Decided(tx book.Tx, epoch uint64, wall int64, of ...member.ID) (err error) {
	for _, who := range of {
		err = errors.Join(err, tx.PutMeta(name(who), at(epoch, wall)))
	}
	return err
}

// Older reports whether a ruling that a terminal shows is older than another that is
// known; else it is noted as the newest.
func Older(tx book.Tx, d ledger.Down) (bool, error) {
	known, err := tx.Meta(name(d.Ruling.Member))
	if err != nil || at(d.Epoch, d.Wall) < known {
		return err == nil, err
	}
	return false, tx.PutMeta(name(d.Ruling.Member), at(d.Epoch, d.Wall))
}

func name(who member.ID) string { return "ruled-" + who.String() }

// at is a text that sorts as the epochs do and, in one epoch, as the times.
func at(epoch uint64, wall int64) string { return fmt.Sprintf("%020d-%020d", epoch, max(wall, 0)) }
