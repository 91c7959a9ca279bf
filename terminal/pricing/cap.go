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

// Overrun says what HQ does when terminals that did not know of each other gave
// a member more than a cap in a day: what is above it is taken out of what is
// pending, and what is not pending the member keeps, flagged, because the
// receipts promised it (rule S28).
func Overrun(limit, given, pending lot.Amount) (taken, flagged lot.Amount) {
	if limit == 0 || given <= limit {
		return 0, 0
	}
	taken = min(given-limit, max(pending, 0))
	return taken, given - limit - taken
}
