// Package account names where an amount of a lot can be, and counts what happened
// to an asset at one terminal. The list of accounts is closed: what is not in one
// of them does not exist.
package account

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Posting moves an amount of a lot between two accounts.
type Posting struct {
	Lot    lot.ID
	Asset  lot.Asset
	From   Account
	To     Account
	Amount lot.Amount
}

// Account names where an amount of a lot can be.
type Account struct {
	Kind        Kind
	Incarnation ledger.Incarnation // of the holder; 0 otherwise
}

// At is the account of what an incarnation holds, or HQ when that is 0.
func At(i ledger.Incarnation) Account { return Account{Kind: Held, Incarnation: i} }

// Kind is one of the closed list of the design page. Stored.
type Kind uint8

// The accounts. A lot's amounts over all of them add up to zero.
const (
	Issued Kind = 1 // where a lot comes from
	Held   Kind = 2 // at a terminal's incarnation; at HQ when that is 0
	Flight Kind = 3 // in a note on its way
	Spent  Kind = 4
	Risk   Kind = 5 // taken beyond what was held: the store's loss

	Clawed     Kind = 6
	Reinstated Kind = 7 // where what is given back comes from
	Reissued   Kind = 8 // goes on in another lot
	WrittenOff Kind = 9
)

// Total is what happened here to one asset, quotas taken together. What is held here is
// Born + In + Back − Spent − Out − Clawed − Moved − WrittenOff.
type Total struct {
	Asset      lot.Asset
	Born       lot.Amount
	In         lot.Amount // by notes from HQ
	Spent      lot.Amount
	Out        lot.Amount // by notes to HQ
	Risk       lot.Amount // taken beyond what was held
	Back       lot.Amount // given back to the lots it was spent from
	Clawed     lot.Amount
	Moved      lot.Amount // ended here to go on in another lot
	WrittenOff lot.Amount
	Exposed    lot.Amount // of Spent, what was used on trust: the store's exposure
}

// Fields lists the message's fields.
func (t *Total) Fields(c *codec.Coder) {
	codec.String(c, 1, &t.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &t.Born)
	codec.Int(c, 3, &t.In)
	codec.Int(c, 4, &t.Spent)
	codec.Int(c, 5, &t.Out)
	codec.Int(c, 6, &t.Risk)
	codec.Int(c, 7, &t.Back)
	codec.Int(c, 8, &t.Clawed)
	codec.Int(c, 9, &t.Moved)
	codec.Int(c, 10, &t.WrittenOff)
	codec.Int(c, 11, &t.Exposed)
}

// Held is what is held here.
func (t Total) Held() lot.Amount {
	return t.Born + t.In + t.Back - t.Spent - t.Out - t.Clawed - t.Moved - t.WrittenOff
}

// Of is the figure that grows when something is taken into an account.
func (t *Total) Of(to Kind) *lot.Amount {
	switch to {
	case Flight:
		return &t.Out
	case Clawed:
		return &t.Clawed
	case Reissued:
		return &t.Moved
	case WrittenOff:
		return &t.WrittenOff
	case Spent, Issued, Held, Risk, Reinstated:
	}
	return &t.Spent
}
