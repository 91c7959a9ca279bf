// Package office is HQ's own journal: what HQ alone decides, each decision one
// entry with its day, its author and its reason, what an entry does to the
// accounts of lots, and what follows from all of them. It chooses nothing by
// itself that is not in an entry, reads and writes nothing, and moves no right
// that HQ does not hold.
package office

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Policy is the author of what no person decided.
const Policy = "policy"

// Limits of one entry and one record.
const (
	TextBytesMax = 64
	LinesMax     = 999
	// ListMax bounds the lists of entries that earlier builds did not split: such an
	// entry is read whatever it has room for.
	ListMax    = codec.FieldsMax - 64
	AliasesMax = 16 // of one member, as the fold has it
)

// Errors of the journal.
var (
	ErrKind  = errors.New("kind of entry is not known")
	ErrOwed  = errors.New("not owed")
	ErrAlias = errors.New("alias of an alias, or too many")
	ErrClaim = errors.New("claim is not open")
	// ErrRecord says that something of HQ's own is not readable: no terminal is to blame.
	ErrRecord = errors.New("record of HQ's own is not readable")
	// ErrPassed says that a note has not been passed over.
	ErrPassed = errors.New("note was not passed over")
)

// By says when, by whom and why something was decided.
type By struct {
	Day    lot.Day
	Actor  string // a person, or Policy
	Reason string // a word of the catalogue
}

// fields stand behind those of the body.
func (b *By) fields(c *codec.Coder) {
	codec.Int(c, 20, &b.Day)
	codec.String(c, 21, &b.Actor, TextBytesMax)
	codec.String(c, 22, &b.Reason, TextBytesMax)
}

// Body is what an entry says.
type Body interface {
	codec.Message
	// Kind is the word under which the entry is kept: added to, never reused.
	Kind() string
	// Moves are what the entry does to accounts, given its name. They add up to
	// zero for every lot.
	Moves(at lot.Origin) Moves
}

// bodies has an empty body for every kind.
var bodies = map[string]func() Body{
	"opening":      func() Body { return &Opening{} },
	"note":         func() Body { return &Note{} },
	"recall":       func() Body { return &Recall{} },
	"notice":       func() Body { return &Notice{} },
	"incident":     func() Body { return &Incident{} },
	"expire":       func() Body { return &Expire{} },
	"extend":       func() Body { return &Extend{} },
	"make-good":    func() Body { return &MakeGood{} },
	"settle-due":   func() Body { return &SettleDue{} },
	"waive-due":    func() Body { return &Waive{} },
	"net-owed":     func() Body { return &Net{} },
	"forgive":      func() Body { return &Forgive{} },
	"alias":        func() Body { return &Alias{} },
	"release":      func() Body { return &Release{} },
	"settle-claim": func() Body { return &SettleClaim{} },
	"ruling":       func() Body { return &Ruling{} },
	"grading":      func() Body { return &Grading{} },
	"household":    func() Body { return &Household{} },
	"mint":         func() Body { return &Mint{} },
	"adjust":       func() Body { return &Adjust{} },
	"regain":       func() Body { return &Regain{} },
	"restored":     func() Body { return &Restored{} },
	"decommission": func() Body { return &Decommission{} },
	"settle-late":  func() Body { return &SettleLate{} },
	"take-back":    func() Body { return &TakeBack{} },
	"judge":        func() Body { return &Judge{} },
	"deal":         func() Body { return &Deal{} },
	"reveal":       func() Body { return &Reveal{} },
	"heard":        func() Body { return &Heard{} },
	"approve":      func() Body { return &Approve{} },
	"refer":        func() Body { return &Refer{} },
}

// Decode reads the body of an entry as kept.
func Decode(kind string, b []byte) (Body, error) {
	empty, ok := bodies[kind]
	if !ok {
		return nil, fmt.Errorf("%q: %w", kind, ErrKind)
	}
	body := empty()
	if err := codec.Unmarshal(b, body); err != nil {
		return nil, fmt.Errorf("office entry %q: %w: %w", kind, ErrRecord, err)
	}
	return body, nil
}
