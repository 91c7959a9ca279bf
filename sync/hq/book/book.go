// Package book is what HQ keeps and how it is reached: the journals of all
// terminals as received, HQ's own, the accounts of every lot, and what follows
// from them. It holds names and shapes only, and keeps nothing itself.
package book

import (
	"crypto/ed25519"
	"errors"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// ErrNotFound says that a row is not in the book.
var ErrNotFound = errors.New("not in the book")

// Book keeps HQ's copy of every journal and what follows from it. It is the
// only thing HQ waits for.
type Book interface {
	// Update runs fn in one transaction that is durable when it returns nil.
	// fn may be run again from its start when the engine asks for it, so it
	// must have no effect outside the transaction. After an error of the commit
	// itself the result is unknown.
	Update(fn func(Tx) error) error
	// View runs fn on one consistent state.
	View(fn func(Tx) error) error
	// Glance runs fn on the newest state. It is a View for who reads one thing and
	// has somebody waiting: what the book has in memory needs no transaction. fn may
	// be run again from its start.
	Glance(fn func(Tx) error) error
}

// Earned is what was issued of one asset to a member on one day, and not taken
// back.
type Earned struct {
	Owner  member.ID
	Day    lot.Day
	Amount lot.Amount
}

// Tx is one transaction of the book.
type Tx interface {
	// Meta and PutMeta keep single values: HQ's key, its epoch. An absent one
	// is "".
	Meta(name string) (string, error)
	PutMeta(name, value string) error

	// Terminals lists all terminals in order of ids; Terminal returns one, or
	// ErrNotFound.
	Terminals() ([]Terminal, error)
	Terminal(id ledger.TerminalID) (Terminal, error)
	PutTerminal(t Terminal) error

	// AppendEntries adds entries of one incarnation, in order.
	AppendEntries(id ledger.TerminalID, entries []Entry) error
	// Entry returns an entry as received, or ErrNotFound.
	Entry(id ledger.TerminalID, i ledger.Incarnation, seq ledger.Seq) (Entry, error)
	// Entries lists entries of an incarnation after a sequence number.
	Entries(id ledger.TerminalID, i ledger.Incarnation, after ledger.Seq, limit int) ([]Entry, error)
	// Streams lists the incarnations of a terminal, oldest first, each with
	// its newest entry here.
	Streams(id ledger.TerminalID) ([]ledger.Head, error)
	// Recent lists the newest entries of all terminals by time of receipt.
	Recent(limit int) ([]Entry, error)

	// State is the fold of one terminal's journals; PutState writes to it.
	State(id ledger.TerminalID) fold.Table
	PutState(id ledger.TerminalID, key, value []byte) error
	// StateRows lists all records of a terminal's state in order of keys.
	StateRows(id ledger.TerminalID) (keys, values [][]byte, err error)

	// AppendDown adds an entry to the journal for one terminal; Down lists
	// those after a sequence number.
	AppendDown(id ledger.TerminalID, seq ledger.DownSeq, raw []byte) error
	Down(id ledger.TerminalID, after ledger.DownSeq, limit int) ([][]byte, error)

	// AppendOffice adds an entry to HQ's own journal and returns its number,
	// counted from 1 within the epoch.
	AppendOffice(epoch uint64, wall int64, kind string, body []byte) (uint64, error)
	// Office lists HQ's journal of all epochs in order, after a place in it.
	Office(epoch, after uint64, limit int) ([]OfficeEntry, error)

	// Desk is what HQ remembers beside journals and accounts; PutDesk writes to
	// it, and DeskRows lists it, all or what begins with some bytes, in order.
	Desk() fold.Table
	PutDesk(key, value []byte) error
	DeskRows(prefix []byte) (keys, values [][]byte, err error)
	// DeskAhead reads what Desk will soon be asked for. It is there for speed: what
	// it returns changes nothing.
	DeskAhead(keys [][]byte) error

	// PutGrant adds a record that the grant log is to have before what it is
	// about is sent; Grants lists those after a number that are still here, in
	// order, and DropGrants forgets those up to a number.
	PutGrant(n uint64, raw []byte) error
	Grants(after uint64, limit int) ([]Grant, error)
	DropGrants(upTo uint64) error

	// PutLot adds a lot, or leaves it as it is if it is there.
	PutLot(l lot.Lot) error
	Lot(id lot.ID) (lot.Lot, error)
	// Post adds amounts to accounts of lots. Postings that would leave an
	// account below zero whose kind may not owe are an error.
	Post(posts []Post) error
	// Free lists what HQ itself holds of a member's lots.
	Free(owner member.ID) ([]lot.Holding, error)
	// Owned lists the accounts of a member's lots, OwnedOf those of lots of one asset,
	// or of a class of them, which ends with a colon, Held those of which HQ or a terminal holds something or
	// that are on their way, and AccountsOf those of one lot, all in order of lots and
	// places; what is zero is left out. What a member owned grows with the years: who
	// asks while others wait, asks for a part.
	Owned(owner member.ID) ([]Account, error)
	OwnedOf(owner member.ID, asset lot.Asset) ([]Account, error)
	Held(owner member.ID) ([]Account, error)
	AccountsOf(id lot.ID) ([]Account, error)
	// Earned adds up what was issued to members of one asset, less what was taken
	// back of it, by owner and day, in their order. What came from another
	// member's lot is left out.
	Earned(asset lot.Asset, owners []member.ID) ([]Earned, error)
	// Lapsed lists what HQ holds of lots whose last day is before a day, in
	// order of lots, after one of them.
	Lapsed(day lot.Day, after lot.ID, limit int) ([]lot.Holding, error)
	// Ledger lists all accounts in order of lots and places, as they are, those
	// of as many lots after one of them.
	Ledger(after lot.ID, lots int) ([]Account, error)
	// Accounts adds up all accounts by asset and place's kind.
	Accounts() ([]AccountSum, error)
	// Unbalanced lists lots whose accounts do not add up to zero.
	Unbalanced(limit int) ([]lot.ID, error)

	// AddAlarm notes something for a person; Alarms lists the newest first.
	AddAlarm(a Alarm) error
	Alarms(limit int) ([]Alarm, error)
	// Quarantine keeps bytes that were refused, as they came.
	Quarantine(id ledger.TerminalID, wall int64, why string, raw []byte) error
	// Refusals lists what was kept so, the newest first; Refusal is one of them.
	Refusals(limit int) ([]Refusal, error)
	Refusal(id ledger.TerminalID, number int64) (Refusal, error)
}

// Refusal is bytes that were refused: the terminal's on whose topic they came, or
// nobody's.
type Refusal struct {
	Terminal ledger.TerminalID
	Number   int64 // of the terminal, from 1
	At       time.Time
	Why      string
	Raw      []byte
}

// Terminal is HQ's row of one terminal.
type Terminal struct {
	ID          ledger.TerminalID
	Name        string
	Store       string
	Key         ed25519.PublicKey // nil before enrolment
	Software    string
	Heard       time.Time // zero for never
	Said        ledger.Head
	Backlog     uint64
	Oldest      time.Time // when the oldest entry of the backlog was written, or zero
	Has         ledger.Head
	Entries     int64 // of all incarnations
	Parked      int64
	DownSeq     ledger.DownSeq // newest entry of the down journal
	DownApplied ledger.DownSeq // as the terminal says
	Trouble     string         // why nothing is taken from it, or ""
}

// Entry is an entry of a terminal's journal as received.
type Entry struct {
	Terminal ledger.TerminalID
	Head     ledger.Head // the head it makes
	Raw      []byte
	Received int64 // unix milliseconds
	Parked   bool
}

// Places and postings are the office's; whoever keeps a book finds them here.
type (
	Place     = office.Place
	PlaceKind = office.PlaceKind
	Post      = office.Post
)

// The places.
const (
	Issued     = office.Issued
	AtHQ       = office.AtHQ
	AtTerminal = office.AtTerminal
	InFlight   = office.InFlight
	Spent      = office.Spent
	Risk       = office.Risk
	Clawed     = office.Clawed
	Reinstated = office.Reinstated
	Reissued   = office.Reissued
	WrittenOff = office.WrittenOff
	Expired    = office.Expired
	Netted     = office.Netted
	Late       = office.Late
)

// Account is how much of a lot is at a place.
type Account struct {
	Lot    lot.Lot
	Place  Place
	Amount lot.Amount
}

// OfficeEntry is an entry of HQ's own journal.
type OfficeEntry struct {
	Epoch uint64
	Seq   uint64
	Wall  int64
	Kind  string
	Body  []byte
}

// Grant is a record on its way to the grant log.
type Grant struct {
	N   uint64
	Raw []byte
}

// AccountSum is the sum of one asset over the accounts of one kind.
type AccountSum struct {
	Asset  lot.Asset
	Kind   PlaceKind
	Amount lot.Amount
}

// Alarm is something a person should look at.
type Alarm struct {
	At       time.Time
	Terminal ledger.TerminalID
	Code     string // a word of the catalogue
	Detail   string
}

const lotsAtOnce = 1000

// EachAccount shows all accounts in order of lots.
func EachAccount(tx Tx, show func(Account)) error {
	var after lot.ID
	for {
		list, err := tx.Ledger(after, lotsAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, a := range list {
			after = a.Lot.ID
			show(a)
		}
	}
}
