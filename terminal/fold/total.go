package fold

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
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

// of is the figure that grows when something is taken into an account.
func (t *Total) of(to AccountKind) *lot.Amount {
	switch to {
	case AccountFlight:
		return &t.Out
	case AccountClawed:
		return &t.Clawed
	case AccountReissued:
		return &t.Moved
	case AccountWrittenOff:
		return &t.WrittenOff
	case AccountSpent, AccountIssued, AccountHeld, AccountRisk, AccountReinstated:
	}
	return &t.Spent
}

// totalOf is the asset under which an asset is counted: quotas have a name for
// each period, and periods never end.
func totalOf(a lot.Asset) lot.Asset {
	if a.Quota() {
		return "quota"
	}
	return a
}

// total is the record of an asset's account. A damaged one spoils the step.
func (s *step) total(asset lot.Asset) *Total {
	key := totalKey(totalOf(asset))
	t, err := get[Total](s.State, key)
	if err != nil {
		s.spoiled = err
		return &Total{}
	}
	t.Asset = totalOf(asset)
	s.touch(key)
	return t
}

// ReadTotal reads a stored record, if it is the account of an asset.
func ReadTotal(key, value []byte) (t Total, ok bool, err error) {
	if len(key) == 0 || key[0] != totalPrefix {
		return Total{}, false, nil
	}
	return t, true, codec.Unmarshal(value, &t)
}

// AddHeld adds up what a stored record holds of each asset, as totals count
// them, if it is a member's; other records hold nothing.
func AddHeld(key, value []byte, held map[lot.Asset]lot.Amount) error {
	if len(key) == 0 || key[0] != memberPrefix {
		return nil
	}
	var m Member
	if err := codec.Unmarshal(value, &m); err != nil {
		return err
	}
	for _, h := range m.Held {
		held[totalOf(h.Lot.Asset)] += h.Amount
	}
	return nil
}
