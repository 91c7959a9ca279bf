package fold

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

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
