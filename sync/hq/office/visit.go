package office

import (
	"encoding/binary"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Visit is when and how often a member was served at a terminal.
type Visit struct {
	Day   lot.Day // the newest
	Count uint64
}

// Fields lists the message's fields.
func (v *Visit) Fields(c *codec.Coder) {
	codec.Int(c, 1, &v.Day)
	codec.Uint(c, 2, &v.Count)
}

// VisitRows are the first bytes of the keys of all visits at a terminal.
func VisitRows(id ledger.TerminalID) []byte {
	return binary.BigEndian.AppendUint32([]byte{visitPrefix}, uint32(id))
}

// VisitorOf is whose visits a key names.
func VisitorOf(key []byte) member.ID { return member.ID(number(key[5:])) }

// VisitKey is the key of somebody's visits at a terminal, for reading ahead.
func VisitKey(id ledger.TerminalID, who member.ID) []byte {
	return binary.BigEndian.AppendUint64(VisitRows(id), uint64(who))
}

// Visited notes that a member was served at a terminal.
func (d *Desk) Visited(id ledger.TerminalID, who member.ID, day lot.Day) error {
	return edit(d, VisitKey(id, who), func(v *Visit) error {
		v.Day, v.Count = max(v.Day, day), v.Count+1
		return nil
	})
}

// VisitOf is when a member was served at a terminal, under any of their ids.
func (d *Desk) VisitOf(id ledger.TerminalID, who member.ID) (sum Visit, err error) {
	persons, err := d.Persons(who)
	if err != nil {
		return sum, err
	}
	for _, p := range persons {
		v, err := read[Visit](d, VisitKey(id, p))
		if err != nil {
			return sum, err
		}
		sum.Day, sum.Count = max(sum.Day, v.Day), sum.Count+v.Count
	}
	return sum, nil
}
