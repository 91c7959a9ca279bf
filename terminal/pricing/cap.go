package pricing

import (
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// CapLimit says which cap of a rule took something away.
type CapLimit string

// The caps (rule S28).
const (
	CapNone      CapLimit = ""
	CapReceipt   CapLimit = "receipt"    // the most that one receipt gets
	CapMemberDay CapLimit = "member-day" // the most that a member gets in a business day
)

// capped is what is left of points under a rule's caps, when the member has got
// so many by it already today, and the cap that bit; of two that leave the same
// the receipt's is named (rule S28).
func capped(c programme.Cap, points, counted lot.Amount) (lot.Amount, CapLimit) {
	limit := CapNone
	if c.PerReceipt > 0 && points > c.PerReceipt {
		points, limit = c.PerReceipt, CapReceipt
	}
	if left := max(c.PerMemberDay-counted, 0); c.PerMemberDay > 0 && points > left {
		points, limit = left, CapMemberDay
	}
	return points, limit
}
