package hq

import (
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/totals"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Overview is what the sync dashboard shows (cap H2), worked out anew from the
// book each time.
type Overview struct {
	Now       time.Time
	Zone      *time.Location
	Terminals []TerminalView
	Totals    []TotalView
	Recent    []EntryView  // newest first
	Alarms    []book.Alarm // newest first
	Conflicts []Conflict   // that wait for a person
}

// Presence says how a terminal was last heard. It is a hint for people and
// never decides anything.
type Presence string

// The presences.
const (
	Online  Presence = "online"
	Late    Presence = "late" // connected, but silent for longer than it should be
	Offline Presence = "offline"
	Never   Presence = "never"
)

// TerminalView is one terminal as HQ knows it.
type TerminalView struct {
	ID          ledger.TerminalID
	Name        string
	Store       string
	Presence    Presence
	Heard       time.Time // zero for never
	Software    string
	Incarnation ledger.Incarnation
	Has         ledger.Seq    // newest entry that HQ has committed
	Says        ledger.Seq    // newest entry that the terminal says it has
	Backlog     uint64        // entries that the terminal says HQ has not acked
	Lag         time.Duration // age of the oldest of them
	Entries     int64         // entries of all incarnations at HQ
	DownSent    ledger.DownSeq
	DownApplied ledger.DownSeq
	Parked      int64  // entries of a kind HQ does not know
	Trouble     string // why nothing is taken from it, or ""
}

// TotalView is one kind of right over the whole programme.
type TotalView = totals.View

// EntryView is one entry of a terminal's journal at HQ.
type EntryView struct {
	Origin   lot.Origin
	Kind     string // a word of the catalogue: kind-sale, kind-redeem …
	At       time.Time
	Received time.Time
	Fen      lot.Fen
	Points   lot.Amount // moved by it
}
