package lineage

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Trust is a bound of the newest boot that nothing proved, and how much of it
// has been used here.
type Trust struct {
	ledger.Bound
	Used lot.Amount
}

// Fields lists the message's fields.
func (t *Trust) Fields(c *codec.Coder) {
	codec.Value(c, 1, &t.Bound)
	codec.Int(c, 2, &t.Used)
}

// Bound finds the bound that is about a lot at a terminal, or nil. Vouchers
// count only where they were issued.
func (l *Lineage) Bound(at ledger.TerminalID, is lot.Lot) *Trust {
	for n := range l.Trust {
		b := &l.Trust[n]
		if b.Asset == is.Asset && is.Asset.Points() {
			return b
		}
		voucher := is.Asset.Benefit() != "" && b.Asset == lot.BenefitAsset("") && is.ID.Origin.Terminal == uint32(at)
		if voucher && (b.Each == 0 || is.UnitCost <= 1000*b.Each) {
			return b
		}
	}
	return nil
}

// Left is how much of a bound is left for a member who has used some of it.
func (t *Trust) Left(used lot.Amount) lot.Amount {
	return max(min(t.Terminal-t.Used, t.Member-used), 0)
}
